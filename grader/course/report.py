"""The picture of a class: how many points, where it is stuck, what it reads most often, what looks odd.

Everything is worked out from the ledger and the marks alone, in an order that does not change, so the same
verdicts always give the same page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import mean, quantiles
from typing import Any

from grader.checks import clip
from grader.course.feedback import ending
from grader.course.ledger import Ledger, Trouble, Verdict
from grader.course.marks import Marks
from grader.course.oddities import Odd, odd_verdicts
from grader.hints import GENERAL
from grader.result import Outcome, Result
from grader.words import TO_MARK, plain

SCHEMA = 1
BINS = 10  # of the distribution of scores: tenths of the most that can be earned
_MOST_MESSAGES = 10
_SLOWEST = 5


@dataclass(frozen=True)
class Bin:
    """How many learners earned from `low` to below `high` percent; the last bin has 100 too."""

    low: int
    high: int
    learners: int


@dataclass(frozen=True)
class TaskRow:
    """How a task (or one of its checks) went: learners by state."""

    id: str
    title: str
    states: dict[str, int]  # in plain words

    @property
    def learners(self) -> int:
        """All who have a verdict."""
        return sum(self.states.values())

    @property
    def not_passed(self) -> int:
        """How many do not have it, through whatever."""
        return self.learners - self.states.get(plain("pass"), 0) - self.states.get(plain(TO_MARK), 0)

    @property
    def failure_rate(self) -> float:
        """The share of those, 0 to 1."""
        return self.not_passed / self.learners if self.learners else 0.0


@dataclass(frozen=True)
class MessageRow:
    """A message and how many learners have it in front of them."""

    learners: int
    task: str  # "all": of the whole submission
    check: str
    help: str
    saw: str  # the most frequent of what was seen with it
    variants: int  # of `saw`


@dataclass(frozen=True)
class HelpRow:
    """Where people asked for hints, by their own folders' account."""

    task: str
    learners: int  # who asked
    hints: int  # that were given to them
    furthest: int  # learners who read the last one
    failures: dict[str, int]  # name of the practice check that had failed when a hint was asked for -> hints


@dataclass(frozen=True)
class Spread:
    """How a number is spread over attempts."""

    least: float
    median: float
    p95: float
    most: float


@dataclass(frozen=True)
class UsageRow:
    """What one attempt used."""

    learner: str
    attempt: str
    seconds: float
    memory_mb: int


@dataclass(frozen=True)
class Report:
    """All that the report says."""

    lab: str
    number: int
    title: str
    most_points: float
    graded: int
    waiting_for_us: int  # a submission without a verdict, because of us
    waiting_for_mentor: int
    missing: int | None  # on the roster and handed in nothing; None: nobody knows who should
    scores: list[float]
    bins: list[Bin]
    tasks: list[TaskRow]
    checks: list[TaskRow]
    messages: list[MessageRow]
    helped: list[HelpRow]
    odd: list[Odd]
    attempts: int
    seconds: Spread | None
    memory_mb: Spread | None
    slowest: list[UsageRow]
    usage: list[UsageRow]
    as_of: str  # when the last verdict came, UTC

    @property
    def stuck(self) -> TaskRow | None:
        """The task that most do not have; None when everybody has everything."""
        return self.tasks[0] if self.tasks and self.tasks[0].not_passed else None

    @property
    def mean_score(self) -> float:
        """Mean of the points."""
        return mean(self.scores) if self.scores else 0.0

    @property
    def median_score(self) -> float:
        """Median of the points."""
        spread = _spread(self.scores)
        return spread.median if spread else 0.0

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        rows = {
            name: [{**asdict(row), "failure_rate": round(row.failure_rate, 4)} for row in getattr(self, name)]
            for name in ("tasks", "checks")
        }
        return {"schema_version": SCHEMA, **asdict(self), **rows}


def make_report(
    ledger: Ledger,
    lab: str,
    marks: dict[str, Marks],
    handed_in_by: set[str] | None,
    hints_of: Callable[[str], list[dict[str, Any]]] = lambda _attempt: [],
) -> Report:
    """Work the report out.

    Args:
        ledger: the course's.
        lab: its id.
        marks: by opaque id; the points that count.
        handed_in_by: opaque ids of all who should hand in; None when nobody knows.
        hints_of: the hints that came with an attempt, as `grader.hints.read_used` gives them.
    """
    history = ledger.history(lab)
    latest = {verdict.key.learner: verdict for verdict in history}
    troubles = ledger.troubles(lab)
    results = [latest[learner].result for learner in sorted(latest)]
    last = history[-1].result if history else None
    scores = sorted(_earned(latest[learner], marks) for learner in latest)
    most = max((_most(latest[learner], marks) for learner in latest), default=0.0)
    usage = [
        UsageRow(
            verdict.key.learner, verdict.result.attempt, verdict.result.seconds, verdict.result.memory_mb
        )
        for verdict in history
        if verdict.result.engine
    ]
    return Report(
        lab=lab,
        number=last.lab_number if last else 0,
        title=last.lab_title if last else lab,
        most_points=most,
        graded=len(latest),
        waiting_for_us=len({trouble.key.learner for trouble in troubles}),
        waiting_for_mentor=sum(marks[learner].waits for learner in latest if learner in marks),
        missing=None if handed_in_by is None else len(handed_in_by - set(latest) - _learners(troubles)),
        scores=scores,
        bins=_bins(_share(latest[learner], marks) for learner in latest),
        tasks=_by_failure(_tasks(results)),
        checks=_by_failure(_checks(results)),
        messages=_messages(results),
        helped=_helped(results, hints_of),
        odd=odd_verdicts(history, troubles),
        attempts=len(history),
        seconds=_spread([row.seconds for row in usage]),
        memory_mb=_spread([float(row.memory_mb) for row in usage if row.memory_mb]),
        slowest=sorted(usage, key=lambda row: (-row.seconds, row.attempt))[:_SLOWEST],
        usage=usage,
        as_of=max((f"{verdict.result.finished:%Y-%m-%d %H:%M}" for verdict in history), default=""),
    )


