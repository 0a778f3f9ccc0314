from __future__ import annotations

import gzip
import io
import os
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.course import backup as backups
from grader.course import purge as purging
from grader.course import report_page
from grader.course.audit import write_audit
from grader.course.feedback import write_feedback
from grader.course.folder import open_course
from grader.course.ledger import Key, Ledger
from grader.course.marks import marks_from_ledger
from grader.course.report import make_report
from grader.course.roster import open_roster
from grader.result import now
from sandbox.errors import DiskFull, UsageError
from tests.graded import LAB, Class, hand_in, result

NEEDLES = [b"s04", b"Zo\xc3\xab", b"zoe@example.org", b"Zo\\u00eb"]

pytestmark = pytest.mark.usefixtures("no_charts")


@pytest.fixture
def full(one: Class) -> Class:
    """A class with everything that may lie in a course: attempts, pages, nbgrader's folders and a gradebook."""
    for n in (1, 4):
        words = f"I am Zoë Ångström of s0{n}" if n == 4 else "nobody in particular"
        made = result(f"attempt{n}", ("fail", "fail"), saw=words, submission=str(n))
        hand_in(one, f"s0{n}", made, {"submission.ipynb": {"cells": [], "who": words}})
        opaque = one.opaque(f"s0{n}")
        write_audit(one.course, one.ledger, LAB, opaque, opaque)
        for folder in ("submitted", "autograded"):
            (one.course.root / folder / opaque / LAB).mkdir(parents=True)
            (one.course.root / folder / opaque / LAB / f"{LAB}.ipynb").write_text(words)
    one.ledger.note_trouble(Key(one.opaque("s04"), LAB, "9", "v1", "lab:1"), "trouble of Zoë", now())
    write_feedback(one.course, one.bundle, one.ledger, {})
    _report(one)
    report_page.write_report(one.course, _made(one), lambda _: "Zoë Ångström", revealed=True)
    with closing(sqlite3.connect(one.course.root / "gradebook.db")) as book:
        book.execute("CREATE TABLE student (id TEXT, name TEXT)")
        book.executemany("INSERT INTO student VALUES (?, ?)", [(one.opaque("s04"), "Zoë Ångström")] * 500)
        book.commit()
    return one


def _made(one: Class):
    return make_report(one.ledger, LAB, marks_from_ledger(one.ledger.latest(LAB).values()), None)


def _report(one: Class) -> None:
    report_page.write_report(one.course, _made(one), lambda opaque: opaque)


def _speaking(root: Path, needles: list[bytes]) -> list[str]:
    """Every file whose name or bytes hold one of the needles: what grep would find."""
    found = []
    for path in root.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if any(needle in data or needle in os.fsencode(path.name) for needle in needles):
            found.append(path.relative_to(root).as_posix())
    return found


def _forget_students(course, opaque: str) -> None:
    with closing(sqlite3.connect(course.root / "gradebook.db")) as book:
        book.execute("DELETE FROM student WHERE id = ?", (opaque,))
        book.commit()  # deleted rows are still in the file


def test_nothing_of_a_person_is_left(full: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "FORGETTERS", [_forget_students])
    opaque = full.opaque("s04")
    needles = [*NEEDLES, opaque.encode()]
    before = _speaking(full.course.root, needles)
    assert {".mlops/ledger.db", ".mlops/roster.csv", "gradebook.db", f"reports/{LAB}.html"} <= set(before)
    with full.course.lock():
        purged = purging.purge(full.course, full.ledger, full.roster, opaque)
    assert (purged.attempts, purged.labs, purged.left) == (1, [LAB], [])
    assert _speaking(full.course.root, needles) == []
    _report(full)
    assert _speaking(full.course.root, needles) == []
    assert full.ledger.attempt_ids() == {"attempt1"}
    assert (full.course.root / "feedback" / full.opaque("s01") / LAB / f"{LAB}.html").exists()
    assert (full.course.attempts / "attempt1").is_dir()
    assert open_roster(full.course.roster, full.course.key).find("s01") is not None


def test_what_a_program_cannot_judge_is_named(full: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "FORGETTERS", [_forget_students])
    (full.course.root / "notes.txt").write_text("x" * (2**20 - 3) + "Zoë Ångström came late")
    purged = purging.purge(full.course, full.ledger, full.roster, full.opaque("s04"))
    assert [path.name for path in purged.left] == ["notes.txt"]


