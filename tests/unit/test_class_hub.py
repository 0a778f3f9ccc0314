"""What a class's hub decides without running: who logs in, where work lies, what is handed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course.collect import collect
from grader.course.folder import Course, create_course
from grader.course.roster import Learner, Roster, open_roster, save_roster
from grader.lab import WorkTable
from grader.notebook import Submission
from grader.work import pack
from mlops_labs import classes
from mlops_labs.hub import codes
from mlops_labs.hub.hand_in import hand_in
from mlops_labs.hub.settings import HubSettings, Place, read_settings
from sandbox.errors import UsageError

LEARNERS = [Learner(id="ada", name="Ada"), Learner(id="ben", name="Ben")]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    made = create_course(tmp_path / "autumn")
    save_roster(made.roster, Roster(made.key, LEARNERS, closed=True))
    return made


def _roster(course: Course) -> Roster:
    return open_roster(course.roster, course.key)


def _code(course: Course, learner: str) -> str:
    rows = [line.split(",") for line in codes.table(course)[0].splitlines()[1:]]
    return {row[0]: row[2] for row in rows}[learner]


def test_a_learner_logs_in_with_their_own_code_only(course: Course) -> None:
    roster = _roster(course)
    ada, ben = _code(course, "ada"), _code(course, "ben")
    assert len(ada.replace("-", "")) == 16
    assert codes.whose(course, "ada", ada) == roster.opaque("ada")
    assert codes.whose(course, "ada", f" {ada.upper()} ") == roster.opaque("ada")
    for said, code in (
        ("ada", ben),
        ("ada", ""),
        ("eve", ada),
        ("", ""),
        ("ada", "\u00e9"),
        (roster.opaque("ben"), ada),
    ):
        assert codes.whose(course, said, code) is None


def test_another_series_makes_other_codes_and_who_was_taken_off_is_out(course: Course) -> None:
    before = _code(course, "ada")
    (course.root / "hub.toml").write_text("code_series = 2\n")
    assert codes.whose(course, "ada", before) is None
    after = _code(course, "ada")
    assert codes.whose(course, "ada", after)
    save_roster(course.roster, Roster(course.key, LEARNERS[1:], closed=True))
    assert codes.whose(course, "ada", after) is None


def test_nobody_has_the_code_of_nobody(course: Course) -> None:
    """The code that is compared with for a stranger opens nothing."""
    assert codes.whose(course, "eve", codes.code_of(course.key, 1, "")) is None


def test_a_name_at_the_hub_is_an_opaque_id_or_a_schools(course: Course) -> None:
    roster = _roster(course)
    assert codes.learner_of(roster, roster.opaque("ada")) == roster.opaque("ada")
    assert codes.learner_of(roster, "ada") == roster.opaque("ada")
    assert codes.learner_of(roster, "l-0123456789") is None
    assert codes.learner_of(roster, "../ada") is None


def test_codes_are_written_once_and_for_the_owner(course: Course, tmp_path: Path) -> None:
    target = tmp_path / "codes.csv"
    assert classes.write_codes(course, target) == 2
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="is there already"):
        classes.write_codes(course, target)
    with pytest.raises(UsageError, match="cannot be written"):
        classes.write_codes(course, tmp_path / "none" / "codes.csv")
    with pytest.raises(UsageError, match="nobody is on the roster"):
        classes.write_codes(create_course(tmp_path / "empty"), tmp_path / "more.csv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1", r"hub\.toml: unknown key 'prot'"),
        ("port = 70000", "port"),
        ("idle_minutes = -1", "idle_minutes"),
        ("idle_minutes = 5", "0 or at least 15"),
        ("port =", "cannot be read"),
    ],
)
def test_settings_that_cannot_be_right_are_told(course: Course, text: str, says: str) -> None:
    (course.root / "hub.toml").write_text(text)
    with pytest.raises(UsageError, match=says):
        read_settings(course)


def test_settings_have_defaults(course: Course) -> None:
    assert read_settings(course) == HubSettings()
    assert HubSettings().host == "127.0.0.1"


def test_the_folders_are_the_owners(course: Course) -> None:
    place = Place(course)
    place.make("tiny")
    place.make("tiny")
    assert place.root.stat().st_mode & 0o777 == 0o700
    assert place.handed_in("tiny").is_dir() and place.sockets.is_dir()


def test_what_is_handed_in_is_found_under_the_hubs_name(course: Course, tmp_path: Path) -> None:
    roster = _roster(course)
    folder = tmp_path / "handed-in"
    for learner in ("ada", "ben"):
        hand_in(folder, "tiny", roster.opaque(learner), Submission((), b"{}"))
    again = hand_in(folder, "tiny", roster.opaque("ada"), Submission((), b"[]"), b"{}")
    assert (again / "tiny.ipynb").read_bytes() == b"[]"
    found = collect(folder, "tiny", roster)
    assert {one.learner: one.read_hints() for one in found}[roster.opaque("ada")] == b"{}"
    assert [one.learner for one in found] == sorted([roster.opaque("ada"), roster.opaque("ben")])
    assert all(one.timestamp for one in found)
    assert len(list(folder.iterdir())) == 2


def test_an_opaque_id_of_nobody_is_no_name(course: Course, tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "tiny", "l-0123456789", Submission((), b"{}"))
    with pytest.raises(UsageError, match="not on the roster"):
        collect(tmp_path / "in", "tiny", _roster(course))


def test_folders_are_handed_in_as_they_were_packed(tmp_path: Path) -> None:
    work, table = tmp_path / "work", WorkTable(folders=("project",), megabytes=1, files=50)
    (work / "project/.git/hooks").mkdir(parents=True)
    (work / "project/.git/hooks/post-checkout").write_text("#!/bin/sh\n")
    (work / "project/.git/hooks/post-checkout").chmod(0o755)
    (work / "project/out").symlink_to("/etc")
    (work / "project/weird \udce9\n").write_bytes(b"x")
    archive = pack(work, table)
    target = hand_in(tmp_path / "in", "tiny", "l-0123456789", Submission((), b"{}", archive))
    assert pack(target, table) == archive
    assert (target / "project/out").is_symlink()
    assert not list(Path("/etc").glob("tiny*"))


def test_purging_forgets_what_the_hub_has(course: Course) -> None:
    place, opaque = Place(course), _roster(course).opaque("ada")
    place.make("tiny")
    (place.home(opaque).root / "tiny").mkdir(parents=True)
    hand_in(place.handed_in("tiny"), "tiny", opaque, Submission((), b"{}"))
    classes.forget(course, opaque)
    assert not list(place.root.rglob(f"*{opaque}*"))
