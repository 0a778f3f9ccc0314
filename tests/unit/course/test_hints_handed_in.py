"""The record of hints in a learner's folder: read when it is a small plain file, else there is none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grader.course.collect import HINTS, Found, kept_hints

RECORD = {"format": 2, "hints": [{"task": "t1", "level": 0, "check": "", "at": ""}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".mlops").mkdir()
    return tmp_path


def _read(folder: Path) -> bytes:
    return Found("l-1", folder / "lab.ipynb", folder=folder).read_hints()


def test_a_whole_folder_brings_it_and_so_does_a_copy_beside_the_notebook(folder: Path) -> None:
    assert _read(folder) == b""
    (folder / "hints-used.json").write_text("{}")
    assert _read(folder) == b"{}"
    (folder / ".mlops" / "hints-used.json").write_text(json.dumps(RECORD))
    assert json.loads(_read(folder)) == RECORD
    assert Found("l-1", folder / "lab.ipynb").read_hints() == b""


def test_what_is_no_small_plain_file_is_none(folder: Path, tmp_path: Path) -> None:
    record = folder / ".mlops" / "hints-used.json"
    secret = tmp_path / "secret"
    secret.write_text("of the host")
    record.symlink_to(secret)
    assert _read(folder) == b""
    record.unlink()
    os.mkfifo(record)
    assert _read(folder) == b""
    record.unlink()
    record.write_bytes(b" " * 300_000)
    assert _read(folder) == b""


def test_what_was_kept_is_read_as_strict_json(tmp_path: Path) -> None:
    assert kept_hints(tmp_path) == []
    (tmp_path / HINTS).write_text(json.dumps(RECORD))
    assert [row["task"] for row in kept_hints(tmp_path)] == ["t1"]
    (tmp_path / HINTS).write_text('{"format": 2, "hints": [NaN]}')
    assert kept_hints(tmp_path) == []
    kept = Found("l-1", tmp_path / "submission.ipynb", folder=tmp_path, kept=True)
    assert kept.read_hints().startswith(b'{"format"')
