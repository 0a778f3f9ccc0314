"""The built site in a real browser: nothing is asked of another host, everything is reachable and readable."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from mlops_labs.site import build

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
# One of each kind: these are looked at in every width and colour, all others once.
KINDS = (
    "index.html",
    "track.html",
    "roadmap.html",
    "sources.html",
    "curriculum-changes.html",
    "lessons/honest-baseline.html",
    "labs/pipeline-that-resumes.html",
    "reference/checks.html",
    "how-to/mentor.html",
    "decisions/index.html",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, platform_home: Path) -> Path:
    """The site as `make site` builds it; lessons that have run before are not run again."""
    source = ROOT / "build" / "site-source"
    build.write(source, platform_home / "bundles", print)
    target = tmp_path_factory.mktemp("built") / "site"
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


class _Read(HTMLParser):
    """What a page links to, and where it can be linked to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        for name in ("id", "name"):
            if value := found.get(name):
                self.anchors.add(value)
        for name in ("href", "src"):
            if value := found.get(name):
                self.links.append(value)
        if tag == "img":
            self.pictures.append(found)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Read]:
    return {page: _Read(page) for page in sorted(site.rglob("*.html")) if page.name != "404.html"}


def test_every_internal_link_and_anchor_resolves(site: Path, pages: dict[Path, _Read]) -> None:
    broken = []
    for page, read in pages.items():
        for link in read.links:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            there = target.is_relative_to(site) and target.exists()
            anchors = pages[target].anchors if target in pages else {parts.fragment}
            if not there or (parts.fragment and unquote(parts.fragment) not in anchors):
                broken.append(f"{page.relative_to(site)}: {link}")
    assert broken == []


def test_every_picture_says_what_it_shows(pages: dict[Path, _Read]) -> None:
    lacking = [
        (page.name, one) for page, read in pages.items() for one in read.pictures if not one.get("alt")
    ]
    assert lacking == []


def test_every_page_can_be_reached_from_home(site: Path, pages: dict[Path, _Read]) -> None:
    seen, waiting = set(), [site / "index.html"]
    while waiting:
        page = waiting.pop()
        if page in seen or page not in pages:
            continue
        seen.add(page)
        waiting += [(page.parent / unquote(urlsplit(link).path)).resolve() for link in pages[page].links]
    assert set(pages) - seen == set()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site below a subpath of a server."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(site.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/site/"
    server.shutdown()


def _watched(context: BrowserContext, home: str) -> tuple[Page, list[str]]:
    """A page, and what it does that it should not: requests elsewhere, errors."""
    page, wrong = context.new_page(), list[str]()
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((home, "data:", "blob:")) else wrong.append(request.url)
        ),
    )
    # A request that the next page cuts short is none of the site's doing.
    page.on(
        "requestfailed",
        lambda request: None if "ABORTED" in str(request.failure) else wrong.append(f"failed: {request.url}"),
    )
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    return page, wrong


@pytest.mark.browser
@pytest.mark.parametrize("way", ["server", "folder"])
def test_no_page_asks_anything_of_another_host(
    way: str, browser: Browser, address: str, site: Path, pages: dict[Path, _Read]
) -> None:
    home = address if way == "server" else f"{site.as_uri()}/"
    context = browser.new_context()
    page, wrong = _watched(context, home)
    for one in pages:
        page.goto(home + one.relative_to(site).as_posix())
        assert page.title()
    page.wait_for_timeout(500)
    context.close()
    assert wrong == []


@pytest.mark.browser
def test_text_is_there_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "roadmap.html")
    assert page.locator(".skills > li").count() > 20
    page.goto(address + "lessons/honest-baseline.html")
    choice = page.locator("details.choice[data-right]").first
    assert not choice.locator("p").first.is_visible()
    choice.locator("summary").click()
    assert choice.locator("p").first.is_visible()
    page.locator(".md-content a[href='../labs/honest-baseline.html']").first.click()
    assert "An honest baseline" in page.locator("h1").inner_text()
    context.close()


@pytest.mark.browser
def test_questions_are_answered_and_kept_in_the_browser(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page, wrong = _watched(context, address)
    page.goto(address + "lessons/honest-baseline.html")
    state = page.get_by_role("status").filter(has_text="questions")
    assert state.inner_text().startswith("5 questions")
    questions = page.locator(".question")
    summary = questions.nth(0).locator("details[data-right] summary")
    summary.focus()
    page.keyboard.press("Enter")
    questions.nth(1).locator("details:not([data-right]) summary").first.click()
    questions.nth(1).locator("details[data-right] summary").click()
    said = page.locator("p.question-state")
    page.wait_for_function("document.querySelector('p.question-state').textContent.startsWith('2 of 5')")
    assert said.inner_text() == "2 of 5 answered, 1 right at the first try."
    page.reload()
    assert said.inner_text() == "2 of 5 answered, 1 right at the first try."
    page.get_by_role("button", name="Answer again").click()
    assert said.inner_text().startswith("5 questions")
    context.close()
    assert wrong == []


@pytest.mark.browser
def test_the_roadmap_keeps_marks_and_takes_over_graded_work(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=DESKTOP)
    page, wrong = _watched(context, address)
    page.goto(address + "roadmap.html")
    state = page.locator("p.question-state")
    assert " 0 of " in f" {state.inner_text()}"
    exported = {
        "format": "mlops-labs-progress",
        "version": 1,
        "passed": ["honest-baseline/t1", "honest-baseline/t2", "honest-baseline/t4"],
        "labs": {},
    }
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(exported))
    page.set_input_files("#roadmap-tools input[type=file]", path)
    page.wait_for_function(
        "document.querySelector('p.question-state').textContent.includes('proved by your')"
    )
    assert page.get_by_label("I can do this: Use only what is known when the question is asked").is_checked()
    assert not page.get_by_label("I can do this: Report a score beside its baseline").is_checked()
    page.reload()
    assert page.locator(".map .node.done").count() == 2
    path.write_text('{"format": "another"}')
    page.set_input_files("#roadmap-tools input[type=file]", path)
    page.wait_for_function(
        "document.querySelector('p.question-state').textContent.includes('could not be read')"
    )
    page.locator("#roadmap-tools select").select_option("state:planned")
    shown = page.locator(".skills > li:not(.dim)")
    assert shown.count() == page.locator(".skills > li[data-state=planned]").count()
    page.locator(".map .node").first.focus()
    page.keyboard.press("Enter")
    assert "#skill-" in page.url
    context.close()
    assert wrong == []


def _findings(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for one in found
        for node in one["nodes"][:3]
    ]


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_axe_finds_nothing(
    colours: str, width: str, browser: Browser, address: str, site: Path, pages: dict[Path, _Read]
) -> None:
    size = DESKTOP if width == "desktop" else PHONE
    context = browser.new_context(viewport=size, color_scheme=colours, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    every = (width, colours) == ("desktop", "light")
    names = [one.relative_to(site).as_posix() for one in pages] if every else KINDS
    found = {}
    for name in names:
        page.goto(address + name)
        page.wait_for_timeout(150)
        if findings := _findings(page):
            found[name] = findings
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            f"{name} is too wide"
        )
    context.close()
    assert not found, json.dumps(found, indent=1)
