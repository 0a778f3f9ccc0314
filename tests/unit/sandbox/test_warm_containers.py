"""Warm containers: their frames, and when one is used again and when it is thrown away. Without an engine."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import docker_zygote
from sandbox.channel import STDOUT, Exit, RunningJob
from sandbox.docker_zygote import WarmContainers
from sandbox.engine import EndReason, JobOver, JobSpec, Limits
from sandbox.errors import InfrastructureError
from sandbox.frames import DATA, END, ERRORS, LEASE, LONGEST, OVER, PRELOAD, READY, Frames, frame

SPEC = JobSpec("job", "lab", ("python", "-m", "a.job"), Limits(seconds=5), {"WORD": "1"}, preload=("json",))
CLEAN = {"code": 137, "oom": False, "clean": True, "why": ""}


@given(
    st.lists(st.tuples(st.sampled_from([DATA, ERRORS, OVER]), st.binary(max_size=300))),
    st.lists(st.integers(1, 50)),
)
def test_frames_come_out_as_they_went_in_however_they_are_cut(
    sent: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    stream, found, frames = b"".join(frame(*one) for one in sent), [], Frames()
    for size in [*cuts, len(stream) + 1]:
        found += frames.feed(stream[:size])
        stream = stream[size:]
    assert found == sent


def test_a_frame_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        Frames().feed(struct.pack(">cL", DATA, LONGEST + 1))


class Stream:
    """A container's stream, whose zygote answers as it is scripted."""

    def __init__(self, over: dict[str, Any] | None, ready: dict[str, Any]) -> None:
        self.over, self.ready = over, ready
        self.frames = Frames()
        self.came: list[tuple[bytes, bytes]] = []
        self.out: list[tuple[int, bytes]] = []
        self.gone = False

    def write(self, data: memoryview, _timeout: float) -> int:
        if self.gone:
            raise BrokenPipeError
        part = bytes(data[:7])  # as little at a time as a slow engine takes
        for kind, payload in self.frames.feed(part):
            self.came.append((kind, payload))
            if kind == PRELOAD:
                self.out.append((STDOUT, frame(READY, json.dumps(self.ready).encode())))
            elif kind == LEASE:
                self.out.append((STDOUT, frame(DATA, b"hello\n") + frame(ERRORS, b"a word")[:6]))
                self.out.append((STDOUT, frame(ERRORS, b"a word")[6:]))
            elif kind == END and self.over:
                self.out.append((STDOUT, frame(OVER, json.dumps(self.over).encode())))
        return len(part)

    def read(self, timeout: float) -> list[tuple[int, bytes]] | None:
        if self.out:
            return [self.out.pop(0)]
        time.sleep(min(timeout, 0.01))
        return None if self.gone else []

    def wait(self, _timeout: float) -> Exit | None:
        return Exit(137, oom_killed=True) if self.gone else None

    def close(self) -> None:
        pass


class Docker:
    """An engine that counts."""

    def __init__(self) -> None:
        self.created: list[dict[str, Any]] = []
        self.removed: list[str] = []
        self.killed: list[str] = []
        self.streams: dict[str, Stream] = {}
        self.over: dict[str, Any] | None = CLEAN
        self.ready: dict[str, Any] = {"alone": True}

    def create(self, **options: Any) -> str:
        self.created.append(options)
        name = f"c{len(self.created)}"
        self.streams[name] = Stream(self.over, self.ready)
        return name

    def attach(self, container: str) -> str:
        return container

    def start(self, container: str) -> None:
        pass

    def remove(self, container: str) -> None:
        self.removed.append(container)

    def kill(self, container: str) -> None:
        self.killed.append(container)
        self.streams[container].gone = True


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Docker]:
    made = Docker()
    monkeypatch.setattr(
        docker_zygote, "ContainerTransport", lambda _docker, name, _stream: made.streams[name]
    )
    monkeypatch.setattr(docker_zygote, "_END_SECONDS", 0.3)
    yield made


def _job(pool: WarmContainers, spec: JobSpec = SPEC, **options: Any) -> bytes:
    with pool.lease(spec, {"image": "lab", **options}) as transport:
        job = RunningJob(transport, spec.limits)
        try:
            job.send(b"x" * 100)
            return job.receive(3)
        finally:
            job.stop()


