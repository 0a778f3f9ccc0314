"""Builds a learner's image step by step, each in a container under a job's limits, and runs what was built.

The engine's own builder would run a stranger's steps with more rights than a job has, and without a limit of
processes or disk. Here a step has no network, no capabilities but those that installing files needs, capped
memory, processes, time and disk; then its container is kept as the next layer. Files go in as an archive that only
the engine unpacks.
"""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sandbox.docker_api import Docker
from sandbox.docker_job import hardening, tmpfs
from sandbox.engine import BuildFailed, BuildSpec, BuiltImage, ContainerState, Limits
from sandbox.errors import DiskFull, EngineUnavailable, InfrastructureError

# What root needs to install files for other users. None of it reaches beyond the container.
_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID"]
_TICK = 1.0
# The engine's words for a user, a program or a folder that the learner's image does not have.
_LEARNERS = (
    "unable to find user",
    "executable file not found",
    "no such file or directory",
    "caused:",
    "chdir",
)
_LOGS = {"type": "local", "config": {"max-size": "1m", "max-file": "2"}}


class Builder:
    """One build."""

    def __init__(self, docker: Docker, labels: Mapping[str, str], base: str, spec: BuildSpec) -> None:
        self._docker = docker
        self._labels = labels
        self._base = base
        self._spec = spec
        self._image = base
        self._waiting: list[bytes] = []  # archives for the next layer
        self._made: list[str] = []
        self._deadline = time.monotonic() + spec.limits.seconds
        self._written_mb = 0.0  # by the steps so far

    def build(self) -> BuiltImage:
        """Take every step. Raises BuildFailed."""
        for step in self._spec.steps:
            if step["kind"] == "folder":
                self._waiting.append(_folder(str(step["path"])))
            elif step["kind"] == "copy":
                self._waiting.append(self._spec.files[int(step["files"])])
            else:
                self._run(step)
        self._finish()
        added = self._docker.image_mb(self._image) - self._docker.image_mb(self._base)
        return BuiltImage(self._image, round(max(added, 0.0), 2))

    def remove(self) -> None:
        """Remove every layer that was made, the last one first."""
        for image in reversed(self._made):
            with suppress(InfrastructureError):  # the engine is gone: the next run sweeps
                self._docker.remove_image(image)

    def _run(self, step: Mapping[str, Any]) -> None:
        arguments = [f"{name}={value}" for name, value in (step.get("arguments") or {}).items()]
        options = {
            "command": ["env", *arguments, *step["command"]] if arguments else step["command"],
            "entrypoint": [],
            "environment": dict(step["env"]),
            "user": str(step["user"]) or "0",
            "working_dir": str(step["workdir"]),
        }
        line = int(step["line"])
        with self._container(options) as container:
            start_theirs(self._docker, container, line)
            self._wait(container, line)
            self._keep(container)

    def _finish(self) -> None:
        """The last layer: what was copied since, and what the image says of itself."""
        settings = self._spec.settings
        options: dict[str, Any] = {
            "environment": dict(settings["env"]),
            "user": str(settings["user"]),
            "working_dir": str(settings["workdir"]),
            "command": settings.get("cmd"),
            "entrypoint": settings.get("entrypoint"),
        }
        if settings.get("stop_signal"):
            options["stop_signal"] = str(settings["stop_signal"])
        with self._container(options) as container:
            self._keep(container)

    @contextmanager
    def _container(self, options: Mapping[str, Any]) -> Iterator[str]:
        limits = self._spec.limits
        container = self._docker.create(
            **{
                **hardening(limits, self._docker.cpus),
                "read_only": False,
                "cap_add": _CAPABILITIES,
                "image": self._image,
                "labels": dict(self._labels),
                "network_mode": "none",
                "log_config": _LOGS,
                **{key: value for key, value in options.items() if value is not None},
            }
        )
        try:
            for archive in self._waiting:
                self._put(container, archive)
            self._waiting = []
            yield container
        finally:
            with suppress(InfrastructureError):
                self._docker.remove(container)

    def _put(self, container: str, archive: bytes) -> None:
        self._written_mb += len(archive) / 1e6
        if self._written_mb > self._spec.limits.disk_mb:
            raise BuildFailed(0, f"its files and steps add more than {self._spec.limits.disk_mb} MB")
        try:
            self._docker.put(container, archive)
        except (EngineUnavailable, DiskFull):
            raise
        except InfrastructureError as error:  # a file lies where a folder has to be, say
            raise BuildFailed(0, "its files cannot be copied there", error.message[-200:]) from None

    def _wait(self, container: str, line: int) -> None:
        while not self._docker.wait(container, _TICK):
            if time.monotonic() > self._deadline:
                raise BuildFailed(
                    line, f"the build took longer than {self._spec.limits.seconds:g} s", late=True
                )
            self._look_at_disk(container, line)
        self._written_mb += self._look_at_disk(container, line)
        state = self._docker.state(container)
        if not state:
            raise InfrastructureError("A step of a build vanished", "Try again")
        if code := int(state.get("ExitCode", -1)):
            why = (
                "it used more memory than it may"
                if state.get("OOMKilled")
                else f"it ended with exit code {code}"
            )
            raise BuildFailed(line, why, self._docker.logs(container, 20)[-2000:])

    def _look_at_disk(self, container: str, line: int) -> float:
        """How many MB the step has written; it is ended when all steps together may not add that much."""
        written = self._docker.written_mb(container)
        if self._written_mb + written > self._spec.limits.disk_mb:
            self._docker.kill(container)
            raise BuildFailed(line, f"its files and steps add more than {self._spec.limits.disk_mb} MB")
        return written

    def _keep(self, container: str) -> None:
        self._image = self._docker.commit(container)
        self._made.append(self._image)


