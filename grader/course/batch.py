"""Grades everything a class handed in: in parallel, each attempt by itself, committed once, resumable at any step.

The order of steps is what survives a `kill -9`: what is kept of an attempt is written to a draft folder,
the draft is renamed into place, and only then is the verdict committed to the ledger. A folder without a
ledger row is a leftover, which the next run removes; a row always has its folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.collect import HINTS, TIMESTAMP, WORK, Found
from grader.course.folder import Course, remove
from grader.course.ledger import Key, Ledger
from grader.dispatch import AuthorError
from grader.grade import Graded, grade, rejected
from grader.notebook import Rejected, fingerprint, parse
from grader.release import Bundle
from grader.result import now
from sandbox.engine import Engine, Progress
from sandbox.errors import DiskFull, EngineUnavailable, ImageMissing, InfrastructureError, UsageError

TRIES = 3  # of one submission, when our side fails; `grade` itself tries twice each time
ENGINE_SECONDS = 120.0  # that an engine which went away is waited for
MOST_FAILURES = 5  # submissions in a row without a verdict: then it is not the submissions

Step = Callable[[str], None]


def refuse_without_isolation(engine: Engine) -> None:
    """Raise UsageError for an engine that isolates nothing: it takes nobody else's work."""
    if not engine.isolates:
        raise UsageError(
            "other people's work is not run without a container engine",
            "install and start Docker, then run: mlops doctor",
        )


@dataclass
class Counts:
    """How far a batch is. `ok` and `fail` are verdicts; `error` has none, because of us."""

    total: int = 0
    ok: int = 0
    fail: int = 0
    error: int = 0
    skipped: int = 0  # have a verdict already

    @property
    def done(self) -> int:
        """How many need no more work in this run."""
        return self.ok + self.fail + self.error + self.skipped

    def line(self) -> str:
        """The counts for a person or a log."""
        skipped = f" skipped={self.skipped}" if self.skipped else ""
        return f"{self.done}/{self.total} ok={self.ok} fail={self.fail} error={self.error}{skipped}"


@dataclass(frozen=True)
class Content:
    """What was read of one submission."""

    data: bytes  # the notebook
    work: bytes  # the archive of the folders with it
    timestamp: str
    hints: bytes  # the record of those that the learner asked for
    unreadable: Rejected | None = None  # why nothing of it could be read


