from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import export, moodle
from grader.course.cells import safe
from grader.course.ledger import Key
from grader.course.marks import CheckMark, Marks, marks_from_ledger
from grader.course.roster import Learner
from grader.result import now
from sandbox.errors import UsageError
from tests.graded import LAB, Class, empty_class, hand_in, result

HEADER = [
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
]


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "\r=1", "\n=1"),
        *(" =1", '"=1', " \u00a0=1", "\u200b=1", "\ufeff=1", "\u202e=1", "\x00=1"),
        *("\uff1d1+1", "\uff0b1", "\uff0dA1", "\uff20A1", "\ufe66x", "“=1", "-", "--", "+", "-A1", "-2+3"),
    ],
)
def test_a_formula_is_no_formula_any_more(cell: str) -> None:
    shown = safe(cell)
    assert shown == "-" if cell == "-" else shown.startswith("'")
    assert safe(shown) == shown


@pytest.mark.parametrize(
    "cell",
    ["", "12", "-3", "-3.5", "-2,5", "100%", "Ada", "O'Hara", "'t Hooft", "1=1", "a-b", "x@y.org"],
)
def test_what_is_no_formula_stays(cell: str) -> None:
    assert safe(cell) == cell


@given(st.text(max_size=12))
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    shown = safe(cell)
    assert shown == "-" or not shown.startswith(("=", "@", "\t", "\r"))
    assert not shown.startswith("+")
    if shown.startswith("-") and shown != "-":
        float(shown.rstrip("%").replace(",", "."))


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _lines(one: Class, marks: dict[str, Marks] | None = None) -> list[export.Line]:
    known = marks_from_ledger(one.ledger.latest(LAB).values()) | (marks or {})
    return export.gather(one.ledger, one.roster, LAB, known)


def _waiting(one: Class, learner: str) -> dict[str, Marks]:
    own = marks_from_ledger(one.ledger.latest(LAB).values())[one.opaque(learner)]
    return {own.learner: replace(own, checks=(*own.checks, CheckMark("t3", 4.0, None, None, waits=True)))}


@pytest.fixture
def graded(one: Class) -> Class:
    """s01 has all, s02 waits for a mentor, s03 has no verdict because of us, s04 handed in nothing."""
    hand_in(one, "s01", result("a1", submission="1"))
    hand_in(one, "s02", result("a2", ("pass", "fail"), submission="2"))
    one.ledger.note_trouble(Key(one.opaque("s03"), LAB, "3", "v1", "lab:1"), "no disk", now())
    return one


def test_a_plain_table_is_blind_and_leaves_blank_what_is_not_known(graded: Class) -> None:
    made = export.to_csv(_lines(graded, _waiting(graded, "s02")), reveal=False)
    rows = {row[0]: row for row in _rows(made.text)}
    assert rows["learner"] == [
        *("learner", "points", "max_points", "waits", "outcome", "attempts", "graded_utc", "t1", "t2"),
    ]
    assert rows[graded.opaque("s01")][1:6] == ["5", "5", "", "graded", "1"]
    assert rows[graded.opaque("s02")][1:6] == ["", "9", "yes", "graded", "1"]
    assert rows[graded.opaque("s02")][-2:] == ["3", "0"]
    assert rows[graded.opaque("s03")][1:6] == ["", "", "", "infrastructure", "0"]
    assert rows[graded.opaque("s04")][1:6] == ["", "", "", "missing", "0"]
    assert "Ada" not in made.text
    assert list(made.warnings) == [
        "left blank: 1 who wait for a mentor",
        "left blank: 1 who have no verdict because of us",
        "left blank: 1 who handed in nothing",
    ]


def test_names_are_shown_when_revealed(graded: Class) -> None:
    text = export.to_csv(_lines(graded), reveal=True).text
    assert "s01,Ada Byron,ada@example.org,A,5" in text


def test_names_like_formulas_are_escaped(tmp_path: Path) -> None:
    one = empty_class(
        tmp_path / "c", [Learner(id="=1+1", name="=cmd|' /C calc'!A0", email="@x", section="+1")]
    )
    hand_in(one, "=1+1", result("a1"))
    for made in (export.to_csv(_lines(one), reveal=True), export.to_canvas(_lines(one), "=Title")):
        for row in _rows(made.text):
            assert not [cell for cell in row if cell.lstrip()[:1] in ("=", "@", "+")]
    one.ledger.close()


def test_canvas_gets_its_columns(graded: Class) -> None:
    made = export.to_canvas(_lines(graded, _waiting(graded, "s02")), "Tiny sums (77)")
    rows = _rows(made.text)
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Tiny sums (77)"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "9"]
    by_id = {row[1]: row for row in rows[2:]}
    assert by_id["4001"] == ["Ada Byron", "4001", "s01", "ada", "A", "5"]
    assert [by_id[id][5] for id in ("4002", "4003", "4004")] == ["", "", ""]


def test_canvas_leaves_out_who_is_on_no_roster_and_says_so(graded: Class) -> None:
    graded.ledger.commit(Key("l-0000000000", LAB, "9", "v1", "lab:1"), result("a9", submission="9"))
    made = export.to_canvas(_lines(graded), "Tiny sums")
    assert "left out: 1 who are not on the roster; add them with: mlops class import" in made.warnings
    assert len(_rows(made.text)) == 6


