"""The learner's panel in a real JupyterLab, on both engines: by mouse, by keyboard alone, light and dark."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright

from grader.lab import load_lab
from grader.release import bundle
from mlops_labs import panel as extension
from mlops_labs.home import Home
from mlops_labs.workspace import prepare
from tests.integration.test_browser import QUIET

pytestmark = pytest.mark.browser

LAB = "tiny-sums"
ROOT = Path(__file__).parents[2]
LABS = ROOT / "tests" / "labs"
ARTEFACTS = ROOT / "test-artifacts"
WRONG = "def add(a, b):\n    return a - b"
MARKUP = "<img src=x onerror='window.pwned=1'>"
RIGHT = "def add(a, b):\n    return a + b"
DOUBLED = "def scaled(a):\n    return a * FACTOR"


@dataclass(frozen=True)
class Started:
    engine: str
    home: Path
    url: str


def mlops(home: Path, engine: str, *words: str) -> str:
    env = {**os.environ, "MLOPS_HOME": str(home), "MLOPS_ENGINE": engine, "MLOPS_LABS": str(LABS)}
    done = subprocess.run(
        [sys.executable, "-m", "mlops_labs.cli", *words],
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _lay_out(home: Path) -> None:
    """The work of somebody whose first answer is wrong, with a cell at the end to try things."""
    where = Home(home)
    released = bundle(load_lab(LABS / LAB), where.cache / "labs", print)
    work = prepare(where, released, None)
    notebook = json.loads((work / f"{LAB}.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["id"] == "answer-t1":
            cell["source"] = WRONG
        if cell["id"] == "answer-t2":
            cell["source"] = DOUBLED
    own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].append({**own, "id": "scratch", "source": "scratch = 1"})
    (work / f"{LAB}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (work / "lesson.ipynb").write_bytes((work / f"{LAB}.ipynb").read_bytes())


@contextmanager
def _running(home: Path, engine: str) -> Iterator[Started]:
    assert extension.is_built(), f"the panel is not built; run: {extension.BUILD}"
    out = mlops(home, engine, "start", LAB, "--detach", "--no-browser")
    try:
        yield Started(engine, home, re.findall(r"http://\S+", out)[0])
    finally:
        mlops(home, engine, "stop")


@pytest.fixture(params=[pytest.param("docker", marks=pytest.mark.engine), "local"])
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Started]:
    home = tmp_path / "home"
    _lay_out(home)
    with _running(home, request.param) as found:
        yield found


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser.new_context(viewport={"width": 1400, "height": 1000})
        browser.close()


def _open(context: BrowserContext, url: str) -> tuple[Page, Locator]:
    page = context.new_page()
    page.goto(url)
    page.locator(".jp-Notebook").wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    return page, page.get_by_role("region", name="Lab", exact=True)


def _run_the_lab(page: Page) -> None:
    page.locator(".jp-CodeCell").last.locator(".cm-content").click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Above Selected Cell").click()


def _write(page: Page, cell: Locator, source: str) -> None:
    """Put a text in place of what a cell has, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")


def _try(page: Page, source: str) -> None:
    _write(page, page.locator(".jp-CodeCell").last, source)


