"""A real SQLite gradebook and made-up verdicts: what is published, kept, told and forgotten."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from grader import nbgrader_api
from grader.course import gradebook
from grader.course.folder import Course, create_course, open_course
from grader.course.ledger import Ledger
from grader.course.marks import CheckMark, Marks
from grader.course.purge import purge
from grader.course.roster import open_roster
from grader.lab import load_lab
from grader.nbgrader_api import schema
from grader.release import Bundle, bundle
from sandbox.errors import InfrastructureError, UsageError
from tests.classes import answered, hand_in, shown

LAB = "tiny-essay"
FOLDER = Path(__file__).parents[2] / "labs" / LAB
STEPS = ["master-written", "lab-committed", "entry-committed", "submitted-written", "autograded-written"]
ADA, BO = "l-aaaaaaaaaa", "l-bbbbbbbbbb"


def _quiet(_line: str) -> None:
    pass


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundle(load_lab(FOLDER), tmp_path_factory.mktemp("labs"), _quiet)


@pytest.fixture(scope="module")
def template(lab: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose gradebook has the lab and one learner: nbgrader needs seconds to make a new one."""
    course = create_course(tmp_path_factory.mktemp("course") / "class")
    ledger = Ledger(course.ledger)
    hand_in(course, ledger, lab, ADA, answered(lab))
    gradebook.publish(course, lab, ledger, _quiet)
    ledger.close()
    return course.root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    shutil.copytree(template, tmp_path / "class")
    return open_course(tmp_path / "class")


@pytest.fixture
def ledger(course: Course) -> Iterator[Ledger]:
    opened = Ledger(course.ledger)
    yield opened
    opened.close()


def _publish(course: Course, lab: Bundle, ledger: Ledger) -> int:
    return gradebook.publish(course, lab, ledger, _quiet)


def _marks(course: Course, learner: str = ADA) -> Marks:
    return gradebook.read_marks(course, LAB)[learner]


def _mark(course: Course, check: str, learner: str = ADA) -> CheckMark:
    return next(mark for mark in _marks(course, learner).checks if mark.check == check)


def _sql(course: Course, statement: str) -> list[Any]:
    connection = sqlite3.connect(course.root / "gradebook.db")
    with connection:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def _mentor(course: Course, cell: str, **columns: Any) -> None:
    """What the formgrader does when a mentor marks a cell of Ada's."""
    values = ", ".join(f"{name} = {value!r}" for name, value in columns.items())
    where = f"cell_id IN (SELECT id FROM base_cell WHERE name = '{cell}')"
    table = "comment" if "manual_comment" in columns else "grade"
    _sql(course, f"UPDATE {table} SET {values} WHERE {where}")


def test_verdicts_become_grades_and_prose_waits(course: Course) -> None:
    marks = _marks(course)
    assert marks.checks == (
        CheckMark("t1/adds_numbers", 3.0, 3.0, None),
        CheckMark("t2", 4.0, None, None, waits=True),
    )
    assert (marks.points, marks.max_points, marks.waits) == (3.0, 7.0, True)


def test_a_second_time_there_is_nothing_to_do(course: Course, lab: Bundle, ledger: Ledger) -> None:
    before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
    assert _publish(course, lab, ledger) == 0
    assert {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()} == before


def test_prose_that_is_not_there_is_not_attempted(course: Course, lab: Bundle, ledger: Ledger) -> None:
    result = hand_in(course, ledger, lab, BO, answered(lab, t2=""))
    _publish(course, lab, ledger)
    assert result.tasks[1].state == "not_attempted"
    assert _mark(course, "t2", BO) == CheckMark("t2", 4.0, 0.0, None)
    assert not _marks(course, BO).waits


@pytest.mark.parametrize("lost", ["time", "memory", "output", "died"])
def test_an_outcome_without_points_says_why(course: Course, lab: Bundle, ledger: Ledger, lost: str) -> None:
    result = hand_in(course, ledger, lab, BO, answered(lab), lost=lost)
    _publish(course, lab, ledger)
    assert _mark(course, "t1/adds_numbers", BO).auto == 0.0
    assert _mark(course, "t2", BO).waits  # what is written is there to be read
    [(said,)] = _sql(course, "SELECT auto_comment FROM comment WHERE auto_comment LIKE '%Outcome%' LIMIT 1")
    assert result.message.split(".")[0] in said


@pytest.mark.parametrize("data", [b"{", b"", b'{"cells": [], "nbformat": 4, "metadata": {}}'])
def test_what_cannot_be_read_is_zero_and_says_why(
    course: Course, lab: Bundle, ledger: Ledger, data: bytes
) -> None:
    result = hand_in(course, ledger, lab, BO, data)
    _publish(course, lab, ledger)
    assert _marks(course, BO).points == 0.0
    assert not _marks(course, BO).waits
    assert result.message in shown(course, BO, LAB)["cells"][0]["source"]


