"""Only declared checks that reported can earn points, and no lost run earns any."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.dispatch import Grading
from grader.grade import _outcome, _score
from grader.lab import LimitsTable, Task
from grader.rebuild import Rebuilt
from grader.release import DeclaredCheck
from grader.result import Result

CHECKS = (
    DeclaredCheck("t1/a", "t1", "A", 2),
    DeclaredCheck("t1/b", "t1", "B", 1),
    DeclaredCheck("t2/c", "t2", "C", 4),
)


def _bundle() -> Any:
    tasks = (Task(id="t1", title="One", points=3), Task(id="t2", title="Two", points=4))
    definition = SimpleNamespace(title="Lab", number=1, limits=LimitsTable())
    lab = SimpleNamespace(id="x", version="v", tasks=tasks, points=7, definition=definition)
    return SimpleNamespace(lab=lab, checks=CHECKS, practice=CHECKS)


def _rebuilt(not_attempted: tuple[str, ...] = ()) -> Rebuilt:
    cells = [{"id": "answer-t1", "source": "x"}, {"id": "answer-t2", "source": "y"}]
    tasks = {"answer-t1": "t1", "answer-t2": "t2"}
    return Rebuilt({"cells": cells}, not_attempted, frozenset(tasks), tasks, ())


def _passes(*ids: str) -> dict[str, dict[str, str]]:
    return {check_id: {"check": check_id, "state": "pass", "saw": "", "help": ""} for check_id in ids}


def _result(grading: Grading, not_attempted: tuple[str, ...] = ()) -> Result:
    bundle, rebuilt = _bundle(), _rebuilt(not_attempted)
    return _score(bundle, rebuilt, grading, _outcome(bundle, rebuilt, grading), public=False)


def test_full_marks() -> None:
    result = _result(Grading(reports=_passes("t1/a", "t1/b", "t2/c")))
    assert (result.earned, result.passed, result.fault) == (7, True, "none")


def test_a_silent_check_earns_nothing_and_is_the_authors_fault() -> None:
    result = _result(Grading(reports=_passes("t1/a", "t2/c")))
    assert (result.earned, result.fault) == (6, "author")
    assert result.tasks[0].state == "error"


def test_undeclared_checks_earn_nothing() -> None:
    result = _result(Grading(reports=_passes("t1/a", "t1/b", "t2/c", "t2/bonus", "t9/x")))
    assert result.earned == 7


def test_a_broken_check_is_not_the_learners_fault() -> None:
    reports = _passes("t1/a", "t1/b") | {"t2/c": {"check": "t2/c", "state": "error", "saw": "x", "help": ""}}
    result = _result(Grading(reports=reports))
    assert result.fault == "author"
    assert "not your fault" in result.tasks[1].checks[0].help


@pytest.mark.parametrize("lost", ["time", "memory", "output", "died"])
def test_a_lost_run_earns_nothing_whatever_was_reported(lost: str) -> None:
    result = _result(Grading(reports=_passes("t1/a", "t1/b", "t2/c"), lost=lost))
    assert result.earned == 0
    assert result.message


@pytest.mark.parametrize(
    "cell", [{"state": "raised", "error": "SystemExit"}, {"state": "not_run", "error": ""}]
)
def test_a_notebook_that_ends_itself_is_incomplete(cell: dict[str, str]) -> None:
    cells = [{"id": "answer-t1", "message": "", **cell}]
    result = _result(Grading(reports=_passes("t1/a", "t1/b", "t2/c"), cells=cells))
    assert (result.outcome, result.earned) == ("incomplete", 0)


def test_what_was_not_attempted_is_never_a_pass() -> None:
    result = _result(Grading(reports=_passes("t1/a", "t1/b", "t2/c")), not_attempted=("t2",))
    assert (result.earned, result.tasks[1].state) == (3, "not_attempted")
