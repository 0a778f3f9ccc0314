"""The way of a submission: notebook bytes in, one `Result` out, with an audit notebook beside it."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_fixed

from grader.dispatch import AuthorError, Dispatcher, Grading
from grader.lab import Task
from grader.notebook import Rejected, Submission
from grader.rebuild import Rebuilt, rebuild
from grader.release import Bundle, DeclaredCheck
from grader.result import DONE, CheckResult, Fault, Outcome, Result, State, TaskResult, now, task_state
from grader.work import untouched
from sandbox.engine import Engine
from sandbox.errors import InfrastructureError

STOPPERS = {"SystemExit", "KeyboardInterrupt", "DeadKernelError"}

_LOST: dict[str, tuple[Outcome, str]] = {
    "time": (
        Outcome.TIME,
        "Your notebook took longer than it may ({seconds:g} s). Look for a loop that does not end.",
    ),
    "memory": (
        Outcome.MEMORY,
        "Your notebook used more memory than it may ({memory} MB). Work on fewer rows at once.",
    ),
    "output": (Outcome.OUTPUT, "Your notebook printed more than it may. Print a summary instead."),
    "processes": (
        Outcome.PROCESSES,
        "Your notebook started more processes or threads than it may ({processes}). "
        "Start fewer at once, and wait for each.",
    ),
    "disk": (
        Outcome.DISK,
        "Your notebook wrote more than it may ({disk} MB). Write less, and delete what is not needed any more.",
    ),
    "died": (
        Outcome.INCOMPLETE,
        "Your notebook's kernel stopped before the end. Remove calls that end the process (exit, os._exit), "
        "then Restart Kernel and Run All Cells.",
    ),
}


PATIENCE = 3.0
BUSY = 1.5  # processes that want to run, for each CPU; our own jobs keep to the CPUs there are


@dataclass(frozen=True)
class Graded:
    """A result and the notebooks behind it, which a mentor may open."""

    result: Result
    audit: dict[str, Any] | None  # the executed checks
    executed: dict[str, Any] | None  # the learner's notebook as it ran; untrusted


def _ours(error: BaseException) -> bool:
    return isinstance(error, InfrastructureError) and not isinstance(error, AuthorError)


def grade(
    engine: Engine, bundle: Bundle, submission: Submission, *, public: bool = False, at_once: bool = False
) -> Graded:
    """Grade a submission; trouble of ours is tried a second time.

    So is work that ran out of time while the machine was busy, then with `PATIENCE` times the time: what others do on
    this machine must not cost a learner marks.

    Args:
        engine: where to run; its promises must have been checked.
        bundle: the lab.
        submission: what was handed in.
        public: run the practice checks instead of the graded ones; earns nothing.
        at_once: somebody waits for the verdict: begin everything at once.

    Raises:
        Rejected: the submission cannot be graded as it is.
        InfrastructureError: our side failed twice; no mark may come of it.
        AuthorError: the lab's checks are broken.
    """
    started = time.monotonic()
    rebuilt = _attempted(rebuild(submission, bundle.master, bundle.lab.id), bundle, submission)
    attempt = secrets.token_hex(6)

    def dispatcher(patience: float) -> Dispatcher:
        made = Dispatcher(engine, bundle, attempt, public, patience)
        made.at_once = at_once
        return made

    grading = Grading()
    if any(not task.written and task.id not in rebuilt.not_attempted for task in bundle.lab.tasks):
        grading = _run(
            dispatcher,
            [check.id for check in (bundle.practice if public else bundle.checks)],
            rebuilt,
            submission.work,
        )
    ending = _outcome(bundle, rebuilt, grading)
    result = _score(bundle, rebuilt, grading, ending, public).model_copy(
        update={
            "attempt": attempt,
            "submission": submission.sha256,
            "engine": engine.name,
            "seconds": round(time.monotonic() - started, 2),
            "memory_mb": grading.memory_mb,
        }
    )
    return Graded(result, grading.audit, grading.executed)


def _run(
    dispatcher: Callable[[float], Dispatcher], checks: Sequence[str], rebuilt: Rebuilt, work: bytes
) -> Grading:
    """Run an attempt, again where that was our fault, and with more time where the machine's others took it."""
    again = Retrying(
        stop=stop_after_attempt(2), wait=wait_fixed(1), retry=retry_if_exception(_ours), reraise=True
    )
    grading = again(dispatcher(1.0).grade, rebuilt, work)
    passed = all(grading.reports.get(check, {}).get("state") == "pass" for check in checks)
    if grading.late and not passed and busy():
        grading = again(dispatcher(PATIENCE).grade, rebuilt, work)
    return grading


