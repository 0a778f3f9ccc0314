"""The main process of a job: takes a notebook in, runs it with papermill, carries questions and answers.

Both sides of a grading are such jobs: the learner's (its kernel answers) and the checker's (its kernel asks).
The first line on stdin says what to run. On stdout, lines that begin with ``R `` are the runner's own and
lines that begin with ``K `` came from the kernel through the channel, a Unix socket.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from grader import wire
from grader.inside import bench
from grader.inside.guard import Guard

MAX_NOTEBOOK = 8 * 2**20  # bytes of an executed notebook that are worth carrying back


def own_cgroup() -> Path | None:
    """Where the kernel accounts for this sandbox alone; None outside one, where it speaks of the whole machine."""
    told = os.environ.get("MLOPS_CGROUP")
    return Path(told) if told else None


class Out:
    """The job's channel out, safe to share between threads."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, kind: bytes, line: bytes) -> None:
        """Send one line of that kind (``b"R"`` or ``b"K"``)."""
        with self._lock:
            self._stream.write(kind + b" " + line + b"\n")
            self._stream.flush()

    def say(self, message: dict[str, Any]) -> None:
        """Send a message of the runner's own."""
        self.write(b"R", wire.dumps(message))


def private_stdout() -> Out:
    """Keep stdout and stderr for the runner; the kernel inherits harmless ones, since it may write to them."""
    channel, errors = os.dup(1), os.dup(2)
    sys.stderr = os.fdopen(errors, "w")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    return Out(os.fdopen(channel, "wb"))


def unpack(files: dict[str, str], folder: Path) -> None:
    """Write the files of the start message (relative POSIX path to base64) into the work folder."""
    for name, content in files.items():
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise ValueError(f"bad file name {name!r}")
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(base64.b64decode(content))


