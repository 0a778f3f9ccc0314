"""nbgrader's own pages over a course of ours, in a real browser: a mentor marks, and a hostile notebook stays inert."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from grader.course import gradebook
from grader.course.folder import Course, create_course
from grader.course.ledger import Ledger
from grader.course.marks import CheckMark
from grader.lab import load_lab
from grader.release import Bundle, bundle
from mlops_labs import reviewing
from tests.classes import answered, hand_in
from tests.integration.test_browser import QUIET
from tests.payloads import ALL, outputs

pytestmark = pytest.mark.browser

LAB = "tiny-essay"
EVIL, HONEST = "l-aaaaaaaaaa", "l-bbbbbbbbbb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = Path(__file__).parents[1] / "labs" / LAB
    return bundle(load_lab(folder), tmp_path_factory.mktemp("labs"), print)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(create_course(tmp_path / "class").ledger)
    yield opened
    opened.close()


@pytest.fixture
def course(tmp_path: Path, lab: Bundle, ledger: Ledger) -> Course:
    """Two learners: one honest, one who writes payloads wherever there is room."""
    made = create_course(tmp_path / "class")
    evil = answered(lab, t1=f'x = """{ALL}"""', t2=ALL)
    own = {"metadata": {}, "source": ALL}
    evil["cells"] += [{**own, "id": "m", "cell_type": "markdown", "attachments": {"x": {"text/html": ALL}}}]
    evil["cells"] += [{**own, "id": "c", "cell_type": "code", "outputs": outputs(), "execution_count": 1}]
    executed = {
        "cells": [{"id": name, "outputs": outputs()} for name in ("answer-t1", "own-1", "given-01", "own-0")]
    }
    hand_in(made, ledger, lab, EVIL, evil, executed=executed, adds_numbers=("fail", ALL, ALL))
    hand_in(made, ledger, lab, HONEST, answered(lab))
    assert gradebook.publish(made, lab, ledger, lambda _line: None) == 2
    return made


@pytest.fixture
def formgrader(course: Course) -> Iterator[reviewing.Review]:
    reviewing.review(course, LAB, detach=True, browser=False, port=None)
    found = reviewing._recorded(course)
    assert found is not None
    yield found
    assert reviewing.stop(course)
    assert not reviewing._alive(found.pid)
    assert not (course.platform / "review").exists()


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser.new_context(viewport={"width": 1400, "height": 1000})
        browser.close()


def _watched(context: BrowserContext) -> tuple[Page, set[str], list[str]]:
    """A page, the hosts it asked, and what its console said went wrong."""
    hosts: set[str] = set()
    said: list[str] = []
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page = context.new_page()
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("pageerror", lambda error: said.append(str(error)))
    return page, hosts, said


def _assert_inert(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    assert (
        page.locator("a[href^='javascript:'], iframe, svg, #bait, #bait2, [onerror], [onload]").count() == 0
    )
    assert page.locator("img:not([src^='data:image/png;base64,'])").count() == 0
    assert "attacker.invalid" in page.locator("body").inner_text()  # shown letter by letter


def _open(page: Page, formgrader: reviewing.Review, learner: str) -> None:
    page.goto(formgrader.url)
    page.get_by_role("link", name="Submission #").first.wait_for()
    reply = page.request.get(
        f"http://127.0.0.1:{formgrader.port}/formgrader/api/submitted_notebooks/{LAB}/{LAB}"
    )
    ids = {row["student"]: row["id"] for row in reply.json()}
    page.goto(f"http://127.0.0.1:{formgrader.port}/formgrader/submissions/{ids[learner]}")
    page.locator("textarea.comment").first.wait_for()


def test_a_hostile_notebook_is_inert_in_the_formgrader(
    formgrader: reviewing.Review, context: BrowserContext
) -> None:
    page, hosts, said = _watched(context)
    _open(page, formgrader, EVIL)
    page.wait_for_load_state("networkidle")
    page.screenshot(path="/tmp/fg.png", full_page=True)
    _assert_inert(page)
    assert said == []
    assert hosts == {f"127.0.0.1:{formgrader.port}"}


def _nbgrader(course: Course, *words: str) -> str:
    """Run one of nbgrader's own commands as a mentor does, in the course folder."""
    home = course.root.parent / "mentor"
    home.mkdir(exist_ok=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course.root,
        env={**os.environ, "PATH": path, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_hostile_feedback_pages_of_nbgrader_are_inert(course: Course, context: BrowserContext) -> None:
    _nbgrader(course, "generate_feedback", LAB)
    for learner in (EVIL, HONEST):
        page, hosts, said = _watched(context)
        page.goto((course.root / "feedback" / learner / LAB / f"{LAB}.html").as_uri())
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.pwned") is None
        assert (
            page.locator("a[href^='javascript:'], iframe, svg, #bait, #bait2, [onerror], script").count() == 0
        )
        assert page.locator("img").count() == 0
        assert (hosts, said) == ({""}, [])
        expect(page.get_by_text("Written response")).to_be_visible()
    expect(page.get_by_text("3 of 3 points")).to_be_visible()
    assert "def adds_numbers" not in page.content()  # the graded check's code stays with the grader


def _mark(course: Course, check: str, learner: str = HONEST) -> CheckMark:
    return next(mark for mark in gradebook.read_marks(course, LAB)[learner].checks if mark.check == check)


def _give(page: Page, field: str, value: str) -> None:
    page.locator(f"[id='{field}']").fill(value)
    with page.expect_response(lambda reply: reply.request.method == "PUT" and reply.ok):
        page.locator(f"[id='{field}']").blur()


def test_what_a_mentor_does_in_the_formgrader_survives_a_regrade(
    course: Course, lab: Bundle, ledger: Ledger, formgrader: reviewing.Review, context: BrowserContext
) -> None:
    page, _, said = _watched(context)
    _open(page, formgrader, HONEST)
    assert _mark(course, "t2").waits
    _give(page, "answer-t2", "3")
    _give(page, "t1--adds_numbers", "2")
    _give(page, "t1--adds_numbers_extra_credit", "0.5")
    _give(page, "answer-t1-comment", "Neat, but say why.")
    assert said == []
    given = _mark(course, "t1/adds_numbers")
    assert (given.auto, given.manual, given.extra, given.waits) == (3.0, 2.0, 0.5, False)
    assert (_mark(course, "t2").manual, _mark(course, "t2").waits) == (3.0, False)

    hand_in(course, ledger, lab, HONEST, answered(lab), adds_numbers="fail")
    assert gradebook.publish(course, lab, ledger, lambda _line: None) == 1
    again = _mark(course, "t1/adds_numbers")
    assert (again.auto, again.manual, again.extra) == (0.0, 2.0, 0.5)
    assert again.comment == "Neat, but say why."
    assert again.waits  # the verdict under the mark is another one: look again
    assert (_mark(course, "t2").manual, _mark(course, "t2").waits) == (3.0, False)  # the same text
    page.reload()
    expect(page.locator("[id='t1--adds_numbers']")).to_have_value("2")
    expect(page.locator("[id='answer-t1-comment']")).to_have_value("Neat, but say why.")

    _nbgrader(course, "export", "--to", "grades.csv")
    lines = csv.DictReader((course.root / "grades.csv").open())
    totals = {line["student_id"]: float(line["score"]) for line in lines}
    assert totals == {name: marks.points for name, marks in gradebook.read_marks(course, LAB).items()}
    assert totals[HONEST] == 5.5


def test_the_buttons_autograde_keeps_the_verdicts(
    course: Course, formgrader: reviewing.Review, context: BrowserContext
) -> None:
    before = gradebook.read_marks(course, LAB)
    page, _, _ = _watched(context)
    page.goto(formgrader.url)
    page.goto(f"http://127.0.0.1:{formgrader.port}/formgrader/manage_submissions/{LAB}")
    row = page.locator("tr", has_text=EVIL)
    row.get_by_role("link").last.wait_for()
    with page.expect_response(lambda reply: reply.url.endswith("/autograde"), timeout=60_000) as answer:
        row.locator("td.autograde a").click()
    assert answer.value.json()["success"], answer.value.json()
    assert gradebook.read_marks(course, LAB) == before
    _open(page, formgrader, EVIL)
    _assert_inert(page)
