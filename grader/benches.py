"""The part of the checks' vocabulary that is about files, commands and repositories.

A bench is a sandbox of its own with a copy of the work in it, in which nothing of the learner's has run before a
check asks for it. What a command printed or wrote is the learner's word; that it ended, and how, is the bench's.
Standard library only, as `grader.checks`, which offers all of this.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.traffic import Client
from sandbox import services

BENCH = "bench-"  # begins the names of the runs that are benches
MOST_SAID = 2**18  # what a bench keeps of each stream of a command (grader.inside.bench)

Ask = Callable[[dict[str, Any]], Any]
Fail = Callable[[str, str], Exception]  # makes the error that fails a check, of what was seen and what helps


@dataclass(frozen=True)
class Done:
    """How a command ended, or how it stands."""

    code: int | None  # None: it has not ended; -9: killed by signal 9
    out: str  # the first 256 KB of what it printed
    err: str
    seconds: float
    timed_out: bool  # it did not end, or what was waited for did not come, in the time given

    @property
    def ok(self) -> bool:
        """Whether it ended by itself and without an error."""
        return self.code == 0

    @property
    def last(self) -> str:
        """The last line that it printed as an error, else of anything: most often the reason."""
        lines = [line for text in (self.out, self.err) for line in text.strip().splitlines() if line.strip()]
        return lines[-1].strip() if lines else "it printed nothing"


class Process:
    """A command that runs while the check goes on."""

    def __init__(self, bench: Bench, number: int) -> None:
        self._bench = bench
        self.number = number

    def wait(self, seconds: float = 60.0) -> Done:
        """Wait for its end."""
        return self._bench.told({"op": "wait", "process": self.number, "seconds": seconds})

    def wait_for(self, path: str, seconds: float = 60.0) -> Done:
        """Wait until a file is there, or the process has ended (then `code` is not None)."""
        question = {"op": "wait", "process": self.number, "path": path, "seconds": seconds}
        return self._bench.told(question)

    def kill(self, signal: str = "SIGKILL") -> None:
        """Send a signal to it and everything it has started."""
        self._bench.ask({"op": "signal", "process": self.number, "signal": signal})


class Bench(Client):
    """A sandbox with a copy of the work. Paths are relative to the folder that the notebook is in.

    Args:
        ask: carries a question to the bench and returns the answer.
        fail: makes the error that fails a check.
    """

    def __init__(self, ask: Ask, fail: Fail) -> None:
        super().__init__(ask)
        self._fail = fail

    def told(self, question: dict[str, Any]) -> Done:
        """Ask for how a command stands."""
        answer = self.ask(question)
        return Done(**{name: answer[name] for name in Done.__dataclass_fields__})

    @staticmethod
    def _command(
        op: str, command: Sequence[str], cwd: str, env: Mapping[str, str] | None, stdin: str | None
    ) -> dict[str, Any]:
        return {"op": op, "command": list(command), "cwd": cwd, "env": dict(env or {}), "stdin": stdin}

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: str = "",
        seconds: float = 60.0,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Done:
        """Run a command to its end, or kill it and all that it started when its time is up."""
        return self.told({**self._command("run", command, cwd, env, stdin), "seconds": seconds})

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Process:
        """Start a command and go on."""
        return Process(self, int(self.ask(self._command("start", command, cwd, env, stdin))))

    def write(self, path: str, content: str | bytes) -> None:
        """Put a file there, in place of what has that name."""
        data = content.encode() if isinstance(content, str) else content
        self.ask({"op": "write", "path": path, "data": base64.b64encode(data).decode()})

    def read(self, path: str) -> bytes | None:
        """A file's content (2 MB at most), None where there is no such file."""
        answer = self.ask({"op": "read", "path": path})
        return None if answer is None else base64.b64decode(answer)

    def text(self, path: str) -> str | None:
        """A file's content as UTF-8 text."""
        data = self.read(path)
        return None if data is None else data.decode("utf-8", "replace")

    def files(self, path: str = "") -> list[str]:
        """Every file below a folder, relative to it."""
        return [str(name) for name in self.ask({"op": "list", "path": path})]

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with everything in it; nothing there is fine."""
        self.ask({"op": "remove", "path": path})

    def recipe(self, folder: str) -> dict[str, Any]:
        """What the Dockerfile of a folder asks for, without building it; see `grader.inside.dockerfile.Recipe`.

        The check fails by itself where it cannot be read.
        """
        return dict(self.ask({"op": "recipe", "folder": folder}))

    def port(self) -> int:
        """A free port of the bench's loopback."""
        return int(self.ask({"op": "port"}))

    def service(
        self, name: str, port: int, settings: Mapping[str, str] | None = None, *, seconds: float = 60.0
    ) -> Process:
        """Start a service of the catalogue and wait until it is ready.

        Args:
            name: as in `sandbox.services`.
            port: where it is to listen, from `port()`.
            settings: file name -> text; they take the place of the folder that bears the service's name.
            seconds: how long to wait for it. A service that is not ready by then breaks the check, so give it
                settings of your own, and try a learner's with `run` before.
        """
        folder = f".services/{name}-{port}-settings"
        for file, text in (settings or {}).items():
            self.write(f"{folder}/{file}", text)
        process = self.ask({"op": "service", "name": name, "port": port, "config": folder})
        found = Process(self, int(process))
        if not self.answers(port, services.find(name).health, seconds, found.number):
            raise RuntimeError(f"{name} is not ready after {seconds:g} s: {found.wait(0.1).last[:200]}")
        return found

    def clone(self, folder: str, to: str = "clone") -> Clone:
        """A clean clone of a repository of the work: what others get, without what lies around it uncommitted.

        The check fails by itself where there is no repository, no commit, or none that can be cloned.
        """
        if not self.run(["git", "rev-parse", "--git-dir"], cwd=folder).ok or not self.files(f"{folder}/.git"):
            raise self._fail(
                f"{folder} is no Git repository", f"Make it one: git init in {folder}, then commit."
            )
        if not self.run(["git", "rev-parse", "--verify", "-q", "HEAD"], cwd=folder).ok:
            raise self._fail(f"{folder} has no commit", "Commit what others need to run your work.")
        # Over the ordinary transport: hooks, settings and links of theirs stay behind.
        words = ["git", "clone", "-q", "--no-local", "--template=", "--", f"./{folder}", to]
        done = self.run(words, seconds=60)
        if not done.ok:
            raise self._fail(
                f"{folder} cannot be cloned ({done.last[:160]})",
                f"Try it yourself: git clone {folder} elsewhere",
            )
        return Clone(self, folder, to, self._fail)


