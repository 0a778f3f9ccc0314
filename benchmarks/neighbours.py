"""Honest submissions beside hostile ones, and the grader's own memory over small and large classes.

On the tests' small lab, whose hostile collection it takes: what is measured is the batch, not the lab.
"""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.grading import run_watched
from benchmarks.machine import Watch
from benchmarks.measuring import Candidate, Failed, Sample
from benchmarks.ours import Ours
from benchmarks.processes import tail
from grader.course.folder import open_course
from grader.course.ledger import Ledger
from grader.course.roster import open_roster
from grader.lab import load_lab
from grader.release import Bundle, bundle
from tests.submissions import HERE, Case

LAB = "tiny-sums"
# One of each kind that takes something from others: CPU, memory, processes, disk, output.
HOSTILE = (
    "exhaustion/endless-loop",
    "exhaustion/memory",
    "exhaustion/fork-bomb",
    "exhaustion/prints-10-gb",
    "exhaustion/fills-the-work-folder",
)


@dataclass(frozen=True)
class Mixed:
    """`mlops grade run` over so many honest submissions and so many hostile ones, in a fresh course."""

    ours: Ours
    bundle: Bundle
    honest: int
    hostile: int = 0

    def once(self) -> Sample:
        """Grade them; the seconds of a submission are those from its start to its verdict."""
        folder, course = self.ours.scratch / "mixed", self.ours.scratch / "mixed-class"
        for place in (folder, course):
            shutil.rmtree(place, ignore_errors=True)
        self._hand_in(folder)
        command = self.ours.command("grade", "run", LAB, str(folder), "--course", str(course))
        env = {**self.ours.env, "MLOPS_LABS": str(HERE / "labs")}
        watch = Watch()
        code, most_mb = run_watched(command, self.ours, env)
        seconds, cpu = watch.read()
        if code != 0:
            raise Failed(f"ended with {code}: {tail(self.ours.log)}")
        took = self._honest_seconds(course)
        figures = {"seconds": seconds, "cpu_seconds": cpu, "rss_mb": most_mb}
        figures |= {
            "median_seconds": statistics.median(took),
            "p95_seconds": statistics.quantiles(took, n=20)[-1],
        }
        return Sample(figures, f"{len(took)} honest ones with full marks")

    def _hand_in(self, folder: Path) -> None:
        for number in range(self.honest):
            notebook = json.loads(json.dumps(self.bundle.reference))
            notebook["metadata"]["number"] = number
            _put(folder / f"honest-{number:03d}", json.dumps(notebook).encode())
        for number in range(self.hostile):
            case = HERE / "hostile" / HOSTILE[number % len(HOSTILE)]
            # Spread over the class: a number decides where in the order of opaque ids they come.
            _put(folder / f"hostile-{number:03d}", Case(case).notebook(self.bundle))

    def _honest_seconds(self, course_at: Path) -> list[float]:
        course = open_course(course_at)
        roster = open_roster(course.roster, course.key)
        ledger = Ledger(course.ledger)
        try:
            latest = ledger.latest(LAB)
        finally:
            ledger.close()
        took = []
        for learner, verdict in latest.items():
            whose = roster.reveal(learner)
            if whose is not None and whose.id.startswith("honest"):
                if not verdict.result.passed:
                    raise Failed(f"an honest submission got {verdict.result.earned}/{verdict.result.points}")
                took.append(verdict.result.seconds)
        return took


def _put(folder: Path, data: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / f"{LAB}.ipynb").write_bytes(data)


def candidates(engines: Sequence[Ours], scratch: Path, large: int) -> list[Candidate]:
    """Forty honest submissions, the same beside ten hostile ones, and a large class for the memory."""
    released = bundle(load_lab(HERE / "labs" / LAB), scratch / "labs", lambda _line: None)
    found = []
    for ours in engines:
        if ours.engine_name == "docker":
            ours.ready_engine()
            found.append(Candidate("40 honest", Mixed(ours, released, 40).once))
            found.append(Candidate("40 honest beside 10 hostile", Mixed(ours, released, 40, 10).once))
            found.append(Candidate(f"{large} honest", Mixed(ours, released, large).once))
    return found
