"""The main process of a job: takes a notebook in, runs it with papermill, carries questions and answers.

Both sides of a grading are such jobs: the learner's (its kernel answers) and the checker's (its kernel asks).
The first line on stdin says what to run. On stdout, lines that begin with ``R `` are the runner's own and
lines that begin with ``K `` came from the kernel through the channel, a Unix socket.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from grader import wire
from grader.inside import bench, preparing
from grader.inside.guard import Guard
from sandbox.forked import own_zygote

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
    return {"cells": states, "notebook": kept}


class Relay:
    """Carries lines between the kernel's socket and the job's channel."""

    def __init__(self, path: str, out: Out, target: Path, guard: Guard, most_mb: Callable[[], int]) -> None:
        self._most_mb = most_mb
        self._out = out
        self._target = target
        self._guard = guard
        self.said_hello = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        Path(path).chmod(0o777)  # the kernel may be another user's
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
                    self._out.say({"ready": {**report(self._target), "memory_mb": self._most_mb()}})
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
    if start["notebook"] is None:
        preparing.lay_out(start, folder)
        serve_bench(out, folder)
        return
    from grader.inside.kernels import ForkedKernel, Kernel, OwnKernel  # here: benches do without

    zygote = own_zygote()
    hidden = folder / ".channel"
    hidden.mkdir()
    source, target = hidden / "in.ipynb", hidden / "out.ipynb"
    source.write_text(json.dumps(start["notebook"]), encoding="utf-8")
    # Relative to the work folder: a socket's path may have no more than about a hundred characters.
    env = {"MLOPS_CHANNEL": f"{hidden.name}/socket", "MLOPS_WORK": str(folder), "MLOPS_GRADING": "1"}
    work = {**{key: start[key] for key in ("files", "work", "git")}, "env": env}
    if zygote is None:
        kernel: Kernel = OwnKernel(preparing.prepare(work, folder))
    else:
        # Papermill keeps things at home; the work folder is for the learner's side, which is another user.
        os.environ["HOME"] = str(hidden)
        kernel = ForkedKernel(zygote, work)

    def running() -> None:
        out.say({"started": {"git_head": kernel.git_head}})

    def end(why: str) -> None:
        out.say({"ended": {"cells": [], "notebook": None, "died": why}})

    guard = Guard([folder, Path(tempfile.gettempdir())], own_cgroup(), end)
    # In a sandbox that had other jobs before, the kernel's own record of its memory is of all of them.
    most_mb = most_memory_mb if zygote is None else guard.most_mb
    relay = Relay(env["MLOPS_CHANNEL"], out, target, guard, most_mb)

    from grader.inside.papermill_engine import Told, execute

    told = Told(running, lambda: end("output"))
    died = execute(source, target, start["parameters"], told, kernel)
    # A full disk ends papermill too: then the disk is the reason.
    ended = {**report(target), "memory_mb": most_mb(), "answered": relay.said_hello.is_set()}
    ended |= {"modules": list(sys.modules)} if os.environ.get("MLOPS_RECORD") else {}
    out.say({"ended": {**ended, "died": guard.look() or died}})


if __name__ == "__main__":
    main()
