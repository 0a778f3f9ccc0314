"""A bench does what checks ask, keeps to its folder, and always answers."""

from __future__ import annotations

import base64
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.benches import Bench as Vocabulary
from grader.checks import CheckFailed
from grader.inside.bench import MOST_SAID, Bench
from grader.inside.traffic import listening
from grader.traffic import request
from sandbox import services
from sandbox.services.mlflow_server import TEMPLATE_VARIABLE


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a.txt").write_text("hello")
    return tmp_path


@pytest.fixture
def inside(place: Path) -> Iterator[Bench]:
    bench = Bench(place)
    yield bench
    bench.close()


@pytest.fixture
def bench(inside: Bench) -> Vocabulary:
    def ask(question: dict[str, Any]) -> Any:
        answer = inside.answer(question)
        if "ok" not in answer:
            raise CheckFailed(answer["raised"]["message"], "")
        return answer["ok"]

    return Vocabulary(ask, CheckFailed)


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def test_a_command_is_run_to_its_end(bench: Vocabulary) -> None:
    done = bench.run(python("import sys; print(open('a.txt').read()); sys.exit(3)"), cwd="project")
    assert (done.code, done.out, done.ok, done.timed_out) == (3, "hello\n", False, False)
    assert bench.run(python("print(input())"), stdin="given\n").out == "given\n"
    assert bench.run(python("import os; print(os.environ['WORD'])"), env={"WORD": "x"}).out == "x\n"
    assert bench.run(python("raise ValueError('no')")).last == "ValueError: no"


def test_nothing_of_ours_is_in_its_environment(bench: Vocabulary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_CHANNEL", "secret")
    assert "MLOPS" not in bench.run(python("import os; print(dict(os.environ))")).out


def test_a_command_that_does_not_end_is_killed_with_what_it_started(bench: Vocabulary, place: Path) -> None:
    source = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(2); open(\"late\", \"w\")']); time.sleep(60)"
    done = bench.run(python(source), seconds=1)
    assert done.timed_out
    assert done.code == -9
    time.sleep(2.5)
    assert not (place / "late").exists()


def test_what_goes_on_behind_a_command_is_not_waited_for(bench: Vocabulary) -> None:
    started = time.monotonic()
    done = bench.run(
        python("import subprocess; subprocess.Popen(['sleep', '30']); print('over')"), seconds=20
    )
    assert done.ok
    assert done.out == "over\n"
    assert time.monotonic() - started < 10


def test_output_without_end_is_cut(bench: Vocabulary) -> None:
    done = bench.run(python("for _ in range(1000): print('x' * 10_000)"))
    assert done.ok
    assert len(done.out) == MOST_SAID


def test_a_process_is_waited_for_and_killed(bench: Vocabulary) -> None:
    running = bench.start(python("import time; print('up', flush=True); open('there', 'w'); time.sleep(60)"))
    stands = running.wait_for("there", 20)
    assert stands.code is None
    assert not stands.timed_out
    running.kill()
    assert running.wait(10).code == -9
    ended = bench.start(python("pass")).wait_for("never", 20)
    assert ended.code == 0
    assert bench.start(python("import time; time.sleep(60)")).wait_for("never", 0.2).timed_out


def test_files_are_written_read_listed_and_removed(bench: Vocabulary) -> None:
    bench.write("project/new/b.txt", "words")
    assert bench.text("project/new/b.txt") == "words"
    assert bench.read("project/none") is None
    assert bench.files("project") == ["a.txt", "new/b.txt"]
    bench.remove("project/new")
    bench.remove("project/none")
    assert bench.files() == ["project/a.txt"]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "project/../../x", "link/passwd"])
def test_paths_stay_inside(inside: Bench, place: Path, path: str) -> None:
    (place / "link").symlink_to("/etc")
    for question in (
        {"op": "read", "path": path},
        {"op": "write", "path": path, "data": base64.b64encode(b"x").decode()},
        {"op": "remove", "path": path},
    ):
        assert inside.answer(question)["raised"]["type"] == "Asked"