def test_a_check_of_ours_that_broke_is_no_zero(course: Course, lab: Bundle, ledger: Ledger) -> None:
    hand_in(course, ledger, lab, BO, answered(lab), adds_numbers="error")
    _publish(course, lab, ledger)
    assert _mark(course, "t1/adds_numbers", BO) == CheckMark("t1/adds_numbers", 3.0, None, None, waits=True)


def test_a_mentors_word_survives_and_a_changed_verdict_under_it_waits(
    course: Course, lab: Bundle, ledger: Ledger
) -> None:
    _mentor(course, "t1--adds_numbers", manual_score=2.0, extra_credit=0.5, needs_manual_grade=0)
    _mentor(course, "answer-t1", manual_comment="Neat.")
    _mentor(course, "answer-t2", manual_score=4.0, needs_manual_grade=0)
    hand_in(course, ledger, lab, ADA, answered(lab))  # the same verdict again
    assert _publish(course, lab, ledger) == 1
    assert not _marks(course).waits
    hand_in(course, ledger, lab, ADA, answered(lab, t2="Another reason."), adds_numbers="fail")
    assert _publish(course, lab, ledger) == 1
    assert _mark(course, "t1/adds_numbers") == CheckMark("t1/adds_numbers", 3.0, 0.0, 2.0, 0.5, "Neat.", True)
    assert _mark(course, "t2") == CheckMark("t2", 4.0, None, 4.0, waits=True)  # new text under the mark
    assert _marks(course).points == 6.5


def test_extra_credit_without_a_mark_counts_as_nbgrader_counts_it(course: Course) -> None:
    _mentor(course, "answer-t2", extra_credit=1.0)
    assert _marks(course).points == 3.0
    [(score,)] = _sql(
        course,
        "SELECT sum(CASE WHEN manual_score IS NOT NULL THEN manual_score + coalesce(extra_credit, 0)"
        " WHEN auto_score IS NOT NULL THEN auto_score + coalesce(extra_credit, 0) ELSE 0 END) FROM grade",
    )
    assert score == 3.0


@pytest.mark.parametrize("label", STEPS)
def test_cut_short_at_any_step_the_next_run_finishes(
    course: Course, lab: Bundle, ledger: Ledger, label: str
) -> None:
    _mentor(course, "t1--adds_numbers", manual_score=1.0, needs_manual_grade=0)
    hand_in(course, ledger, lab, ADA, answered(lab, t2="Other words."))
    hand_in(course, ledger, lab, BO, answered(lab), adds_numbers="fail")

    def cut(reached: str) -> None:
        if reached == label:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gradebook.publish(course, lab, ledger, _quiet, cut)
    assert _publish(course, lab, ledger) == 2
    assert _mark(course, "t1/adds_numbers") == CheckMark("t1/adds_numbers", 3.0, 3.0, 1.0)
    assert _mark(course, "t2").waits
    assert _marks(course, BO).points == 0.0
    assert "Other words." in json.dumps(shown(course, ADA, LAB))
    assert _sql(course, "SELECT count(*) FROM submitted_notebook") == [(2,)]
    assert _sql(course, "SELECT count(*) FROM grade") == [(4,)]
    assert list(course.drafts.iterdir()) == []


def test_a_notebook_that_somebody_removed_comes_back(course: Course, lab: Bundle, ledger: Ledger) -> None:
    shutil.rmtree(course.root / "autograded" / ADA)
    assert _publish(course, lab, ledger) == 1
    assert shown(course, ADA, LAB)["metadata"]["mlops_labs"]["lab"] == LAB