def start_theirs(docker: Docker, container: str, line: int = 0) -> None:
    """Start a container whose user, program and folder a learner has named. Raises BuildFailed for what is not there."""
    try:
        docker.start(container)
    except InfrastructureError as error:
        if any(words in error.message for words in _LEARNERS):
            raise BuildFailed(line, "it cannot be started", error.message[-300:]) from None
        raise


def _folder(path: str) -> bytes:
    """An archive with one folder and those above it."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        parts = [part for part in path.split("/") if part]
        for depth in range(1, len(parts) + 1):
            entry = tarfile.TarInfo("/".join(parts[:depth]))
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
    return held.getvalue()


def container_options(
    image: BuiltImage, limits: Limits, env: Mapping[str, str], labels: Mapping[str, str], host_cpus: float
) -> dict[str, Any]:
    """Return what a learner's own image is run with: as a job is, but for its command and its user."""
    return {
        **hardening(limits, host_cpus),
        "image": image.id,
        "environment": dict(env),
        "labels": dict(labels),
        "network_mode": "none",
        "tmpfs": {"/tmp": tmpfs(limits.disk_mb, limits.inodes)},
        "log_config": _LOGS,
        "init": False,  # signals are to reach the learner's own first process
    }


class DockerContainer:
    """See `sandbox.engine.Container`."""

    def __init__(self, docker: Docker, container: str) -> None:
        self.id = container
        self._docker = docker

    def signal(self, name: str) -> None:
        """See `Container.signal`."""
        self._docker.signal(self.id, name)

    def state(self) -> ContainerState:
        """See `Container.state`."""
        state = self._docker.state(self.id)
        if not state:
            raise InfrastructureError("A container of a learner's image vanished", "Try again")
        running = bool(state.get("Running"))
        uids: Sequence[int] = self._docker.uids(self.id) if running else []
        return ContainerState(
            running=running,
            exit_code=None if running else int(state.get("ExitCode", -1)),
            oom_killed=bool(state.get("OOMKilled")),
            uid=min(uids) if uids else None,
        )

    def said(self) -> str:
        """See `Container.said`."""
        return self._docker.logs(self.id)[-4000:]
