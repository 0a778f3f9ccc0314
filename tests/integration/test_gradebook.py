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
from grader.course.collect import collect
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
            f" AND notebook_id IN (SELECT n.id FROM submitted_notebook n JOIN submitted_assignment a"
            f" ON a.id = n.assignment_id WHERE a.student_id = '{ADA}')"
        )
    connection.close()


def test_a_lab_with_other_checks_keeps_what_a_mentor_gave(
    course: Course, lab: Bundle, ledger: Ledger, tmp_path: Path
) -> None:
    hand_in(course, ledger, lab, ADA, answered(lab))
    hand_in(course, ledger, lab, "l-cccccccccc", answered(lab))
    _publish(course, lab, ledger)
    _mentor(course, "t1--adds_numbers", manual_score=1.5, needs_manual_grade=0)
    other = _next_version(tmp_path, {"checks.py": ("def adds_numbers", "def sums_up")})
    hand_in(course, ledger, other, BO, answered(other))
    assert _publish(course, other, ledger) == 3  # everybody's notebook gets the new cells
    assert _publish(course, other, ledger) == 0
    assert _mark(course, "t1/sums_up", BO) == CheckMark("t1/sums_up", 3.0, 3.0, None)
    assert _mark(course, "t1/sums_up") == CheckMark("t1/sums_up", 3.0, None, None, waits=True)
    assert _mark(course, "t1--adds_numbers") == CheckMark("t1--adds_numbers", 0.0, 0.0, 1.5)
    third = gradebook.read_marks(course, LAB)["l-cccccccccc"]
    assert [mark.check for mark in third.checks] == ["t1/sums_up", "t2"]  # nothing given: nothing kept
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
    cases = {name: nbgrader_odd.CASES[name] for name in nbgrader_odd.THROUGH_THE_BATCH}
    for name, case in cases.items():
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
    assert len(marks) == len(cases)
    for name, case in cases.items():
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
    assert len(list(course.root.glob(f"feedback/*/{LAB}/{LAB}.html"))) == len(cases)


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


PS1 = [
    ("a", {"solution": True}, "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),
    ("b", {"grade": True, "points": 2, "locked": True}, "assert x == 1"),
]


def _theirs(folder: Path) -> None:
    """An assignment of the mentor's own, made and handed in with nbgrader alone."""
    cells = []
    for name, about, source in PS1:
        flags = {"grade": False, "solution": False, "locked": False, "task": False, **about}
        nbgrader = {**flags, "grade_id": name, "schema_version": 3, "cell_type": "code"}
        code = {"cell_type": "code", "id": name, "outputs": [], "execution_count": None}
        cells.append({**code, "metadata": {"nbgrader": nbgrader}, "source": source})
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    for place in ("source/ps1", "submitted/alice/ps1"):
        (folder / place).mkdir(parents=True)
        (folder / place / "ps1.ipynb").write_text(json.dumps(notebook))
    _nbgrader(folder, "generate_assignment", "ps1")


def test_beside_a_mentors_own_assignments(course: Course, lab: Bundle, ledger: Ledger) -> None:
    _theirs(course.root)
    gradebook.check(course, LAB)
    hand_in(course, ledger, lab, ADA, answered(lab))
    _publish(course, lab, ledger)
    _nbgrader(course.root, "autograde", "ps1")  # as ever: it runs, and earns
    _nbgrader(course.root, "export", "--to", "grades.csv")
    with (course.root / "grades.csv").open() as file:
        scores = {(row["assignment"], row["student_id"]): float(row["score"]) for row in csv.DictReader(file)}
    assert scores["ps1", "alice"] == 2.0
    assert scores[LAB, ADA] == 3.0
    gradebook.forget(course, ADA)
    assert set(gradebook.read_marks(course, LAB)) == set()
    assert (course.root / "autograded" / "alice" / "ps1" / "ps1.ipynb").exists()


@pytest.fixture
def graded(course: Course, lab: Bundle, ledger: Ledger) -> Course:
    """A learner whose code would leave a trace wherever it ran."""
    trace = course.root.parent / "trace"
    code = f"open({str(trace)!r}, 'w').close()\ndef add(a, b):\n    return a + b"
    hand_in(course, ledger, lab, ADA, answered(lab, t1=code))
    hand_in(course, ledger, lab, BO, b"{ no notebook")
    _publish(course, lab, ledger)
    return course


def test_nbgraders_own_autograde_keeps_the_verdicts_and_runs_nothing(graded: Course) -> None:
    before = _totals(graded)
    _nbgrader(graded.root, "autograde", LAB, "--force")
    assert _totals(graded) == before == {ADA: 3.0, BO: 0.0}
    assert not (graded.root.parent / "trace").exists()
    assert (graded.root / "autograded" / ADA / LAB / f"{LAB}.ipynb").exists()


def test_autograde_stops_at_work_that_was_never_graded(graded: Course, lab: Bundle) -> None:
    folder = graded.root / "submitted" / "alice" / LAB
    folder.mkdir(parents=True)
    (folder / f"{LAB}.ipynb").write_text(json.dumps(lab.master))
    with pytest.raises(AssertionError, match=f"was never graded. Run: mlops grade run {LAB} FOLDER"):
        _nbgrader(graded.root, "autograde", LAB)
    assert set(_totals(graded)) == {ADA, BO}


def test_under_a_configuration_of_their_own_autograde_runs_nothing_either(
    graded: Course, lab: Bundle, ledger: Ledger
) -> None:
    (graded.root / "nbgrader_config.py").write_text("c = get_config()\n")
    before = _totals(graded)
    with pytest.raises(AssertionError, match="No such kernel named graded-by-mlops-grade-run"):
        _nbgrader(graded.root, "autograde", LAB, "--force")
    assert not (graded.root.parent / "trace").exists()
    assert _totals(graded) == before
    assert _publish(graded, lab, ledger) == 2  # what it removed comes back
    _nbgrader(graded.root, "generate_feedback", LAB)


def test_released_fetched_submitted_and_collected_by_nbgrader(graded: Course) -> None:
    exchange = graded.root.parent / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    with (graded.root / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    _nbgrader(graded.root, "release_assignment", LAB)
    assert LAB in _nbgrader(graded.root, "list")
    student = graded.root.parent / "student"
    student.mkdir()
    (student / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = 'class'\n"
    )
    _nbgrader(student, "fetch_assignment", LAB)
    assert (student / LAB / ".mlops" / "lab.json").exists()  # lab.check() works there too
    _nbgrader(student, "submit", LAB)
    assert LAB in _nbgrader(graded.root, "list", "--inbound")
    teacher = graded.root.parent / "collecting"
    teacher.mkdir()
    shutil.copy(student / "nbgrader_config.py", teacher)
    _nbgrader(teacher, "collect", LAB)
    [notebook] = teacher.glob(f"submitted/*/{LAB}/{LAB}.ipynb")
    roster = open_roster(graded.roster, graded.key)
    [found] = collect(teacher / "submitted", LAB, roster)
    assert found.path == notebook
    assert found.timestamp == (notebook.parent / "timestamp.txt").read_text().strip()