def make_repository(folder: Path) -> str:
    """Make the work folder a Git repository with a commit nobody could know before; return its hash."""
    git = [
        "git",
        "-c",
        "user.name=grader",
        "-c",
        "user.email=grader@localhost",
        "-c",
        "init.defaultBranch=main",
    ]

    # The work folder is a file system of the sandbox's own, which Git takes for somebody else's.
    os.environ.update(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")

    def run(*words: str) -> str:
        return subprocess.run(
            [*git, *words], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    run("init", "-q")
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "exclude").write_text("data/\n.mlops/\n.mlflow/\nmlruns/\n.channel/\n")
    run("add", "-A")
    run("commit", "-q", "--allow-empty", "-m", f"State before grading {secrets.token_hex(8)}")
    return run("rev-parse", "HEAD")


def make_store(folder: Path) -> None:
    """Give the notebook an MLflow store of its own, copied from the migrated template where there is one."""
    store = folder / ".mlflow"
    store.mkdir(exist_ok=True)
    database = store / "mlflow.db"
    template = os.environ.get("MLOPS_MLFLOW_TEMPLATE", "")
    if template and Path(template).exists():
        shutil.copyfile(template, database)
        with closing(sqlite3.connect(database)) as connection, connection:
            # The template's default experiment points to where it was made.
            connection.execute("UPDATE experiments SET artifact_location = ?", (f"{folder}/mlruns/0",))
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{database}"


def cells(notebook: dict[str, Any]) -> list[dict[str, str]]:
    """What became of each code cell: id, state (ok, raised, not_run), error and message."""
    found = []
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") != "code":
            continue
        errors = [output for output in cell.get("outputs", []) if output.get("output_type") == "error"]
        state = "raised" if errors else "not_run" if cell.get("execution_count") is None else "ok"
        row = {"id": str(cell.get("id", "")), "state": state, "error": "", "message": ""}
        if errors:
            row["error"] = str(errors[0].get("ename", ""))[:100]
            row["message"] = str(errors[0].get("evalue", ""))[:500]
        found.append(row)
    return found


def most_memory_mb() -> int:
    """MiB that this sandbox has used at most: by the kernel's account of it, else by its largest processes."""
    if cgroup := own_cgroup():
        for name in ("memory.peak", "memory/memory.max_usage_in_bytes"):  # version 2, version 1
            with suppress(OSError, ValueError):
                return int((cgroup / name).read_text()) // 2**20
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (_own_peak() + children) // 2**10


def _own_peak() -> int:
    """KiB that this process has used at most; `getrusage` would count what its parent used before it."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def report(target: Path) -> dict[str, Any]:
    """The saved notebook and what became of its cells; without the notebook when it is too large."""
    try:
        with target.open("rb") as file:  # learner code may have put anything in its place
            data = file.read(wire.MAX_LINE)
        notebook = wire.loads(data)
        states = cells(notebook)
    except (OSError, ValueError, AttributeError, TypeError):
        return {"cells": [], "notebook": None}
    kept = notebook if len(data) <= MAX_NOTEBOOK else None
    return {"cells": states, "notebook": kept, "memory_mb": most_memory_mb()}


class Relay:
    """Carries lines between the kernel's socket and the job's channel."""

    def __init__(self, path: str, out: Out, target: Path, guard: Guard) -> None:
        self._out = out
        self._target = target
        self._guard = guard
        self.said_hello = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(1)
        self._connection: socket.socket | None = None
        threading.Thread(target=self._from_kernel, daemon=True).start()
        threading.Thread(target=self._to_kernel, daemon=True).start()

    def _from_kernel(self) -> None:
        connection, _ = self._listener.accept()
        self._connection = connection
        with connection.makefile("rb") as lines:
            for line in lines:
                if not self.said_hello.is_set():
                    # papermill has saved every cell before the one that connects.
                    self._out.say({"ready": report(self._target)})
                    self.said_hello.set()
                elif self._guard.told():
                    return  # an answer that only came of a limit that was hit is none
                else:
                    self._out.write(b"K", line.rstrip(b"\n"))

    def _to_kernel(self) -> None:
        for line in sys.stdin.buffer:
            if self._connection is None:
                continue
            try:
                self._connection.sendall(line)
            except OSError:
                break
        # The dispatcher is gone, killed perhaps. It would have stopped the job, so do that in its place.
        os._exit(0)


def serve_bench(out: Out, folder: Path) -> None:
    """Answer questions about the work that is files, until the dispatcher is gone."""
    bench.keep_to_ourselves()

    def end(why: str) -> None:
        out.say({"ended": {"cells": [], "notebook": None, "died": why}})

    guard = Guard([folder, Path(tempfile.gettempdir())], own_cgroup(), end)
    out.say({"started": {"git_head": ""}})
    out.say({"ready": {"cells": [], "notebook": None, "memory_mb": most_memory_mb()}})
    work = bench.Bench(folder)
    for line in sys.stdin.buffer:
        question = wire.loads(line)
        reply = {"id": question["id"], **work.answer(question), "memory_mb": most_memory_mb()}
        if guard.told():  # an answer that only came of a limit that was hit is none
            return
        out.write(b"K", wire.dumps(reply))
    work.close()


def main() -> None:
    """Run the notebook of the start message; report when it is ready to answer and how it ended."""
    out = private_stdout()
    start = wire.loads(sys.stdin.buffer.readline())
    folder = Path.cwd()
    unpack(start["files"], folder)
    if start["work"]:
        bench.unpack(base64.b64decode(start["work"]), folder)
    if start["notebook"] is None:
        serve_bench(out, folder)
        return
    head = make_repository(folder) if start["git"] else ""
    make_store(folder)
    hidden = folder / ".channel"
    hidden.mkdir()
    source, target = hidden / "in.ipynb", hidden / "out.ipynb"
    source.write_text(json.dumps(start["notebook"]), encoding="utf-8")
    # Relative to the work folder: a socket's path may have no more than about a hundred characters.
    os.environ["MLOPS_CHANNEL"] = channel = f"{hidden.name}/socket"
    os.environ["MLOPS_WORK"] = str(folder)
    os.environ["MLOPS_GRADING"] = "1"

    def running() -> None:
        out.say({"started": {"git_head": head}})

    def end(why: str) -> None:
        out.say({"ended": {"cells": [], "notebook": None, "died": why}})

    guard = Guard([folder, Path(tempfile.gettempdir())], own_cgroup(), end)
    relay = Relay(channel, out, target, guard)

    from grader.inside.papermill_engine import Told, execute

    told = Told(running, lambda: end("output"))
    died = execute(source, target, start["parameters"], folder, told)
    # A full disk ends papermill too: then the disk is the reason.
    out.say(
        {"ended": {**report(target), "died": guard.look() or died, "answered": relay.said_hello.is_set()}}
    )


if __name__ == "__main__":
    main()
