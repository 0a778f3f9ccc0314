"""From submission to verdict of the reference answer: ours, and the tools a course would otherwise use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.grading import Floor
from benchmarks.machine import Watch, background_cpu
from benchmarks.materials import Materials
from benchmarks.measuring import Candidate, Failed, Sample, Tell
from benchmarks.otter_env import otter_python
from benchmarks.ours import Ours
from benchmarks.peers import rivals
from benchmarks.processes import run, run_well, tail
from grader import notebook
from grader.dispatch import Recorder
from grader.grade import grade
from grader.result import Result
from sandbox.engine import Engine
from sandbox.errors import MlopsError
from sandbox.services.mlflow_server import make_template

_LOOKS, _STILL = 30, 0.15  # how often we look whether what is kept warm has started, and CPUs that are none


def _score(result: Result) -> str:
    return f"{result.earned}/{result.points}"


def _while_it_runs(ours: Ours) -> Sample:
    """`mlops submit` while the lab runs and has sandboxes kept warm; they are started beforehand."""
    run_well(ours.start_command(), ours.scratch, ours.env, ours.log)
    try:
        for _ in range(_LOOKS):
            if background_cpu() < _STILL:
                break
        return _command(ours)
    finally:
        ours.stop()


def _command(ours: Ours, *more: str) -> Sample:
    """`mlops submit` as a person types it, its own start included."""
    command = ours.command("submit", ours.lab, *more, "--json")
    watch = Watch()
    code = run(command, ours.scratch, ours.env, ours.log)
    seconds, cpu = watch.read()
    text = ours.log.read_text(encoding="utf-8", errors="replace")
    if code not in (0, 1) or "{" not in text:
        raise Failed(f"ended with {code}: {tail(ours.log)}")
    # Progress and result share the log; the result comes last.
    result = Result.model_validate(json.loads(text[text.index("{\n") :]))
    return Sample({"seconds": seconds, "cpu_seconds": cpu}, _score(result))


def _alone(engine: Engine, ours: Ours) -> Sample:
    """`grader.grade.grade` from a process that runs already."""
    submission = notebook.parse(json.dumps(ours.bundle.reference).encode())
    watch = Watch()
    try:
        result = grade(engine, ours.bundle, submission).result
    except MlopsError as error:
        raise Failed(str(error)) from error
    seconds, cpu = watch.read()
    return Sample({"seconds": seconds, "cpu_seconds": cpu}, _score(result))


def candidates(engines: Sequence[Ours], scratch: Path, tell: Tell) -> list[Candidate]:
    """What is measured, bare papermill first."""
    template = scratch / "template" / "mlflow.db"
    tell("preparing the other tools")
    make_template(template)
    materials = Materials(engines[0].bundle, scratch)
    found = rivals(materials, template, otter_python(tell))
    for ours in engines:
        name = ours.engine_name
        found.append(Candidate(f"mlops submit, {name}", partial(_command, ours, "--engine", name)))
        if name == "docker":
            modules = Recorder(ours.ready_engine(), ours.bundle).modules().learner
            floor = Floor(materials, template, modules, submissions=1)
            found.append(Candidate("the learner's code alone, warm", floor.once))
            found.append(Candidate("mlops submit, docker, while the lab runs", partial(_while_it_runs, ours)))
        found.append(Candidate(f"grade() alone, {name}", partial(_alone, ours.ready_engine(), ours)))
    return found
