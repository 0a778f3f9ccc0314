"""A class's submissions of one lab: ours and the tools a course would otherwise use, so many a round."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.machine import Watch
from benchmarks.materials import STORE, Materials, write_notebook
from benchmarks.measuring import Candidate, Failed, Sample, Tell
from benchmarks.otter_env import otter_python
from benchmarks.ours import Ours
from benchmarks.peers import Nbgrader, Otter, peer_env
from benchmarks.processes import program, run_well, started, tail
from grader.course.ledger import Ledger
from grader.dispatch import Recorder
from sandbox.services.mlflow_server import make_template

EACH_ROUND = 40  # submissions
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
            write_notebook(notebook, folder / f"learner-{number}" / f"{self.ours.lab}.ipynb")
        command = self.ours.command("grade", "run", self.ours.lab, str(folder), "--course", str(course))
        watch = Watch()
        code, most_mb = run_watched(command, self.ours, self.ours.env)
        seconds, cpu = watch.read()
        if code != 0:
            raise Failed(f"ended with {code}: {tail(self.ours.log)}")
        figures = {"seconds": seconds, "cpu_seconds": cpu, "rss_mb": most_mb}
        return Sample(_each(figures), _scores(course, self.ours.lab))


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


def _scores(course: Path, lab: str) -> str:
    ledger = Ledger(course / ".mlops" / "ledger.db")
    try:
        found = [verdict.result for verdict in ledger.latest(lab).values()]
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


@dataclass(frozen=True)
class Bare:
    """papermill's command on each submission, two at a time, nothing checked."""

    materials: Materials
    template: Path

    def _one(self, number: int) -> None:
        folder = self.materials.lay_out(self.materials.fresh(f"papermill-{number}"))
        write_notebook(self.materials.plain_notebook(), folder / "in.ipynb")
        shutil.copyfile(self.template, folder / STORE)
        command = [program("papermill"), "in.ipynb", "out.ipynb", "--no-progress-bar"]
        run_well(command, folder, peer_env(self.materials.scratch), folder / "log")

    def once(self) -> Sample:
        """Run one round's submissions."""
        watch = Watch()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._one, range(EACH_ROUND)))
        seconds, cpu = watch.read()
        return Sample(_each({"seconds": seconds, "cpu_seconds": cpu}), "ran, nothing checked")


@dataclass(frozen=True)
class Floor:
    """The notebook's code alone, in forks of a warm process; what comes before the first is not counted."""

    materials: Materials
    template: Path
    modules: tuple[str, ...]
    submissions: int = EACH_ROUND

    def once(self) -> Sample:
        """Run one round's submissions."""
        scratch, folders = self.materials.scratch, []
        for number in range(self.submissions):
            folder = self.materials.lay_out(self.materials.fresh(f"floor-{number}"))
            shutil.copyfile(self.template, folder / STORE)
            folders.append(str(folder))
        (scratch / "modules.json").write_text(json.dumps(self.modules))
        write_notebook(self.materials.plain_notebook(), scratch / "floor.ipynb")
        words = [sys.executable, str(Path(__file__).with_name("warm.py"))]
        words += [str(scratch / "modules.json"), str(scratch / "floor.ipynb"), *folders]
        with subprocess.Popen(
            words, env=peer_env(scratch), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin and process.stdout
            while process.stdout.readline().strip() not in ("ready", ""):
                continue
            watch = Watch()
            process.stdin.write("go\n")
            process.stdin.flush()
            code = process.wait()
            seconds, cpu = watch.read()
        if code:
            raise Failed(f"{code} runs failed")
        return Sample(_each({"seconds": seconds, "cpu_seconds": cpu}), "ran, nothing checked")


def candidates(engines: Sequence[Ours], scratch: Path, tell: Tell) -> list[Candidate]:
    """What is measured: nbgrader first, to which ratios are given. The local engine takes no class."""
    tell("preparing the other tools")
    materials = Materials(engines[0].bundle, scratch)
    learners = tuple(f"learner-{number}" for number in range(EACH_ROUND))
    nbgrader = Nbgrader(materials, learners)
    found = [Candidate("nbgrader autograde", lambda: _peer(nbgrader))]
    template = scratch / "template" / STORE
    template.parent.mkdir()
    make_template(template)
    found.append(Candidate("papermill, two at a time", Bare(materials, template).once))
    python = otter_python(tell)
    if python is not None:
        otter = Otter(materials, python, EACH_ROUND)
        found.append(Candidate("otter run, one after the other", lambda: _peer(otter)))
    for ours in engines:
        if ours.engine_name == "docker":
            modules = Recorder(ours.ready_engine(), ours.bundle).modules().learner
            found.append(
                Candidate("the learner's code alone, warm", Floor(materials, template, modules).once)
            )
            found.append(Candidate("mlops grade run", Class(ours).once))
    return found
