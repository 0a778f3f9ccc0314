"""A lab with a written task through the real grading path: every case as it must be."""

from __future__ import annotations

from pathlib import Path

from grader.lab import load_lab
from grader.release import bundle
from mlops_labs.validate import gaps, validate
from sandbox.engine import Engine


def test_a_lab_with_prose_is_fair(engine: Engine, labs_for_tests: Path, platform_home: Path) -> None:
    essay = bundle(load_lab(labs_for_tests / "tiny-essay"), platform_home / "bundles", print)
    wanted = {"reference", "blank", "operator", "no-prose", "subtracts"}
    rows = list(validate(engine, essay, repeats=1, jobs=1, only=lambda case: case.name in wanted))
    assert {row.case.name for row in rows} == wanted
    assert [row.differences for row in rows] == [()] * len(wanted)
    assert gaps(essay) == []
