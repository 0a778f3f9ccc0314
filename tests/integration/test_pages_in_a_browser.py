"""Pages of a class whose every word is hostile, in a real browser: they open, read well, and do nothing."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from grader.course import pages, report_page
from grader.course.audit import write_audit
from grader.course.feedback import write_feedback
from grader.course.marks import marks_from_ledger
from grader.course.report import make_report
from grader.legible import legible
from mlops_labs import grading
from tests.graded import AWAY, LAB, PAYLOADS, Class, hostile_class

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
ARGUMENTS += ["--disable-component-update", "--disable-quic"]
ACTIVE = "a, script, iframe, frame, img, object, embed, link, base, form, input, button, video, audio, meta[http-equiv=refresh]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    made = hostile_class(tmp_path_factory.mktemp("class"))
    yield made
    made.ledger.close()


@dataclass
class Written:
    """Where the pages are: path -> payloads that must be readable on it."""

    root: Path
    pages: dict[Path, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def written(hostile: Class) -> Written:
    found = Written(hostile.course.root)
    marks = marks_from_ledger(hostile.ledger.latest(LAB).values())
    names = grading.names(hostile.course, reveal=True)
    write_feedback(hostile.course, hostile.bundle, hostile.ledger, marks)
    for n, payload in enumerate(PAYLOADS):
        opaque = hostile.opaque(f"s{n:02}")
        found.pages[found.root / "feedback" / opaque / LAB / f"{LAB}.html"] = [f"note {legible(payload)}"]
        audit = write_audit(hostile.course, hostile.ledger, LAB, opaque, names(opaque))
        found.pages[audit] = [f"saw {legible(payload)}"] if n % 2 else [f"message {legible(payload)}"]
    report = make_report(hostile.ledger, LAB, marks, None)
    every = [f"trouble {legible(payload)}" for payload in PAYLOADS]
    for revealed, shown in ((False, lambda opaque: opaque), (True, names)):
        page = report_page.write_report(hostile.course, report, shown, revealed=revealed).page
        found.pages[page] = (
            [*every, *(legible(learner.name) for learner in hostile.roster)] if revealed else every
        )
    return found


@pytest.fixture(scope="module")
def site(written: Written) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=written.root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@dataclass
class Watched:
    """A page and everything it tried."""

    page: Page
    asked: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # requests that the page's policy let go
    dialogs: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.route(f"{AWAY}/**", lambda route: (self.left.append(route.request.url), route.abort()))

    def open(self, url: str) -> None:
        for kept in (self.asked, self.left, self.dialogs, self.said):
            kept.clear()
        self.page.goto(url)
        self.page.mouse.move(200, 200)
        self.page.wait_for_timeout(30)

    @property
    def script_ran(self) -> bool:
        return bool(self.page.evaluate("window.pwned === 1"))


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context()
    yield Watched(context.new_page())
    context.close()


def _flat(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("by", ["file", "http"])
def test_hostile_words_are_only_words(written: Written, site: str, browser: Browser, by: str) -> None:
    assert len(written.pages) == 2 * len(PAYLOADS) + 2
    context = browser.new_context()
    one = Watched(context.new_page())
    for path, words in written.pages.items():
        url = f"{site}/{path.relative_to(written.root)}" if by == "http" else path.as_uri()
        one.open(url)
        assert not one.script_ran, path
        assert one.dialogs == [], path
        assert [asked for asked in one.asked if asked != url and not asked.endswith("/favicon.ico")] == [], (
            path
        )
        assert [said for said in one.said if "favicon" not in said and "404" not in said] == [], path
        assert one.page.url == url
        assert one.page.title().startswith(("Feedback on ", "Audit of ", "Class report: ")), path
        assert one.page.locator(ACTIVE).count() == 0, path
        one.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        text = _flat(one.page.inner_text("main"))
        for word in words:
            assert _flat(word) in text, (path, word)
    context.close()


@pytest.mark.parametrize(
    "payload", [payload for payload in PAYLOADS if "<" in payload and "refresh" not in payload]
)
def test_the_policy_holds_even_if_a_word_came_through_unescaped(
    watched: Watched, tmp_path: Path, payload: str
) -> None:
    whole = pages.render("page.html")
    path = tmp_path / "page.html"
    path.write_text(whole.replace("<main>", f"<main>{payload}"))
    watched.open(path.as_uri())
    assert not watched.script_ran
    assert watched.dialogs == []
    assert watched.left == []


def test_without_escaping_and_policy_the_payloads_would_do_harm(watched: Watched, tmp_path: Path) -> None:
    """What the two tests above look for can be seen."""
    path = tmp_path / "page.html"
    path.write_text(f"<main>{''.join(payload for payload in PAYLOADS[:7])}</main>")
    watched.open(path.as_uri())
    assert watched.script_ran
    assert watched.dialogs == ["1"]
    assert {f"{AWAY}/img.png", f"{AWAY}/svg.png"} <= set(watched.left)


# Text and what it stands on, for every element that has text of its own; transparent backgrounds are looked through.
CONTRASTS = """() => {
  const parse = colour => { const n = colour.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n };
  const light = ([r, g, b]) => { const f = c => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 };
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b) };
  const ground = one => { for (; one; one = one.parentElement) {
    const found = parse(getComputedStyle(one).backgroundColor); if (found[3] > 0) return found } return [255, 255, 255, 1] };
  const poor = [];
  for (const one of document.querySelectorAll('main *')) {
    const own = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || one.closest('svg')) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) poor.push(one.className + ': ' + one.textContent.slice(0, 30) + ' ' + ratio.toFixed(2));
  }
  return poor }"""
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1]))"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_read_well_everywhere(written: Written, browser: Browser, scheme: str, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    for path in [*list(written.pages)[:6], *list(written.pages)[-2:]]:
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        levels = page.evaluate(HEADINGS)
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        assert page.evaluate(CONTRASTS) == [], path
        assert page.locator("th:not([scope])").count() == 0
        assert page.locator("svg:not([role=img])").count() == 0
    context.close()
