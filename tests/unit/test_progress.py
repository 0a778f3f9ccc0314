from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.grade import Graded
from grader.notebook import Submission
from grader.result import CheckResult, Fault, Outcome, Result, TaskResult
from mlops_labs import progress
from mlops_labs.home import Home


def _result(earned: int, attempt: str, minute: int = 0, **more: Any) -> Result:
    state = "pass" if earned == 3 else "fail"
    check = CheckResult(id="t1/a", title="A", state=state, points=3, earned=earned, saw="s", help="h")
    task = TaskResult(id="t1", title="One", state=state, points=3, earned=earned, checks=(check,))
    return Result(
        lab="one-lab",
        lab_title="One",
        lab_number=1,
        lab_version="v",
        attempt=attempt,
        submission="0" * 64,
        engine="local",
        outcome=Outcome.GRADED,
        fault=Fault.NONE,
        points=3,
        earned=earned,
        tasks=(task,),
        finished=datetime(2026, 1, 1, 10, minute, tzinfo=UTC),
        **more,
    )


def _labs(**needs: tuple[str, ...]) -> Any:
    return {
        name.replace("_", "-"): SimpleNamespace(
            id=name.replace("_", "-"), definition=SimpleNamespace(needs=wants)
        )
        for name, wants in needs.items()
    }


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_every_attempt_is_kept_and_the_best_counts(home: Home) -> None:
    for minute, (earned, attempt) in enumerate([(0, "a"), (3, "b"), (1, "c")]):
        progress.record(
            home, Graded(_result(earned, attempt, minute), {"cells": []}, None), Submission((), b"bytes")
        )
    assert [found.attempt for found in progress.attempts(home, "one-lab")] == ["a", "b", "c"]
    best = progress.best(home, "one-lab")
    assert best is not None and best.attempt == "b"
    folder = sorted(home.history("one-lab").iterdir())[0]
    assert (folder / "submission.ipynb").read_bytes() == b"bytes"
    assert (folder / "audit.ipynb").exists()
    assert not (folder / "executed.ipynb").exists()


def test_a_broken_record_is_passed_over_and_left_alone(home: Home) -> None:
    folder = progress.record(home, Graded(_result(3, "a"), None, None), Submission((), b""))
    (folder / "result.json").write_text("{half")
    assert progress.best(home, "one-lab") is None
    assert (folder / "result.json").read_text() == "{half"


def test_a_record_is_all_or_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress, "_sync", full)
    with pytest.raises(OSError, match="No space"):
        progress.record(home, Graded(_result(3, "a"), None, None), Submission((), b""))
    assert list(home.history("one-lab").iterdir()) == []


def test_what_comes_next(home: Home) -> None:
    labs = _labs(one_lab=(), two_lab=("one-lab",))
    assert progress.next_lab(home, labs) == (labs["one-lab"], "it comes first")
    home.work("one-lab").mkdir()
    assert progress.next_lab(home, labs) == (labs["one-lab"], "you have begun it")
    progress.record(home, Graded(_result(3, "a"), None, None), Submission((), b""))
    assert progress.next_lab(home, labs) == (labs["two-lab"], "it comes next in the track")


def test_only_the_first_trouble_of_a_task_is_shown() -> None:
    shown = progress.picture(_result(1, "a"))
    assert (shown.tasks[0].saw, shown.points) == ("s", (1, 3))


def test_the_export_has_what_any_graded_attempt_passed_and_no_answers(home: Home) -> None:
    for minute, (earned, attempt) in enumerate([(0, "a"), (3, "b"), (1, "c")]):
        progress.record(home, Graded(_result(earned, attempt, minute), None, None), Submission((), b"secret"))
    found = progress.export(home, _labs(one_lab=(), other_lab=()))
    assert found["format"] == "mlops-labs-progress"
    assert found["passed"] == ["one-lab/t1"]
    assert found["labs"] == {"one-lab": {"earned": 3, "points": 3, "finished": "2026-01-01T10:01:00+00:00"}}
    assert "secret" not in str(found)
