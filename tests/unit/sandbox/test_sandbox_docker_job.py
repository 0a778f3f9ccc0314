"""What a container is created with, and the frames of its stream. No engine is asked."""

from __future__ import annotations

import socket
import struct
from typing import Any, cast

import pytest

from sandbox.docker_api import Docker, socket_candidates
from sandbox.docker_job import ContainerTransport, job_options
from sandbox.engine import JobSpec, Limits

LIMITS = Limits(seconds=9, memory_mb=300, cpus=8, processes=33, disk_mb=44, inodes=555)
SPEC = JobSpec("x", "lab", ("python", "-c", "pass"), LIMITS, {"A": "b"})


@pytest.fixture
def options() -> dict[str, Any]:
    return job_options(SPEC, "image:tag", {"label": "1"}, None, host_cpus=2)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("user", "1000:1000"),
        ("network_mode", "none"),
        ("cap_drop", ["ALL"]),
        ("security_opt", ["no-new-privileges:true"]),
        ("read_only", True),
        ("init", True),
        ("ipc_mode", "private"),
        ("pids_limit", 33),
        ("mem_limit", "300m"),
        ("memswap_limit", "300m"),
        ("nano_cpus", 2_000_000_000),
        ("log_config", {"type": "none"}),
        ("working_dir", "/work"),
    ],
)
def test_every_job_is_hardened(options: dict[str, Any], option: str, value: object) -> None:
    assert options[option] == value


def test_what_is_writable_is_sized(options: dict[str, Any]) -> None:
    assert set(options["tmpfs"]) == {"/work", "/tmp"}
    for mount in options["tmpfs"].values():
        assert {"size=44m", "nr_inodes=555", "nosuid", "nodev"} <= set(mount.split(","))
    limits = {one["Name"]: one["Hard"] for one in options["ulimits"]}
    assert limits == {"core": 0, "nofile": 4096, "fsize": 44 * 2**20}


def test_a_job_gets_no_mounts_no_ports_and_no_host_namespace(options: dict[str, Any]) -> None:
    forbidden = {"volumes", "mounts", "ports", "privileged", "pid_mode", "devices", "cap_add", "userns_mode"}
    assert not forbidden & set(options)


def test_gvisor_is_used_where_it_is_installed() -> None:
    assert job_options(SPEC, "image", {}, "runsc", 1)["runtime"] == "runsc"


def frame(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(data)) + data


@pytest.mark.parametrize("cut", [1, 5, 8, 9, 1000])
def test_frames_are_read_however_they_are_cut(cut: int) -> None:
    ours, theirs = socket.socketpair()
    transport = ContainerTransport(cast(Docker, None), "id", ours)
    data = frame(1, b"hello ") + frame(2, b"oops") + frame(1, b"") + frame(1, b"world")
    said = {1: b"", 2: b""}
    for start in range(0, len(data), cut):
        theirs.sendall(data[start : start + cut])
        for stream, part in transport.read(1.0) or []:
            said[stream] += part
    assert said == {1: b"hello world", 2: b"oops"}
    theirs.close()
    assert transport.read(1.0) is None
    transport.close()


def test_docker_host_is_the_only_candidate_when_it_is_set() -> None:
    assert socket_candidates({"DOCKER_HOST": "tcp://192.0.2.1:2375"}) == ["tcp://192.0.2.1:2375"]
