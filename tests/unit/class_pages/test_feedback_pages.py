from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import feedback, pages
from grader.course.feedback import write_feedback
from grader.course.ledger import Key
from grader.course.marks import CheckMark, marks_from_ledger
from grader.legible import legible
from grader.result import Outcome, TaskResult, now
from sandbox.errors import DiskFull
from tests.graded import LAB, PAYLOADS, Class, hand_in, result


def _page(one: Class, learner: str = "s01", marks: dict | None = None) -> str:
    written = write_feedback(one.course, one.bundle, one.ledger, marks or {})
    path = one.course.root / "feedback" / one.opaque(learner) / LAB / f"{LAB}.html"
    assert path in written
    return path.read_text()


def _text(html: str) -> str:
    body = html[html.index("<main>") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_a_page_says_what_passed_what_was_seen_and_what_to_try(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("pass", "fail"), notes=("The answer cell of t2 raised ValueError",)))
    text = _text(_page(one))
    for said in (
        "3 of 5 points",
        "1 of 2 tasks passed",
        "PASS t1 · Add 3 of 3",
        "FAIL t2 · Double 0 of 2",
        "Seen: a sum that is off",
        "Try: Return a + b for any numbers.",
        "The answer cell of t2 raised ValueError",
        "mlops hint tiny-sums t2",
    ):
        assert said in text


def test_only_the_first_trouble_of_a_task_is_told(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("fail", "pass")))
    assert _page(one).count("a sum that is off") == 1


def test_a_mentors_marks_and_comments_count(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("pass", "fail")))
    marks = marks_from_ledger(one.ledger.latest(LAB).values())
    own = marks[one.opaque("s01")]
    changed = replace(own.checks[2], manual=1.5, extra=0.25, comment="Nearly.\nSee <b>week 3</b>.")
    marks[own.learner] = replace(own, checks=(*own.checks[:2], changed), late_penalty=0.5)
    html = _page(one, marks=marks)
    text = _text(html)
    assert "4.25 of 5 points" in text
    assert "0.5 points were taken off" in text
    assert "1.75 of 2 your mentor's mark" in text.replace("&#39;", "'")
    assert "See &lt;b&gt;week 3&lt;/b&gt;." in html


def test_a_written_task_waits_for_marking(one: Class) -> None:
    made = result("a1")
    written = TaskResult(id="t3", title="Say why", state="pass", points=4, earned=0, checks=())
    hand_in(one, "s01", made.model_copy(update={"tasks": (*made.tasks, written)}))
    text = _text(_page(one))
    assert "5 of 9 points so far" in text
    assert "Your mentor still marks: t3" in text
    assert "WAIT Your answer in writing - of 4" in text
    marks = marks_from_ledger(one.ledger.latest(LAB).values())
    own = marks[one.opaque("s01")]
    done = CheckMark("t3", 4.0, None, manual=3.0, comment="Clear.")
    text = _text(_page(one, marks={own.learner: replace(own, checks=(*own.checks[:3], done))}))
    assert "8 of 9 points" in text
    assert "so far" not in text
    assert "3 of 4" in text
    assert "Clear." in text


def test_a_written_task_with_a_check_of_its_own(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("pass", "fail")))
    (verdict,) = one.ledger.history(LAB)
    t1, t2 = verdict.result.tasks
    prose = t2.checks[0].model_copy(
        update={"id": "t2", "state": "to_mark", "earned": 0, "saw": "", "help": ""}
    )
    essay = t2.model_copy(update={"state": "to_mark", "checks": (prose,)})
    later = replace(verdict, result=verdict.result.model_copy(update={"tasks": (t1, essay)}))
    marks = marks_from_ledger([later])[verdict.key.learner]
    assert (marks.waits, marks.points, marks.checks[-1].auto) == (True, 3.0, None)
    page = feedback._page(one.bundle, verdict.key.learner, [later], marks, None)
    (view,) = page.tasks[1].checks
    assert (view.word, view.points, page.waits) == ("WAIT", "-", "t2")
    done = replace(marks, checks=(*marks.checks[:-1], CheckMark("t2", 2.0, None, 1.5, comment="Clear.")))
    page = feedback._page(one.bundle, verdict.key.learner, [later], done, None)
    (view,) = page.tasks[1].checks
    assert (view.word, view.points, view.comment, page.points) == ("MARKED", "1.5", "Clear.", "4.5")
    assert (page.tasks[1].word, page.tasks[1].meaning, page.waits) == ("MARKED", "", "")


def test_a_check_that_failed_beside_a_written_one_is_told(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("fail", "pass")))
    (verdict,) = one.ledger.history(LAB)
    t1 = verdict.result.tasks[0]
    prose = t1.checks[0].model_copy(update={"state": "to_mark"})
    task = t1.model_copy(update={"checks": (prose, t1.checks[1])})
    view = feedback._task(task, marks_from_ledger([verdict])[verdict.key.learner])
    assert view.checks[1].saw == "a sum that is off"


