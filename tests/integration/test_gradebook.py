"""The gradebook where it hurts: a real server, kill -9, a lab that changed, submissions of plain nbgrader."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.course import gradebook, master
from grader.course.folder import Course, create_course
from grader.course.ledger import Ledger
from grader.course.marks import CheckMark
from grader.course.roster import open_roster
from grader.lab import load_lab
from grader.release import Bundle, bundle
from mlops_labs import grading
from mlops_labs.session import open_session
from sandbox.errors import InfrastructureError, UsageError
from tests import nbgrader_odd, postgres
from tests.classes import answered, hand_in

LABS = Path(__file__).parents[1] / "labs"
FOLDER = LABS / "tiny-essay"
LAB = "tiny-essay"
ADA, BO = "l-aaaaaaaaaa", "l-bbbbbbbbbb"


def _quiet(_line: str) -> None:
    pass


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundle(load_lab(FOLDER), tmp_path_factory.mktemp("labs"), _quiet)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return create_course(tmp_path / "class")


@pytest.fixture
def ledger(course: Course) -> Iterator[Ledger]:
    opened = Ledger(course.ledger)
    yield opened
    opened.close()


def _publish(course: Course, lab: Bundle, ledger: Ledger) -> int:
    return gradebook.publish(course, lab, ledger, _quiet)


def _mark(course: Course, check: str, learner: str = ADA) -> CheckMark:
    return next(mark for mark in gradebook.read_marks(course, LAB)[learner].checks if mark.check == check)


def _nbgrader(folder: Path, *words: str) -> str:
    """Run one of nbgrader's own commands as a mentor does, in the course folder."""
    home = folder.parent / "mentor"
    home.mkdir(exist_ok=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env={**os.environ, "PATH": path, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _exported(course: Course) -> dict[str, float]:
    _nbgrader(course.root, "export", "--to", "grades.csv")
    with (course.root / "grades.csv").open() as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def _totals(course: Course) -> dict[str, float]:
    return {learner: marks.points for learner, marks in gradebook.read_marks(course, LAB).items()}


@pytest.mark.postgres
def test_a_gradebook_on_postgresql(tmp_path: Path, lab: Bundle) -> None:
    with postgres.server() as url:
        course = create_course(tmp_path / "class", gradebook=url)
        ledger = Ledger(course.ledger)
        gradebook.check(course, LAB)
        hand_in(course, ledger, lab, ADA, answered(lab), timestamp="2026-01-01 00:30:00 UTC")
        hand_in(course, ledger, lab, BO, answered(lab), adds_numbers="fail")
        assert _publish(course, lab, ledger) == 2
        gradebook.check(course, LAB)
        assert _mark(course, "t1/adds_numbers") == CheckMark("t1/adds_numbers", 3.0, 3.0, None)
        assert _exported(course) == _totals(course) == {ADA: 3.0, BO: 0.0}
        _nbgrader(course.root, "generate_feedback", LAB)
        assert (course.root / "feedback" / BO / LAB / f"{LAB}.html").exists()
        assert ADA in _nbgrader(course.root, "db", "student", "list")
        before = _totals(course)
        _nbgrader(course.root, "autograde", LAB, "--force")
        assert _totals(course) == before
        hand_in(course, ledger, lab, BO, answered(lab))
        assert _publish(course, lab, ledger) == 1
        gradebook.forget(course, ADA)
        assert _totals(course) == {BO: 3.0}
        assert not (course.root / "gradebook.db").exists()
        hand_in(course, ledger, lab, BO, answered(lab, t2="Late thoughts."))
    with pytest.raises(InfrastructureError, match="safe in the course's ledger") as told:
        _publish(course, lab, ledger)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)
    ledger.close()


def _next_version(tmp_path: Path, edit: dict[str, tuple[str, str]]) -> Bundle:
    folder = tmp_path / "labs" / LAB
    shutil.copytree(FOLDER, folder)
    for name, (old, new) in edit.items():
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
    return bundle(load_lab(folder), tmp_path / "cache", _quiet)


def _mentor(course: Course, cell: str, **columns: Any) -> None:
    values = ", ".join(f"{name} = {value!r}" for name, value in columns.items())
    with sqlite3.connect(course.root / "gradebook.db") as connection:
        connection.execute(
            f"UPDATE grade SET {values} WHERE cell_id IN (SELECT id FROM base_cell WHERE name = '{cell}')"
        )
    connection.close()


def test_a_lab_with_other_checks_keeps_what_a_mentor_gave(
    course: Course, lab: Bundle, ledger: Ledger, tmp_path: Path
) -> None:
    hand_in(course, ledger, lab, ADA, answered(lab))
    _publish(course, lab, ledger)
    _mentor(course, "t1--adds_numbers", manual_score=1.5, needs_manual_grade=0)
    other = _next_version(tmp_path, {"checks.py": ("def adds_numbers", "def sums_up")})
    hand_in(course, ledger, other, BO, answered(other))
    assert _publish(course, other, ledger) == 1
    assert _mark(course, "t1/sums_up", BO) == CheckMark("t1/sums_up", 3.0, 3.0, None)
    assert _mark(course, "t1/sums_up") == CheckMark("t1/sums_up", 3.0, None, None, waits=True)
    assert _mark(course, "t1--adds_numbers") == CheckMark("t1--adds_numbers", 0.0, 3.0, 1.5)
    assert master.read_master(course, LAB)["metadata"]["mlops_labs"]["version"] == other.lab.version  # type: ignore[index]
    _nbgrader(course.root, "generate_feedback", LAB)
    assert _exported(course) == _totals(course)


def _die(course: Path, cache: Path, label: str, nth: int) -> None:
    """Publish in a process of its own and kill it at the nth time it reaches a step."""
    script = f"""
import os, signal
from pathlib import Path
from grader.course import gradebook
from grader.course.folder import open_course
from grader.course.ledger import Ledger
from grader.lab import load_lab
from grader.release import bundle

left = {nth}
def step(label):
    global left
    left -= label == {label!r}
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

course = open_course(Path({str(course)!r}))
lab = bundle(load_lab(Path({str(FOLDER)!r})), Path({str(cache)!r}), print)
gradebook.publish(course, lab, Ledger(course.ledger), print, step)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("label", "nth"),
    [
        ("master-written", 1),
        ("lab-committed", 1),
        ("entry-committed", 2),
        ("autograded-written", 2),
        ("published", 1),
    ],
)
def test_killed_at_a_step_the_next_run_finishes(
    course: Course, lab: Bundle, ledger: Ledger, label: str, nth: int
) -> None:
    learners = [ADA, BO, "l-cccccccccc"]
    for learner in learners:
        hand_in(course, ledger, lab, learner, answered(lab))
    _die(course.root, lab.folder.parent, label, nth)
    assert _publish(course, lab, ledger) >= 1
    assert _totals(course) == dict.fromkeys(learners, 3.0)
    assert _exported(course) == _totals(course)
    assert ledger.unpublished(LAB) == []
    with sqlite3.connect(course.root / "gradebook.db") as connection:
        assert connection.execute("SELECT count(*) FROM grade").fetchone() == (6,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for learner in learners:
        json.loads((course.root / "autograded" / learner / LAB / f"{LAB}.ipynb").read_text())


@pytest.mark.engine
def test_what_plain_nbgrader_hands_in_is_graded_as_defined(
    course: Course, lab: Bundle, tmp_path: Path
) -> None:
    """Released by nbgrader, copied as its fetch does, laid out as its collect does; each odd case is one learner."""
    _nbgrader_release(tmp_path / "teacher", lab)
    released = tmp_path / "teacher" / "release" / LAB
    for name, case in nbgrader_odd.CASES.items():
        folder = tmp_path / "submitted" / name / LAB
        shutil.copytree(released, folder)
        notebook = json.loads((released / f"{LAB}.ipynb").read_text())
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
        (folder / f"{LAB}.ipynb").write_text(json.dumps(nbgrader_odd.submission(notebook, case)))
        (folder / "timestamp.txt").write_text("2026-01-01 00:30:00.123456 UTC")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mlops_labs.cli",
            "grade",
            "run",
            LAB,
            "submitted",
            "--course",
            str(course.root),
        ],
        cwd=tmp_path,
        env={**os.environ, "MLOPS_LABS": str(LABS), "MLOPS_ENGINE": "docker"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    marks = gradebook.read_marks(course, LAB)
    roster = open_roster(course.roster, course.key)
    assert len(marks) == len(nbgrader_odd.CASES)
    for name, case in nbgrader_odd.CASES.items():
        code, prose = marks[roster.opaque(name)].checks
        assert (name, code.auto, prose.waits) == (
            name,
            3.0 if case.code == "pass" else 0.0,
            case.prose == "to_mark",
        )
    assert _exported(course) == _totals(course)
    with (course.root / "grades.csv").open() as file:
        assert {row["timestamp"] for row in csv.DictReader(file)} == {"2026-01-01 00:30:00.123456"}
    _nbgrader(course.root, "generate_feedback", LAB)
    assert len(list(course.root.glob(f"feedback/*/{LAB}/{LAB}.html"))) == len(nbgrader_odd.CASES)


def _nbgrader_release(teacher: Path, lab: Bundle) -> None:
    """An nbgrader course without us, made from `mlops lab release`'s kind of source; released by nbgrader alone."""
    source = teacher / "source" / LAB
    source.mkdir(parents=True)
    (source / f"{LAB}.ipynb").write_text(json.dumps(master.course_source(lab)))
    (teacher / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'theirs'\n")
    _nbgrader(teacher, "generate_assignment", LAB)


def test_the_courses_own_submissions_are_not_graded_again(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_LABS", str(LABS))
    (course.root / "submitted" / ADA / LAB).mkdir(parents=True)
    with pytest.raises(UsageError, match="where the course keeps what was graded"):
        grading.run(
            open_session("docker", _quiet),
            LAB,
            grading.HandedIn(course.root / "submitted"),
            course.root,
            grading.Budgeted(),
        )