def _sheet(
    path: Path, rows: list[list[str]], header: list[str] = HEADER, mark: str = "\ufeff"
) -> moodle.Worksheet:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([header, *rows])
    path.write_text(mark + target.getvalue(), encoding="utf-8")
    return moodle.read_worksheet(path)


def _row(identifier: str, email: str, **other: str) -> list[str]:
    cells = {
        "Identifier": identifier,
        "Full name": "Somebody",
        "Email address": email,
        "Status": "Submitted for grading",
        "Grade": "",
        "Maximum Grade": "5.00",
        "Grade can be changed": "Yes",
        "Last modified (submission)": "-",
        "Last modified (grade)": "-",
        "Feedback comments": "",
    }
    return list((cells | {name.replace("_", " "): value for name, value in other.items()}).values())


def test_a_moodle_worksheet_is_filled_in_and_otherwise_as_it_was(graded: Class, tmp_path: Path) -> None:
    rows = [
        _row("Participant 4001", "", Feedback_comments="said before"),
        _row("Participant 9", "GRACE@example.org"),
        _row("Participant 4003", "x@example.org"),
        _row("Participant 1", "stranger@example.org", Grade="2.00"),
    ]
    made = moodle.fill(_sheet(tmp_path / "w.csv", rows), _lines(graded))
    assert made.text.startswith("\ufeffIdentifier,")
    found = _rows(made.text.removeprefix("\ufeff"))
    assert found[0] == HEADER
    assert found[1] == _row("Participant 4001", "", Grade="5", Feedback_comments="said before")
    assert found[2] == _row(
        "Participant 9", "GRACE@example.org", Grade="3", Feedback_comments="Add: 3 of 3. Double: 0 of 2."
    )
    assert found[3:] == rows[2:]
    assert "row 5 (Participant 1) fits nobody on the roster; left as it is" in made.warnings
    assert "left blank: 1 who have no verdict because of us" in made.warnings


def test_what_waits_is_not_touched_in_moodle(graded: Class, tmp_path: Path) -> None:
    rows = [_row("Participant 4002", "")]
    made = moodle.fill(_sheet(tmp_path / "w.csv", rows), _lines(graded, _waiting(graded, "s02")))
    assert _rows(made.text.removeprefix("\ufeff"))[1:] == rows
    assert "left blank: 1 who wait for a mentor" in made.warnings


def test_moodle_grades_are_scaled_capped_and_kept_when_locked(graded: Class, tmp_path: Path) -> None:
    hand_in(graded, "s03", result("a3", submission="3"))
    more = {
        graded.opaque("s03"): Marks(
            graded.opaque("s03"), LAB, (CheckMark("t1/check0", 5.0, 5.0, None, extra=2.0),)
        )
    }
    rows = [
        _row("Participant 4002", "", Maximum_Grade="100,00"),
        _row("Participant 4001", "", Grade_can_be_changed="No"),
        _row("Participant 4003", ""),
        _row("Participant 4003", ""),
    ]
    made = moodle.fill(_sheet(tmp_path / "w.csv", rows), _lines(graded, more))
    assert [row[4] for row in _rows(made.text.removeprefix("\ufeff"))[1:]] == ["60", "", "5", ""]
    told = "\n".join(made.warnings)
    assert "cannot be changed" in told
    assert "above the maximum" in told
    assert "row 5 (Participant 4003) is a second row of the same learner" in told


def test_a_mentors_comment_is_text_in_moodle_too(graded: Class, tmp_path: Path) -> None:
    own = marks_from_ledger(graded.ledger.latest(LAB).values())[graded.opaque("s01")]
    said = replace(own.checks[0], comment="=see <script>x</script>")
    marks = {own.learner: replace(own, checks=(said, *own.checks[1:]))}
    made = moodle.fill(_sheet(tmp_path / "w.csv", [_row("Participant 4001", "")]), _lines(graded, marks))
    assert "Mentor: =see &lt;script&gt;x&lt;/script&gt;" in made.text


def test_other_columns_delimiters_and_line_ends_are_kept(graded: Class, tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text('Identifier;ID number;Group;Grade;Extra\r\nParticipant 1;s01;"a;b";;"=1"\r\n', newline="")
    made = moodle.fill(moodle.read_worksheet(path), _lines(graded))
    assert made.text == 'Identifier;ID number;Group;Grade;Extra\r\nParticipant 1;s01;"a;b";5;\'=1\r\n'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no column 'Identifier'"),
        (b"Identifier,Full name\n", "no column 'Grade'"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b'Identifier,Grade\n"a,', "no CSV"),
        (None, "there is no worksheet"),
    ],
)
def test_what_is_no_worksheet_is_told_in_one_line(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "w.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        moodle.read_worksheet(path)


def test_a_scale_of_words_is_refused(graded: Class, tmp_path: Path) -> None:
    sheet = _sheet(tmp_path / "w.csv", [_row("Participant 4001", "", Maximum_Grade="Competent")])
    with pytest.raises(UsageError, match="scale"):
        moodle.fill(sheet, _lines(graded))
