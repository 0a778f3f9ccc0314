"""A class's submissions of one lab: ours and the tools a course would otherwise use, so many a round."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.machine import Watch
from benchmarks.materials import Materials, write_notebook
from benchmarks.measuring import Candidate, Failed, Sample, Tell
from benchmarks.otter_env import otter_python
from benchmarks.ours import LAB, Ours
from benchmarks.peers import Nbgrader, Otter
from benchmarks.processes import started, tail
from grader.course.ledger import Ledger

EACH_ROUND = 10  # submissions; four rounds are a class of forty
_LOOK_SECONDS = 0.2


@dataclass
class Class:
    """`mlops grade run` on a fresh course; every round hands in notebooks that were never seen."""

    ours: Ours
    round: int = 0

    def once(self) -> Sample:
        """Grade one round's submissions."""
        self.round += 1
        folder, course = self.ours.scratch / f"handed-in-{self.round}", self.ours.scratch / "class"
        shutil.rmtree(course, ignore_errors=True)
        for number in range(EACH_ROUND):
            notebook = json.loads(json.dumps(self.ours.bundle.reference))
            notebook["metadata"]["number"] = f"{self.round}-{number}"
            (folder / f"learner-{number}").mkdir(parents=True)
            write_notebook(notebook, folder / f"learner-{number}" / f"{LAB}.ipynb")
        command = self.ours.command("grade", "run", LAB, str(folder), "--course", str(course))
        watch = Watch()
        code, most_mb = run_watched(command, self.ours, self.ours.env)
        seconds, cpu = watch.read()
        if code != 0:
            raise Failed(f"ended with {code}: {tail(self.ours.log)}")
        figures = {"seconds": seconds, "cpu_seconds": cpu, "rss_mb": most_mb}
        return Sample(_each(figures), _scores(course))


def run_watched(command: list[str], ours: Ours, env: Mapping[str, str]) -> tuple[int, float]:
    """Run a command; return its exit code and the most resident memory its own process had, in MB."""
    most = 0.0
    with started(command, ours.scratch, env, ours.log) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                most = max(most, watched.memory_info().rss / 2**20)
            time.sleep(_LOOK_SECONDS)
        return process.wait(), most


def _scores(course: Path) -> str:
    ledger = Ledger(course / ".mlops" / "ledger.db")
    try:
        found = [verdict.result for verdict in ledger.latest(LAB).values()]
    finally:
        ledger.close()
    return " and ".join(dict.fromkeys(f"{result.earned}/{result.points}" for result in found))


def _each(figures: dict[str, float]) -> dict[str, float]:
    """Add what a mentor asks: submissions a minute, and CPU seconds for each."""
    return figures | {
        "per_minute": EACH_ROUND / figures["seconds"] * 60,
        "cpu_each": figures["cpu_seconds"] / EACH_ROUND,
    }


def _peer(peer: Nbgrader | Otter) -> Sample:
    sample = peer.once()
    return Sample(_each(sample.figures), sample.score)


def candidates(engines: Sequence[Ours], scratch: Path, tell: Tell) -> list[Candidate]:
    """What is measured: nbgrader first, to which ratios are given. The local engine takes no class."""
    tell("preparing the other tools")
    materials = Materials(engines[0].bundle, scratch)
    learners = tuple(f"learner-{number}" for number in range(EACH_ROUND))
    nbgrader = Nbgrader(materials, learners)
    found = [Candidate("nbgrader autograde", lambda: _peer(nbgrader))]
    python = otter_python(tell)
    if python is not None:
        otter = Otter(materials, python, EACH_ROUND)
        found.append(Candidate("otter run, one after the other", lambda: _peer(otter)))
    for ours in engines:
        if ours.engine_name == "docker":
            ours.ready_engine()
            found.append(Candidate("mlops grade run", Class(ours).once))
    return found
