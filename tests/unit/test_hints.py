"""Hints: made from the failure that was seen, counted together wherever they are asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import hints
from grader.lab import load_lab
from grader.release import bundle, read_hints
from mlops_labs.home import Home
from mlops_labs.workspace import next_hint, prepare
from sandbox.errors import UsageError

TINY = Path(__file__).parents[1] / "labs" / "tiny-sums"
ABOUT = {"hints": {"t1": ["one", "two", "three"]}, "failure_hints": {"t1": {"sums": "Look at the sign."}}}
FAILED = {"format": 1, "tasks": {"t1": {"state": "fail", "check": "sums", "saw": "3 - 4."}}}


def _asked(times: int, checked: Any = None) -> list[hints.Hint]:
    used: list[dict[str, Any]] = []
    given = []
    for _ in range(times):
        given.append(hints.next_hint(ABOUT, "t1", checked, used))
        used = hints.read_used(json.loads(json.dumps(hints.with_hint(used, given[-1]))))
    return given


def test_hints_grow_and_the_last_one_stays() -> None:
    assert [hint.text for hint in _asked(4)] == ["one", "two", "three", "three"]
    assert str(_asked(1)[0]) == "Hint 1 of 3 for t1:\none"


def test_a_failure_that_the_lab_knows_gets_its_words_first_and_once() -> None:
    first, second = _asked(2, FAILED)
    assert str(first) == (
        "Hint for t1, from what the last check saw:\nThe last check saw: 3 - 4.\nLook at the sign."
    )
    assert (second.level, second.text) == (0, "The last check saw: 3 - 4.\none")
    assert {hint.check for hint in (first, second)} == {"sums"}


def test_a_failure_without_words_of_its_own_is_told_above_the_general_hint() -> None:
    other = {"tasks": {"t1": {"state": "fail", "check": "else", "saw": "nothing"}}}
    assert _asked(1, other)[0].text == "The last check saw: nothing.\none"
    passed = {"tasks": {"t1": {"state": "pass", "check": "sums", "saw": "x"}}}
    assert _asked(1, passed)[0].text == "one"


def test_the_counts_of_earlier_versions_still_count() -> None:
    used = hints.read_used({"t1": 2})
    assert hints.next_hint(ABOUT, "t1", None, used).text == "three"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["format", "hints", "tasks", "t1", "state", "check", "saw", "level", "task"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(json_values, json_values)
def test_fuzz_whatever_a_learner_writes_into_the_records_there_is_a_hint(checked: Any, used: Any) -> None:
    found = hints.next_hint(ABOUT, "t1", checked, hints.read_used(used))
    assert found.text
    json.dumps(hints.with_hint(hints.read_used(used), found))


def test_the_command_line_counts_with_the_notebook(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    lab = load_lab(TINY)
    work = prepare(home, bundle(lab, tmp_path / "cache", print), None)
    (work / ".mlops" / "checked.json").write_text(
        json.dumps({"tasks": {"t1": {"state": "fail", "check": "adds_one_and_two", "saw": "another sum"}}})
    )
    first, second = (next_hint(home, lab, "t1") for _ in range(2))
    assert first.level == -1 and "another sum" in first.text
    assert second.level == 0
    (work / ".mlops" / "checked.json").unlink()
    (work / ".mlops" / "checked.json").mkdir()  # a learner's folder may hold anything
    assert next_hint(home, lab, "t1").level == 1


def test_a_hint_for_a_check_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    folder = tmp_path / "tiny-sums"
    shutil.copytree(TINY, folder)
    text = (folder / "hints.md").read_text()
    (folder / "hints.md").write_text(text.replace("### adds_one_and_two", "### adds_one_and_too"))
    with pytest.raises(UsageError, match="head it ### adds_one_and_two"):
        bundle(load_lab(folder), tmp_path / "cache", print)


def test_every_lab_has_its_hints() -> None:
    for folder in sorted((Path(__file__).parents[2] / "labs").iterdir()):
        if (folder / "lab.toml").exists():
            found = read_hints(load_lab(folder))
            assert all(text for texts in found.levels.values() for text in texts), folder.name
            assert all(text for named in found.failures.values() for text in named.values()), folder.name
