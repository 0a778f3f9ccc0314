from __future__ import annotations

from grader.course.marks import marks_from_ledger
from grader.result import TaskResult
from tests.graded import LAB, Class, hand_in, result


def test_marks_are_the_verdicts_points(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("pass", "fail")))
    (marks,) = marks_from_ledger(one.ledger.latest(LAB).values()).values()
    assert (marks.points, marks.max_points, marks.waits) == (3.0, 5.0, False)
    assert [mark.check for mark in marks.checks] == ["t1/check0", "t1/check1", "t2/check0"]


def test_a_check_that_broke_waits_and_is_no_zero(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("pass", "error")))
    (marks,) = marks_from_ledger(one.ledger.latest(LAB).values()).values()
    assert marks.waits
    assert marks.checks[2].auto is None


def test_a_written_task_waits_once_it_is_answered(one: Class) -> None:
    for learner, state in (("s01", "pass"), ("s02", "not_attempted")):
        made = result(f"a{learner}", submission=learner)
        written = TaskResult(id="t3", title="Say why", state=state, points=4, earned=0, checks=())
        hand_in(one, learner, made.model_copy(update={"tasks": (*made.tasks, written)}))
    marks = marks_from_ledger(one.ledger.latest(LAB).values())
    answered, blank = (marks[one.opaque(name)] for name in ("s01", "s02"))
    assert (answered.waits, answered.points, answered.max_points) == (True, 5.0, 9.0)
    assert (blank.waits, blank.checks[-1].auto) == (False, 0.0)
