"""Work that ran out of time while others kept the machine busy is run again with more time; else it is not."""

from __future__ import annotations

from typing import Any

import pytest

from grader import grade
from grader.dispatch import Grading
from grader.rebuild import Rebuilt

PASSES = {"t1/a": {"check": "t1/a", "state": "pass", "saw": "", "help": ""}}
NOTHING = Rebuilt({"cells": []}, (), frozenset(), {}, ())


class Runs:
    """Stands in for a dispatcher: says what each run comes to, and keeps the patience that it was given."""

    def __init__(self, *gradings: Grading) -> None:
        self.gradings = list(gradings)
        self.patience: list[float] = []

    def __call__(self, patience: float) -> Any:
        self.patience.append(patience)
        return self

    def grade(self, _rebuilt: Rebuilt, _work: bytes) -> Grading:
        return self.gradings.pop(0)


@pytest.mark.parametrize(
    ("first", "busy", "patience"),
    [
        (Grading(late=True, lost="time"), True, [1.0, grade.PATIENCE]),
        (Grading(late=True), True, [1.0, grade.PATIENCE]),
        (Grading(late=True, lost="time"), False, [1.0]),
        (Grading(late=False), True, [1.0]),
        (Grading(late=True, reports=PASSES), True, [1.0]),
    ],
)
def test_when_there_is_a_second_run(
    monkeypatch: pytest.MonkeyPatch, first: Grading, busy: bool, patience: list[float]
) -> None:
    monkeypatch.setattr(grade, "busy", lambda: busy)
    runs = Runs(first, Grading(reports=PASSES))
    found = grade._run(runs, ["t1/a"], NOTHING, b"")
    assert runs.patience == patience
    assert bool(found.reports) == (len(patience) == 2 or bool(first.reports))


def test_busy_is_more_than_the_cpus_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grade.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(grade.os, "getloadavg", lambda: (11.0, 8.0, 5.0))
    assert grade.busy()
    monkeypatch.setattr(grade.os, "getloadavg", lambda: (2.4, 11.0, 11.0))
    assert not grade.busy()