def _picture(page: Page, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")


def _task(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("region", name="Tasks").locator("li.mlops-Task", has_text=name)


def _kernel_came_back(page: Page) -> None:
    """JupyterLab tells in a dialog of its own that the kernel starts again."""
    page.locator(".jp-Dialog").get_by_role("button", name="Ok").click(timeout=60_000)


def test_a_lab_from_the_first_check_to_the_result(started: Started, context: BrowserContext) -> None:
    page, panel = _open(context, started.url)

    # It opens by itself, and tells what there is to do.
    expect(panel.get_by_role("heading", name="Lab 01 Tiny sums")).to_be_visible()
    expect(_task(panel, "t1 Add")).to_contain_text("not checked")
    status = panel.get_by_role("status")

    # A check in a cell shows at once, in words.
    _run_the_lab(page)
    expect(_task(panel, "t1 Add")).to_contain_text("FAIL", timeout=60_000)
    expect(_task(panel, "t1 Add")).to_contain_text("Saw: another sum.")
    expect(_task(panel, "t2 Double")).to_contain_text("PASS")
    expect(status).to_contain_text("t2 PASS")

    panel.get_by_role("button", name="Hint for t1").click()
    expect(status).to_contain_text("for t1")
    expect(panel.get_by_text("Hints you have seen for t1: 1")).to_be_visible()

    # The panel's own check waits for a cell that runs, and sees what the cells have defined.
    _write(page, page.locator(".jp-CodeCell", has_text="return a - b"), RIGHT)
    _try(page, "import time; time.sleep(6)")
    panel.get_by_role("button", name="Check t1").click()
    expect(status).to_contain_text("when the cell that is running has ended")
    expect(_task(panel, "t1 Add")).to_contain_text("PASS", timeout=30_000)
    expect(panel).to_contain_text("2 of 2 tasks pass the public checks")
    assert page.locator(".jp-OutputArea-output", has_text="None").count() == 0

    # A kernel that is killed: what to do, and one button for it.
    _try(page, "import os; os.kill(os.getpid(), 9)")
    notice = panel.get_by_role("region", name="Notices")
    expect(notice).to_contain_text("Your answers are safe in the notebook", timeout=60_000)
    expect(notice).to_contain_text("import os; os.kill(os.getpid(), 9)")
    _kernel_came_back(page)
    _picture(page, f"panel-killed-{started.engine}")
    notice.get_by_role("button", name=re.compile("Run these . cells again")).click()
    expect(notice).to_have_count(0, timeout=60_000)
    panel.get_by_role("button", name="Check all").click()
    expect(status).to_contain_text("t1 PASS. t2 PASS.", timeout=30_000)

    # The result, task by task, and the history of attempts.
    _try(page, "scratch = 1")
    panel.get_by_role("button", name="Submit").click()
    result = panel.get_by_role("region", name="Last submission")
    expect(result).to_contain_text("Points: 5 of 5", timeout=240_000)
    expect(result).to_contain_text("All submissions: 1")
    _picture(page, f"panel-{started.engine}")


@pytest.mark.parametrize("started", [pytest.param("docker", marks=pytest.mark.engine)], indirect=True)
def test_memory_that_runs_out_is_explained(started: Started, context: BrowserContext) -> None:
    page, panel = _open(context, started.url)
    expect(panel.get_by_role("meter", name="Memory")).to_have_attribute("aria-valuemax", "4096")
    _run_the_lab(page)
    expect(_task(panel, "t2 Double")).to_contain_text("PASS", timeout=60_000)
    _try(page, "hungry = b'x' * (6 * 2**30)")
    notices = panel.get_by_role("region", name="Notices")
    expect(notices).to_contain_text("The sandbox ran out of memory", timeout=120_000)
    expect(notices).to_contain_text("Its limit is 4096 MB")
    expect(notices).to_contain_text("Your answers are safe", timeout=60_000)
    _kernel_came_back(page)
    _picture(page, "panel-memory")


def _command(page: Page, name: str) -> None:
    """Choose a command in JupyterLab's command palette."""
    page.keyboard.press("Control+Shift+c")
    expect(page.locator(".lm-CommandPalette-input")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def _go_to(page: Page, name: str) -> None:
    """Press Tab until the panel's button of that name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText.trim()").startswith(name):
            assert page.evaluate("document.activeElement.closest('.mlops-LabPanel') !== null")
            return
    raise AssertionError(f"Tab never came to {name}")


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText.trim()"))


def test_by_keyboard_alone(started: Started, context: BrowserContext) -> None:
    page, panel = _open(context, started.url)
    status = panel.get_by_role("status")
    # The shortcut, and the command palette for who does not know it.
    page.keyboard.press("Alt+Shift+l")
    expect(panel.get_by_role("heading", name="Lab 01 Tiny sums")).to_be_focused()
    _command(page, "Open the Lab")
    expect(panel.get_by_role("heading", name="Lab 01 Tiny sums")).to_be_focused()

    _go_to(page, "Check t1")
    page.keyboard.press("Enter")
    expect(status).to_contain_text("t1 FAIL", timeout=30_000)
    assert _focused(page) == "Check t1"
    page.keyboard.press("Tab")
    assert _focused(page) == "Hint for t1"
    page.keyboard.press("Space")
    expect(status).to_contain_text("Hint for t1")
    assert _focused(page) == "Hint for t1"
    expect(panel.locator("details[open] li", has_text="Hint for t1")).to_be_visible()
    _go_to(page, "Check all")
    page.keyboard.press("Space")
    expect(status).to_contain_text("t2 FAIL", timeout=30_000)
    page.keyboard.press("Tab")
    assert _focused(page) == "Submit"
    page.keyboard.press("Enter")
    expect(panel.get_by_role("region", name="Last submission")).to_contain_text("of 5", timeout=240_000)
    assert _focused(page) == "Submit"


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Started]:
    """A panel with something in every part."""
    from tests.unit.test_panel import CHECKED, HINTS, RESULT, STANDING

    home = tmp_path / "home"
    _lay_out(home)
    corner = home / LAB / ".mlops"
    with _running(home, "local") as found:  # a start tells the standing anew
        for name, content in {
            "checked.json": CHECKED,
            "hints-used.json": HINTS,
            "last-result.json": {**RESULT, "result": {**RESULT["result"], "message": MARKUP}},  # type: ignore[dict-item]
            "standing.json": STANDING,
        }.items():
            (corner / name).write_text(json.dumps(content))
        yield found


RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_bad(filled: Started, context: BrowserContext, theme: str) -> None:
    page, panel = _open(context, filled.url)
    if theme == "Dark":
        _command(page, "Use Theme: JupyterLab Dark")
        page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
    _run_the_lab(page)
    _try(page, "import os; os.kill(os.getpid(), 9)")
    expect(panel.get_by_role("region", name="Notices")).to_be_visible(timeout=60_000)
    _kernel_came_back(page)
    expect(panel.get_by_role("region", name="Where I stand")).to_contain_text("Sums: shown")
    page.evaluate("document.querySelectorAll('.mlops-LabPanel details').forEach(one => one.open = true)")
    page.wait_for_timeout(500)
    expect(panel.get_by_role("region", name="Last submission")).to_contain_text(MARKUP)
    assert (panel.locator("img").count(), page.evaluate("window.pwned")) == (0, None)
    found = Axe().run(page, context=".mlops-LabPanel", options=RULES).response
    bad = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert found["passes"]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in bad] == []
    _picture(page, f"panel-{theme.lower()}")
