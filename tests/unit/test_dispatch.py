"""What a learner's side may write to the channel: anything. It must never be more than a lost run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import learner_run
from grader.dispatch import AuthorError, Dispatcher, Grading
from grader.learner_run import LearnerRun
from grader.rebuild import Rebuilt
from sandbox.engine import EndReason, JobEnd, JobOver, JobSpec
from sandbox.errors import InfrastructureError

STARTED = b'R {"started": {"git_head": "abc"}}'


class Scripted:
    """A job that says given lines and is then over."""

    def __init__(self, lines: list[bytes], end: JobEnd) -> None:
        self.lines = lines
        self.end = end

    def send(self, line: bytes) -> None:
        pass

    def receive(self, timeout: float, max_bytes: int = 0) -> bytes:
        if not self.lines:
            raise JobOver(self.end)
        return self.lines.pop(0)

    def stop(self) -> JobEnd:
        return self.end


class Engine:
    isolates = False  # nothing is kept warm

    def __init__(self, *lines: bytes, end: JobEnd | None = None) -> None:
        self.scripted = Scripted(list(lines), end or JobEnd(EndReason.EXITED, 1))

    @contextmanager
    def job(self, _spec: JobSpec) -> Iterator[Scripted]:
        yield self.scripted


def _run(*lines: bytes, end: JobEnd | None = None) -> LearnerRun:
    engine: Any = Engine(*lines, end=end)
    return LearnerRun(engine, JobSpec("x", "lab", ("python",)), b"{}", "")


@pytest.mark.parametrize(
    "line",
    [
        b'R {"ready": 1}',
        b"R []",
        b"R 5",
        b'R {"ready": null}',
        b"R {",
        b"R \xff",
        b'R {"ready": {"cells": 3}}',
    ],
)
def test_a_forged_line_is_at_most_a_lost_run(line: bytes) -> None:
    run = _run(STARTED, line)
    assert run.ask({"op": "call"}) in ({"lost": "died"}, {"lost": "output"})
    assert run.git_head == "abc"


@given(st.lists(st.binary(max_size=40).map(lambda data: b"R " + data), max_size=5))
def test_any_bytes_are_at_most_a_lost_run(lines: list[bytes]) -> None:
    assert "lost" in _run(STARTED, *lines).ask({"op": "call"})


def test_the_commit_is_believed_only_before_learner_code_runs() -> None:
    run = _run(
        STARTED, b'R {"started": {"git_head": "forged"}}', b'R {"ready": {"cells": [], "notebook": {}}}'
    )
    run.wait()
    assert run.git_head == "abc"


def test_control_characters_of_cells_are_dropped() -> None:
    cell = b'{"id": "a", "state": "raised", "error": "E\\ud800", "message": "\\u001b[2Jx"}'
    run = _run(STARTED, b'R {"ready": {"cells": [' + cell + b'], "notebook": null}}')
    run.wait()
    assert run.cells[0]["error"] == "E"
    assert "\x1b" not in run.cells[0]["message"]


def test_a_sandbox_that_does_not_start_is_trouble_of_ours() -> None:
    with pytest.raises(InfrastructureError, match="could not start"):
        _run().wait()


def test_a_kernel_that_does_not_come_up_is_trouble_of_ours() -> None:
    ended = b'R {"ended": {"cells": [], "notebook": null, "died": "RuntimeError"}}'
    with pytest.raises(InfrastructureError, match=r"could not start the notebook \(RuntimeError\)"):
        _run(ended, end=JobEnd(EndReason.EXITED, 0)).wait()
    for reason in (EndReason.TIME, EndReason.MEMORY):
        with pytest.raises(InfrastructureError, match="could not start"):
            _run(end=JobEnd(reason, 137)).wait()


def test_an_engine_that_goes_away_is_trouble_of_ours() -> None:
    with pytest.raises(InfrastructureError, match="went away"):
        _run(STARTED, end=JobEnd(EndReason.LOST, None)).wait()


@pytest.mark.parametrize(
    ("end", "lost"),
    [
        (JobEnd(EndReason.TIME, 137), "time"),
        (JobEnd(EndReason.MEMORY, 137), "memory"),
        (JobEnd(EndReason.OUTPUT, 137), "output"),
        (JobEnd(EndReason.EXITED, 0), "died"),
    ],
)
def test_why_a_run_is_lost(end: JobEnd, lost: str) -> None:
    assert _run(STARTED, end=end).ask({"op": "call"}) == {"lost": lost}


def test_a_kernel_killed_for_its_memory_is_a_matter_of_memory() -> None:
    ended = b'R {"ended": {"cells": [], "notebook": null, "died": "DeadKernelError"}}'
    run = _run(STARTED, ended, end=JobEnd(EndReason.EXITED, 0, oom_killed=True))
    assert run.ask({"op": "call"}) == {"lost": "memory"}


def _checked(*lines: bytes) -> Grading:
    """What becomes of a notebook that answers nothing, when its checker says `lines` and is gone."""
    engine: Any = Engine(*lines)
    definition = SimpleNamespace(image="lab", runs=[])
    bundle: Any = SimpleNamespace(
        lab=SimpleNamespace(id="some-lab", definition=definition), checks=[], checker_files=lambda _public: {}
    )
    nothing = Rebuilt(
        notebook={"cells": []}, not_attempted=(), learner_cells=frozenset(), task_of={}, notes=()
    )
    return Dispatcher(engine, bundle, "attempt").grade(nothing)


OPEN = b'K {"id": 1, "open": true}'
REPORT = b'K {"report": {"check": "t1/a", "state": "pass", "saw": "", "help": ""}}'


def _ended(died: str) -> bytes:
    return b'R {"ended": {"cells": [], "notebook": null, "died": "%s"}}' % died.encode()


@pytest.mark.parametrize("died", ["", "RuntimeError"])
def test_checks_that_never_began_are_trouble_of_ours_and_no_mark(died: str) -> None:
    with pytest.raises(InfrastructureError, match="could not be started") as trouble:
        _checked(_ended(died))
    assert not isinstance(trouble.value, AuthorError)


def test_a_checker_that_is_lost_before_it_is_told_anything_is_trouble_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lost(*_: object) -> None:
        raise JobOver(JobEnd(EndReason.LOST, None))

    monkeypatch.setattr(Scripted, "send", lost)
    with pytest.raises(InfrastructureError, match="went away") as trouble:
        _checked(OPEN)
    assert not isinstance(trouble.value, AuthorError)


def test_checks_whose_kernel_dies_are_the_labs_fault_and_no_mark() -> None:
    with pytest.raises(AuthorError, match="ended early"):
        _checked(OPEN, REPORT, _ended("DeadKernelError"))


def test_checks_that_end_well_are_taken() -> None:
    assert _checked(OPEN, REPORT, _ended("")).reports["t1/a"]["state"] == "pass"


@pytest.mark.parametrize(
    ("question", "answer", "late"),
    [
        ({"op": "call"}, {"raised": {"type": "TimeoutError", "message": ""}}, True),
        ({"op": "call"}, {"raised": {"type": "ValueError", "message": ""}}, False),
        ({"op": "run"}, {"ok": {"timed_out": True}}, True),
        ({"op": "run"}, {"ok": {"timed_out": False}}, False),
        ({"op": "wait"}, {"ok": {"timed_out": True}}, False),
        ({"op": "answers"}, {"ok": False}, True),
        ({"op": "answers"}, {"ok": True}, False),
        ({"op": "value"}, {"ok": False}, False),
    ],
)
def test_what_counts_as_too_late(question: dict[str, Any], answer: dict[str, Any], late: bool) -> None:
    assert learner_run._took_too_long(question, answer) is late


def test_a_kernel_that_went_before_a_flood_was_ended_is_still_a_flood() -> None:
    ended = b'R {"ended": {"died": "DeadKernelError", "cells": [], "notebook": null}}'
    lost = _run(STARTED, ended, end=JobEnd(EndReason.OUTPUT, 137))
    lost.wait()
    assert lost.lost == "output"
