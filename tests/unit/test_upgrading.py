"""A new version of a lab comes to work in progress."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from grader import notebook
from grader.lab import load_lab
from grader.rebuild import rebuild
from grader.release import Bundle, bundle
from mlops_labs.home import Home
from mlops_labs.upgrading import merge
from mlops_labs.workspace import prepare
from sandbox.errors import UsageError

LAB = "tiny-sums"


class Author:
    """Has a copy of the lab and changes it."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder / LAB
        self.cache = cache
        shutil.copytree(Path(__file__).parents[1] / "labs" / LAB, self.folder)

    def change(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def release(self) -> Bundle:
        return bundle(load_lab(self.folder), self.cache, print)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundles by the lab's version: the same change makes the same one."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def author(tmp_path: Path, cache: Path) -> Author:
    made = Author(tmp_path, cache)
    (made.folder / "files").mkdir()
    (made.folder / "files" / "recipe.py").write_text("STEPS = 1\n")
    (made.folder / "files" / "notes.txt").write_text("first\n")
    return made


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def _read(work: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((work / f"{LAB}.ipynb").read_text())
    return content


def _answer(work: Path, cell_id: str, source: str, *, own: str = "") -> None:
    content = _read(work)
    place = next(n for n, cell in enumerate(content["cells"]) if cell["id"] == cell_id)
    content["cells"][place] |= {
        "source": source,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "seen\n"}],
        "execution_count": 7,
    }
    if own:
        cell = {
            "cell_type": "code",
            "id": "mine",
            "metadata": {},
            "source": own,
            "outputs": [],
            "execution_count": None,
        }
        content["cells"].insert(place + 1, cell)
    (work / f"{LAB}.ipynb").write_text(json.dumps(content))


def _sources(work: Path) -> dict[str, str]:
    return {cell["id"]: "".join(cell["source"]) for cell in _read(work)["cells"]}


def test_answers_cells_and_outputs_stay_and_the_rest_is_the_new_labs(author: Author, home: Home) -> None:
    work = prepare(home, author.release(), None)
    _answer(work, "answer-t1", "def add(a, b):\n    return b + a", own="add(4, 5)")
    before = (work / f"{LAB}.ipynb").read_bytes()
    author.change("lab.py", "# # Tiny sums", "# # Tiny sums, second edition\n\n# %%\nimport math")
    author.change("lab.py", "Return a times FACTOR.", "Multiply a with FACTOR.")
    told: list[str] = []
    new = author.release()
    prepare(home, new, None, told.append)

    found = _sources(work)
    assert found["answer-t1"] == "def add(a, b):\n    return b + a"
    assert "second edition" in found["given-00"]
    assert "Multiply a" in found["answer-t2"], "an answer that was not begun is the new one"
    order = [cell["id"] for cell in _read(work)["cells"]]
    assert order.index("mine") == order.index("answer-t1") + 1
    answered = next(cell for cell in _read(work)["cells"] if cell["id"] == "answer-t1")
    assert answered["execution_count"] == 7 and answered["outputs"]
    assert _read(work)["metadata"]["mlops_labs"]["version"] == new.lab.version

    assert "your answers were taken over" in told[0]
    kept = list((home.platform / "backups").glob(f"{LAB}-*-before-upgrade/{LAB}.ipynb"))
    assert [path.read_bytes() for path in kept] == [before]
    rebuilt = rebuild(notebook.read(work / f"{LAB}.ipynb"), new.master, LAB)
    assert rebuilt.not_attempted == ("t2",)

    prepare(home, new, None, told.append)
    assert len(told) == 1, "only once"


