"""One job in one container: no network, no rights, nothing writable but two sized tmpfs, and a channel."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any

from sandbox.channel import Exit
from sandbox.docker_api import Docker, ulimit
from sandbox.engine import EndReason, JobSpec, Limits
from sandbox.errors import EngineUnavailable

JOB_USER = "1000:1000"  # "learner" in the image; never a uid that owns anything on the host
_RECV = 2**16
_SUSPICIOUS = (137, 143)  # what containers leave behind when the daemon itself is stopped
_MAX_OPEN_FILES = 4096


def hardening(limits: Limits, host_cpus: float) -> dict[str, Any]:
    """Return the options that every container of ours gets, jobs and stacks alike."""
    return {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],  # the default seccomp profile stays on
        "read_only": True,
        "init": True,
        "ipc_mode": "private",
        "pids_limit": limits.processes,
        "mem_limit": f"{limits.memory_mb}m",
        "memswap_limit": f"{limits.memory_mb}m",
        "nano_cpus": int(min(limits.cpus, host_cpus) * 1e9),  # engines refuse more than there are
        "shm_size": "64m",
    }


def tmpfs(megabytes: int, inodes: int) -> str:
    """Return mount options of a sized tmpfs that any uid may write. Its pages count as memory."""
    # exec: a script that learners write beside their notebook must start here as it does on their side.
    return f"rw,exec,nosuid,nodev,size={megabytes}m,nr_inodes={inodes},mode=1777"


def job_options(
    spec: JobSpec, image: str, labels: Mapping[str, str], runtime: str | None, host_cpus: float
) -> dict[str, Any]:
    """Return the SDK's options for a job's container."""
    limits = spec.limits
    threads = str(max(1, int(limits.cpus)))
    env = {
        "HOME": "/work",
        "MLOPS_CGROUP": "/sys/fs/cgroup",  # where a job finds the kernel's account of itself alone
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        **spec.env,
    }
    writable = tmpfs(limits.disk_mb, limits.inodes)
    options = {
        **hardening(limits, host_cpus),
        "image": image,
        "command": list(spec.command),
        "environment": env,
        "labels": dict(labels),
        "user": JOB_USER,
        "network_mode": f"container:{spec.beside}" if spec.beside else "none",
        "working_dir": "/work",
        "tmpfs": {"/work": writable, "/tmp": writable},
        "ulimits": [
            ulimit("core", 0),
            ulimit("nofile", _MAX_OPEN_FILES),
            ulimit("fsize", limits.disk_mb * 2**20),
        ],
        "log_config": {"type": "none"},
        "stdin_open": True,
    }
    return {**options, "runtime": runtime} if runtime else options


class ContainerTransport:
    """A container's attach stream: frames of an 8-byte header (stream, length) and a payload."""

    def __init__(self, docker: Docker, container: str, stream: socket.socket) -> None:
        self._docker = docker
        self._container = container
        self._socket = stream
        stream.setblocking(False)
        self._header = b""
        self._stream = 0
        self._left = 0  # bytes of the present frame still to come
        self._ended: Exit | None = None

    def read(self, timeout: float) -> list[tuple[int, bytes]] | None:
        """See `Transport.read`."""
        if not select.select([self._socket], [], [], timeout)[0]:
            return []
        try:
            data = self._socket.recv(_RECV)
        except BlockingIOError:
            return []
        except ConnectionError:
            return None
        return self._frames(data) if data else None

    def _frames(self, data: bytes) -> list[tuple[int, bytes]]:
        found = []
        while data:
            if self._left:
                found.append((self._stream, data[: self._left]))
                data, self._left = data[self._left :], self._left - len(found[-1][1])
                continue
            need = 8 - len(self._header)
            self._header, data = self._header + data[:need], data[need:]
            if len(self._header) == 8:
                self._stream, self._left = struct.unpack(">BxxxL", self._header)
                self._header = b""
        return found

    def write(self, data: memoryview, timeout: float) -> int:
        """See `Transport.write`."""
        if not select.select([], [self._socket], [], timeout)[1]:
            return 0
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    def over_limit(self) -> EndReason | None:
        """Nothing to do: memory, processes and disk are the kernel's to hold."""
        return None

    def wait(self, timeout: float) -> Exit | None:
        """See `Transport.wait`. Raises EngineUnavailable when the engine or the container is gone."""
        if self._ended is None:
            if timeout and not self._docker.wait(self._container, timeout):
                return None
            state = self._docker.state(self._container)
            if not state:
                raise EngineUnavailable("A job's container vanished", "Run it again")
            if state.get("Running"):
                return None
            self._ended = Exit(int(state.get("ExitCode", -1)), bool(state.get("OOMKilled")))
            if self._ended.code in _SUSPICIOUS and not self._ended.oom_killed:
                # A daemon that is being stopped kills its containers first, then stops answering; and
                # somebody who removes one by force kills it first.
                time.sleep(0.3)
                if not self._docker.state(self._container):
                    raise EngineUnavailable("A job's container was removed", "Run it again")
        return self._ended

    def kill(self) -> None:
        """See `Transport.kill`: with its first process, all of a container's processes die."""
        if self._ended is None:
            self._docker.kill(self._container)

    def close(self) -> None:
        """Close the stream."""
        self._socket.close()
