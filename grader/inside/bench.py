"""Does what checks ask of work that is files: runs commands in a copy of it, puts files there and reads them.

It also starts the services of `sandbox.services` beside the work, and sends requests to what runs there.

In a grading it is the first process of a sandbox of its own, in which nothing of the learner's has run before the
checks ask for it; in practice it works on a copy of the learner's folders, in their own sandbox. Standard
library only.
"""

from __future__ import annotations

import base64
import ctypes
import io
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any

from grader.inside.dockerfile import BadDockerfile, Reader, Recipe
from grader.inside.traffic import Traffic, answers, listening, send
from sandbox import services
from sandbox.programs import search_path
from sandbox.services.mlflow_server import TEMPLATE_VARIABLE

MOST_SAID = 2**18  # bytes kept of what a command prints on each stream
MOST_READ = 2**21  # bytes of a file that a check may ask for
MOST_LISTED = 5000
_TICK = 0.05
_PR_SET_DUMPABLE = 4

Question = dict[str, Any]


class Asked(Exception):
    """What was asked cannot be done with this work; told as the answer."""


def keep_to_ourselves() -> None:
    """Have no process of the same account read or write our memory and descriptors, which hold the channel."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def unpack(archive: bytes, folder: Path) -> None:
    """Lay an archive of `grader.work` out. Only ever inside a sandbox: it may hold links to anywhere."""
    with tarfile.open(fileobj=io.BytesIO(archive), errors="surrogateescape") as tar:
        tar.extractall(folder)


class _Said:
    """What a process prints, its first part kept and the rest drained, so that it never waits for us."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = bytearray()
        self._stream = stream
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        with suppress(OSError, ValueError):
            while data := os.read(self._stream.fileno(), 2**16):
                self._kept += data[: max(0, MOST_SAID - len(self._kept))]

    def text(self, patience: float = 0.0) -> str:
        """What has come so far; waits a moment for the rest of a process that has ended."""
        self._thread.join(patience)
        return bytes(self._kept).decode("utf-8", "replace")