def test_a_locked_gradebook_is_told_and_nothing_is_lost(
    course: Course, lab: Bundle, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.course.opening._PATIENCE", 0)
    hand_in(course, ledger, lab, BO, answered(lab))
    holder = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(InfrastructureError, match=r"locked.*safe in the course's ledger.*grade run") as told:
        _publish(course, lab, ledger)
    assert "\n" not in str(told.value)
    holder.execute("ROLLBACK")
    holder.close()
    assert _publish(course, lab, ledger) == 1
    assert _marks(course, BO).points == 3.0


def test_nothing_of_a_learners_name_is_published(course: Course, lab: Bundle, ledger: Ledger) -> None:
    assert _sql(course, "SELECT id, first_name, last_name, email FROM student") == [(ADA, None, None, None)]


def test_forgetting_leaves_nothing(course: Course, lab: Bundle, ledger: Ledger) -> None:
    hand_in(course, ledger, lab, BO, answered(lab, t2="A very own sentence."), adds_numbers="fail")
    _publish(course, lab, ledger)
    (course.root / "feedback" / BO).mkdir(parents=True)
    roster = open_roster(course.roster, course.key)
    assert len(purge(course, ledger, roster, BO).left) == 0
    assert set(gradebook.read_marks(course, LAB)) == {ADA}
    left = [path for path in course.root.rglob("*") if BO in str(path)]
    assert left == []
    assert BO.encode() not in (course.root / "gradebook.db").read_bytes()
    gradebook.forget(course, BO)  # nobody: nothing happens


def test_late_work_is_charged_by_the_courses_own_rule(course: Course, lab: Bundle, ledger: Ledger) -> None:
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    _sql(course, "UPDATE assignment SET duedate = '2026-01-01 00:00:00.000000'")
    hand_in(course, ledger, lab, BO, answered(lab), timestamp="2026-01-01 00:30:00 UTC")
    hand_in(course, ledger, lab, "l-cccccccccc", answered(lab), timestamp="2026-01-01 00:30:00+01:00")
    hand_in(course, ledger, lab, "l-dddddddddd", answered(lab), timestamp="2026-01-99 nonsense")
    _publish(course, lab, ledger)
    points = {name: marks.points for name, marks in gradebook.read_marks(course, LAB).items()}
    assert points == {ADA: 3.0, BO: 0.0, "l-cccccccccc": 3.0, "l-dddddddddd": 3.0}
    assert _marks(course, BO).late_penalty == 3.0
    stamp = course.root / "submitted" / BO / LAB / "timestamp.txt"
    assert stamp.read_text() == "2026-01-01 00:30:00 UTC"
    hand_in(course, ledger, lab, BO, answered(lab), timestamp="2025-12-31 00:30:00 UTC")
    _publish(course, lab, ledger)
    assert _marks(course, BO).points == 3.0


def test_the_course_is_fit(course: Course) -> None:
    gradebook.check(course, LAB)
    gradebook.check(course, "tiny-sums")


def test_a_gradebook_of_another_schema_is_refused(course: Course) -> None:
    _sql(course, "UPDATE alembic_version SET version_num = 'af2f7c4a1f55'")
    with pytest.raises(UsageError, match=f"schema af2f7c4a1f55, not {schema()}.*nbgrader db upgrade"):
        gradebook.check(course, LAB)


def test_a_gradebook_from_before_schemas_is_refused(course: Course) -> None:
    _sql(course, "DROP TABLE alembic_version")
    with pytest.raises(UsageError, match="from before schemas"):
        gradebook.check(course, LAB)


def test_a_gradebook_that_was_cut_short_is_made_again(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> str:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    (course.root / "gradebook.db").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(nbgrader_api, "schema", full)  # asked for when every table has been made
        with pytest.raises(InfrastructureError, match="disk is full"):
            gradebook.read_marks(course, LAB)
    gradebook.check(course, LAB)
    assert gradebook.read_marks(course, LAB) == {}
    assert _sql(course, "SELECT version_num FROM alembic_version") == [(schema(),)]


def test_what_is_no_gradebook_is_refused(course: Course) -> None:
    (course.root / "gradebook.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(UsageError, match="is no nbgrader gradebook"):
        gradebook.check(course, LAB)


def test_an_assignment_of_the_same_name_is_not_written_over(course: Course) -> None:
    path = course.root / "source" / LAB / f"{LAB}.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    with pytest.raises(UsageError, match="has an assignment tiny-essay that is not the lab"):
        gradebook.check(course, LAB)
    shutil.rmtree(course.root / "source")
    gradebook.check(course, LAB)
    _sql(course, 'UPDATE notebook SET kernelspec = \'{"name": "python3"}\'')
    with pytest.raises(UsageError, match="has an assignment tiny-essay that is not the lab"):
        gradebook.check(course, LAB)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("c.CourseDirectory.db_url = 'sqlite:////elsewhere/gradebook.db'", "class.toml another"),
        ("c.CourseDirectory.submitted_directory = 'in'", "names other folders"),
        ("import nothing_of_this_name", "cannot be used .*nothing_of_this_name"),
        ("raise SystemExit(1)", "cannot be used .*SystemExit"),
    ],
)
def test_a_mentors_own_configuration_is_heeded(course: Course, line: str, told: str) -> None:
    (course.root / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n")
    with pytest.raises(UsageError, match=told) as error:
        gradebook.check(course, LAB)
    assert "\n" not in str(error.value)


def test_a_mentors_own_configuration_is_not_written_over(course: Course, lab: Bundle, ledger: Ledger) -> None:
    (course.root / "nbgrader_config.py").write_text("c = get_config()\n")
    hand_in(course, ledger, lab, BO, answered(lab))
    _publish(course, lab, ledger)
    assert (course.root / "nbgrader_config.py").read_text() == "c = get_config()\n"


@pytest.mark.parametrize("url", ["nonsense", "nosuch://here/db", "sqlite:///gradebook.db"])
def test_a_gradebook_that_is_no_url_is_refused(tmp_path: Path, url: str) -> None:
    made = create_course(tmp_path / "other", gradebook=url)
    with pytest.raises(UsageError, match=r"class.toml"):
        gradebook.check(made, LAB)


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    made = create_course(tmp_path / "other", gradebook="postgresql://me:secret@127.0.0.1:9/none")
    with pytest.raises(InfrastructureError, match=r"cannot be used.*nothing was graded") as told:
        gradebook.check(made, LAB)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)
