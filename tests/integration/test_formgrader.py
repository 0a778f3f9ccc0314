"""nbgrader's own pages over a course of ours, in a real browser: a mentor marks, and a hostile notebook stays inert."""

from __future__ import annotations

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
    assert page.locator("a[href^='javascript:'], iframe, svg, #bait, #bait2, [onerror], [onload]").count() == 0
    assert page.locator("img:not([src^='data:image/png;base64,'])").count() == 0
    assert "attacker.invalid" in page.locator("body").inner_text()  # shown letter by letter


def _open(page: Page, formgrader: reviewing.Review, learner: str) -> None:
    page.goto(formgrader.url)
    page.get_by_role("link", name="Submission #").first.wait_for()
    reply = page.request.get(f"http://127.0.0.1:{formgrader.port}/formgrader/api/submitted_notebooks/{LAB}/{LAB}")
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
