"""The docker engine: jobs and stacks as containers of Docker or Podman."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sandbox import images
from sandbox.channel import RunningJobs
from sandbox.docker_api import LABEL, Docker, connect
from sandbox.docker_build import Builder, DockerContainer, container_options, start_theirs
from sandbox.docker_job import ContainerTransport, job_options
from sandbox.docker_stack import INNER_OPTIONS, NO_DNS, DockerStacks
from sandbox.docker_zygote import WarmContainers, zygote_options
from sandbox.engine import (
    BuildSpec,
    BuiltImage,
    Container,
    Job,
    JobSpec,
    Limits,
    Progress,
    RunningStack,
    StackSpec,
)
from sandbox.errors import ImageMissing, InfrastructureError
from sandbox.inner_network import InnerNetwork
from sandbox.ownership import exclusive, home_id, labels, owner_is_gone
from sandbox.stack_reuse import still_good


class DockerEngine:
    """See `sandbox.engine.Engine`."""

    name = "docker"
    isolates = True

    def __init__(self, home: Path, docker: Docker | None = None) -> None:
        self.home = home
        self.docker = docker or connect()
        self._stacks = DockerStacks(self.docker, home)
        self._tags: dict[str, str] = {}
        self._swept = False
        self._running = RunningJobs()
        self._new_pool()

    def _new_pool(self) -> None:
        self._warm = WarmContainers(self.docker)
        self._finalizer = weakref.finalize(self, self._warm.close)

    def describe(self) -> str:
        """See `Engine.describe`."""
        kind = "Podman" if self.docker.is_podman else "Docker"
        kernel = "with gVisor" if self.docker.has_gvisor else "sharing this machine's kernel"
        caps = "no internet, no rights, capped memory, disk, time and output"
        return f"{kind} {self.docker.version}, {kernel}: {caps}"

    def prepare(self, image: str, progress: Progress) -> None:
        """See `Engine.prepare`."""
        self._tags[image] = images.build(image, "auto", progress, self.docker)

    def image(self, name: str) -> str:
        """Return the id of a built image. Raises ImageMissing."""
        if name not in self._tags:
            tag = images.image_tag(name)
            if self.docker.image_id(tag) is None:
                raise ImageMissing(
                    f"The image {tag} is not on this machine", f"Run: mlops images build {name}"
                )
            self._tags[name] = tag
        return self._tags[name]

    def image_digest(self, image: str) -> str:
        """See `Engine.image_digest`."""
        return images.image_tag(image).partition(":")[2]

    def check_promises(self, progress: Progress) -> None:
        """See `Engine.check_promises`."""
        from sandbox import promises  # here, since the probes are jobs of an engine

        promises.check(self, progress)

    @contextmanager
    def job(self, spec: JobSpec) -> Iterator[Job]:
        """See `Engine.job`."""
        self._sweep_once()
        if spec.preload is not None:
            with (
                self._warm.lease(spec, self._zygote_options(spec)) as transport,
                self._running.run(transport, spec.limits) as running,
            ):
                yield running
            return
        with self._run(self.job_options(spec), spec) as (job, _container):
            yield job

    @contextmanager
    def _run(self, options: dict[str, Any], spec: JobSpec) -> Iterator[tuple[Job, str]]:
        container = self.docker.create(**options)
        try:
            # Before the start, so that not a byte is missed.
            transport = ContainerTransport(self.docker, container, self.docker.attach(container))
            try:
                self.docker.start(container)
                with self._running.run(transport, spec.limits) as job:
                    yield job, container
            finally:
                transport.close()
        finally:
            with suppress(InfrastructureError):  # the engine is gone: the next run sweeps
                self.docker.remove(container)

    @contextmanager
    def build(self, spec: BuildSpec) -> Iterator[BuiltImage]:
        """See `Engine.build`."""
        self._sweep_once()
        builder = Builder(
            self.docker, labels(self.home, "image", name=spec.name), self.image(spec.base), spec
        )
        try:
            yield builder.build()
        finally:
            builder.remove()

    @contextmanager
    def container(
        self, image: BuiltImage, name: str, limits: Limits, env: Mapping[str, str]
    ) -> Iterator[Container]:
        """See `Engine.container`."""
        mark = labels(self.home, "job", name=name)
        container = self.docker.create(**container_options(image, limits, env, mark, self.docker.cpus))
        try:
            start_theirs(self.docker, container)
            yield DockerContainer(self.docker, container)
        finally:
            with suppress(InfrastructureError):
                self.docker.remove(container)

    def abandon(self) -> None:
        """See `Engine.abandon`."""
        self._running.end_all()

    def keep_warm(self, specs: Sequence[JobSpec]) -> None:
        """See `Engine.keep_warm`."""
        self._warm.keep([(spec, self._zygote_options(spec)) for spec in specs])

    def close(self) -> None:
        """See `Engine.close`."""
        self._finalizer()
        self._new_pool()

    def inner_network(self) -> InnerNetwork:
        """Return a network like a stack's, for the probes."""
        mark = labels(self.home, "probe")
        return InnerNetwork(self.docker, mark, self.inner_options(), self._run, self.inner_job_options)

    def inner_job_options(self, spec: JobSpec) -> dict[str, Any]:
        """Return the options of a job that stands in for a stack's container."""
        return {**self.job_options(spec, "probe"), **NO_DNS}

    def inner_options(self) -> dict[str, str]:
        """Return the options of a stack's inner network."""
        return dict(INNER_OPTIONS)

    def identity(self) -> str:
        """Return what the results of probes are kept for."""
        return f"{self.docker.id}:{self.docker.image_id(self.image('lab'))}"

    def job_options(self, spec: JobSpec, kind: str = "job") -> dict[str, Any]:
        """Return what a job's container is created with."""
        runtime = "runsc" if self.docker.has_gvisor else None
        mark = labels(self.home, kind, name=spec.name)
        return job_options(spec, self.image(spec.image), mark, runtime, self.docker.cpus)

    def _zygote_options(self, spec: JobSpec) -> dict[str, Any]:
        runtime = "runsc" if self.docker.has_gvisor else None
        mark = labels(self.home, "job", name="warm")
        return zygote_options(spec, self.image(spec.image), mark, runtime, self.docker.cpus)

    def start_stack(self, spec: StackSpec, progress: Progress) -> RunningStack:
        """See `Engine.start_stack`."""
        self._sweep_once()
        with exclusive(self.home, spec.lab):
            found = self._stacks.find(spec.lab)
            if found and still_good(found, spec, progress):
                return found
            self.prepare(spec.image, progress)
            if self._stacks.remove(spec.lab) and not found:
                progress(f"removed what an earlier {spec.lab} left behind")
            progress(f"starting {spec.lab}")
            return self._stacks.start(spec, self.image(spec.image), progress)

    def find_stack(self, lab: str) -> RunningStack | None:
        """See `Engine.find_stack`."""
        return self._stacks.find(lab)

    def stop_stack(self, lab: str) -> bool:
        """See `Engine.stop_stack`."""
        with exclusive(self.home, lab):
            return self._stacks.remove(lab)

    def list_stacks(self) -> list[RunningStack]:
        """See `Engine.list_stacks`."""
        return self._stacks.list_all()

    def sweep(self) -> int:
        """Remove the containers and networks that dead runs of this home left; return how many parts."""
        removed = self._stacks.sweep()
        for kind in ("job", "probe", "image"):
            mark = [f"{LABEL}.home={home_id(self.home)}", f"{LABEL}.kind={kind}"]
            for container in self.docker.containers(mark):
                if owner_is_gone(container["Labels"]):
                    self.docker.remove(container["Id"])
                    removed += 1
            for image in self.docker.images(mark):
                if owner_is_gone(image["Labels"]):
                    self.docker.remove_image(image["Id"])
                    removed += 1
            for network in self.docker.networks(mark):
                if owner_is_gone(network["Labels"]):
                    self.docker.remove_network(network["Id"])
                    removed += 1
        return removed

    def _sweep_once(self) -> None:
        if not self._swept:
            self._swept = True
            self.sweep()