def _learners(troubles: Iterable[Trouble]) -> set[str]:
    return {trouble.key.learner for trouble in troubles}


def _earned(verdict: Verdict, marks: dict[str, Marks]) -> float:
    own = marks.get(verdict.key.learner)
    return float(verdict.result.earned) if own is None else own.points


def _most(verdict: Verdict, marks: dict[str, Marks]) -> float:
    own = marks.get(verdict.key.learner)
    return float(verdict.result.points) if own is None else own.max_points


def _share(verdict: Verdict, marks: dict[str, Marks]) -> float:
    most = _most(verdict, marks)
    return _earned(verdict, marks) / most if most else 0.0


def _bins(shares: Iterable[float]) -> list[Bin]:
    counts = Counter(max(0, min(BINS - 1, int(BINS * share + 1e-9))) for share in shares)
    width = 100 // BINS
    return [Bin(place * width, (place + 1) * width, counts[place]) for place in range(BINS)]


def _tasks(results: list[Result]) -> Iterable[TaskRow]:
    rows: dict[str, tuple[str, Counter[str]]] = {}
    for result in results:
        for task in result.tasks:
            rows.setdefault(task.id, (task.title, Counter()))[1][plain(task.state)] += 1
    return [TaskRow(id, title, dict(sorted(states.items()))) for id, (title, states) in rows.items()]


def _checks(results: list[Result]) -> Iterable[TaskRow]:
    rows: dict[str, tuple[str, Counter[str]]] = {}
    for result in results:
        for check in (check for task in result.tasks for check in task.checks):
            rows.setdefault(check.id, (check.title, Counter()))[1][plain(check.state)] += 1
    return [TaskRow(id, title, dict(sorted(states.items()))) for id, (title, states) in rows.items()]


def _by_failure(rows: Iterable[TaskRow]) -> list[TaskRow]:
    return sorted(rows, key=lambda row: -row.failure_rate)  # stable: of equals, in the lab's order


def _messages(results: list[Result]) -> list[MessageRow]:
    """The first message of each learner's each task, as their page shows it; once where it is of the whole."""
    seen: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for result in results:
        if result.outcome is not Outcome.GRADED:
            seen["all", ending(result.outcome), ""][result.message] += 1
            continue
        for task in result.tasks:
            first = next((check for check in task.checks if check.state == "fail"), None)
            if first is not None and (first.saw or first.help):
                seen[task.id, first.title, first.help][first.saw] += 1
    rows = [
        MessageRow(sum(saws.values()), task, check, help, saws.most_common(1)[0][0], len(saws))
        for (task, check, help), saws in seen.items()
    ]
    return sorted(rows, key=lambda row: (-row.learners, row.task, row.check, row.help))[:_MOST_MESSAGES]


def _helped(results: list[Result], hints_of: Callable[[str], list[dict[str, Any]]]) -> list[HelpRow]:
    """Each task that hints were asked for, most askers first. A learner's record may say anything: tasks are the lab's."""
    tasks = {task.id: f"{task.id} {task.title}" for result in results for task in result.tasks}
    asked: dict[str, list[list[dict[str, Any]]]] = defaultdict(list)
    for result in results:
        by_task: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in hints_of(result.attempt):
            if (task := row.get("task")) in tasks:
                by_task[task].append(row)
        for task, rows in by_task.items():
            asked[task].append(rows)
    found = [_help_row(tasks[task], learners) for task, learners in asked.items()]
    return sorted(found, key=lambda row: (-row.learners, row.task))


def _help_row(task: str, learners: list[list[dict[str, Any]]]) -> HelpRow:
    rows = [row for given in learners for row in given]
    failures = Counter(clip(str(row["check"]), 60) for row in rows if row.get("check"))
    last = sum(any(row.get("level") == GENERAL - 1 for row in given) for given in learners)
    return HelpRow(task, len(learners), len(rows), last, dict(failures.most_common(5)))


def _spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    if len(values) == 1:
        return Spread(*[round(values[0], 2)] * 4)
    cuts = quantiles(values, n=20, method="inclusive")
    return Spread(*(round(value, 2) for value in (min(values), cuts[9], cuts[18], max(values))))
