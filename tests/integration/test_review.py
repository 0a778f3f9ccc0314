"""`mlops grade review` as a mentor meets it: an address that answers, for them alone, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from grader.course import gradebook
from grader.course.folder import Course, create_course
from grader.course.ledger import Ledger
from grader.lab import load_lab
from grader.release import bundle
from tests.classes import answered, hand_in

LABS = Path(__file__).parents[1] / "labs"
LAB = "tiny-essay"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = create_course(tmp_path_factory.mktemp("review") / "class")
    lab = bundle(load_lab(LABS / LAB), tmp_path_factory.mktemp("labs"), print)
    ledger = Ledger(made.ledger)
    hand_in(made, ledger, lab, "l-aaaaaaaaaa", answered(lab))
    gradebook.publish(made, lab, ledger, print)
    ledger.close()
    return made


def _command(course: Course, *words: str) -> list[str]:
    where = ["--course", str(course.root)]
    return [sys.executable, "-m", "mlops_labs.cli", "grade", "review", LAB, *where, "--no-browser", *words]


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    yield {**os.environ, "MLOPS_LABS": str(LABS), "MLOPS_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    assert not list(tmp_path.glob(".jupyter"))
    assert not list(tmp_path.glob(".local"))


def _review(course: Course, env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(course, *words), env=env, capture_output=True, text=True, timeout=120, check=False
    )


def _get(url: str) -> tuple[int, str]:
    keeping = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    try:
        with keeping.open(url, timeout=10) as reply:
            return reply.status, reply.url
    except urllib.error.HTTPError as error:
        return error.code, error.url or ""


def _left(course: Course) -> list[str]:
    servers = [p for p in psutil.process_iter() if str(course.root) in " ".join(_words(p))]
    return [" ".join(_words(process)) for process in servers] + [
        str(path) for path in course.platform.glob("review*")
    ]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() if "jupyter_server" in process.cmdline() else []
    except psutil.Error:
        return []


def test_ctrl_c_leaves_nothing(course: Course, env: dict[str, str]) -> None:
    process = subprocess.Popen(
        _command(course), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    url = re.findall(r"http://127\.0\.0\.1:\d+/\S+", first)[0]
    assert _get(url)[0] == 200  # it answers when it is told
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert _left(course) == []
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=2)


def test_a_killed_one_is_replaced_and_stop_ends_it(course: Course, env: dict[str, str]) -> None:
    done = _review(course, env, "--detach")
    assert done.returncode == 0, done.stderr
    url = done.stdout.split()[1]
    again = _review(course, env, "--detach")
    assert again.stdout.split()[1] == url  # safe to repeat
    os.killpg(json.loads((course.platform / "review" / "running.json").read_text())["pid"], signal.SIGKILL)
    third = _review(course, env, "--detach")
    assert third.stdout.split()[1] != url
    assert _get(third.stdout.split()[1])[0] == 200
    assert _review(course, env, "--stop").stdout == "Stopped.\n"
    assert _left(course) == []
    assert _review(course, env, "--stop").stdout == "It is not running.\n"


def test_only_who_has_the_address_gets_in_and_nothing_can_be_run(course: Course, env: dict[str, str]) -> None:
    url = _review(course, env, "--detach").stdout.split()[1]
    try:
        site, token = url.split("/login")[0], url.split("token=")[1]
        page = f"{site}/formgrader/api/submissions/{LAB}"
        assert _get(f"{page}?token={token}") == (200, f"{page}?token={token}")
        # Who has no token is sent to where one is asked for.
        assert _get(f"{site}/formgrader/gradebook/{LAB}/{LAB}")[1].startswith(f"{site}/login")
        for words in ("", "?token=", "?token=wrong"):
            assert _get(f"{page}{words}")[1].startswith(f"{site}/login")
        assert _get(f"{site}/api/terminals?token={token}")[0] == 404
        for body in (b"{}", b'{"name": "python3"}', b'{"name": "none"}'):
            request = urllib.request.Request(f"{site}/api/kernels", body, {"Authorization": f"token {token}"})
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(request, timeout=10)
        assert _get(f"{site}/files/.mlops/roster.csv?token={token}")[0] == 404
        connections = psutil.Process(
            json.loads((course.platform / "review" / "running.json").read_text())["pid"]
        ).net_connections("inet")
        listening = {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}
        assert listening == {"127.0.0.1"}
    finally:
        _review(course, env, "--stop")


def test_what_cannot_be_shown_is_one_line(course: Course, env: dict[str, str], tmp_path: Path) -> None:
    empty = create_course(tmp_path / "empty")
    done = _review(empty, env)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"nothing of {LAB} is in the gradebook" in done.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = _review(course, env, "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is in use" in done.stderr
    config = course.root / "nbgrader_config.py"
    kept = config.read_text()
    config.write_text("c = get_config()\nc.FormgradeExtension.nonsense = 1\nraise SystemExit(3)\n")
    started = time.monotonic()
    done = _review(course, env)
    config.write_text(kept)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert time.monotonic() - started < 60
    assert _left(course) == []
