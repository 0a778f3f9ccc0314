from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader.course.roster import Learner, Roster, open_roster, read_learners, save_roster, skeleton
from sandbox.errors import UsageError

KEY = b"k" * 32


def test_opaque_ids_are_stable_and_need_the_key() -> None:
    one, other = Roster(KEY, [], False), Roster(b"z" * 32, [], False)
    assert one.opaque("ana") == Roster(KEY, [], True).opaque("ana")
    assert one.opaque("ana") != other.opaque("ana")
    assert "ana" not in one.opaque("ana")


@pytest.mark.parametrize("twin", ["Ana", "\u0430na", "ana\u200b", "\uff41na", "a na"])
def test_names_that_look_alike_are_refused(twin: str) -> None:
    with pytest.raises(UsageError, match="look alike"):
        Roster(KEY, [Learner("ana"), Learner(twin)], True)


@pytest.mark.parametrize("other", ["anna", "ana2", "bo", "ana.b", "aná"])
def test_other_names_are_not(other: str) -> None:
    assert skeleton("ana") != skeleton(other)


def test_a_roster_is_kept_for_its_owner_only_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    learners = [Learner("ana", 'A. "N", Other', "a@x", "12", "al", "1"), Learner("bo")]
    save_roster(path, Roster(KEY, learners, True))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = open_roster(path, KEY)
    assert again.closed
    assert list(again) == learners


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column 'id'"),
        ("name,email\nx,y\n", "no column 'id'"),
        ("id\nana\nana\n", "there twice"),
        ("id,name\n ,x\n", "line 2: no id"),
        ('id\n"ana\n', "is no CSV"),
    ],
)
def test_a_roster_that_cannot_be_meant(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        Roster(KEY, read_learners(path), True)


def test_a_missing_or_binary_roster(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no roster"):
        read_learners(tmp_path / "none.csv")
    (tmp_path / "bin.csv").write_bytes(b"\xff\xfe\x00id")
    with pytest.raises(UsageError, match="cannot be read"):
        read_learners(tmp_path / "bin.csv")
