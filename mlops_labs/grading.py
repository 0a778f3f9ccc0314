"""What the `mlops grade` commands do: a course, a lab and a class's submissions brought together."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.course import gradebook
from grader.course.batch import Batch, Counts, refuse_without_isolation
from grader.course.budget import find_budget
from grader.course.collect import Found, collect, read_timestamp
from grader.course.folder import Course, create_course, open_course, plan_course
from grader.course.ledger import Ledger, Verdict
from grader.course.roster import Roster, open_roster, save_roster
from grader.release import Bundle
from mlops_labs import console
from mlops_labs.session import Session
from sandbox.errors import UsageError

_EVERY = 5.0  # seconds between plain lines of progress


@dataclass(frozen=True)
class Budgeted:
    """What the mentor wants a batch to use; None: what the machine has."""

    jobs: int | None = None
    memory_mb: int | None = None
    cpus: float | None = None

    def at_once(self, bundle: Bundle) -> int:
        """How many gradings at a time."""
        fitting = find_budget(self.memory_mb, self.cpus).gradings(bundle.lab.definition)
        return fitting if self.jobs is None else max(1, min(self.jobs, fitting))


@dataclass(frozen=True)
class HandedIn:
    """A class's submissions and, where one is named, the roster that says whose they are."""

    folder: Path
    roster: Path | None = None


def course_folder(session: Session, named: Path | None) -> Path:
    """The course that is meant: named, in MLOPS_COURSE, or `class` in the home."""
    return named or Path(os.environ.get("MLOPS_COURSE") or session.home.root / "class")


@contextmanager
def opened(course: Course) -> Iterator[Ledger]:
    """The course's ledger, locked for us."""
    with course.lock():
        ledger = Ledger(course.ledger)
        try:
            yield ledger
        finally:
            ledger.close()


def run(session: Session, lab: str, handed_in: HandedIn, course_at: Path, budget: Budgeted) -> Counts:
    """Grade every submission of a class that has no verdict yet.

    Everything that can be wrong with what was asked for is found before anything is changed.
    """
    refuse_without_isolation(session.engine)
    bundle = session.bundle(lab)
    at_once = budget.at_once(bundle)
    folder = handed_in.folder.absolute()
    if folder.resolve().is_relative_to((course_at / "submitted").resolve()):
        raise UsageError(
            f"{folder} is where the course keeps what was graded, under opaque ids",
            "move what the class handed in out of the course folder, or name another one with --course",
        )
    # A mistake in what was asked for must not leave a course behind, or a changed one.
    planned = plan_course(course_at)
    if not planned.roster.exists():
        collect(folder, lab, open_roster(planned.roster, b"", handed_in.roster))
    gradebook.check(planned, lab)
    course = create_course(course_at)
    with opened(course) as ledger:
        known = open_roster(course.roster, course.key, handed_in.roster)
        found = collect(folder, lab, known)
        engine = session.ready_engine(bundle.lab.definition)
        save_roster(course.roster, known)
        ledger.remember_folder(lab, folder)
        return grade_found(Batch(course, ledger, bundle, engine, at_once, session.tell), found)


def retry(session: Session, lab: str, course: Course, budget: Budgeted) -> Counts:
    """Run again over the folder that was graded last: what has no verdict gets one."""
    with opened(course) as ledger:
        folder = ledger.folder(lab)
    if folder is None:
        raise UsageError(
            f"nothing of {lab} has been graded in {course.root}", f"run: mlops grade run {lab} FOLDER"
        )
    return run(session, lab, HandedIn(folder), course.root, budget)


