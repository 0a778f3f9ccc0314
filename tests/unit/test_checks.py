from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from grader.checks import Answer, Attempt, CheckFailed, Question, check, clip, load_checks, run_check


class Canned:
    """A transport with one answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.questions: list[Question] = []

    def ask(self, question: Question) -> Answer:
        self.questions.append(question)
        return self.answer


def _attempt(answer: Answer) -> Attempt:
    return Attempt(Canned(answer), Path(), 1)


def test_call_returns_the_answer() -> None:
    assert _attempt({"ok": 3}).call("add", 1, b=2) == 3


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            {"raised": {"type": "KeyError", "message": "'x'", "help": ""}},
            r"`add\(\.\.\.\)` raised KeyError: 'x'",
        ),
        ({"raised": {"type": "ValueError", "message": ""}}, r"`add\(\.\.\.\)` raised ValueError$"),
        ({"raised": {"type": "NotImplementedError", "message": ""}}, "is not written yet$"),
        ({"lost": "memory"}, "more memory"),
        ({"lost": "anything"}, "kernel stopped"),
    ],
)
def test_trouble_on_the_learners_side_fails_the_check(answer: Answer, says: str) -> None:
    with pytest.raises(CheckFailed, match=says) as caught:
        _attempt(answer).call("add")
    assert caught.value.help


@pytest.mark.parametrize(
    "row",
    [
        "no dict",
        {"id": 3, "name": "", "status": ""},
        {"id": "a", "name": "", "status": "", "metrics": {"x": "oops"}},
        {"id": "a", "name": "", "status": "", "tags": ["x"]},
        {"id": "a", "name": "", "status": "", "surprise": 1},
        {"id": "a", "name": "", "status": "", "start_time": "now"},
    ],
)
def test_a_malformed_record_is_the_learners_fault_and_no_error_of_ours(row: Any) -> None:
    with pytest.raises(CheckFailed, match="form it should have"):
        _attempt({"ok": [row]}).mlflow.runs("x")


def test_a_graded_check_tells_the_kind_of_an_error_and_not_its_text() -> None:
    raised = {"raised": {"type": "ValueError", "message": "secret inputs 450,467"}}
    with pytest.raises(CheckFailed) as caught:
        Attempt(Canned(raised), Path(), 1, discreet=True).call("add")
    assert (caught.value.saw, "secret" in caught.value.help) == ("`add(...)` raised ValueError", False)
    raised = {"raised": {"type": "Secret450", "message": "x"}}
    with pytest.raises(CheckFailed, match=r"^`add\(\.\.\.\)` raised an error$"):
        Attempt(Canned(raised), Path(), 1, discreet=True).call("add")


@pytest.mark.parametrize(
    "scores", [None, [0.5], [0.5, "x"], [0.5, True], [0.5, 10**400], "ab", {"0": 1, "1": 2}]
)
def test_predictions_must_be_a_number_for_each_row(scores: Any) -> None:
    with pytest.raises(CheckFailed, match="one number for each row"):
        _attempt({"ok": scores}).predict("models:/x", pd.DataFrame({"a": [1, 2]}))


def test_rows_are_sent_with_their_types_and_without_labels() -> None:
    transport = Canned({"ok": [0.1, 0.2]})
    frame = pd.DataFrame({"carrier": ["AA", "MQ"], "hour": [5, 6]})
    assert Attempt(transport, Path(), 1).predict("models:/x", frame) == [0.1, 0.2]
    assert transport.questions[0]["frame"]["rows"] == [["AA", 5], ["MQ", 6]]


def _fails(attempt: Attempt) -> None:
    """It fails."""
    attempt.expect(False, saw="this\nand that", help="do it")


def _breaks(_attempt: Attempt) -> None:
    """It breaks."""
    raise ZeroDivisionError("x")


def _passes(_attempt: Attempt) -> None:
    """It passes."""


def _run(function: Any, states: dict[str, str], **how: Any) -> dict[str, Any]:
    return run_check(check("t1", **how)(function).__check__, _attempt({"ok": 1}), states)  # type: ignore[attr-defined]


def test_states() -> None:
    states: dict[str, str] = {}
    assert _run(_passes, states)["state"] == "pass"
    assert _run(_fails, states)["saw"] == "this and that"
    assert _run(_breaks, states)["state"] == "error"
    assert states == {"t1/_passes": "pass", "t1/_fails": "fail", "t1/_breaks": "error"}


def test_needs_block_until_all_of_them_passed() -> None:
    assert _run(_passes, {}, needs=["t0"])["state"] == "blocked"
    assert _run(_passes, {"t0/a": "pass", "t0/b": "fail"}, needs=["t0"])["state"] == "blocked"
    assert _run(_passes, {"t0/a": "pass", "t0/b": "fail"}, needs=["a"])["state"] == "pass"


def test_checks_are_found_in_the_order_written(tmp_path: Path) -> None:
    file = tmp_path / "checks.py"
    file.write_text(
        "from grader.checks import check\n"
        "@check('t1', points=2)\ndef zebra(a):\n    '''Zebra.'''\n"
        "@check('t1')\ndef ant(a):\n    '''Ant'''\n"
    )
    found = load_checks(file)
    assert [(row.id, row.points, row.title) for row in found] == [
        ("t1/zebra", 2, "Zebra"),
        ("t1/ant", 1, "Ant"),
    ]


def test_clip_makes_one_printable_line() -> None:
    assert clip("a\x1b[31m\nb\u202ec") == "a [31m b c"
    assert len(clip("x" * 1000)) == 240
