from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from grader.course.folder import open_course
from grader.course.people import who
from grader.course.roster import Learner, Roster
from mlops_labs import cli, grading, publishing
from sandbox.errors import UsageError
from tests.graded import LAB, Class, hand_in, result

pytestmark = pytest.mark.usefixtures("no_charts")


@pytest.fixture
def mlops(
    one: Class, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], labs_for_tests: Path
):
    """Runs a command on the class; returns exit code, stdout and stderr."""
    monkeypatch.setenv("MLOPS_LABS", str(labs_for_tests))
    monkeypatch.setenv("MLOPS_COURSE", str(one.course.root))
    monkeypatch.setattr("mlops_labs.session.bundle", lambda *_: one.bundle)
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["mlops", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return int(left.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def graded(one: Class) -> Class:
    hand_in(one, "s01", result("a1", submission="1"))
    hand_in(one, "s02", result("a2", ("pass", "fail"), submission="2"))
    return one


def test_feedback(graded: Class, mlops) -> None:
    code, out, _ = mlops("grade", "feedback", LAB)
    assert (code, out.split()[:3]) == (0, ["2", "feedback", "pages:"])
    assert (graded.course.root / "feedback" / graded.opaque("s02") / LAB / f"{LAB}.html").is_file()


def test_report(graded: Class, mlops) -> None:
    code, out, _ = mlops("grade", "report", LAB)
    assert code == 0
    assert "Lab 01 Tiny sums   2 learners" in out
    page = Path(out.strip().splitlines()[-1].removeprefix("Page: "))
    assert page == graded.course.root / "reports" / f"{LAB}.html"
    assert "Ada" not in out + page.read_text()
    code, out, _ = mlops("grade", "report", LAB, "--json", "--reveal")
    assert {row["learner"] for row in json.loads(out)["usage"]} == {"Ada Byron", "Grace Murray"}
    assert "Ada" not in page.read_text()


def test_audit(graded: Class, mlops) -> None:
    for said in ("s01", "Ada Byron", "ADA@example.org", graded.opaque("s01")):
        code, out, _ = mlops("grade", "audit", LAB, said)
        page = Path(out.strip().removeprefix("Page: "))
        assert (code, page.name) == (0, f"{graded.opaque('s01')}.html")
        assert "Ada" not in page.read_text()
    assert "Ada Byron" in _page(mlops("grade", "audit", LAB, "s01", "--reveal"))
    code, _, err = mlops("grade", "audit", LAB, "s04")
    assert (code, err.count("\n")) == (2, 1)
    assert "has no verdict" in err


def _page(ran: tuple[int, str, str]) -> str:
    return Path(ran[1].strip().removeprefix("Page: ")).read_text()


def test_export(graded: Class, mlops, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    code, out, err = mlops("grade", "export", LAB, "--output", str(target))
    assert (code, out) == (0, f"Written: {target}\n")
    assert "left blank: 2 who handed in nothing" in err
    assert "names" not in err
    assert "Ada" not in target.read_text()
    assert target.stat().st_mode & 0o077 == 0
    mlops("grade", "export", LAB, "--to", "canvas", "--assignment", "77", "--output", str(target))
    assert next(csv.reader(io.StringIO(target.read_text())))[-1] == "Tiny sums (77)"


def test_canvas_and_moodle_say_that_they_reveal(graded: Class, mlops, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("Identifier,Grade\nParticipant 4001,\n")
    for words in (("canvas",), ("moodle", "--worksheet", str(sheet))):
        code, _, err = mlops("grade", "export", LAB, "--to", *words, "--output", str(tmp_path / "o.csv"))
        assert code == 0
        assert "this file holds names and real ids" in err
    assert (tmp_path / "o.csv").read_text() == "Identifier,Grade\nParticipant 4001,5\n"
    for words in (("--to", "moodle"), ("--worksheet", str(sheet))):
        code, _, err = mlops("grade", "export", LAB, *words)
        assert (code, err.count("\n")) == (2, 1)


def test_the_name_of_an_assignment_in_canvas() -> None:
    assert publishing.canvas_column("Sums", None) == "Sums"
    assert publishing.canvas_column("Sums", "12") == "Sums (12)"
    assert publishing.canvas_column("Sums", "Week 1 (9)") == "Week 1 (9)"


@pytest.mark.parametrize("command", [("feedback",), ("report",), ("export",)])
def test_nothing_graded_is_one_clear_line(one: Class, mlops, command) -> None:
    code, _, err = mlops("grade", *command, LAB)
    assert (code, err.count("\n")) == (2, 1)
    assert "nothing of tiny-sums has been graded yet" in err


def test_a_class_is_made_once(mlops, tmp_path: Path) -> None:
    root = tmp_path / "new"
    code, out, _ = mlops("class", "init", str(root), "--name", "Autumn", "--gradebook", "postgresql://u@h/db")
    assert code == 0
    assert "Course made" in out
    made = open_course(root)
    assert (made.config.name, made.gradebook_url) == ("Autumn", "postgresql://u@h/db")
    code, out, _ = mlops("class", "init", str(root))
    assert (code, "nothing was changed" in out) == (0, True)
    for words in (("--name", "Spring"), ("--gradebook", "sqlite:///other.db")):
        code, _, err = mlops("class", "init", str(root), *words)
        assert (code, "is a course already" in err) == (2, True)
    assert open_course(root) == made


@pytest.mark.parametrize("url", ["nonsense", "mysql://h/db", 'sqlite:///x"\n[evil]', "http://h"])
def test_a_gradebook_must_be_one_that_nbgrader_can_use(mlops, tmp_path: Path, url: str) -> None:
    code, _, err = mlops("class", "init", str(tmp_path / "new"), "--gradebook", url)
    assert (code, err.count("\n")) == (2, 1)
    assert not (tmp_path / "new").exists()


def test_a_gradebooks_url_with_quotes_is_kept_as_it_is(mlops, tmp_path: Path) -> None:
    url = 'postgresql://u:p"w\\d@h/db'
    assert mlops("class", "init", str(tmp_path / "new"), "--gradebook", url)[0] == 0
    assert open_course(tmp_path / "new").config.gradebook == url


def test_a_roster_is_taken_and_who_has_work_stays(graded: Class, mlops, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("id,name\ns01,Ada King\ns09,New One\n")
    code, out, _ = mlops("class", "import", str(path))
    assert code == 0
    assert "3 learners" in out
    assert "1 of them are not in the file" in out
    roster = publishing.roster_of(graded.course)
    assert {learner.id: learner.name for learner in roster} == {
        "s01": "Ada King",
        "s02": "Grace Murray",
        "s09": "New One",
    }
    assert roster.closed


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("s01,Ada,,\ns01,Bob,,", "there twice"),
        ("s01,Ada,,\ns\u04301,Bob,,\nsa1,Eve,,", "look alike"),
        ("s01,Ada,a@x.org,\ns02,Bob,A@x.org,", "same email"),
        ("s01,Ada,,7\ns02,Bob,,7", "same lms_id"),
        ("s01,Ada Byron,,\ns02,\u0410da Byron,,", "look alike"),
        (",Ada,,", "no id"),
    ],
)
def test_a_doubtful_roster_is_refused_and_nothing_touched(
    mlops, one: Class, tmp_path: Path, lines: str, told: str
) -> None:
    before = one.course.roster.read_bytes()
    path = tmp_path / "roster.csv"
    path.write_text(f"id,name,email,lms_id\n{lines}\n", encoding="utf-8")
    code, _, err = mlops("class", "import", str(path))
    assert (code, err.count("\n")) == (2, 1)
    assert told in err
    assert one.course.roster.read_bytes() == before


def test_two_people_may_have_one_name_and_are_then_told_apart_by_id() -> None:
    people = [Learner(id="a", name="Wei Zhang"), Learner(id="b", name="Wei Zhang")]
    roster = Roster(b"key", people, closed=True)
    with pytest.raises(UsageError, match="fits 2 learners") as told:
        who(roster, "wei zhang")
    assert roster.opaque("a") in str(told.value)
    assert who(roster, "b") == roster.opaque("b")
    roster.remove(roster.opaque("b"))
    assert who(roster, "Wei Zhang") == roster.opaque("a")


def test_a_table_goes_to_stdout_byte_for_byte(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    publishing.put("a,Zo\u00eb\r\n", None)
    assert capfdbinary.readouterr().out == b"a,Zo\xc3\xab\r\n"


def test_two_of_one_name_are_shown_with_their_ids(one: Class) -> None:
    path = one.course.roster
    path.write_text("id,name\na,Wei Zhang\nb,Wei Zhang\nc,Ada\nd,\n")
    shown = grading.names(one.course, reveal=True)
    roster = publishing.roster_of(one.course)
    assert [shown(roster.opaque(id)) for id in "abcd"] == ["Wei Zhang (a)", "Wei Zhang (b)", "Ada", "d"]
    assert shown("l-0000000000") == "l-0000000000"


def test_a_removed_learners_addresses_are_free_again() -> None:
    roster = Roster(b"key", [Learner(id="a", name="N", email="n@x.org")], closed=True)
    roster.remove(roster.opaque("a"))
    roster.add(Learner(id="b", name="N", email="n@x.org"))
    assert len(roster) == 1


def test_purge_asks_and_then_forgets(graded: Class, mlops) -> None:
    mlops("grade", "report", LAB)
    code, _, err = mlops("class", "purge", "Grace Murray")
    assert (code, "--yes" in err) == (2, True)
    assert publishing.roster_of(graded.course).find("s02") is not None
    code, out, _ = mlops("class", "purge", "Grace Murray", "--yes")
    assert (code, "Forgotten, with 1 attempt." in out) == (0, True)
    assert publishing.roster_of(graded.course).find("s02") is None
    assert graded.opaque("s02") not in (graded.course.root / "reports" / f"{LAB}.html").read_text()
    code, _, err = mlops("class", "purge", "Grace Murray", "--yes")
    assert (code, "nobody on the roster" in err) == (2, True)


def test_backup_and_restore(graded: Class, mlops, tmp_path: Path) -> None:
    code, out, _ = mlops("class", "backup", str(tmp_path / "b.tar.gz"))
    assert (code, "names and marks among them" in out) == (0, True)
    code, out, _ = mlops("class", "restore", str(tmp_path / "b.tar.gz"), str(tmp_path / "again"))
    assert code == 0
    assert open_course(tmp_path / "again").key == graded.course.key


def test_nobody_changes_a_course_that_is_being_graded(graded: Class, mlops, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("id\ns01\n")
    with graded.course.lock():
        for words in (
            ("import", str(tmp_path / "r.csv")),
            ("purge", "s01", "--yes"),
            ("backup", str(tmp_path / "b")),
        ):
            code, _, err = mlops("class", *words)
            assert (code, "is running" in err) == (2, True)
        assert mlops("grade", "report", LAB)[0] == 0