@dataclass
class Batch:
    """One run over a class's submissions of one lab."""

    course: Course
    ledger: Ledger
    bundle: Bundle
    engine: Engine
    at_once: int
    tell: Progress
    step: Step = field(
        default=lambda _label: None
    )  # told the name of each step, for tests that stop us there
    shown: Callable[[Counts], None] = field(default=lambda _counts: None)
    again: bool = False  # grade also what has a verdict: another round
    counts: Counts = field(default_factory=Counts)
    _stop: threading.Event = field(default_factory=threading.Event)
    _failures: int = 0
    _down_since: float | None = None
    _reasons: Counter[str] = field(default_factory=Counter)
    _mending: threading.Lock = field(default_factory=threading.Lock)

    def run(self, found: Sequence[Found]) -> Counts:
        """Grade what has no verdict yet.

        Raises:
            UsageError: the engine isolates nothing.
            InfrastructureError: our side fails whatever is handed in; what was graded is kept.
        """
        refuse_without_isolation(self.engine)
        self._sweep()
        self.counts = Counts(total=len(found))
        self.shown(self.counts)
        running: set[Future[str]] = set()
        with ThreadPoolExecutor(self.at_once, thread_name_prefix="grading") as pool:
            try:
                self._drive(pool, found, running)
            except BaseException:
                self._give_up(running)
                raise
        return self.counts

    def _give_up(self, running: set[Future[str]]) -> None:
        """End what is being graded, at once and without a verdict."""
        self._stop.set()
        while wait(running, timeout=0.5).not_done:
            self.engine.abandon()

    def _drive(self, pool: ThreadPoolExecutor, found: Sequence[Found], running: set[Future[str]]) -> None:
        """Keep a few submissions ahead in the pool, not all: memory does not grow with the class."""
        waiting = iter(found)
        while True:
            for one in waiting:
                running.add(pool.submit(self._one, one))
                if len(running) >= 2 * self.at_once:
                    break
            if not running:
                return
            over = wait(running, return_when=FIRST_COMPLETED).done
            running -= over
            for future in over:
                word = future.result()
                setattr(self.counts, word, getattr(self.counts, word) + 1)
                self.shown(self.counts)
            if self._failures >= MOST_FAILURES:
                reason = self._reasons.most_common(1)[0][0]
                raise InfrastructureError(
                    f"{self._failures} submissions in a row could not be graded ({reason})",
                    "mend that and run the same command again; what was graded is kept",
                )

    def _one(self, found: Found) -> str:
        """Grade one submission to its verdict; return which count it goes to."""
        if self._stop.is_set():
            return "error"
        try:
            data = found.read()
            work = found.read_work(self.bundle.lab.definition.work)
            content = Content(data, work, found.timestamp, found.read_hints())
        except Rejected as reason:
            content = Content(b"", b"", found.timestamp, b"", reason)
        key = self._key(found.learner, content)
        round = self.ledger.next_round(key) if self.again else 0
        if not self.again and self.ledger.has(key):
            return "skipped"
        self.step("started")
        try:
            graded = self._grade(key, content)
            self.step("graded")
            if self._stop.is_set():  # given up in the middle: this is no verdict
                return "error"
            self._keep(key, graded, content, round)
        except InfrastructureError as error:
            if not self._stop.is_set():
                self._failed(key, error)
            return "error"
        self._failures = 0
        return "ok" if graded.result.passed else "fail"

    def _key(self, learner: str, content: Content) -> Key:
        image = self.engine.image_digest(self.bundle.lab.definition.image)
        reason = content.unreadable
        words = content.data if reason is None else f"unreadable: {reason}".encode("utf-8", "replace")
        digest = fingerprint(words, content.work)
        return Key(learner, self.bundle.lab.id, digest, self.bundle.lab.version, image)

    def _grade(self, key: Key, content: Content) -> Graded:
        """The verdict; trouble of ours is waited out and tried again."""
        for last in (*[False] * (TRIES - 1), True):
            try:
                if content.unreadable is not None:
                    raise content.unreadable
                return grade(self.engine, self.bundle, parse(content.data, work=content.work))
            except Rejected as reason:
                return Graded(rejected(self.bundle, reason, key.submission), None, None)
            except AuthorError:
                raise
            except InfrastructureError as error:
                if last or self._stop.is_set():
                    raise
                self._mend(error)
        raise AssertionError("unreachable")

    def _mend(self, error: InfrastructureError) -> None:
        """Wait until the engine answers and has its image again; one thread does it for all."""
        with self._mending:
            since = self._down_since = self._down_since or time.monotonic()
            while not self._stop.is_set():
                try:
                    self.engine.prepare(self.bundle.lab.definition.image, self.tell)
                    self.engine.sweep()
                    self._down_since = None
                    return
                except (EngineUnavailable, ImageMissing):
                    if time.monotonic() > since + ENGINE_SECONDS:
                        raise error from None
                    self._stop.wait(2.0)

    def _keep(self, key: Key, graded: Graded, content: Content, round: int) -> None:
        """Write what is kept of an attempt, then commit its verdict."""
        attempt = graded.result.attempt
        draft, target = self.course.drafts / attempt, self.course.attempts / attempt
        try:
            draft.mkdir()
            _write(draft / "submission.ipynb", content.data)
            self.step("half-written")
            if content.work:
                _write(draft / WORK, content.work)
            _write(draft / "result.json", graded.result.model_dump_json(indent=1).encode())
            if content.timestamp:
                _write(draft / TIMESTAMP, content.timestamp.encode())
            if content.hints:
                _write(draft / HINTS, content.hints)
            for name, notebook in (("audit.ipynb", graded.audit), ("executed.ipynb", graded.executed)):
                if notebook is not None:
                    _write(draft / name, json.dumps(notebook).encode())
            _sync(draft)
            self.step("written")
            draft.rename(target)
            _sync(self.course.attempts)
            self.step("in-place")
            committed = self.ledger.commit(key, graded.result, round)
            self.step("committed")
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            raise DiskFull(
                f"an attempt could not be kept under {self.course.root} ({error.strerror})",
                "free some disk space and run the same command again",
            ) from None
        if not committed:  # somebody else was quicker
            shutil.rmtree(target, ignore_errors=True)

    def _failed(self, key: Key, error: InfrastructureError) -> None:
        self._failures += 1
        self._reasons[str(error)] += 1
        with contextlib.suppress(InfrastructureError):  # a full disk: the missing verdict says enough
            self.ledger.note_trouble(key, str(error), now())

    def _sweep(self) -> None:
        """Remove what dead runs left: drafts, folders without a verdict, containers."""
        known = self.ledger.attempt_ids()
        for left in (*self.course.drafts.iterdir(), *self.course.attempts.iterdir()):
            if left.parent == self.course.drafts or left.name not in known:
                with contextlib.suppress(OSError):  # tried again by the next run
                    remove(left)
        self.engine.sweep()


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