def regrade(session: Session, lab: str, course: Course, learners: Sequence[str], budget: Budgeted) -> Counts:
    """Grade again what learners handed in last, or what the named ones did; earlier verdicts are kept."""
    gradebook.check(course, lab)
    bundle = session.bundle(lab)
    with opened(course) as ledger:
        roster = open_roster(course.roster, course.key)
        latest = ledger.latest(lab)
        wanted = [_known(name, roster, latest) for name in learners] or sorted(latest)
        engine = session.ready_engine(bundle.lab.definition)  # after what can be wrong with the names
        at_once = budget.at_once(bundle)
        found = [
            Found(learner, kept / "submission.ipynb", timestamp=read_timestamp(kept), folder=kept, kept=True)
            for learner in wanted
            for kept in [course.attempts / latest[learner].result.attempt]
        ]
        return grade_found(Batch(course, ledger, bundle, engine, at_once, session.tell, again=True), found)


def _known(name: str, roster: Roster, latest: Mapping[str, Verdict]) -> str:
    """The opaque id of a learner who has a verdict, named by it or as on the roster."""
    for learner in (name, roster.opaque(name)):
        if learner in latest:
            return learner
    raise UsageError(f"'{name}' has no verdict in this lab", "see who has: mlops grade status LAB")


def grade_found(batch: Batch, found: list[Found]) -> Counts:
    """Run a batch with its progress shown, and bring what came of it into the gradebook.

    Also before, when an earlier run was cut short: trouble with the gradebook shows before hours of grading.
    """
    _publish(batch)
    with _progress(f"grade {batch.bundle.lab.id}") as batch.shown:
        counts = batch.run(found)
    _publish(batch)
    return counts


def _publish(batch: Batch) -> None:
    gradebook.publish(batch.course, batch.bundle, batch.ledger, batch.tell, batch.step)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[Counts], None]]:
    """A bar where somebody watches, else a plain line every few seconds and one at the end."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(what), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=None)
            yield lambda counts: bar.update(
                task, completed=counts.done, total=counts.total, description=counts.line()
            )
        return
    last, told = Counts(), 0.0

    def show(counts: Counts) -> None:
        nonlocal last, told
        last = counts
        if time.monotonic() - told >= _EVERY and counts.done < counts.total:
            told = time.monotonic()
            console.tell(f"{what}: {counts.line()}")

    yield show
    console.tell(f"{what}: {last.line()}")


@dataclass(frozen=True)
class StatusRow:
    """One learner's standing in a lab."""

    learner: str
    outcome: str
    earned: int | None
    points: int | None
    attempts: int
    message: str


def status(course: Course, lab: str) -> list[StatusRow]:
    """Every learner who has a verdict or a trouble, by opaque id."""
    ledger = Ledger(course.ledger)
    try:
        counts: dict[str, int] = {}
        latest: dict[str, Verdict] = {}
        for verdict in ledger.history(lab):
            counts[verdict.key.learner] = counts.get(verdict.key.learner, 0) + 1
            latest[verdict.key.learner] = verdict
        rows = [
            StatusRow(
                learner, v.result.outcome, v.result.earned, v.result.points, counts[learner], v.result.message
            )
            for learner, v in latest.items()
        ]
        rows += [
            StatusRow(
                one.key.learner, "infrastructure", None, None, counts.get(one.key.learner, 0), one.message
            )
            for one in ledger.troubles(lab)
        ]
    finally:
        ledger.close()
    return sorted(rows, key=lambda row: (row.learner, row.outcome))


def names(course: Course, reveal: bool) -> Callable[[str], str]:
    """How learners are shown: by their opaque ids, or by name to whom may know."""
    if not reveal:
        return lambda learner: learner
    roster: Roster = open_roster(course.roster, course.key)
    called = Counter(one.name for one in roster)

    def shown(learner: str) -> str:
        found = roster.reveal(learner)
        if found is None:
            return learner
        alone = found.name and called[found.name] == 1
        return found.name if alone else f"{found.name} ({found.id})" if found.name else found.id

    return shown


def existing(session: Session, named: Path | None) -> Course:
    """The course that is meant, which must be there."""
    return open_course(course_folder(session, named))
