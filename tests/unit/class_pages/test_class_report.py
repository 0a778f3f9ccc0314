from __future__ import annotations

import html as escapes
import json
import re
from dataclasses import replace

import pytest

from grader.course import charts, report_page
from grader.course.audit import write_audit
from grader.course.ledger import Key
from grader.course.marks import CheckMark, Marks, marks_from_ledger
from grader.course.report import Report, make_report
from grader.legible import legible
from grader.result import Outcome, now
from tests.graded import LAB, PAYLOADS, Class, hand_in, hostile_notebook, result


def _opaque(learner: str) -> str:
    return learner


def _report(one: Class, marks: dict[str, Marks] | None = None) -> Report:
    expected = {one.opaque(learner.id) for learner in one.roster}
    known = marks or marks_from_ledger(one.ledger.latest(LAB).values())
    return make_report(one.ledger, LAB, known, expected)


def _some(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("pass", "pass"), submission="1", seconds=4))
    hand_in(one, "s02", result("a2", ("pass", "fail"), submission="2", seconds=8))
    hand_in(one, "s03", result("a3", ("not_attempted", "fail"), submission="3", seconds=12))


def test_points_are_those_that_count(one: Class) -> None:
    _some(one)
    found = _report(one)
    assert found.scores == [0.0, 3.0, 5.0]
    assert (found.mean_score, found.median_score, found.most_points) == (8 / 3, 3.0, 5.0)
    assert [(one.low, one.learners) for one in found.bins if one.learners] == [(0, 1), (60, 1), (90, 1)]
    assert (found.graded, found.missing, found.waiting_for_us) == (3, 1, 0)
    own = one.opaque("s03")
    by_hand = Marks(own, LAB, (CheckMark("t1/check0", 5.0, 0.0, manual=4.0),))
    marks = marks_from_ledger(one.ledger.latest(LAB).values()) | {own: by_hand}
    assert _report(one, marks).scores == [3.0, 4.0, 5.0]


def test_the_task_most_are_stuck_on_comes_first(one: Class) -> None:
    _some(one)
    found = _report(one)
    assert [(row.id, row.not_passed, row.learners) for row in found.tasks] == [("t2", 2, 3), ("t1", 1, 3)]
    assert found.stuck is not None
    assert found.stuck.id == "t2"
    assert found.tasks[1].states == {"not attempted": 1, "passed": 2}
    assert found.checks[0].id == "t2/check0"


def test_messages_are_counted_by_learner(one: Class) -> None:
    _some(one)
    hand_in(one, "s04", result("a4", ("pass", "fail"), submission="4", saw="another sum"))
    (row,) = _report(one).messages
    assert (row.learners, row.task, row.saw, row.variants) == (3, "t2", "a sum that is off", 2)


def test_a_submission_that_failed_as_a_whole_has_one_message(one: Class) -> None:
    made = result("a1", ("fail", "fail"), outcome=Outcome.TIME, message="Look for a loop.")
    hand_in(one, "s01", made)
    (row,) = _report(one).messages
    assert (row.task, row.check, row.saw) == ("all", "Took too long", "Look for a loop.")


def test_odd_verdicts(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("fail", "fail"), outcome=Outcome.MEMORY, submission="1"))
    hand_in(one, "s02", result("a2", ("pass", "error"), submission="2"))
    hand_in(one, "s03", result("a3", ("pass", "pass"), submission="3"))
    hand_in(one, "s03", result("a4", ("pass", "fail"), submission="4", version="v2"))
    one.ledger.note_trouble(Key(one.opaque("s04"), LAB, "5", "v1", "lab:1"), "no disk", now())
    found = {(odd.kind, odd.learner) for odd in _report(one).odd}
    assert found == {
        ("versions", ""),
        ("infrastructure", one.opaque("s04")),
        ("memory", one.opaque("s01")),
        ("author", one.opaque("s02")),
        ("less than before", one.opaque("s03")),
    }


def test_a_check_that_everybody_fails_is_suspected(one: Class) -> None:
    for n in (1, 2):
        hand_in(one, f"s0{n}", result(f"a{n}", ("pass", "fail"), submission=str(n)))
    assert not _report(one).odd
    hand_in(one, "s03", result("a3", ("pass", "fail"), submission="3"))
    (odd,) = _report(one).odd
    assert odd.kind == "nobody passes"
    assert "t2/check0: all 3" in odd.what
    assert "mlops grade regrade" in odd.todo
    hand_in(one, "s04", result("a4", ("pass", "pass"), submission="4"))
    assert not _report(one).odd


def test_time_and_memory(one: Class) -> None:
    _some(one)
    found = _report(one)
    assert found.seconds is not None
    assert (found.seconds.least, found.seconds.median, found.seconds.most) == (4.0, 8.0, 12.0)
    assert [row.seconds for row in found.slowest] == [12, 8, 4]