# Run in a bench, in a bare clone: it prints which blobs hold a text, with a path that each had.
_SEARCH = """
import json, subprocess, sys
needles = [needle.encode() for needle in json.loads(sys.argv[1])]
listed = subprocess.run(["git", "rev-list", "--objects", "--all"], capture_output=True, check=True).stdout
paths = {}
for line in listed.splitlines():
    name, _, path = line.partition(b" ")
    paths.setdefault(name, path.decode("utf-8", "replace"))
batch = subprocess.Popen(["git", "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
found = []
for name, path in paths.items():
    batch.stdin.write(name + b"\\n")
    batch.stdin.flush()
    _, kind, size = batch.stdout.readline().split()
    data = batch.stdout.read(int(size) + 1)
    if kind in (b"blob", b"commit", b"tag") and any(needle in data for needle in needles):
        found.append(path or kind.decode())
print(json.dumps(found[:100]))
"""


@dataclass(frozen=True)
class Blob:
    """A file's content somewhere in a history."""

    path: str
    size: int  # bytes
    name: str  # Git's hash of it


class Clone:
    """A clean clone in a bench, and the history that came with it."""

    def __init__(self, bench: Bench, source: str, path: str, fail: Fail) -> None:
        self.bench = bench
        self.path = path
        self._source = source
        self._fail = fail
        self._bare = ""

    def run(
        self, command: Sequence[str], *, seconds: float = 60.0, env: Mapping[str, str] | None = None
    ) -> Done:
        """Run a command in the clone's folder."""
        return self.bench.run(command, cwd=self.path, seconds=seconds, env=env)

    def files(self) -> list[str]:
        """The paths that the current commit holds."""
        return self._git(self.path, "ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")[:-1]

    def commits(self) -> list[str]:
        """The hashes of all commits of all branches and tags, newest first."""
        return self._git(self._history(), "rev-list", "--all", "--date-order").split()

    def blobs(self) -> list[Blob]:
        """Every content of every file in the history of all branches and tags."""
        listed = self._git(self._history(), "rev-list", "--objects", "--all")
        form = "--batch-check=%(objecttype) %(objectsize) %(objectname) %(rest)"
        done = self.bench.run(["git", "cat-file", form], cwd=self._history(), stdin=listed)
        rows = [line.split(" ", 3) for line in self._whole(done).splitlines()]
        return [Blob(row[3], int(row[1]), row[2]) for row in rows if row[0] == "blob" and len(row) == 4]

    def holding(self, texts: Sequence[str]) -> list[str]:
        """Paths (or "commit", "tag" for messages) of what holds one of the texts, anywhere in the history."""
        done = self.bench.run(["python", "-c", _SEARCH, json.dumps(list(texts))], cwd=self._history())
        found = json.loads(self._whole(done))
        return [str(path) for path in found]

    def _history(self) -> str:
        """A bare clone: all branches and tags, and nothing that others would not get."""
        if not self._bare:
            bare = f"{self.path}.git"
            words = [
                "git",
                "clone",
                "-q",
                "--bare",
                "--no-local",
                "--template=",
                "--",
                f"./{self._source}",
                bare,
            ]
            self._whole(self.bench.run(words))
            self._bare = bare
        return self._bare

    def _git(self, folder: str, *words: str) -> str:
        return self._whole(self.bench.run(["git", *words], cwd=folder))

    def _whole(self, done: Done) -> str:
        if not done.ok:
            raise self._fail(
                f"the repository's history cannot be read ({done.last[:160]})",
                "Run: git fsck, and mend what it names.",
            )
        if len(done.out) >= MOST_SAID:
            raise self._fail(
                "the repository's history is too long to be read", "Leave data out of the history."
            )
        return done.out
