"""Pages of a class whose every word is hostile, in a real browser: they open, read well, and do nothing."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from grader.course import pages, report_page
from grader.course.audit import write_audit
from grader.course.feedback import write_feedback
from grader.course.marks import marks_from_ledger
from grader.course.report import make_report
from grader.course.roster import Learner
from grader.grade import grade
from grader.legible import legible
from grader.notebook import parse
from grader.release import Bundle
from mlops_labs import badges, grading, transcript
from mlops_labs.standing import Evidence, Shown, Standing
from sandbox.engine import Engine
from tests.graded import AWAY, LAB, PAYLOADS, Class, empty_class, hand_in, hostile_class

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


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def transcripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A transcript of each kind, with hostile words wherever a learner or a lab has a say."""
    when = datetime(2026, 3, 1, tzinfo=UTC)
    proofs = [Evidence("a-lab", f"Lab {word}", "t1", f"Task {word}", "a1b2c3d4", when) for word in PAYLOADS]
    skills = [
        Shown("rollback", "Bring the model before back in one step", "Step", "shown", tuple(proofs[:3]))
    ]
    skills += [
        Shown(f"s{n}", word, "Step", "shown", tuple(proofs[n : n + 2]))
        for n, word in enumerate(PAYLOADS[:-1])
    ]
    some = Standing((*skills, Shown("b", "Half of it", "Step", "begun", tuple(proofs[-1:]))))
    none = Standing((Shown("c", "Nothing yet", "Step", "ahead"),))
    key = badges.new_key(f"School {PAYLOADS[0]}", "https://school.example/mlops")
    root = tmp_path_factory.mktemp("transcripts")
    made = {
        "empty": transcript.Transcript(none),
        "unsigned": transcript.Transcript(some, f"Ada {PAYLOADS[0]}"),
        "signed": transcript.signed(some, transcript.Learner(PAYLOADS[1], True, "x"), key, transcript.COURSE),
    }
    return {name: transcript.write(one, root / name)[0] for name, one in made.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", ["empty", "unsigned", "signed"])
def test_a_transcript_is_for_everybody_to_read(
    transcripts: dict[str, Path], browser: Browser, kind: str, scheme: str, width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    watched = Watched(context.new_page())
    url = transcripts[kind].as_uri()
    watched.open(url)
    page = watched.page
    assert (watched.asked, watched.dialogs, watched.said, watched.script_ran) == ([url], [], [], False)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    assert [(one["id"], node["target"]) for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    levels = page.evaluate(HEADINGS)
    assert levels.count(1) == 1 and all(after <= before + 1 for before, after in pairwise(levels))
    assert page.evaluate(CONTRASTS) == []
    assert page.locator("th:not([scope])").count() == 0
    links = page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert len(links) == (20 if kind == "signed" else 0)
    assert all((transcripts[kind].parent / link).is_file() for link in links)
    context.close()


def test_a_transcript_prints_dark_on_white_and_in_whole(
    transcripts: dict[str, Path], browser: Browser
) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(transcripts["signed"].as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.banner')).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate(
        "[...document.querySelectorAll('.wide')].every(one => getComputedStyle(one).overflowX === 'visible')"
    )
    assert len(page.pdf()) > 10_000
    context.close()


def test_a_real_grading_of_hostile_work_ends_in_inert_pages(
    engine: Engine, tiny: Bundle, browser: Browser, tmp_path: Path
) -> None:
    """The whole way: payloads printed, displayed, raised, returned to checks and named in the notebook's metadata."""
    payloads = [payload for payload in PAYLOADS if "\x00" not in payload]
    notebook = json.loads(json.dumps(tiny.reference))
    body = f"""
import sys
from IPython.display import HTML, SVG, Javascript, Markdown, display
payloads = {payloads!r}
print(*payloads, sep="\\n")
print(*payloads, sep="\\n", file=sys.stderr)
for payload in payloads[:9]:
    display(HTML(payload), Markdown(payload))
display(Javascript("window.pwned=1"))
def add(a, b):
    return payloads[0]
def scaled(a):
    raise type(payloads[0], (Exception,), {{}})(payloads[1])
"""
    own = {
        "cell_type": "code",
        "id": "own",
        "metadata": {"tags": payloads},
        "outputs": [],
        "execution_count": None,
    }
    raising = own | {"id": "raising", "source": f"raise ValueError({payloads[0]!r})"}
    notebook["cells"] += [own | {"source": body}, raising]
    notebook["metadata"]["title"] = payloads[0]
    data = json.dumps(notebook).encode()
    graded = grade(engine, tiny, parse(data))
    one = empty_class(tmp_path / "class", [Learner(id="s1", name="A")])
    kept = {"audit.ipynb": graded.audit, "executed.ipynb": graded.executed}
    hand_in(one, "s1", graded.result, kept)
    opaque = one.opaque("s1")
    report = make_report(one.ledger, LAB, {}, None)
    found = [
        *write_feedback(one.course, tiny, one.ledger, {}),
        write_audit(one.course, one.ledger, LAB, opaque, opaque),
        report_page.write_report(one.course, report, lambda name: name).page,
    ]
    one.ledger.close()
    assert graded.result.outcome == "graded", graded.result.message
    context = browser.new_context()
    watched = Watched(context.new_page())
    for path in found:
        watched.open(path.as_uri())
        assert not watched.script_ran
        assert (watched.dialogs, watched.said, watched.asked) == ([], [], [path.as_uri()])
        assert watched.page.locator(ACTIVE).count() == 0
    watched.open(found[1].as_uri())
    text = _flat(watched.page.inner_text("main"))
    for payload in payloads:
        assert _flat(legible(payload)) in text
    assert "notshown:text/html" in text
    context.close()