def test_an_interrupted_purge_is_finished_by_the_next(full: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise OSError(30, "Read-only file system")

    opaque = full.opaque("s04")
    monkeypatch.setattr(purging, "FORGETTERS", [broken])
    with pytest.raises(DiskFull, match="Read-only"):
        purging.purge(full.course, full.ledger, full.roster, opaque)
    roster = open_roster(full.course.roster, full.course.key)
    assert roster.find("s04") is not None
    monkeypatch.setattr(purging, "FORGETTERS", [_forget_students])
    assert purging.purge(full.course, full.ledger, roster, opaque).left == []
    assert _speaking(full.course.root, [*NEEDLES, opaque.encode()]) == []


def test_a_link_in_place_of_a_folder_is_removed_and_not_followed(one: Class, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("kept")
    (one.course.root / "feedback").mkdir()
    (one.course.root / "feedback" / one.opaque("s01")).symlink_to(tmp_path / "precious")
    purging.purge(one.course, one.ledger, one.roster, one.opaque("s01"))
    assert (tmp_path / "precious" / "file").exists()
    assert not list((one.course.root / "feedback").iterdir())


def test_a_backup_is_a_course_again(full: Class, tmp_path: Path) -> None:
    (full.course.drafts / "half").mkdir()
    target = tmp_path / "kept.tar.gz"
    with full.course.lock(), closing(sqlite3.connect(full.course.root / "gradebook.db")) as writing:
        writing.execute("INSERT INTO student VALUES ('not', 'committed')")
        assert backups.backup(full.course, target) > 10
    assert target.stat().st_mode & 0o077 == 0
    course = backups.restore(target, tmp_path / "again")
    assert (course.key, course.config) == (full.course.key, full.course.config)
    assert (course.root / ".mlops").stat().st_mode & 0o077 == 0
    assert course.roster.stat().st_mode & 0o077 == 0
    assert list(course.drafts.iterdir()) == []
    again = Ledger(course.ledger)
    assert again.history(LAB) == full.ledger.history(LAB)
    again.close()
    with closing(sqlite3.connect(course.root / "gradebook.db")) as book:
        assert book.execute("SELECT count(*) FROM student").fetchone() == (500,)
    names = {path.relative_to(full.course.root) for path in full.course.root.rglob("*")}
    assert {path.relative_to(course.root) for path in course.root.rglob("*")} == {
        name for name in names if "lock" not in name.name and "half" not in name.name
    }


def test_a_backup_overwrites_nothing_and_is_not_kept_in_the_course(one: Class, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("precious")
    for target in (tmp_path / "there", one.course.root / "x.tar.gz"):
        with pytest.raises(UsageError):
            backups.backup(one.course, target)
    with pytest.raises(DiskFull):
        backups.backup(one.course, tmp_path / "no" / "folder" / "x.tar.gz")
    (tmp_path / "full").mkdir()
    with pytest.raises(UsageError, match="not empty"):
        backups.restore(tmp_path / "there", one.course.root)


def _archive(path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_what_is_no_backup_makes_no_course(one: Class, tmp_path: Path) -> None:
    link = tarfile.TarInfo("course/out")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    whole = tmp_path / "whole.tar.gz"
    backups.backup(one.course, whole)
    bad = {
        "climbs": _archive(tmp_path / "climbs", {"../evil": b"x"}),
        "links": _archive(tmp_path / "links", {"course/out": link}),
        "empty": _archive(tmp_path / "empty", {}),
        "other": _archive(tmp_path / "other", {"course/class.toml": b"schema = 99"}),
        "text": tmp_path / "text",
        "cut": tmp_path / "cut",
        "gzip": tmp_path / "gzip",
        "missing": tmp_path / "missing",
    }
    bad["text"].write_text("no archive")
    bad["cut"].write_bytes(whole.read_bytes()[:-200])
    bad["gzip"].write_bytes(gzip.compress(b"no tar"))
    for name, path in bad.items():
        with pytest.raises(UsageError):
            backups.restore(path, tmp_path / "made" / name)
    assert not list((tmp_path / "made").iterdir())
    assert not (tmp_path / "evil").exists()
    assert open_course(one.course.root).config == one.course.config


def test_a_learner_on_no_roster_can_be_forgotten_by_opaque_id(one: Class) -> None:
    key = Key("l-00000000aa", LAB, "1", "v1", "lab:1")
    one.ledger.commit(key, replace_attempt(result("a1"), "stray"))
    assert purging.purge(one.course, one.ledger, one.roster, "l-00000000aa").attempts == 1
    assert one.ledger.history(LAB) == []


def replace_attempt(made, attempt: str):
    return made.model_copy(update={"attempt": attempt})


def test_needles_are_long_enough_to_mean_somebody(one: Class) -> None:
    short = replace(next(iter(one.roster)), id="x1", name="Bo", email="", login="bo", lms_id="")
    one.roster.add(short)
    assert purging._needles(one.roster, one.opaque("x1")) == [one.opaque("x1").encode()]