def test_a_state_of_another_version_is_told_as_it_is_called(one: Class) -> None:
    hand_in(one, "s01", result("a1"))
    (verdict,) = one.ledger.history(LAB)
    later = verdict.result.tasks[0].model_copy(update={"state": "peer_review"})
    view = feedback._task(later, marks_from_ledger([verdict])[verdict.key.learner])
    assert (view.word, view.points) == ("PEER REVIEW", "3")


def test_history_names_the_best_and_the_one_that_counts(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("pass", "pass"), submission="x", minute=0))
    hand_in(one, "s01", result("a2", ("fail", "fail"), submission="y", minute=5))
    hand_in(one, "s01", result("a3", ("pass", "fail"), submission="y", minute=9))
    text = _text(_page(one))
    assert "3 graded, the oldest first. The last one counts." in text
    assert "1 2026-03-01 09:00 5 of 5 Graded best" in text
    assert "3 2026-03-01 09:09 3 of 5 Graded the same work, graded again, counts" in text


def test_what_went_wrong_as_a_whole_is_told_first(one: Class) -> None:
    hand_in(one, "s01", result("a1", ("fail", "fail"), outcome=Outcome.TIME, message="Look for a loop."))
    assert "Took too long. Look for a loop." in _text(_page(one))


def test_trouble_of_ours_is_no_mark_and_names_no_machine_of_ours(one: Class) -> None:
    key = Key(one.opaque("s02"), LAB, "s", "v1", "lab:1")
    one.ledger.note_trouble(key, "the disk of host db7 is full", now())
    html = _page(one, "s02")
    assert "through no fault of yours" in html
    assert "points" not in _text(html)
    assert "db7" not in html


def test_pages_are_blind_and_show_nothing_of_the_checks(one: Class) -> None:
    audit = {"cells": [{"cell_type": "code", "source": "session.run('SECRET-INPUT')", "outputs": []}]}
    hand_in(one, "s01", result("a1", ("fail", "fail")), {"audit.ipynb": audit})
    html = _page(one)
    for hidden in ("SECRET-INPUT", "Ada", "Byron", "ada@example.org", "s01", "t1/check0"):
        assert hidden not in html


def test_payloads_stay_text(hostile: Class) -> None:
    for n, path in enumerate(sorted(write_feedback(hostile.course, hostile.bundle, hostile.ledger, {}))):
        html = path.read_text()
        assert "Content-Security-Policy" in html, n
        body = html[html.index("<main>") :]
        tags = set(re.findall(r"<([a-zA-Z!/][^\s>]*)", body))
        allowed = {
            *(
                "main",
                "header",
                "p",
                "h1",
                "h2",
                "h3",
                "strong",
                "span",
                "section",
                "ul",
                "li",
                "div",
                "code",
            ),
            *("table", "caption", "thead", "tbody", "tr", "th", "td", "footer", "small"),
        }
        assert {tag.strip("/") for tag in tags} <= allowed | {"body", "html"}
        assert not re.search(r"<[^>]*\son\w+=", body)
        assert not {"\x1b", "\x00", "\u202e", "\u2066", "\u200b"} & set(html)


def test_every_payload_is_on_its_page_as_text(hostile: Class) -> None:
    import html as escapes

    write_feedback(hostile.course, hostile.bundle, hostile.ledger, {})
    for n, payload in enumerate(PAYLOADS):
        path = hostile.course.root / "feedback" / hostile.opaque(f"s{n:02}") / LAB / f"{LAB}.html"
        shown = escapes.unescape(path.read_text())
        for where in ("message", "note"):
            assert f"{where} {legible(payload)}" in shown


class _Tags(HTMLParser):
    """What of a page is markup, in order, and what is text."""

    def __init__(self) -> None:
        super().__init__()
        self.markup: list[object] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.markup.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.markup.append(data)


@given(
    st.text(alphabet="<>&\"'/=-![]{}%#;:()abcsript \n\x00\u202e", min_size=1, max_size=40).filter(str.strip)
)
def test_no_text_becomes_markup(text: str) -> None:
    def parsed(note: str) -> _Tags:
        page = feedback.FeedbackPage("l-1", 1, note, message=note, outcome="Graded", notes=(note,))
        found = _Tags()
        found.feed(pages.render("feedback.html", page=page))
        return found

    assert parsed(text).markup == parsed("plain").markup
    assert parsed(text).text.count(legible(text)) >= 3


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = pages.write(tmp_path / "a" / "page.html", "first")

    def broken(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(DiskFull, match="No space left"):
        pages.write(target, "second")
    assert target.read_text() == "first"
    assert list(target.parent.iterdir()) == [target]