@pytest.mark.usefixtures("no_charts")
def test_nothing_graded_is_no_error(one: Class) -> None:
    found = _report(one)
    written = report_page.write_report(one.course, found, _opaque)
    assert "Nothing was run." in written.page.read_text()
    assert "0 learners" in report_page.text(found, _opaque)


def test_the_page_has_a_table_beside_each_chart_and_the_json_the_same(one: Class) -> None:
    _some(one)
    written = report_page.write_report(one.course, _report(one), _opaque)
    html = written.page.read_text()
    assert html.count('<svg role="img"') == 4
    assert html.count("<title id=") == 4
    assert html.count("<table>") >= 5
    data = json.loads(written.data.read_text())
    assert data["schema_version"] == 1
    assert data["tasks"][0]["failure_rate"] == 0.6667
    assert {row["learner"] for row in data["usage"]} == {one.opaque(f"s0{n}") for n in (1, 2, 3)}


def test_the_same_verdicts_give_the_same_bytes(one: Class) -> None:
    _some(one)
    first = report_page.write_report(one.course, _report(one), _opaque).page.read_bytes()
    assert report_page.write_report(one.course, _report(one), _opaque).page.read_bytes() == first


def test_charts_ask_for_nothing_and_take_the_pages_colours(one: Class) -> None:
    _some(one)
    found = _report(one)
    for draw in (charts.scores_chart, charts.tasks_chart, charts.seconds_chart, charts.memory_chart):
        chart = draw(found)
        assert chart.alt in escapes.unescape(chart.svg)
        assert not re.search(r"#[0-9a-fA-F]{6}\b", chart.svg)
        assert not re.search(r"(?:href|src)=\"(?!#)|url\((?!#)|@import|<script", chart.svg)
    ids = [
        id
        for draw in (charts.scores_chart, charts.tasks_chart)
        for id in re.findall(r'\bid="([^"]+)"', draw(found).svg)
    ]
    assert len(ids) == len(set(ids))


def test_bins_are_of_round_width_and_hold_everything() -> None:
    labels, counts = charts.histogram([0.4, 5, 19.9, 40])
    assert labels[0] == "0-5"
    assert (len(labels), sum(counts), counts[-1]) == (9, 4, 1)
    assert charts.histogram([]) == ([], [])
    assert charts.histogram([3.0]) == (["3-3.5"], [1])


def test_the_terminal_is_told_in_plain_lines(one: Class) -> None:
    _some(one)
    text = report_page.text(_report(one), _opaque)
    assert text.isascii()
    assert "t2   Double  [#######---] 2 of 3 without it" in text
    assert "2 x t2  a sum that is off. Return a + b for any numbers" in text


@pytest.mark.usefixtures("no_charts")
def test_reports_are_blind_unless_revealed(one: Class) -> None:
    _some(one)
    hand_in(one, "s04", result("a4", ("fail", "fail"), outcome=Outcome.OUTPUT, submission="4"))

    def name(opaque: str) -> str:
        learner = one.roster.reveal(opaque)
        return learner.name if learner else opaque

    found = _report(one)
    blind = report_page.write_report(one.course, found, _opaque)
    shown = report_page.write_report(one.course, found, name, revealed=True)
    assert "Zoë" in shown.page.read_text()
    assert json.loads(shown.data.read_text())["odd"][0]["learner"] == "Zoë Ångström"
    assert shown.page.is_relative_to(one.course.platform)
    assert shown.page.stat().st_mode & 0o077 == 0
    for path in (blind.page, blind.data):
        text = path.read_text()
        assert one.opaque("s04") in text
        assert not [
            who for learner in one.roster for who in (learner.name, learner.email, learner.id) if who in text
        ]


def test_hostile_words_stay_words(hostile: Class) -> None:
    found = _report(hostile)
    assert found.odd
    written = report_page.write_report(hostile.course, found, _opaque)
    html = written.page.read_text()
    shown = escapes.unescape(html)
    for payload in PAYLOADS[::2]:
        assert f"message {legible(payload)}" in shown
    body = html[html.index("<main>") :]
    assert not re.search(r"<(script|iframe|img|meta|link|base|object|a|input)\b", body)
    assert not re.search(r"<[^>]*\son\w+=", body)
    text = report_page.text(found, lambda _: "a\nb\x1b[2J")
    assert not {"\x1b", "\x00", "\u202e"} & set(legible(text))
    assert "a b" in text


