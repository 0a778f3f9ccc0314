"""A learner's stack of a class: like any other, but that a JupyterHub starts it and its JupyterLab answers to the hub.

JupyterLab's container is started and stopped by the hub's spawner; here are the parts beside it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from sandbox import service_images, services
from sandbox.docker_api import LABEL, Docker
from sandbox.docker_stack import DockerStacks, Hub, StackContainers, prefix
from sandbox.engine import StackSpec
from sandbox.errors import InfrastructureError


def server_name(home: Path, lab: str) -> str:
    """Return the name of the container of JupyterLab in the stack of `home`."""
    return f"{prefix(home, lab)}-jupyter"


class HubStack:
    """One learner's stack. Every method talks to the engine and takes its time: up to some seconds."""

    def __init__(self, docker: Docker, home: Path, lab: str) -> None:
        self._docker = docker
        self._home = home
        self._lab = lab
        self._stacks = DockerStacks(docker, home)

    def create(self, spec: StackSpec, image: str, hub: Hub) -> str:
        """Create every part, in the place of what was left of an earlier one; return the id of JupyterLab's.

        Nothing runs yet. Raises InfrastructureError, and leaves nothing then.
        """
        self.remove()
        for service in map(services.find, spec.services):
            if service.image:
                service_images.provide(self._docker, service, lambda _line: None)
        parts = StackContainers(self._docker, self._home, spec, image, hub)
        try:
            inner = parts.network("inner", internal=True)
            jupyter = parts.jupyter(inner, "")
            parts.ingress(inner, parts.network("front", internal=False), None, "")
            for name in spec.services:
                parts.service(services.find(name), jupyter)
        except BaseException:
            with contextlib.suppress(InfrastructureError):
                self.remove()
            raise
        return jupyter

    def start(self) -> int:
        """Start every part; return the port of 127.0.0.1 at which JupyterLab will answer."""
        parts = {one["Labels"][f"{LABEL}.role"]: one["Id"] for one in self._parts()}
        # The ingress first, since JupyterLab asks for the hub; services join the loopback of a JupyterLab that runs.
        ingress, jupyter = parts.pop("ingress"), parts.pop("jupyter")
        for container in (ingress, jupyter, *parts.values()):
            self._docker.start(container)
        return self._port(ingress)

    def remove(self) -> bool:
        """Remove every container and network; False if there were none. Work and services' data stay."""
        return self._stacks.remove(self._lab)

    def _parts(self) -> list[dict[str, Any]]:
        return self._stacks.parts(self._lab)

    def _port(self, ingress: str) -> int:
        published = self._docker.inspect(ingress)["NetworkSettings"]["Ports"]
        return int(next(binding["HostPort"] for bindings in published.values() for binding in bindings or ()))


def running(docker: Docker, label: str, value: str) -> set[str]:
    """Return the homes, by their label `learner`, whose JupyterLab runs, of those stacks that carry a label."""
    found = docker.containers([f"{LABEL}.{label}={value}", f"{LABEL}.role=jupyter"])
    return {one["Labels"][f"{LABEL}.learner"] for one in found if one["State"] == "running"}
