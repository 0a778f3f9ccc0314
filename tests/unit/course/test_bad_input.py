"""What is wrong with what a mentor asked for is one line, before anything is started, and nothing is touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.course.folder import create_course
from grader.lab import find_labs
from mlops_labs import grading
from mlops_labs.grading import Budgeted, HandedIn
from sandbox.errors import UsageError

LAB = find_labs(Path(__file__).parents[2] / "labs")["tiny-sums"]


class Session:
    """Has a lab and an engine that must not be started."""

    engine = SimpleNamespace(name="docker", isolates=True)

    def bundle(self, _lab: str) -> Any:
        return SimpleNamespace(lab=LAB)

    def ready_engine(self, _definition: Any) -> Any:
        raise AssertionError("the engine was started")


def _put(path: Path, text: str = "{}") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _no_folder(_top: Path) -> None:
    pass


def _a_file(top: Path) -> None:
    _put(top / "in")


def _nothing_of_the_lab(top: Path) -> None:
    (top / "in").mkdir()


def _unknown_learner(top: Path) -> None:
    _put(top / "in" / "bo" / "tiny-sums.ipynb")
    _put(top / "roster.csv", "id\nana\n")


def _two_of_one(top: Path) -> None:
    _put(top / "in" / "ana" / "tiny-sums.ipynb")
    _put(top / "in" / "tiny-sums_ana.ipynb")
    _put(top / "roster.csv", "id\nana\n")


def _twice_on_the_roster(top: Path) -> None:
    _put(top / "in" / "ana" / "tiny-sums.ipynb")
    _put(top / "roster.csv", "id\nana\nana\n")


def _look_alike(top: Path) -> None:
    _put(top / "in" / "ana" / "tiny-sums.ipynb")
    _put(top / "roster.csv", "id\nana\n\u0430na\n")


def _course_of_another_schema(top: Path) -> None:
    _put(top / "in" / "ana" / "tiny-sums.ipynb")
    _put(top / "class" / "class.toml", 'schema = 99\nname = "x"\n')


def _gradebook_of_another_schema(top: Path) -> None:
    _put(top / "in" / "ana" / "tiny-sums.ipynb")
    (top / "class").mkdir(exist_ok=True)
    connection = sqlite3.connect(top / "class" / "gradebook.db")
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES ('af2f7c4a1f55')")
    connection.commit()
    connection.close()


CASES: list[tuple[Callable[[Path], None], str]] = [
    (_no_folder, "does not exist"),
    (_a_file, r"is no folder"),
    (_nothing_of_the_lab, "holds no submission of tiny-sums"),
    (_unknown_learner, "'bo' is not on the roster"),
    (_two_of_one, "two submissions are of one learner"),
    (_twice_on_the_roster, "'ana' is there twice"),
    (_look_alike, "look alike"),
    (_course_of_another_schema, "schema 99"),
    (_gradebook_of_another_schema, "schema af2f7c4a1f55"),
]


def _snapshot(top: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(top.rglob("*"))}


@pytest.mark.parametrize("made_before", [False, True], ids=["new", "existing"])
@pytest.mark.parametrize(("make", "says"), CASES, ids=[make.__name__[1:] for make, _ in CASES])
def test_one_line_and_nothing_touched(
    make: Callable[[Path], None], says: str, made_before: bool, tmp_path: Path
) -> None:
    if made_before:
        create_course(tmp_path / "class")
    make(tmp_path)
    before = _snapshot(tmp_path)
    roster = tmp_path / "roster.csv"
    handed_in = HandedIn(tmp_path / "in", roster if roster.exists() else None)
    session: Any = Session()
    with pytest.raises(UsageError, match=says) as told:
        grading.run(session, "tiny-sums", handed_in, tmp_path / "class", Budgeted())
    assert "\n" not in str(told.value)
    assert told.value.next_step
    assert _snapshot(tmp_path) == before