def test_a_container_that_is_left_clean_serves_the_next_job_of_its_kind(docker: Docker) -> None:
    pool = WarmContainers(docker)  # type: ignore[arg-type]
    assert [_job(pool), _job(pool)] == [b"hello", b"hello"]
    assert (len(docker.created), docker.removed) == (1, [])
    came = docker.streams["c1"].came
    assert [kind for kind, _ in came] == [PRELOAD, LEASE, DATA, END, LEASE, DATA, END]
    assert json.loads(came[0][1]) == ["json"]
    assert json.loads(came[1][1]) == {"module": "a.job", "env": {"WORD": "1"}}
    assert came[2][1] == b"x" * 100 + b"\n"
    pool.close()
    assert docker.removed == ["c1"]


def test_what_a_job_says_on_stderr_is_kept_apart(docker: Docker) -> None:
    with WarmContainers(docker).lease(SPEC, {}) as transport:  # type: ignore[arg-type]
        job = RunningJob(transport, SPEC.limits)
        assert job.receive(3) == b"hello"
        end = job.stop()
    assert (end.reason, end.exit_code, end.stderr_tail) == (EndReason.STOPPED, 137, "a word")


@pytest.mark.parametrize("odd", [{"clean": False, "why": "a file is left"}, {"oom": True}, None])
def test_after_anything_odd_a_container_is_thrown_away(docker: Docker, odd: dict[str, Any] | None) -> None:
    docker.over = None if odd is None else {**CLEAN, **odd}  # None: the zygote does not answer
    pool = WarmContainers(docker)  # type: ignore[arg-type]
    _job(pool)
    _job(pool)
    assert len(docker.created) == 2
    assert docker.removed == ["c1", "c2"]
    assert docker.killed == (["c1", "c2"] if odd is None else [])


def test_another_kind_of_job_gets_another_container(docker: Docker) -> None:
    pool = WarmContainers(docker)  # type: ignore[arg-type]
    _job(pool)
    _job(pool, mem_limit="1m")
    _job(pool, JobSpec("job", "lab", ("python", "-m", "a.job"), Limits(seconds=5), preload=()))
    _job(pool, labels={"name": "another"})  # only a name: the first will do
    assert len(docker.created) == 3


def test_a_container_that_dies_under_a_job_ends_it_by_the_engines_word(docker: Docker) -> None:
    with WarmContainers(docker).lease(SPEC, {}) as transport:  # type: ignore[arg-type]
        job = RunningJob(transport, SPEC.limits)
        assert job.receive(3) == b"hello"
        docker.streams["c1"].gone = True
        with pytest.raises(JobOver) as over:
            job.receive(3)
    assert over.value.end.reason is EndReason.MEMORY
    assert docker.removed == ["c1"]


def test_an_idle_container_that_went_away_is_replaced(docker: Docker) -> None:
    pool = WarmContainers(docker)  # type: ignore[arg-type]
    _job(pool)
    docker.streams["c1"].gone = True
    assert _job(pool) == b"hello"
    assert (len(docker.created), docker.removed) == (2, ["c1"])


def test_a_new_container_that_takes_nothing_is_trouble_of_ours(
    docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stream, "write", lambda *_: 0)
    with pytest.raises(InfrastructureError, match="takes no job"):
        _job(WarmContainers(docker))  # type: ignore[arg-type]
    assert docker.removed == ["c1"]


def test_libraries_that_start_threads_are_not_forked(docker: Docker) -> None:
    docker.ready = {"alone": False}
    with pytest.raises(InfrastructureError, match="cannot be preloaded"):
        _job(WarmContainers(docker))  # type: ignore[arg-type]
    assert docker.removed == ["c1"]


def test_what_is_kept_warm_is_only_started_once(docker: Docker) -> None:
    pool = WarmContainers(docker)  # type: ignore[arg-type]
    for _ in range(2):
        pool.keep([(SPEC, {"image": "lab"}), (SPEC, {"image": "lab"})])
    assert len(docker.created) == 2
    _job(pool)
    assert len(docker.created) == 2
    pool.close()
    assert sorted(docker.removed) == ["c1", "c2"]
    pool.keep([(SPEC, {})])
    assert len(docker.created) == 2
