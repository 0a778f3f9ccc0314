"""What the panel is told: from honest files, from broken and hostile ones, and over a real Jupyter server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_labs import __version__, doctor, lab, panel, standing
from mlops_labs.home import Home
from mlops_labs.panel import files
from mlops_labs.panel.meters import Memory, read_memory, read_meters
from mlops_labs.panel.state import read_services, read_state
from mlops_labs.panel.submission import Away, Submissions
from sandbox.web import free_port

ROOT = Path(__file__).parents[2]
LAB = {
    "id": "tiny-sums",
    "number": 1,
    "title": "Tiny sums",
    "story": "A <b>story</b>.",
    "minutes": 5,
    "tasks": [{"id": "t1", "title": "Add", "points": 3}, {"id": "t2", "title": "Double", "points": 2}],
    "graded_checks": 4,
    "hints": {"t1": ["a", "b", "c"], "t2": ["d", "e", "f"]},
}
CHECKED = {
    "format": 1,
    "tasks": {
        "t1": {
            "state": "fail",
            "saw": "another sum.",
            "help": "Return a + b.",
            "check": "x",
            "at": "2026-11-28",
        },
        "t2": {
            "state": "blocked",
            "saw": "t1 has to pass first",
            "help": "",
            "check": "",
            "at": "2026-11-28",
        },
    },
}
HINTS = {
    "format": 2,
    "hints": [
        {
            "task": "t1",
            "level": 0,
            "of": 3,
            "check": "",
            "title": "Hint 1 of 3 for t1",
            "text": "a",
            "at": "",
        },
        {"task": "t1", "level": -1, "of": 3, "check": "x", "text": "special", "at": ""},
        {"task": "t1", "level": -1, "of": 3, "check": "x", "text": "special", "at": "later"},
    ],
}
RESULT = {
    "format": 1,
    "result": {
        "earned": 3,
        "points": 5,
        "finished": "2026-11-28T15:00:00+00:00",
        "message": "",
        "notes": ["slow"],
        "tasks": [
            {"id": "t1", "title": "Add", "state": "pass", "earned": 3, "points": 3, "saw": "", "help": ""},
            {
                "id": "t2",
                "title": "Double",
                "state": "error",
                "earned": 0,
                "points": 2,
                "saw": "",
                "help": "",
            },
        ],
    },
    "history": [{"attempt": "a1", "finished": "", "earned": 3, "points": 5, "passed": False}],
    "read_again": [{"task": "t2", "title": "Doubling", "path": "lesson.ipynb"}],
}
STANDING = {
    "format": 1,
    "skills": [{"id": "s", "title": "Sums", "level_title": "Basics", "state": "shown", "evidence": []}],
    "shown": 1,
    "of": 50,
}
NAMES = {
    "lab.json": LAB,
    "checked.json": CHECKED,
    "hints-used.json": HINTS,
    "last-result.json": RESULT,
    "standing.json": STANDING,
}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    corner = tmp_path / "work" / ".mlops"
    (corner / "mailbox").mkdir(parents=True)
    for name, content in NAMES.items():
        (corner / name).write_text(json.dumps(content), encoding="utf-8")
    return tmp_path / "work"


def state_of(work: Path) -> dict[str, Any]:
    """What arrives at the page."""
    sent: dict[str, Any] = json.loads(json.dumps(read_state(work, Submissions(work)), allow_nan=False))
    return sent


def test_everything_is_told(work: Path) -> None:
    (work / "lesson.ipynb").touch()
    state = state_of(work)
    assert state["lab"] == {
        "id": "tiny-sums",
        "number": 1,
        "title": "Tiny sums",
        "story": "A <b>story</b>.",
        "minutes": 5,
        "notebook": "tiny-sums.ipynb",
        "points": 5,
    }
    first, second = state["tasks"]
    assert first["practice"] == {
        "state": "fail",
        "word": "FAIL",
        "trouble": "Saw: another sum.  Return a + b.",
        "at": "2026-11-28",
    }
    assert first["graded"] == {"state": "pass", "word": "PASS", "trouble": "", "earned": 3, "points": 3}
    assert [hint["text"] for hint in first["hints"]["shown"]] == ["a", "special"]
    assert second["practice"]["trouble"] == "T1 has to pass first."
    assert second["graded"]["word"] == "OURS"
    assert second["hints"] == {"of": 3, "shown": []}
    assert state["result"]["tasks"][1]["trouble"].startswith("A check of ours broke.")
    assert state["read_again"] == RESULT["read_again"]
    assert state["history"][0]["earned"] == 3
    assert state["standing"]["skills"][0]["title"] == "Sums"
    assert state["lesson"] == "lesson.ipynb"


def test_a_new_lab_has_nothing_yet(work: Path) -> None:
    for name in set(NAMES) - {"lab.json"}:
        (work / ".mlops" / name).unlink()
    state = state_of(work)
    assert [task["practice"] or task["graded"] for task in state["tasks"]] == [None, None]
    assert (state["result"], state["history"], state["standing"], state["lesson"]) == (None, [], None, None)


def test_hints_of_an_older_record_are_those_that_were_counted(work: Path) -> None:
    (work / ".mlops" / "hints-used.json").write_text('{"t1": 2, "t2": 99, "t3": 1, "t4": "x"}')
    first, second = state_of(work)["tasks"]
    assert [hint["text"] for hint in first["hints"]["shown"]] == ["a", "b"]
    assert [hint["text"] for hint in second["hints"]["shown"]] == ["d", "e", "f"]


BROKEN = [
    b"",
    b"\x00\xff",
    b"[]",
    b"null",
    b"NaN",
    b'{"format": 1}',
    b'{"format": 1, "tasks": {"t1": 5}, "result": 3, "history": {}, "skills": [1], "shown": 1, "of": 1}',
    b'{"format": 2, "hints": [{"task": ["t1"], "text": 5}]}',
    b'{"format": 1, "format": 1, "tasks": {}}',
    b"[" * 100_000,
    b'{"format": 1, "result": {"earned": 1e400, "points": -1}}',
    b'{"t1": true, "format": null}',
    b'{"t1": -5}',
    b'"' + b"x" * (600 * 1024) + b'"',
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_counts_as_absent(work: Path, name: str, content: bytes) -> None:
    (work / ".mlops" / name).write_bytes(content)
    broken = state_of(work)
    (work / ".mlops" / name).unlink()
    absent = state_of(work)
    broken.pop("meters"), absent.pop("meters")
    assert broken == absent


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_file_counts_as_absent(work: Path, name: str, tmp_path: Path) -> None:
    path = work / ".mlops" / name
    outside = tmp_path / "outside.json"
    path.rename(outside)
    before = state_of(work)
    before.pop("meters")
    for make in (lambda: path.symlink_to(outside), lambda: os.mkfifo(path), path.mkdir):
        make()
        found = state_of(work)
        found.pop("meters")
        assert found == before
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_corner_that_is_a_link_is_not_followed(work: Path, tmp_path: Path) -> None:
    (work / ".mlops").rename(tmp_path / "elsewhere")
    (work / ".mlops").symlink_to(tmp_path / "elsewhere")
    assert state_of(work)["lab"] is None


def test_long_texts_are_cut_and_a_strange_id_is_none(work: Path) -> None:
    long = {**LAB, "title": "x" * 100_000}
    (work / ".mlops" / "lab.json").write_text(json.dumps(long))
    assert len(state_of(work)["lab"]["title"]) == 4000
    (work / ".mlops" / "lab.json").write_text(json.dumps({**LAB, "id": "../../etc/passwd"}))
    assert state_of(work)["lab"] is None


def test_services_are_told_by_their_pages() -> None:
    rows = [
        {"name": "mlflow", "title": "MLflow", "port": 1, "page": "/", "prefixed": False},
        {"name": "quiet", "title": "Quiet", "port": 2, "page": "", "prefixed": False},
    ]
    assert read_services(json.dumps(rows)) == [{"title": "MLflow", "path": "mlflow/"}]
    assert read_services("{") == read_services("[1]") == read_services("5") == []


def test_the_kernel_and_the_panel_name_the_same_files() -> None:
    assert lab.MAILBOX.startswith(files.CORNER + "/")


def test_the_platforms_own_standing_is_understood(work: Path, tmp_path: Path) -> None:
    told = standing.read(Home(tmp_path / "home")).to_json()
    (work / ".mlops" / "standing.json").write_text(json.dumps(told))
    found = state_of(work)["standing"]
    assert (found["of"], len(found["skills"])) == (told["of"], told["of"])


def test_both_sides_have_one_version() -> None:
    package = json.loads((ROOT / "panel" / "package.json").read_text())
    assert (package["name"], package["version"]) == (panel.NAME, __version__)


def test_without_the_build_doctor_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "is_built", lambda: False)
    finding = doctor._panel()
    assert not finding.needed
    assert finding.line().startswith("without panel: ")
    assert finding.line().endswith("run: make panel")


# The mailbox.


def _beat(work: Path) -> None:
    (work / lab.MAILBOX / "alive").touch()


def test_a_submission_waits_and_is_answered(work: Path) -> None:
    clock = [100.0]
    desk = Submissions(work, lambda: clock[0])
    assert desk.look()["phase"] == "away"
    with pytest.raises(Away):
        desk.ask()
    _beat(work)
    assert desk.look()["phase"] == "idle"
    request = desk.ask()
    assert json.loads((work / lab.MAILBOX / "request.json").read_text()) == {"submit": request}
    clock[0] += 7
    assert desk.look() == {"phase": "waiting", "seconds": 7, "text": ""}
    assert desk.ask() == request
    old = time.time() - 60
    os.utime(work / ".mlops" / "last-result.json", (old, old))
    (work / lab.MAILBOX / f"{request}.txt").write_text("No mark was given\n")
    assert desk.look() == {"phase": "answered", "seconds": 0, "text": "No mark was given\n"}
    assert not (work / lab.MAILBOX / f"{request}.txt").exists()
    (work / ".mlops" / "last-result.json").touch()
    assert desk.look() == {"phase": "answered", "seconds": 0, "text": ""}
    assert desk.ask() != request


def test_a_submission_that_nobody_answers_is_late_and_may_be_made_again(work: Path) -> None:
    clock = [0.0]
    desk = Submissions(work, lambda: clock[0])
    _beat(work)
    request = desk.ask()
    clock[0] = lab.GRADING_SECONDS + 1
    assert desk.look()["phase"] == "late"
    assert desk.ask() != request


def test_an_answer_that_is_no_plain_small_file_is_not_read(work: Path) -> None:
    desk = Submissions(work)
    _beat(work)
    reply = work / lab.MAILBOX / f"{desk.ask()}.txt"
    reply.symlink_to("/etc/passwd")
    assert desk.look()["phase"] == "waiting"
    reply.unlink()
    reply.write_bytes(b"x" * 300_000)
    assert desk.look()["phase"] == "waiting"


# Memory.


def _tree(top: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)


def test_memory_of_a_container_with_version_2(tmp_path: Path) -> None:
    _tree(
        tmp_path,
        {
            "own": "0::/\n",
            "cg/memory.max": "4294967296\n",
            "cg/memory.current": "1000000\n",
            "cg/memory.stat": "anon 1\nfile 9\ninactive_file 200000\nactive_file 100000\n",
            "cg/memory.events": "low 0\nmax 3\noom 2\noom_kill 1\n",
        },
    )
    assert read_memory(tmp_path / "cg", tmp_path / "own") == Memory(700_000, 4 * 2**30, 1)


def test_memory_of_a_container_with_version_1_that_sees_its_own_group_as_the_top(tmp_path: Path) -> None:
    _tree(
        tmp_path,
        {
            "own": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n",
            "cg/memory/memory.limit_in_bytes": "1048576000\n",
            "cg/memory/memory.usage_in_bytes": "500\n",
            "cg/memory/memory.stat": "cache 1\ntotal_inactive_file 100\ntotal_active_file 1000\n",
            "cg/memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n",
        },
    )
    assert read_memory(tmp_path / "cg", tmp_path / "own") == Memory(0, 1_048_576_000, 4)


def test_the_innermost_limit_counts_and_none_is_none(tmp_path: Path) -> None:
    _tree(
        tmp_path,
        {
            "own": "0::/user.slice/one.scope\n",
            "cg/user.slice/memory.max": "2000\n",
            "cg/user.slice/memory.current": "10\n",
            "cg/user.slice/one.scope/memory.max": "max\n",
            "cg/user.slice/one.scope/memory.current": "5\n",
        },
    )
    assert read_memory(tmp_path / "cg", tmp_path / "own") == Memory(10, 2000, 0)
    (tmp_path / "cg/user.slice/memory.max").write_text("max\n")
    assert read_memory(tmp_path / "cg", tmp_path / "own") is None
    assert read_memory(tmp_path / "cg", tmp_path / "missing") is None
    _tree(tmp_path, {"own": "1:memory:/\n", "cg/memory/memory.limit_in_bytes": "9223372036854771712\n"})
    assert read_memory(tmp_path / "cg", tmp_path / "own") is None


def test_the_meters_of_this_very_process(tmp_path: Path) -> None:
    found = read_meters(tmp_path)
    assert found["memory"]["used_mb"] > 10
    assert found["memory"]["free_mb"] > 10
    assert found["work_free_mb"] > 0
    assert found["minutes"] < 600


# The whole, over HTTP.


class _Server:
    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def ask(self, path: str, body: bytes | None = None, token: str = "secret") -> tuple[int, Any]:
        url = f"http://127.0.0.1:{self.port}/mlops/api/{path}"
        request = urllib.request.Request(url, body, {"Authorization": f"token {token}"})
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture
def server(work: Path) -> Iterator[_Server]:
    """Jupyter's server with the settings of a stack, as `sandbox.local_stack` starts it."""
    port = free_port()
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "MLOPS_JUPYTER_IP": "127.0.0.1",
        "MLOPS_JUPYTER_PORT": str(port),
        "MLOPS_JUPYTER_ROOT": str(work),
        "MLOPS_JUPYTER_TOKEN": "secret",
        "MLOPS_JUPYTER_EXTENSION": panel.__name__,
        "JUPYTER_CONFIG_PATH": str(ROOT / "sandbox" / "jupyter"),
        **{f"JUPYTER_{name}_DIR": str(work.parent / name) for name in ("CONFIG", "DATA", "RUNTIME")},
    }
    log = (work.parent / "log").open("wb")
    words = [sys.executable, "-m", "jupyterlab"]
    process = subprocess.Popen(words, cwd=work, env=env, stdout=log, stderr=log)
    made = _Server(port, process)
    try:
        for _ in range(300):
            try:
                made.ask("state")
                break
            except OSError:
                assert process.poll() is None, (work.parent / "log").read_text()
                time.sleep(0.1)
        yield made
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def test_over_a_real_server(server: _Server, work: Path) -> None:
    status, state = server.ask("state")
    assert (status, state["lab"]["title"]) == (200, "Tiny sums")
    assert server.ask("state", token="wrong")[0] == 403
    assert server.ask("hint", b'{"task": "t2"}', token="wrong")[0] == 403
    assert server.ask("submit", b"{}", token="wrong")[0] == 403

    status, hint = server.ask("hint", b'{"task": "t2"}')
    assert status == 200
    assert hint["text"].startswith("Hint 1 of 3 for t2")
    for body, expected in ((b'{"task": "t9"}', 404), (b'{"task": 5}', 400), (b"x", 400), (b"", 400)):
        status, answer = server.ask("hint", body)
        assert status == expected
        assert answer["message"]

    status, answer = server.ask("submit", b"{}")
    assert status == 503
    assert "mlops submit tiny-sums" in answer["message"]
    _beat(work)
    status, answer = server.ask("submit", b"{}")
    assert status == 200
    assert json.loads((work / lab.MAILBOX / "request.json").read_text()) == {"submit": answer["request"]}
    assert server.ask("state")[1]["submission"]["phase"] == "waiting"

    (work / ".mlops" / "lab.json").write_text("[" * 100_000)
    status, state = server.ask("state")
    assert (status, state["lab"]) == (200, None)
    status, answer = server.ask("hint", b'{"task": "t2"}')
    assert (status, "Start the lab again" in answer["message"]) == (409, True)