def test_links_are_neither_read_nor_written_through(inside: Bench, place: Path) -> None:
    target = place / "target"
    target.write_text("as it was")
    (place / "link").symlink_to(target)
    assert "raised" in inside.answer({"op": "read", "path": "link"})
    inside.answer({"op": "write", "path": "link", "data": base64.b64encode(b"new").decode()})
    assert target.read_text() == "as it was"
    assert (place / "link").read_text() == "new"


@pytest.mark.parametrize(
    "question",
    [
        {"op": "run", "command": ["no-such-command"], "seconds": 1},
        {"op": "run", "command": [], "seconds": 1},
        {"op": "run", "command": ["true"], "cwd": "nowhere", "seconds": 1},
        {"op": "wait", "process": 99, "seconds": 1},
        {"op": "nothing"},
    ],
)
def test_there_is_always_an_answer(inside: Bench, question: dict[str, Any]) -> None:
    assert "raised" in inside.answer(question)


def git(bench: Vocabulary, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "init.defaultBranch=main"]
    done = bench.run(["git", *identity, *words], cwd="project")
    assert done.ok, done


def test_a_clone_has_what_was_committed_and_the_whole_history(bench: Vocabulary) -> None:
    git(bench, "init", "-q")
    git(bench, "add", "-A")
    git(bench, "commit", "-qm", "first, with PASSWORD")
    git(bench, "checkout", "-qb", "side")
    bench.write("project/key.txt", "PASSWORD" * 3)
    git(bench, "add", "-A")
    git(bench, "commit", "-qm", "second")
    git(bench, "checkout", "-q", "main")
    bench.write("project/uncommitted.txt", "x")
    clone = bench.clone("project")
    assert clone.files() == ["a.txt"]
    assert bench.files("clone").count("uncommitted.txt") == 0
    assert len(clone.commits()) == 2
    assert {(blob.path, blob.size) for blob in clone.blobs()} == {("a.txt", 5), ("key.txt", 24)}
    assert sorted(clone.holding(["PASSWORD"])) == ["commit", "key.txt"]
    assert clone.holding(["nowhere"]) == []
    assert clone.run(["git", "status", "--short"]).out == ""


def test_hooks_and_settings_stay_behind(bench: Vocabulary, place: Path) -> None:
    git(bench, "init", "-q")
    git(bench, "add", "-A")
    git(bench, "commit", "-qm", "first")
    for hook in ("post-checkout", "post-commit", "pre-commit", "reference-transaction"):
        path = place / "project" / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {place}/hooked-in-clone\n")
        path.chmod(0o755)
    clone = bench.clone("project")
    clone.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x", "--allow-empty"])
    assert not (place / "hooked-in-clone").exists()


def test_what_is_no_repository_says_so(bench: Vocabulary) -> None:
    with pytest.raises(CheckFailed, match="is no Git repository"):
        bench.clone("project")
    git(bench, "init", "-q")
    with pytest.raises(CheckFailed, match="has no commit"):
        bench.clone("project")


