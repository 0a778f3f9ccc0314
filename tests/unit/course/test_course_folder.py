from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.folder import Course, create_course, open_course
from sandbox.errors import UsageError


def test_a_course_is_made_once_and_keeps_its_key(tmp_path: Path) -> None:
    first = create_course(tmp_path / "class", gradebook="postgresql://user@host/db")
    again = create_course(tmp_path / "class")
    assert again == first
    assert again.key == first.key
    assert again.gradebook_url == "postgresql://user@host/db"


def test_only_its_owner_reads_key_and_config(course: Course) -> None:
    for path in (course.platform / "key", course.root / "class.toml"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(course.platform.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = 2", "course of schema 2, this program knows 1"),
        ("name = 'x'", "course of schema None"),
        ("schema = ", "cannot be read"),
        ("schema = 1\nname = 'x'\ngradbook = 'y'", "unknown key 'gradbook'.*did you mean 'gradebook'"),
        ("schema = 1", "name: Field required"),
    ],
)
def test_a_course_file_that_cannot_be_meant_is_refused(course: Course, text: str, message: str) -> None:
    (course.root / "class.toml").write_text(text)
    with pytest.raises(UsageError, match=message):
        open_course(course.root)


def test_no_course_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="mlops class init"):
        open_course(tmp_path)


def test_a_name_cannot_break_the_file(tmp_path: Path) -> None:
    name = 'MLOps "26"\nschema = 7\\'
    assert create_course(tmp_path / "class", name=name).config.name == "MLOps 26schema = 7"


def test_a_second_grader_is_turned_away(course: Course) -> None:
    with course.lock():
        code = f"""
from pathlib import Path
from grader.course.folder import open_course
with open_course(Path({str(course.root)!r})).lock():
    pass
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert f"another grading of {course.root} is running (process {os.getpid()})" in done.stderr
    with course.lock():
        pass
