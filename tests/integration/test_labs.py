"""Both labs are fair: every case comes out as it says, through the real path.

On Docker all of them; as local processes the right answers and the blank, since what differs between the
engines is where things run and not how they are judged. `mlops lab validate --engine local` runs the rest.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.lab import find_labs
from grader.release import bundle
from mlops_labs.cases import Case
from mlops_labs.validate import gaps, validate
from sandbox.engine import Engine

LABS = find_labs(Path(__file__).parents[2] / "labs")


@pytest.mark.parametrize("name", list(LABS))
def test_every_case_comes_out_as_it_says(name: str, engine: Engine, platform_home: Path) -> None:
    released = bundle(LABS[name], platform_home / "bundles", print)

    def wanted(case: Case) -> bool:
        return engine.isolates or case.kind != "wrong"

    rows = list(validate(engine, released, repeats=3, jobs=2, only=wanted))
    assert {row.case.name: row.differences for row in rows if row.differences} == {}
    assert len(rows) > 5
    assert gaps(released) == []


@pytest.mark.parametrize("name", list(LABS))
def test_two_right_answers_are_written_from_the_brief_alone(name: str) -> None:
    texts = [path.read_text() for path in (LABS[name].folder / "cases").glob("*/case.toml")]
    assert sum('written_from = "learner"' in text for text in texts) >= 2