def test_files_that_were_changed_stay_and_others_are_replaced(author: Author, home: Home) -> None:
    work = prepare(home, author.release(), None)
    (work / "notes.txt").write_text("mine\n")
    author.change("files/recipe.py", "1", "2")
    author.change("files/notes.txt", "first", "second")
    told: list[str] = []
    prepare(home, author.release(), None, told.append)
    assert (work / "recipe.py").read_text() == "STEPS = 2\n"
    assert (work / "notes.txt").read_text() == "mine\n"
    assert (work / "notes.txt.new").read_text() == "second\n"
    assert any("notes.txt is one that you have changed" in line for line in told)
    (kept,) = (home.platform / "backups").glob("*/recipe.py")
    assert kept.read_text() == "STEPS = 1\n"


def test_work_from_before_there_were_records_is_taken_over_too(author: Author, home: Home) -> None:
    work = prepare(home, author.release(), None)
    _answer(work, "answer-t2", "def scaled(a):\n    return a * FACTOR")
    shutil.rmtree(home.platform / "handed-out")
    author.change("lab.py", "# # Tiny sums", "# # Tiny sums again")
    prepare(home, author.release(), None)
    assert "again" in _sources(work)["given-00"]
    assert _sources(work)["answer-t2"] == "def scaled(a):\n    return a * FACTOR"


def test_an_answer_to_a_task_that_is_no_more_becomes_a_cell_of_their_own(author: Author) -> None:
    old = author.release()
    without = {
        **old.master,
        "cells": [cell for cell in old.master["cells"] if not cell["id"].endswith("-t2")],
    }
    content = json.loads(json.dumps(old.master))
    for cell in content["cells"]:
        if cell["id"] == "answer-t2":
            cell["source"] = "def scaled(a):\n    return 2 * a"
    merged = merge(json.dumps(content).encode(), without, old.master)
    last = merged["cells"][-1]
    assert last["source"] == "def scaled(a):\n    return 2 * a"
    assert "nbgrader" not in last["metadata"]


def test_a_notebook_that_cannot_be_read_is_left_alone(author: Author, home: Home) -> None:
    work = prepare(home, author.release(), None)
    (work / f"{LAB}.ipynb").write_text("{ half of it")
    author.change("lab.py", "# # Tiny sums", "# # Tiny sums again")
    with pytest.raises(UsageError, match="cannot be taken over"):
        prepare(home, author.release(), None)
    assert (work / f"{LAB}.ipynb").read_text() == "{ half of it"


def test_no_room_for_the_copy_changes_nothing(
    author: Author, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = prepare(home, author.release(), None)
    _answer(work, "answer-t1", "def add(a, b):\n    return b + a")
    before = {path.name: path.read_bytes() for path in work.iterdir() if path.is_file()}
    author.change("lab.py", "# # Tiny sums", "# # Tiny sums again")
    author.change("files/recipe.py", "1", "2")
    new = author.release()
    (home.platform / "backups").write_text("no folder can be made here")
    with pytest.raises(OSError):
        prepare(home, new, None)
    assert {path.name: path.read_bytes() for path in work.iterdir() if path.is_file()} == before
    (home.platform / "backups").unlink()
    prepare(home, new, None)
    assert "again" in _sources(work)["given-00"]


def test_a_split_answer_stays_whole(author: Author, home: Home) -> None:
    old = author.release()
    content = json.loads(json.dumps(old.master))
    place = next(n for n, cell in enumerate(content["cells"]) if cell["id"] == "answer-t1")
    given = content["cells"][place]
    above = {**given, "id": "split-off", "source": "def helper(a, b):\n    return a + b"}
    content["cells"][place : place + 1] = [
        above,
        {**given, "source": "def add(a, b):\n    return helper(a, b)"},
    ]
    author.change("lab.py", "# # Tiny sums", "# # Tiny sums again")
    new = author.release()
    merged = merge(json.dumps(content).encode(), new.master, old.master)
    ids = [cell["id"] for cell in merged["cells"]]
    assert ids.index("split-off") + 1 == ids.index("answer-t1")
    rebuilt = rebuild(notebook.parse(json.dumps(merged).encode()), new.master, LAB)
    source = next(cell["source"] for cell in rebuilt.notebook["cells"] if cell["id"] == "answer-t1")
    assert "helper(a, b)" in source and "def helper" in source