SERVER = """
import http.server, json, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply({"path": self.path})
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/die":
            sys.exit(1)
        self.reply({"sent": json.loads(body), "kind": self.headers["Content-Type"]})
    def reply(self, what):
        if self.path == "/slow":
            time.sleep(0.3)
        data = json.dumps(what).encode()
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", str(len(data) + (9 if self.path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def server(bench: Vocabulary) -> int:
    port = bench.port()
    process = bench.start([*python(SERVER), str(port)])
    assert bench.answers(port, "/", 10, process.number)
    return port


def test_requests_and_their_answers(bench: Vocabulary, server: int) -> None:
    assert bench.send(server, "/a?b=c").json() == {"path": "/a?b=c"}
    sent = bench.send(server, "/x", {"rows": [1]})
    assert sent.json() == {"sent": {"rows": [1]}, "kind": "application/json"}
    assert bench.send(server, "/none").status == 404
    assert bench.send(server, "/slow", seconds=0.05).error == "timeout"
    assert bench.send(bench.port(), "/").error == "refused"


def test_half_an_answer_is_none(bench: Vocabulary, server: int) -> None:
    reply = bench.send(server, "/short")
    assert (reply.status, reply.body) == (0, "")
    assert reply.error == "IncompleteRead"


def test_traffic_goes_on_beside_the_check(bench: Vocabulary, server: int) -> None:
    traffic = bench.traffic(server, [request(f"/{number}") for number in range(40)], senders=4, rate=100)
    assert bench.send(server, "/beside").status == 200
    replies = traffic.wait(10)
    assert [reply.json()["path"] for reply in replies] == [f"/{number}" for number in range(40)]
    assert replies[-1].at >= 0.35, "sent evenly, not at once"


def test_traffic_is_stopped(bench: Vocabulary, server: int) -> None:
    traffic = bench.traffic(server, [request("/slow")] * 100, senders=2)
    time.sleep(0.4)
    replies = traffic.wait(5, stop=True)
    assert 2 <= len(replies) < 20
    assert {reply.status for reply in replies} == {200}, "what was under way is finished"


def test_a_process_that_ended_is_not_waited_for(bench: Vocabulary) -> None:
    started = time.monotonic()
    assert not bench.answers(bench.port(), "/", 20, bench.start(python("pass")).number)
    assert time.monotonic() - started < 5


def test_a_service_of_the_catalogue_with_settings(
    bench: Vocabulary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    words = ("python", str(script), "{port}")
    page = services.Service("page", "Page", words, port=1, health="/", memory_mb=1, configured=True)
    monkeypatch.setattr(services, "find", lambda _name: page)
    port = bench.port()
    assert bench.service("page", port, {"a.yml": "b: 1"}).wait(0.1).code is None
    assert bench.send(port, "/").status == 200
    assert bench.text(f".services/page-{port}-settings/a.yml") == "b: 1"
    script.write_text("raise SystemExit('no such setting')")
    with pytest.raises(RuntimeError, match="page is not ready after 60 s: no such setting"):
        bench.service("page", bench.port())


@pytest.mark.skipif(not Path("/proc/net/tcp").is_file(), reason="needs Linux")
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_where_something_listens_is_told(bench: Vocabulary, address: str) -> None:
    port = bench.port()
    assert bench.listens(port) == []
    with socket.create_server((address, port)):
        assert bench.listens(port) == [address]


def test_addresses_of_both_kinds_are_read(tmp_path: Path) -> None:
    table = tmp_path / "tcp6"
    everybody, mapped = "0" * 32, "0000000000000000FFFF00000100007F"
    rows = [f"{n}: {local}:1F40 {everybody}:0000 0A 0" for n, local in enumerate((everybody, mapped))]
    table.write_text("\n".join(["  sl  local_address remote_address st", *rows]))
    assert listening(8000, [table]) == ["::", "127.0.0.1"]
    assert listening(8001, [table, tmp_path / "none"]) == []


def test_mlflow_as_a_service_is_told_of_its_empty_database_and_no_command_is(
    bench: Vocabulary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(TEMPLATE_VARIABLE, "empty.db")
    script, told = tmp_path / "server.py", tmp_path / "told"
    tell = f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(os.environ.get({TEMPLATE_VARIABLE!r}, ''))\n"
    script.write_text(tell + SERVER)
    words = ("python", str(script), "{port}")
    page = services.Service("page", "Page", words, port=1, health="/", memory_mb=1)
    monkeypatch.setattr(services, "find", lambda _name: page)
    bench.service("page", bench.port())
    assert told.read_text() == "empty.db"
    bench.run(python(tell))
    assert told.read_text() == ""
