"""Every lesson's worked example runs from top to bottom, offline, in an empty folder, and becomes a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_labs.site import build

LESSONS = sorted((Path(__file__).parents[2] / "curriculum" / "lessons").glob("*.py"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs(lesson: Path) -> None:
    page = build.executed_lesson(lesson)  # also for the site: a lesson that has not changed is not run twice
    assert "```{ .text .output }" in page.markdown
    assert page.facts.lab == lesson.stem


def test_every_lab_has_its_lesson() -> None:
    labs = {path.parent.name for path in (Path(__file__).parents[2] / "labs").glob("*/lab.toml")}
    assert labs == {path.stem for path in LESSONS}
