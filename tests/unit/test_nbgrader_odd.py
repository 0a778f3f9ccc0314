"""What plain nbgrader tools hand in, taken apart: each odd case has a defined outcome."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.course.master import course_source
from grader.lab import load_lab
from grader.nbgrader_api import release
from grader.release import Bundle, bundle
from tests.classes import verdict
from tests.nbgrader_odd import CASES, Notebook, submission


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = Path(__file__).parents[1] / "labs" / "tiny-essay"
    return bundle(load_lab(folder), tmp_path_factory.mktemp("labs"), print)


@pytest.fixture(scope="module")
def released(lab: Bundle) -> Notebook:
    return release(course_source(lab), lab.lab.id)


@pytest.mark.parametrize("name", CASES)
def test_each_odd_submission_has_a_defined_outcome(lab: Bundle, released: Notebook, name: str) -> None:
    case = CASES[name]
    result = verdict(lab, submission(released, case))
    assert result.outcome == case.outcome, result.message
    assert [task.state for task in result.tasks] == [case.code, case.prose], result.notes
    assert (result.earned, result.points) == (3 if case.code == "pass" else 0, 7)
    told = json.dumps([result.message, *result.notes])
    if name.endswith(("twice", "answer-missing", "prose-missing", "answer-retyped")):
        assert "answer cell" in told
    if name == "as-it-is":
        assert result.notes == ()
        assert result.passed
