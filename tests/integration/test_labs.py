"""The labs are fair: their cases come out as they say, through the real path.

On Docker every right answer, the blank and, of the wrong ones, a few that fail each task; as local processes the
right answers and the blank, since what differs between the engines is where things run and not how they are
judged. `make validate` runs all of them, which takes minutes a lab.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from grader.lab import find_labs
from grader.release import Bundle, bundle
from mlops_labs.cases import read_cases
from mlops_labs.validate import gaps, validate
from sandbox.engine import Engine

LABS = find_labs(Path(__file__).parents[2] / "labs")


FOR_EACH_TASK = 2  # wrong cases


def _chosen(released: Bundle, isolated: bool) -> set[str]:
    """The names of the cases that are run here."""
    chosen = set()
    failing: Counter[str] = Counter()
    for case in read_cases(released):
        tasks = {task for task, expected in case.expect.items() if expected.state != "pass"}
        if case.kind != "wrong" or (isolated and any(failing[task] < FOR_EACH_TASK for task in tasks)):
            chosen.add(case.name)
            failing.update(tasks if case.kind == "wrong" else ())
    return chosen


@pytest.mark.parametrize("name", list(LABS))
def test_cases_come_out_as_they_say(name: str, engine: Engine, platform_home: Path) -> None:
    released = bundle(LABS[name], platform_home / "bundles", print)
    chosen = _chosen(released, engine.isolates)
    repeats = 3 if engine.isolates else 1
    rows = list(validate(engine, released, repeats=repeats, jobs=2, only=lambda case: case.name in chosen))
    assert {row.case.name: row.differences for row in rows if row.differences} == {}
    assert len(rows) > 5
    assert gaps(released) == []


@pytest.mark.parametrize("name", list(LABS))
def test_two_right_answers_are_written_from_the_brief_alone(name: str) -> None:
    texts = [path.read_text() for path in (LABS[name].folder / "cases").glob("*/case.toml")]
    assert sum('written_from = "learner"' in text for text in texts) >= 2