class _Command:
    """A process of the work's, with everything that it starts."""

    def __init__(self, question: Question, folder: Path, env: dict[str, str]) -> None:
        self.started = time.monotonic()
        stdin = question.get("stdin")
        try:
            self._process = subprocess.Popen(
                [str(word) for word in question["command"]],
                cwd=folder,
                env=env,
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise Asked(f"{question['command'][0]} cannot be started: {error.strerror}") from None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._out, self._err = _Said(self._process.stdout), _Said(self._process.stderr)
        if stdin is not None:
            threading.Thread(target=self._feed, args=(str(stdin).encode(),), daemon=True).start()

    def _feed(self, data: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError), self._process.stdin as stdin:
            stdin.write(data)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait for its end or for `until`; whether one of them came in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if until():
                return True
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_TICK)
                return True
        return False

    def signal(self, number: int) -> None:
        """Send a signal to it and to what it has started, as far as that stayed in its process group."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def report(self, timed_out: bool = False) -> dict[str, Any]:
        """How it stands."""
        code = self._process.poll()
        patience = 1.0 if code is not None else 0.0
        return {
            "code": code,
            "out": self._out.text(patience),
            "err": self._err.text(patience),
            "timed_out": timed_out,
            "seconds": round(time.monotonic() - self.started, 3),
        }

    def end(self) -> None:
        """Kill what is left of it."""
        self.signal(signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)


class Bench:
    """A folder with a copy of the work, and the processes that run in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[int, _Command] = {}
        self._traffic: list[Traffic] = []
        self._ports: set[int] = set()
        self._recipe = Recipe()
        self._operations: dict[str, Callable[[Question], Any]] = {
            "run": self._run,
            "start": self._start,
            "wait": self._wait,
            "signal": self._signal,
            "write": self._write,
            "read": self._read,
            "list": self._list,
            "remove": self._remove,
            "recipe": self._read_recipe,
            "recipe.file": self._recipe_file,
            "recipe.holding": self._recipe_holding,
            "port": lambda _: self._port(),
            "service": self._service,
            "answers": self._answers,
            "listens": lambda q: listening(int(q["port"])),
            "request": lambda q: send(int(q["port"]), q["request"], time.monotonic()),
            "traffic": self._start_traffic,
            "traffic.wait": self._wait_traffic,
        }

    def answer(self, question: Question) -> dict[str, Any]:
        """Answer one question: ``{"ok": …}`` or ``{"raised": …}``; never raises."""
        try:
            return {"ok": self._operations[question["op"]](question)}
        except Asked as error:
            return _raised("Asked", str(error))
        except OSError as error:
            return _raised(type(error).__name__, str(error.strerror))
        except Exception as error:  # noqa: BLE001  # a question must have an answer
            return _raised(type(error).__name__, str(error))

    def close(self) -> None:
        """End what is still running."""
        for traffic in self._traffic:
            traffic.stop()
        for command in self._running.values():
            command.end()
        self._running.clear()

    def _path(self, name: str) -> Path:
        """A path below the folder, none of whose folders is a link: the work may hold links to anywhere."""
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise Asked(f"{name} is no path inside the work")
        path = self._folder
        for part in relative.parts[:-1]:
            path /= part
            if path.is_symlink():
                raise Asked(f"{path.relative_to(self._folder)} is a link")
        return self._folder / relative

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        """What commands see: nothing of ours, no bars or colours, and a Git that trusts this folder."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("MLOPS_", "PYTEST_"))
        }
        fixed = {
            "HOME": str(self._folder),
            # The tools beside this Python, also where nobody has activated its environment.
            "PATH": search_path(),
            "NO_COLOR": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_PAGER": "cat",
            "DVC_NO_ANALYTICS": "1",
            # Its default is in /var/tmp, which a sandbox does not have to write to.
            "DVC_SITE_CACHE_DIR": str(self._folder / ".cache" / "dvc"),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        return {**kept, **fixed, **{str(name): str(value) for name, value in more.items()}}

    def _command(self, question: Question) -> _Command:
        place = self._path(str(question.get("cwd") or "."))
        if not place.is_dir():
            raise Asked(f"there is no folder {question.get('cwd')}")
        return _Command(question, place, self._environment(question.get("env") or {}))

    def _run(self, question: Question) -> dict[str, Any]:
        command = self._command(question)
        in_time = command.wait(float(question["seconds"]))
        # Before its output is read: what it left running would keep that open.
        command.end()
        return command.report(timed_out=not in_time)

    def _read_recipe(self, question: Question) -> dict[str, Any]:
        """What a folder's Dockerfile asks for, without the files that it takes along."""
        try:
            self._recipe = Reader(self._path(str(question["folder"]))).read()
        except BadDockerfile as error:
            raise Asked(str(error)) from None
        return self._recipe.plain()

    def _recipe_file(self, question: Question) -> str:
        """A part of one archive of the recipe, "" behind its end."""
        start = int(question["offset"])
        return base64.b64encode(
            self._recipe.files[int(question["number"])][start : start + MOST_READ]
        ).decode()

    def _recipe_holding(self, question: Question) -> list[str]:
        """Where in the recipe a text stands: paths in the image, or the instruction's kind."""
        needles = [str(text) for text in question["texts"]]
        return [
            name for name, data in self._recipe.contents() if any(one.encode() in data for one in needles)
        ]

    def _start(self, question: Question) -> int:
        return self._keep(self._command(question))

    def _keep(self, command: _Command) -> int:
        number = len(self._running) + 1
        self._running[number] = command
        return number

    def _port(self) -> int:
        """A port of the loopback that is free, and was not given away here before."""
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if port not in self._ports:
                self._ports.add(port)
                return port

    def _service(self, question: Question) -> int:
        """Start a service of the catalogue with the settings in `config`, a folder of the work."""
        service = services.find(str(question["name"]))
        port, config = int(question["port"]), self._path(str(question["config"]))
        data = self._folder / ".services" / f"{service.name}-{port}"
        for folder in (data, config):
            folder.mkdir(parents=True, exist_ok=True)
        words = {"command": service.argv(port, str(data), str(config))}
        ours = {name: os.environ[name] for name in (TEMPLATE_VARIABLE,) if name in os.environ}
        return self._keep(_Command(words, config, self._environment(ours)))

    def _answers(self, question: Question) -> bool:
        """Whether a page answers in time; a process that has ended will not make it."""
        number = question.get("process")
        over = (lambda: self._running[int(number)].over) if number else (lambda: False)
        return answers(int(question["port"]), str(question["path"]), float(question["seconds"]), over)

    def _start_traffic(self, question: Question) -> int:
        self._traffic.append(
            Traffic(
                int(question["port"]), question["requests"], int(question["senders"]), float(question["rate"])
            )
        )
        return len(self._traffic) - 1

    def _wait_traffic(self, question: Question) -> list[dict[str, Any]]:
        traffic = self._traffic[int(question["traffic"])]
        if question["stop"]:
            traffic.stop()
        return traffic.wait(float(question["seconds"]))

    def _wait(self, question: Question) -> dict[str, Any]:
        command = self._running[int(question["process"])]
        path = question.get("path")
        exists = (lambda: os.path.lexists(self._path(str(path)))) if path else (lambda: False)
        in_time = command.wait(float(question["seconds"]), exists)
        return command.report(timed_out=not in_time)

    def _signal(self, question: Question) -> None:
        self._running[int(question["process"])].signal(int(signal.Signals[str(question["signal"])]))

    def _write(self, question: Question) -> None:
        path = self._path(str(question["path"]))
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.is_file():
            path.unlink()
        path.write_bytes(base64.b64decode(question["data"]))

    def _read(self, question: Question) -> str | None:
        path = self._path(str(question["path"]))
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(MOST_READ + 1)
        if len(data) > MOST_READ:
            raise Asked(f"{question['path']} is larger than {MOST_READ // 2**20} MB")
        return base64.b64encode(data).decode()

    def _list(self, question: Question) -> list[str]:
        found: list[str] = []
        place = self._path(str(question.get("path") or "."))
        for folder, folders, files in os.walk(place):
            folders.sort()
            found += [(Path(folder) / name).relative_to(place).as_posix() for name in sorted(files)]
            if len(found) > MOST_LISTED:
                raise Asked(f"there are more than {MOST_LISTED} files")
        return [name.encode("utf-8", "replace").decode() for name in found]

    def _remove(self, question: Question) -> None:
        path = self._path(str(question["path"]))
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _raised(kind: str, message: str) -> dict[str, Any]:
    return {"raised": {"type": kind, "message": message[:2000]}}
