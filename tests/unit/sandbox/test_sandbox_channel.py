"""The channel against a transport of our own: order, caps, ends."""

from __future__ import annotations

import queue
import threading
import time

import pytest

from sandbox.channel import STDERR, STDOUT, Exit, Lines, RunningJob
from sandbox.engine import EndReason, JobOver, Limits
from sandbox.errors import EngineUnavailable


class Fake:
    """A transport whose output the test writes; `feed(None)` ends it."""

    def __init__(self, *, exit_as: Exit | None = None, stuck: bool = False) -> None:
        self.chunks: queue.Queue[tuple[int, bytes] | None] = queue.Queue()
        self.sent = bytearray()
        self.killed = threading.Event()
        self.over = threading.Event()
        self.exit_as = exit_as or Exit(0)
        self.stuck = stuck
        self.gone = False

    def feed(self, data: bytes | None, stream: int = STDOUT) -> None:
        self.chunks.put(None if data is None else (stream, data))
        if data is None:
            self.over.set()

    def read(self, timeout: float) -> list[tuple[int, bytes]] | None:
        if self.gone:
            raise EngineUnavailable("gone", "start it")
        try:
            found = self.chunks.get(timeout=min(timeout, 0.02))
        except queue.Empty:
            return None if self.killed.is_set() else []
        return None if found is None else [found]

    def write(self, data: memoryview, timeout: float) -> int:
        if self.over.is_set():
            raise BrokenPipeError
        if self.stuck:
            time.sleep(0.01)
            return 0
        self.sent += data[:1000]
        return min(len(data), 1000)

    def over_limit(self) -> EndReason | None:
        return None

    def wait(self, timeout: float) -> Exit | None:
        if self.gone:
            raise EngineUnavailable("gone", "start it")
        return self.exit_as if self.over.is_set() or self.killed.is_set() else None

    def kill(self) -> None:
        self.killed.set()


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 100])
def test_lines_are_the_same_however_the_bytes_come(cut: int) -> None:
    data, lines, found = b"one\n\nthree is long\nno end", Lines(), []
    for start in range(0, len(data), cut):
        lines.feed(data[start : start + cut])
    while (line := lines.take(100)) is not None:
        found.append(line)
    assert found == [b"one", b"", b"three is long"]


def test_a_long_line_is_refused_before_its_end() -> None:
    lines = Lines()
    lines.feed(b"x" * 11)
    with pytest.raises(ValueError, match="more than 10"):
        lines.take(10)


def test_what_was_said_before_the_end_is_heard_first() -> None:
    fake = Fake(exit_as=Exit(3))
    job = RunningJob(fake, Limits())
    fake.feed(b"last words\n")
    fake.feed(b"to the log", STDERR)
    fake.feed(None)
    assert job.receive(5) == b"last words"
    with pytest.raises(JobOver) as over:
        job.receive(5)
    assert over.value.end.reason is EndReason.EXITED
    assert over.value.end.exit_code == 3
    assert over.value.end.stderr_tail == "to the log"


def test_partial_writes_send_the_whole_line() -> None:
    fake = Fake()
    job = RunningJob(fake, Limits())
    job.send(b"y" * 5000)
    job.stop()
    assert bytes(fake.sent) == b"y" * 5000 + b"\n"


@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_output_counts_on_both_streams(stream: int) -> None:
    fake = Fake()
    job = RunningJob(fake, Limits(output_mb=1))
    fake.feed(b"x" * (2**20 + 1), stream)
    with pytest.raises(JobOver) as over:
        job.receive(5)
    assert over.value.end.reason is EndReason.OUTPUT


def test_time_runs_out_while_sending() -> None:
    job = RunningJob(Fake(stuck=True), Limits(seconds=0.3))
    with pytest.raises(JobOver) as over:
        job.send(b"anybody?")
    assert over.value.end.reason is EndReason.TIME


@pytest.mark.parametrize(
    ("exit_as", "reason"),
    [
        (Exit(137, oom_killed=True), EndReason.MEMORY),
        (Exit(0, oom_killed=True), EndReason.EXITED),  # a child died, not the job
        (Exit(137, oom_killed=False), EndReason.EXITED),  # it killed itself
        (Exit(1, oom_killed=True), EndReason.EXITED),
    ],
)
def test_memory_needs_more_than_one_field(exit_as: Exit, reason: EndReason) -> None:
    fake = Fake(exit_as=exit_as)
    job = RunningJob(fake, Limits())
    fake.feed(None)
    with pytest.raises(JobOver) as over:
        job.receive(5)
    assert over.value.end.reason is reason
    assert over.value.end.oom_killed == exit_as.oom_killed


def test_our_own_kill_is_no_memory_verdict() -> None:
    job = RunningJob(Fake(exit_as=Exit(137, oom_killed=True)), Limits())
    assert job.stop().reason is EndReason.STOPPED


def test_an_engine_that_goes_away_is_infrastructure() -> None:
    fake = Fake()
    job = RunningJob(fake, Limits())
    fake.gone = True
    with pytest.raises(JobOver) as over:
        job.receive(5)
    assert over.value.end.reason is EndReason.LOST
    assert over.value.end.exit_code is None