def test_an_audit_page_shows_everything_as_text(hostile: Class) -> None:
    for n, payload in enumerate(PAYLOADS):
        path = write_audit(hostile.course, hostile.ledger, LAB, hostile.opaque(f"s{n:02}"), payload)
        assert path.stat().st_mode & 0o077 == 0
        html = path.read_text()
        assert escapes.unescape(html).count(legible(payload)) > 5
        body = html[html.index("<main>") :]
        assert not re.search(r"<(script|iframe|img|svg|style|meta|link|base|object|a|input)\b", body)
        assert not {"\x1b", "\x00", "\u202e", "\u200b"} & set(html)


def test_an_audit_bears_notebooks_of_any_shape(one: Class) -> None:
    for n, content in enumerate(([], "x", {"cells": "x"}, {"cells": [{"outputs": [{"data": 3}]}]}, {})):
        hand_in(one, "s01", result(f"a{n}", submission=str(n)), {"audit.ipynb": content})
        assert write_audit(one.course, one.ledger, LAB, one.opaque("s01"), "l").exists()
    (one.course.attempts / "a4" / "audit.ipynb").write_bytes(b"{")
    html = write_audit(one.course, one.ledger, LAB, one.opaque("s01"), "l").read_text()
    assert "audit.ipynb cannot be shown" in html
    (one.course.attempts / "a4" / "audit.ipynb").unlink()
    (one.course.attempts / "a4" / "audit.ipynb").symlink_to("/etc/passwd")
    assert "root:" not in write_audit(one.course, one.ledger, LAB, one.opaque("s01"), "l").read_text()


def test_an_audit_page_stays_small_whatever_was_put_out(one: Class) -> None:
    stream = {"output_type": "stream", "text": "x" * 50_000}
    cells = [{"cell_type": "code", "source": str(n), "outputs": [stream] * 60} for n in range(3)]
    hand_in(one, "s01", result("a1"), {"executed.ipynb": {"cells": [*cells, *[{"source": "y"}] * 600]}})
    path = write_audit(one.course, one.ledger, LAB, one.opaque("s01"), "l-1")
    html = path.read_text()
    assert "[20 more outputs are not shown]" in html
    assert "... (30000 more characters)" in html
    assert "103 more cells are not shown." in html
    assert path.stat().st_size < 3 * 2**20


def test_what_was_asked_is_on_the_audit(one: Class) -> None:
    asked = replace_text(hostile_notebook("x"), "PASS  adds numbers\n  [main] add(437, 646) -> 1083")
    hand_in(one, "s01", result("a1"), {"audit.ipynb": asked, "submission.ipynb": {"cells": []}})
    html = write_audit(one.course, one.ledger, LAB, one.opaque("s01"), "l-1").read_text()
    assert "add(437, 646)" in html
    assert "not shown: image/svg+xml, text/html" in html


def replace_text(notebook, text):
    notebook["cells"][0]["outputs"][0]["text"] = text
    return notebook


def test_marks_that_wait_are_counted(one: Class) -> None:
    _some(one)
    marks = marks_from_ledger(one.ledger.latest(LAB).values())
    own = marks[one.opaque("s01")]
    marks[own.learner] = replace(own, checks=(*own.checks, CheckMark("t3", 4.0, None, None, waits=True)))
    found = _report(one, marks)
    assert found.waiting_for_mentor == 1
    assert "1 wait for a mentor" in report_page.text(found, _opaque)


def _asked(*tasks: str, level: int = 0, check: str = "") -> list[dict[str, object]]:
    return [{"task": task, "level": level, "check": check} for task in tasks]


def test_where_hints_were_asked_for(one: Class) -> None:
    _some(one)
    came = {
        "a1": [],
        "a2": [*_asked("t2", "t2", check="sums"), *_asked("t2", level=2)],
        "a3": [*_asked("t2", check="sums"), *_asked("t1"), *_asked("t9", "<b>", check=PAYLOADS[0])],
    }
    known = marks_from_ledger(one.ledger.latest(LAB).values())
    made = make_report(one.ledger, LAB, known, None, came.__getitem__)
    first, second = made.helped
    assert (first.task[:2], first.learners, first.hints, first.furthest) == ("t2", 2, 4, 1)
    assert first.failures == {"sums": 3}
    assert (second.task[:2], second.learners) == ("t1", 1)
    assert "2 learners, 4 hints: t2" in report_page.text(made, _opaque)
    page = report_page.write_report(one.course, made, _opaque).page.read_text()
    assert "Where hints were asked for" in page


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_record_of_hints_is_shown_as_text(one: Class, payload: str) -> None:
    _some(one)
    made = make_report(one.ledger, LAB, {}, None, lambda _attempt: _asked("t1", check=payload))
    page = report_page.write_report(one.course, made, _opaque).page.read_text()
    assert payload not in page or escapes.escape(payload) == payload
