"""`mlops lab new` makes a lab that is whole, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.lab import load_lab
from mlops_labs import new_lab
from sandbox.errors import UsageError


def test_a_new_lab_has_its_own_name_and_number(tmp_path: Path) -> None:
    first = new_lab.make("read-the-logs", tmp_path)
    second = new_lab.make("ask-twice", tmp_path)
    assert load_lab(first).definition.title == "Read the logs"
    assert [load_lab(made).definition.number for made in (first, second)] == [1, 2]
    assert not [path for path in first.rglob("*") if path.is_file() and "@ID@" in path.read_text()]


@pytest.mark.parametrize("name", ["Read", "read_logs", "../up", "", "-x", "a" * 70])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be a lab's name"):
        new_lab.make(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    new_lab.make("read-the-logs", tmp_path)
    with pytest.raises(UsageError, match="exists already"):
        new_lab.make("read-the-logs", tmp_path)
    with pytest.raises(UsageError, match="is no folder"):
        new_lab.make("read-the-logs", tmp_path / "none")