def busy() -> bool:
    """Whether this machine has so much more to do than it can that a clock says little about the work.

    Of a remote engine's machine nothing is known, and then it is taken to have room.
    """
    try:
        return os.getloadavg()[0] > BUSY * (os.cpu_count() or 1)
    except OSError:
        return False


def _attempted(rebuilt: Rebuilt, bundle: Bundle, submission: Submission) -> Rebuilt:
    """The same, also knowing which tasks that are answered in files are as they were handed out."""
    tasks = bundle.lab.tasks
    if bundle.lab.definition.work is None:
        return rebuilt
    idle = {*rebuilt.not_attempted, *untouched(tasks, bundle.work, submission.work)}
    return replace(rebuilt, not_attempted=tuple(task.id for task in tasks if task.id in idle))


def rejected(bundle: Bundle, reason: Rejected, submission: str) -> Result:
    """The result of what cannot be graded as it is: nothing earned, and the reason.

    Args:
        bundle: the lab it was handed in for.
        reason: what is wrong with it.
        submission: sha256 of what was handed in.
    """
    nothing = tuple(task.id for task in bundle.lab.tasks)
    empty = Rebuilt({}, not_attempted=nothing, learner_cells=frozenset(), task_of={}, notes=())
    result = _score(bundle, empty, Grading(), (Outcome.REJECTED, str(reason)), public=False)
    return result.model_copy(update={"attempt": secrets.token_hex(6), "submission": submission})


def _stopped_cell(rebuilt: Rebuilt, cells: list[dict[str, str]]) -> dict[str, str] | None:
    """The first of the learner's cells that ended the notebook instead of finishing.

    A cell that was never run counts, unless it has nothing to run: papermill stamps cells of a notebook that
    was stopped as completed, so only the execution count tells.
    """
    sources = {cell["id"]: cell["source"] for cell in rebuilt.notebook["cells"]}
    for cell in cells:
        if cell["id"] not in sources or not sources[cell["id"]].strip():
            continue
        if cell["state"] == "not_run" or cell["error"] in STOPPERS:
            return cell
    return None


def _outcome(bundle: Bundle, rebuilt: Rebuilt, grading: Grading) -> tuple[Outcome, str]:
    if len(rebuilt.not_attempted) == len(bundle.lab.tasks):
        return Outcome.NOT_ATTEMPTED, "Nothing is answered yet: every answer cell is as it was handed out."
    if grading.lost:
        outcome, message = _LOST[grading.lost]
        limits = bundle.lab.definition.limits
        return outcome, message.format(
            seconds=limits.seconds, memory=limits.memory_mb, processes=limits.processes, disk=limits.disk_mb
        )
    stopped = _stopped_cell(rebuilt, grading.cells)
    if stopped is not None:
        task = rebuilt.task_of.get(stopped["id"])
        where = f"the answer cell of {task}" if task else "one of your own cells"
        how = f"stops the notebook ({stopped['error']})" if stopped["error"] else "was never run"
        return Outcome.INCOMPLETE, f"{where.capitalize()} {how}. Remove what ends it, then submit again."
    return Outcome.GRADED, ""


