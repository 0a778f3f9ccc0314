from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.course.collect import Found, collect
from grader.course.roster import Learner, Roster
from grader.notebook import Rejected
from sandbox.errors import UsageError

KEY = b"k" * 32


def roster(*ids: str) -> Roster:
    return Roster(KEY, [Learner(one) for one in ids], closed=bool(ids))


def put(path: Path, text: str = "{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def by_id(found: list[Found], known: Roster) -> dict[str, Found]:
    learners = {one.learner: known.reveal(one.learner) for one in found}
    return {learners[one.learner].id: one for one in found}  # type: ignore[union-attr]


def test_a_folder_for_each_learner(tmp_path: Path) -> None:
    wanted = put(tmp_path / "ana" / "tiny-sums.ipynb")
    put(tmp_path / "ana" / "scratch.ipynb")
    other = put(tmp_path / "bo" / "my work.ipynb")
    put(tmp_path / "__MACOSX" / "x.ipynb")
    put(tmp_path / "grades.csv")
    known = roster()
    found = by_id(collect(tmp_path, "tiny-sums", known), known)
    assert {name: one.path for name, one in found.items()} == {"ana": wanted, "bo": other}


def test_nbgraders_submitted_folder(tmp_path: Path) -> None:
    put(tmp_path / "ana" / "tiny-sums" / "tiny-sums.ipynb")
    put(tmp_path / "ana" / "tiny-sums" / "timestamp.txt", "2026-11-20 10:00:00.000000 UTC\n")
    put(tmp_path / "bo" / "other-lab" / "other-lab.ipynb")
    known = roster()
    found = by_id(collect(tmp_path, "tiny-sums", known), known)
    assert list(found) == ["ana"]
    assert found["ana"].timestamp == "2026-11-20 10:00:00.000000 UTC"


def test_one_learners_folder_in_a_folder_does_not_decide_how_the_others_are_read(tmp_path: Path) -> None:
    put(tmp_path / "ana" / "tiny-sums.ipynb")
    put(tmp_path / "bo" / "my work.ipynb")
    put(tmp_path / "cy" / "tiny-sums" / "tiny-sums.ipynb")
    (tmp_path / "di").mkdir()
    known = roster()
    found = by_id(collect(tmp_path, "tiny-sums", known), known)
    assert {name for name, one in found.items() if one.path} == {"ana", "bo", "cy"}
    assert "no notebook" in found["di"].reason


def test_work_beside_nbgraders_folders_is_found_too(tmp_path: Path) -> None:
    put(tmp_path / "ana" / "tiny-sums" / "tiny-sums.ipynb")
    put(tmp_path / "bo" / "tiny-sums" / "tiny-sums.ipynb")
    put(tmp_path / "cy" / "tiny-sums.ipynb")
    known = roster()
    assert set(by_id(collect(tmp_path, "tiny-sums", known), known)) == {"ana", "bo", "cy"}


def test_a_folder_without_a_name_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "  " / "tiny-sums.ipynb")
    with pytest.raises(UsageError, match="is no name"):
        collect(tmp_path, "tiny-sums", roster())


def test_flat_files_are_found_by_the_roster(tmp_path: Path) -> None:
    for name in ("ana.ipynb", "bosmith_12345_678_tiny-sums.ipynb", "Cy Doe_99_assignsubmission_file_.ipynb"):
        put(tmp_path / name)
    known = Roster(KEY, [Learner("ana"), Learner("bo", lms_id="12345"), Learner("cy", lms_id="99")], True)
    assert set(by_id(collect(tmp_path, "tiny-sums", known), known)) == {"ana", "bo", "cy"}


@pytest.mark.parametrize(
    ("files", "ids", "message"),
    [
        ([], (), "holds no submission of tiny-sums"),
        (["ana.ipynb"], (), "only a roster can tell whose it is"),
        (["zed/tiny-sums.ipynb"], ("ana",), "'zed' is not on the roster"),
        (
            ["ana.ipynb", "ana/tiny-sums.ipynb"],
            ("ana",),
            "two submissions are of one learner: 'ana' and 'ana.ipynb'",
        ),
        (["ana_bo_1.ipynb"], ("ana", "bo"), "fits 'ana' and 'bo'"),
        (["ana/tiny-sums.ipynb", "\u0430na/tiny-sums.ipynb"], (), "look alike"),
        (["ana/tiny-sums.ipynb", "Ana/tiny-sums.ipynb"], (), "look alike"),
    ],
)
def test_a_doubt_stops_everything_in_one_line(
    tmp_path: Path, files: list[str], ids: tuple[str, ...], message: str
) -> None:
    for name in files:
        put(tmp_path / name)
    with pytest.raises(UsageError, match=message) as caught:
        collect(tmp_path, "tiny-sums", roster(*ids))
    assert "\n" not in str(caught.value)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        collect(tmp_path / "none", "tiny-sums", roster())
    with pytest.raises(UsageError, match="is no folder"):
        collect(put(tmp_path / "file"), "tiny-sums", roster())


def test_what_is_odd_in_a_learners_folder_is_their_verdict_only(tmp_path: Path) -> None:
    put(tmp_path / "good" / "tiny-sums.ipynb")
    (tmp_path / "good" / "timestamp.txt").mkdir()
    secret = put(tmp_path.parent / "secret.ipynb", "secret")
    (tmp_path / "empty").mkdir()
    put(tmp_path / "two" / "a.ipynb")
    put(tmp_path / "two" / "b.ipynb")
    (tmp_path / "linked").symlink_to(tmp_path / "good")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "tiny-sums.ipynb").symlink_to(secret)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "tiny-sums.ipynb")
    (tmp_path / "folder" / "tiny-sums.ipynb").mkdir(parents=True)
    known = roster()
    found = by_id(collect(tmp_path, "tiny-sums", known), known)
    assert len(found) == 7
    assert found.pop("good").read() == b"{}"
    for one in found.values():
        with pytest.raises(Rejected):
            one.read()


def test_names_that_are_no_text_are_carried(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xff\ne"
    put(Path(os.fsdecode(folder)) / "tiny-sums.ipynb")
    known = roster()
    (one,) = collect(tmp_path, "tiny-sums", known)
    assert one.read() == b"{}"
    name = known.reveal(one.learner).id  # type: ignore[union-attr]
    assert name.isprintable() and name.isascii()
