"""A course in a temporary folder, and results without a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.folder import Course, create_course
from grader.course.ledger import Ledger
from grader.result import CheckResult, Fault, Outcome, Result, TaskResult, now

Make = Callable[..., Result]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return create_course(tmp_path / "class")


@pytest.fixture
def ledger(course: Course):
    opened = Ledger(course.ledger)
    yield opened
    opened.close()


def build_result(attempt: str = "a1", earned: int = 5, outcome: Outcome = Outcome.GRADED) -> Result:
    state = "pass" if earned == 5 else "fail"
    check = CheckResult(id="c1", title="One", state=state, points=5, earned=earned, saw="3", help="add")
    task = TaskResult(id="t1", title="T", state=state, points=5, earned=earned, checks=(check,))
    return Result(
        lab="tiny-sums",
        lab_title="Tiny sums",
        lab_number=0,
        lab_version="v1",
        attempt=attempt,
        submission="s1",
        engine="docker",
        outcome=outcome,
        fault=Fault.NONE if earned == 5 else Fault.LEARNER,
        points=5,
        earned=earned,
        tasks=(task,),
        finished=now(),
    )


@pytest.fixture
def make_result() -> Make:
    return build_result
