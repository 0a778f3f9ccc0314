"""A learner's first minutes in a real browser: open, run, see the checks, find the run in MLflow, submit, stop."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from grader.lab import load_lab
from grader.release import bundle
from mlops_labs.home import Home
from mlops_labs.workspace import prepare

pytestmark = pytest.mark.browser

LAB = "defend-your-runs"
ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "test-artifacts"
# Chromium looks for its maker's services at every start; here nothing may go out.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
QUIET += ["--disable-component-update", "--disable-sync"]


@dataclass(frozen=True)
class Started:
    engine: str
    home: Path
    url: str
    mlflow: str


def mlops(home: Path, engine: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "MLOPS_HOME": str(home), "MLOPS_ENGINE": engine}
    done = subprocess.run(
        [sys.executable, "-m", "mlops_labs.cli", *words],
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _answered_work(home: Path) -> Path:
    """The work folder of somebody who has answered everything, and submits in the last cell."""
    where = Home(home)
    released = bundle(load_lab(ROOT / "labs" / LAB), where.cache / "labs", print)
    work = prepare(where, released, None)
    notebook = json.loads(json.dumps(released.reference))
    own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].append({**own, "id": "handing-in", "source": "lab.submit()"})
    (work / f"{LAB}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return work


@pytest.fixture(scope="module", params=[pytest.param("docker", marks=pytest.mark.engine), "local"])
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    home = tmp_path_factory.mktemp(f"browser-{request.param}")
    _answered_work(home)
    done = mlops(home, request.param, "start", LAB, "--detach", "--no-browser")
    urls = re.findall(r"http://\S+", done.stdout)
    try:
        yield Started(request.param, home, urls[0], urls[1])
    finally:
        mlops(home, request.param, "stop")


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser.new_context(viewport={"width": 1400, "height": 900})
        browser.close()


def _run_all(page: Page, url: str) -> None:
    page.goto(url)
    page.locator(".jp-Notebook").wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def _picture(page: Page, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")


def test_the_first_minutes(started: Started, context: BrowserContext) -> None:
    hosts: set[str] = set()
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page = context.new_page()
    _run_all(page, started.url)

    # Every check's HTML, in words; then the verdict of a real grading, asked for from the notebook.
    passes = page.locator(".jp-Notebook section[aria-label^='Checks of'] li", has_text="PASS")
    expect(passes).to_have_count(4, timeout=120_000)
    expect(page.locator(".jp-Notebook").get_by_text("Points: 15 of 15")).to_be_visible(timeout=240_000)
    _picture(page, f"jupyterlab-{started.engine}")

    # MLflow opens from its tile and shows the runs.
    page.keyboard.press("Control+Shift+L")
    with context.expect_page() as opened:
        page.locator(".jp-LauncherCard", has_text="MLflow").click()
    mlflow = opened.value
    mlflow.get_by_role("button", name="Model training").click(timeout=60_000)
    mlflow.get_by_role("link", name="flight-delays").click()
    expect(mlflow.get_by_role("link", name="C=3.0").first).to_be_visible(timeout=60_000)
    _picture(mlflow, f"mlflow-{started.engine}")

    # What it shows of the roadmap, as a page to hand on, and signed by nobody.
    to = started.home / "shown"
    mlops(started.home, started.engine, "transcript", "--to", str(to), "--name", "Ada L.")
    transcript = context.new_page()
    transcript.goto((to / "transcript.html").as_uri())
    expect(transcript.get_by_role("heading", name="What Ada L. has shown")).to_be_visible()
    expect(transcript.get_by_role("row", name="Runs you can defend").first).to_be_visible()
    expect(transcript.get_by_text("Not signed.")).to_be_visible()
    _picture(transcript, f"transcript-{started.engine}")
    skills = json.loads(mlops(started.home, started.engine, "status", "--json").stdout)["standing"]["skills"]
    assert {skill["state"] for skill in skills if skill["evidence"]} <= {"shown", "begun"}
    assert any(skill["evidence"] for skill in skills)
    assert {host for host in hosts if host} == {urlsplit(started.url).netloc}


def test_a_page_without_the_token_shows_nothing(started: Started, context: BrowserContext) -> None:
    page = context.new_page()
    for url in (started.url, started.mlflow):
        page.goto(url.split("?")[0])
        assert "/login" in page.url


def test_start_again_is_the_same_stack_and_stop_leaves_nothing(started: Started) -> None:
    again = mlops(started.home, started.engine, "start", LAB, "--detach", "--no-browser")
    assert started.url in again.stdout
    answers = (started.home / LAB / f"{LAB}.ipynb").read_text()
    mlops(started.home, started.engine, "stop")
    port = urlsplit(started.url).port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert (started.home / LAB / f"{LAB}.ipynb").read_text() == answers
    left = subprocess.run(
        ["pgrep", "-af", str(started.home)], capture_output=True, text=True, check=False
    ).stdout
    assert "jupyter" not in left
    assert "mlflow" not in left
    assert "No lab is running." in mlops(started.home, started.engine, "status").stdout
