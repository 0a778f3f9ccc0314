from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import notebook
from grader.notebook import Rejected, parse, read, read_bytes


def _write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


GOOD = {"cells": [{"id": "a", "cell_type": "code", "source": ["x\n", "y"]}], "nbformat": 4, "metadata": {}}


def test_source_lines_are_joined(tmp_path: Path) -> None:
    found = read(_write(tmp_path / "n.ipynb", GOOD))
    assert found.cells[0].source == "x\ny"
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no json", "cannot be read: not JSON"),
        (b"[1]", "not a notebook"),
        (b'{"cells": 3, "nbformat": 4}', "not a notebook"),
        (b'{"cells": [], "nbformat": 3}', "format 4"),
        (b'{"cells": [], "cells": [], "nbformat": 4}', "repeats a key"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_bad_content_is_one_line_with_a_next_step(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    with pytest.raises(Rejected, match=says) as caught:
        read(path)
    assert caught.value.next_step
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "MAX_BYTES", 100)
    path = _write(tmp_path / "n.ipynb", {**GOOD, "pad": "x" * 200})
    with pytest.raises(Rejected, match="larger than"):
        read(path)


def test_links_pipes_folders_and_nothing_are_refused_without_a_hang(tmp_path: Path) -> None:
    target = _write(tmp_path / "t.ipynb", GOOD)
    (tmp_path / "link.ipynb").symlink_to(target)
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    (tmp_path / "hard.ipynb").hardlink_to(target)
    for name in ("link", "pipe", "folder", "nothing", "hard"):
        with pytest.raises(Rejected):
            read_bytes(tmp_path / f"{name}.ipynb")


def test_a_name_that_is_no_text_is_told_in_one_printable_line(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff\n\x1b[2J.ipynb")
    path.mkdir()
    with pytest.raises(Rejected) as caught:
        read_bytes(path)
    assert str(caught.value).isprintable()
    str(caught.value).encode()


def test_a_save_in_progress_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    whole = json.dumps(GOOD)
    path.write_text(whole[:20])

    def grow() -> None:
        path.write_text(whole[:30])

    def finish() -> None:
        path.write_text(whole)

    threading.Timer(0.1, grow).start()
    threading.Timer(0.35, finish).start()
    assert read(path).cells[0].id == "a"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "source", "metadata", "nbgrader", "grade_id", "cell_type"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.lists(json_values, max_size=5))
def test_any_cells_are_read_or_rejected(cells: list[Any]) -> None:
    found = parse(json.dumps({"cells": cells, "nbformat": 4}).encode())
    assert len(found.cells) == len(cells)
