from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.grade import Graded
from grader.lab import Lab
from grader.notebook import Submission
from grader.result import Result
from mlops_labs import catalogue, progress, standing
from mlops_labs.home import Home
from mlops_labs.roadmap import Roadmap, roadmap
from tests.graded import graded


def _known(*proved_by: str) -> Roadmap:
    skill = {"id": "s", "title": "Do it", "component": "c", "step": "p", "proved_by": proved_by}
    return Roadmap.model_validate(
        {
            "components": [{"id": "c", "title": "C", "about": ""}],
            "steps": [{"id": "p", "title": "Step", "about": ""}],
            "skills": [skill, {**skill, "id": "later", "proved_by": ()}],
        }
    )


@pytest.fixture(scope="module")
def labs() -> dict[str, Lab]:
    from grader.lab import find_labs

    return find_labs(Path(__file__).parents[1] / "labs")


def _state(known: Roadmap, labs: dict[str, Lab], *results: Result) -> standing.Shown:
    found = standing.derive(known, labs, standing.passed(results))
    assert found.skills[1].state == "ahead"
    return found.skills[0]


def test_a_skill_is_shown_when_every_graded_task_was_passed_in_some_attempt(labs: dict[str, Lab]) -> None:
    known = _known("tiny-sums/t1", "tiny-sums/t2")
    first, second = (
        graded("tiny-sums", "a", 1, t1="pass", t2="fail"),
        graded("tiny-sums", "b", 2, t1="fail", t2="pass"),
    )
    assert _state(known, labs).state == "ahead"
    begun = _state(known, labs, first)
    assert begun.state == "begun"
    shown = _state(known, labs, second, first)  # in whatever order they are read
    assert shown.state == "shown"
    assert [(one.lab, one.task, one.attempt, one.date) for one in shown.evidence] == [
        ("tiny-sums", "t1", "a", "2026-03-01"),
        ("tiny-sums", "t2", "b", "2026-03-01"),
    ]
    assert shown.level_title == "Step"


def test_the_first_attempt_that_passed_is_the_evidence_and_later_failures_take_nothing_back(
    labs: dict[str, Lab],
) -> None:
    results = [
        graded("tiny-sums", name, n, t1=state)
        for n, (name, state) in enumerate([("a", "pass"), ("b", "pass"), ("c", "fail")])
    ]  # type: ignore[arg-type]
    shown = _state(_known("tiny-sums/t1"), labs, *results)
    assert (shown.state, shown.evidence[0].attempt) == ("shown", "a")


@pytest.mark.parametrize(
    "result",
    [
        graded("tiny-sums", "a", public=True, t1="pass"),
        graded("tiny-sums", "a", t1="to_mark"),
        graded("tiny-sums", "a", t1="error"),
        graded("another-lab", "a", t1="pass"),
    ],
    ids=["public", "to-mark", "ours", "another-lab"],
)
def test_what_is_no_graded_pass_shows_nothing(labs: dict[str, Lab], result: Result) -> None:
    assert _state(_known("tiny-sums/t1"), labs, result).state == "ahead"


def test_a_mentors_task_neither_shows_a_skill_nor_holds_it_up(labs: dict[str, Lab]) -> None:
    written = next(f"{lab.id}/{task.id}" for lab in labs.values() for task in lab.tasks if task.written)
    passed = graded("tiny-sums", "a", t1="pass")
    assert (
        _state(_known(written), labs, graded(written.split("/")[0], "b", t1="pass", t2="pass")).state
        != "shown"
    )
    assert _state(_known("tiny-sums/t1", written), labs, passed).state == "shown"


def test_a_task_that_is_nowhere_holds_a_skill_up(labs: dict[str, Lab]) -> None:
    known = _known("tiny-sums/t1", "tiny-sums/t9")
    assert _state(known, labs, graded("tiny-sums", "a", t1="pass", t9="pass")).state == "begun"


def _record(home: Home, result: Result) -> None:
    progress.record(home, Graded(result, None, None), Submission((), b""))


def test_read_takes_the_history_of_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = standing.read(home)
    assert (before.having("shown"), before.having("begun")) == ((), ())
    assert len(before.skills) == len(roadmap().skills)
    _record(home, graded("promote-with-a-reason", "a", t1="fail", t3="pass"))
    found = standing.read(home)
    assert [skill.id for skill in found.having("shown")] == ["rollback"]
    assert [skill.id for skill in found.having("begun")] == ["model-registry"]


def test_the_json_is_what_others_read(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _record(home, graded("promote-with-a-reason", "a77", t3="pass"))
    found: dict[str, Any] = json.loads(json.dumps(standing.read(home).to_json()))
    assert (found["format"], found["shown"], found["of"]) == (1, 1, len(roadmap().skills))
    skill = next(one for one in found["skills"] if one["id"] == "rollback")
    lab = catalogue.lab("promote-with-a-reason")
    assert set(skill) == {"id", "title", "level_title", "state", "evidence"}
    assert skill["state"] == "shown"
    assert skill["evidence"] == [
        {
            "lab": lab.id,
            "lab_title": lab.definition.title,
            "task": "t3",
            "task_title": lab.task("t3").title,
            "attempt": "a77",
            "date": "2026-03-01",
        }
    ]


def test_the_text_has_a_line_for_what_has_evidence_and_counts_the_rest(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _record(home, graded("promote-with-a-reason", "a77", t3="pass"))
    head, *lines = standing.read(home).text().splitlines()
    total = len(roadmap().skills)
    assert head == f"Skills: 1 of {total} shown, 1 begun, {total - 2} ahead"
    assert len(lines) == 2
    assert lines[0].startswith("shown  Bring the model before back in one step")
    assert lines[0].endswith("promote-with-a-reason/t3  attempt a77  2026-03-01")