def _score(
    bundle: Bundle, rebuilt: Rebuilt, grading: Grading, ending: tuple[Outcome, str], public: bool
) -> Result:
    """Score the declared checks, each only by its own report; the rest earns nothing."""
    outcome, message = ending
    declared = bundle.practice if public else bundle.checks
    results = [_check(check, rebuilt, grading, outcome, message) for check in declared]
    tasks = []
    for task in bundle.lab.tasks:
        own = tuple(result for result, check in zip(results, declared, strict=True) if check.task == task.id)
        if task.written:
            own = (_to_mark(task, rebuilt, public),)
        state = "not_attempted" if task.id in rebuilt.not_attempted else task_state(own)
        points, earned = sum(check.points for check in own), sum(check.earned for check in own)
        tasks.append(
            TaskResult(id=task.id, title=task.title, state=state, points=points, earned=earned, checks=own)
        )
    return Result(
        lab=bundle.lab.id,
        lab_title=bundle.lab.definition.title,
        lab_number=bundle.lab.definition.number,
        lab_version=bundle.lab.version,
        attempt="",
        submission="",
        engine="",
        public=public,
        outcome=outcome,
        fault=_fault(tasks, outcome),
        message=message,
        points=0 if public else bundle.lab.points,
        earned=0 if public else sum(task.earned for task in tasks),
        tasks=tuple(tasks),
        notes=(*rebuilt.notes, *_cell_notes(rebuilt, grading)),
        finished=now(),
    )


def _to_mark(task: Task, rebuilt: Rebuilt, public: bool) -> CheckResult:
    """The verdict on prose: whether there is something for a mentor to mark, however the code came out."""
    state: State = "not_attempted" if task.id in rebuilt.not_attempted else "to_mark"
    points = 0 if public else task.points
    return CheckResult(id=task.id, title=task.title, state=state, points=points, earned=0)


def _fault(tasks: list[TaskResult], outcome: Outcome) -> Fault:
    if any(task.state == "error" for task in tasks):
        return Fault.AUTHOR
    if outcome is not Outcome.GRADED or any(task.state not in DONE for task in tasks):
        return Fault.LEARNER
    return Fault.NONE


def _check(
    check: DeclaredCheck, rebuilt: Rebuilt, grading: Grading, outcome: Outcome, message: str
) -> CheckResult:
    def result(state: str, saw: str = "", help: str = "") -> CheckResult:
        earned = check.points if state == "pass" else 0
        return CheckResult.model_validate(
            {"id": check.id, "title": check.title, "state": state, "points": check.points, "earned": earned}
            | {"saw": saw, "help": help}
        )

    if check.task in rebuilt.not_attempted:
        return result("not_attempted")
    if outcome is not Outcome.GRADED:
        saw, _, help = message.partition(". ")
        return result("fail", saw, help)
    report = grading.reports.get(check.id)
    if report is None:
        return result("error", "this check did not report", "It is not your fault: tell the lab's author.")
    if report["state"] == "error":
        return result("error", "this check broke", "It is not your fault: tell the lab's author.")
    return result(report["state"], report["saw"], report["help"])


def _cell_notes(rebuilt: Rebuilt, grading: Grading) -> list[str]:
    """What a learner should know of cells that raised: often the cause of everything below."""
    notes = []
    for cell in grading.cells:
        if cell["state"] != "raised" or cell["id"] not in rebuilt.learner_cells or cell["error"] in STOPPERS:
            continue
        task = rebuilt.task_of.get(cell["id"])
        if task in rebuilt.not_attempted:
            continue
        where = f"The answer cell of {task}" if task else "One of your own cells"
        notes.append(f"{where} raised {cell['error']}: {' '.join(cell['message'].split())[:160]}")
    if grading.child_killed:
        notes.insert(0, "A process that your notebook started was killed: it used more memory than it may.")
    return notes[:5]
