"""A learner's stack on a container engine: JupyterLab, services on a network with no way out, an ingress.

    browser -> 127.0.0.1:port -> ingress -> (inner network) -> jupyter = mlflow = prometheus ...

Services share JupyterLab's loopback and nothing else of it, so an address that works in a notebook, in a service's
settings or in a grading's bench is the same everywhere. Only the ingress, which runs socat and nothing of the learner's, is on a second, ordinary network: an engine
publishes no port of a container that has only an internal one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox import service_images, services, web
from sandbox.docker_api import LABEL, Docker
from sandbox.docker_job import hardening, tmpfs
from sandbox.engine import Limits, Progress, RunningStack, StackSpec
from sandbox.errors import InfrastructureError
from sandbox.jupyter_env import jupyter_environment
from sandbox.ownership import home_id, labels, owner_is_gone
from sandbox.services import Service

INNER_OPTIONS = {
    # `internal` alone leaves the host reachable at the bridge's own address; without an address it is not.
    "com.docker.network.bridge.inhibit_ipv4": "true",
}
# Nobody answers there. Without it, an old daemon forwards lookups of an internal network from the host.
# Lookups then fail within a second or two, not ten.
NO_DNS = {"dns": ["127.0.0.1"], "dns_opt": ["timeout:1", "attempts:1"]}
HUB_PORT = 8081  # of the ingress: where a learner of a class finds the hub
HUB_SOCKET = "api.sock"
_START_SECONDS = 90.0
_HOME, _CONFIG = "/home/learner", "/opt/mlops/lib/sandbox/jupyter"
_JUPYTER_PORT = 8888
_SOCAT = f"exec socat TCP-LISTEN:{_JUPYTER_PORT},fork,reuseaddr TCP:jupyter:{_JUPYTER_PORT}"
_SOCKETS = "/run/hub"
_SOCAT_OF_HUB = f"socat TCP-LISTEN:{HUB_PORT},fork,reuseaddr UNIX-CONNECT:{_SOCKETS}/{HUB_SOCKET} & {_SOCAT}"


class DockerStacks:
    """The stacks of one home on one engine."""

    def __init__(self, docker: Docker, home: Path) -> None:
        self._docker = docker
        self._home = home
        self._of_home = [f"{LABEL}.home={home_id(home)}", f"{LABEL}.kind=stack"]

    def find(self, lab: str) -> RunningStack | None:
        """Return a lab's stack when all of its containers run."""
        return next((stack for stack in self.list_all() if stack.lab == lab), None)

    def list_all(self) -> list[RunningStack]:
        """Return every stack of this home whose containers all run."""
        by_lab: dict[str, list[dict[str, Any]]] = {}
        for container in self._docker.containers(self._of_home):
            by_lab.setdefault(container["Labels"][f"{LABEL}.lab"], []).append(container)
        found = [_from_labels(containers) for containers in by_lab.values()]
        return sorted((stack for stack in found if stack), key=lambda stack: stack.lab)

    def remove(self, lab: str) -> bool:
        """Remove a lab's containers and networks; False if there were none."""
        containers = self.parts(lab)
        networks = self._docker.networks([*self._of_home, f"{LABEL}.lab={lab}"])
        for container in containers:
            self._docker.remove(container["Id"])
        for network in networks:
            self._docker.remove_network(network["Id"])
        return bool(containers or networks)

    def parts(self, lab: str) -> list[dict[str, Any]]:
        """Return the engine's records of a lab's containers."""
        return self._docker.containers([*self._of_home, f"{LABEL}.lab={lab}"])

    def sweep(self) -> int:
        """Remove starts that were killed half-way: no ingress runs, and whoever started it is gone."""
        removed = 0
        for lab, parts in self._parts().items():
            reachable = any(
                part.get("State") == "running" for part in parts if f"{LABEL}.port" in part["Labels"]
            )
            if not reachable and all(owner_is_gone(part["Labels"]) for part in parts):
                removed += self.remove(lab)
        return removed

    def _parts(self) -> dict[str, list[dict[str, Any]]]:
        """Every container and network of this home's stacks, by lab."""
        found: dict[str, list[dict[str, Any]]] = {}
        for part in (*self._docker.containers(self._of_home), *self._docker.networks(self._of_home)):
            found.setdefault(part["Labels"][f"{LABEL}.lab"], []).append(part)
        return found

    def start(self, spec: StackSpec, image: str, progress: Progress) -> RunningStack:
        """Start a stack; returns when its pages answer. Leaves nothing when it fails or is interrupted.

        Raises ImageMissing for a service that comes from a registry where none can be reached.
        """
        for service in map(services.find, spec.services):
            if service.image:
                service_images.provide(self._docker, service, progress)
        return web.on_a_port(spec.port, lambda port: self._start_on(port, spec, image, progress))

    def _start_on(self, port: int, spec: StackSpec, image: str, progress: Progress) -> RunningStack:
        token = secrets.token_urlsafe(24)
        try:
            names = self._start_parts(spec, image, port, token)
            self._await(spec, names, port, token, progress)
        except BaseException:
            # Also for Ctrl-C. A second trouble while tidying must not hide the first.
            with contextlib.suppress(InfrastructureError):
                self.remove(spec.lab)
            raise
        return web.running(spec, "docker", port, token)

    def _start_parts(self, spec: StackSpec, image: str, port: int, token: str) -> dict[str, str]:
        """Create and start each part as soon as it can be: JupyterLab, which takes the longest, comes up meanwhile."""
        stack = StackContainers(self._docker, self._home, spec, image)
        inner = stack.network("inner", internal=True)
        names = {"jupyter": stack.jupyter(inner, token)}  # first: the services join its loopback
        self._docker.start(names["jupyter"])
        front = stack.network("front", internal=False)
        names["ingress"] = stack.ingress(inner, front, port, token)
        self._docker.start(names["ingress"])
        for name in spec.services:
            names[name] = stack.service(services.find(name), names["jupyter"])
            self._docker.start(names[name])
        return names

    def _await(
        self, spec: StackSpec, names: Mapping[str, str], port: int, token: str, progress: Progress
    ) -> None:
        waiting = web.probe_urls(port, spec.services)
        started, told = time.monotonic(), time.monotonic()
        while waiting := [url for url in waiting if not web.answers(url, token)]:
            now = time.monotonic()
            dead = [
                name for name, container in names.items() if not self._docker.state(container).get("Running")
            ]
            if dead or now - started > _START_SECONDS:
                raise self._failed(spec, names, dead)
            if now - told > 5:
                progress(f"waiting for {spec.lab} to answer ({now - started:.0f} s)")
                told = now
            time.sleep(0.2)

    def _failed(self, spec: StackSpec, names: Mapping[str, str], dead: list[str]) -> InfrastructureError:
        log = self._home / "logs" / f"{spec.lab}-start.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(
            "\n".join(f"== {name}\n{self._docker.logs(container)}" for name, container in names.items())
        )
        what = (
            f"{dead[0]} of {spec.lab} ended at once"
            if dead
            else f"{spec.lab} did not answer in {_START_SECONDS:.0f} s"
        )
        return InfrastructureError(what, f"Read {log}, then start it again")


@dataclass(frozen=True)
class Hub:
    """The JupyterHub whose single-user server a stack's JupyterLab is.

    The ingress of such a stack is also its one way to the hub: it hands what comes to its port `HUB_PORT` to a socket
    in `sockets`, a folder of this machine. So no network reaches the hub.
    """

    sockets: Path  # holds HUB_SOCKET
    labels: Mapping[str, str] = field(default_factory=dict)  # of the stack's parts, beside the usual ones


class StackContainers:
    """Creates the parts of one stack. Nothing is started here."""

    def __init__(
        self, docker: Docker, home: Path, spec: StackSpec, image: str, hub: Hub | None = None
    ) -> None:
        self._docker = docker
        self._spec = spec
        self._image = image
        self._hub = hub
        self._prefix = prefix(home, spec.lab)
        more = dict(hub.labels) if hub else {}
        self._labels = labels(home, "stack", lab=spec.lab, version=spec.version, **more)
        self._user = _user_of(spec.work, docker)

    def network(self, name: str, internal: bool) -> str:
        """Create the inner (no way out) or the front network."""
        options = INNER_OPTIONS if internal else {"com.docker.network.bridge.enable_icc": "false"}
        full = f"{self._prefix}-{name}"
        self._docker.create_network(full, self._labels, internal, options)
        return full

    def service(self, service: Service, jupyter: str) -> str:
        """Create a service: its data in <store>/<name>, its settings, read-only, in the learner's <work>/<name>."""
        data, config = self._spec.store / service.name, self._spec.work / service.name
        _own(data, self._user)
        volumes = {str(data): {"bind": "/data", "mode": "rw"}}
        if service.configured:
            _own(config, self._user)
            volumes[str(config)] = {"bind": "/config", "mode": "ro"}
        return self._container(
            service.name,
            Limits(memory_mb=service.memory_mb, cpus=1, processes=128),
            network_mode=f"container:{jupyter}",
            command=service.argv(service.port, "/data", "/config", python="python"),
            working_dir="/config" if service.configured else "/data",
            volumes=volumes,
            **({"image": service_images.tag_of(service)} if service.image else {}),
        )

    def jupyter(self, inner: str, token: str) -> str:
        """Create JupyterLab, the learner's folder mounted as its root."""
        spec = self._spec
        _own(spec.work, self._user)
        env = jupyter_environment(
            spec,
            config=_CONFIG,
            state=f"{_HOME}/.mlops",
            root=f"{_HOME}/work",
            ip="0.0.0.0",
            port=_JUPYTER_PORT,
            token=token,
            ports={name: services.find(name).port for name in spec.services},
        )
        return self._container(
            "jupyter",
            Limits(memory_mb=spec.memory_mb, cpus=self._docker.cpus, processes=1024),
            network=inner,
            **NO_DNS,
            hostname="jupyter",
            command=["python", "-m", "jupyterhub.singleuser" if self._hub else "jupyterlab"],
            environment=dict(env),
            working_dir=f"{_HOME}/work",
            volumes={str(spec.work): {"bind": f"{_HOME}/work", "mode": "rw"}},
        )

    def ingress(self, inner: str, front: str, port: int | None, token: str) -> str:
        """Create the one container that the browser reaches; it carries what `find` needs as labels.

        `port` None: any free one, which the engine chooses when it is started.
        """
        found = {} if port is None else self._notes(port, token)
        notes = {f"{LABEL}.{key}": value for key, value in found.items()}
        sockets = {str(self._hub.sockets): {"bind": _SOCKETS, "mode": "ro"}} if self._hub else {}
        container = self._container(
            "ingress",
            Limits(memory_mb=64, cpus=1, processes=256),
            network=front,
            **NO_DNS,
            hostname="ingress",
            command=["sh", "-c", _SOCAT_OF_HUB if self._hub else _SOCAT],
            volumes=sockets,
            labels={**self._labels, **notes, f"{LABEL}.role": "ingress"},
            ports={f"{_JUPYTER_PORT}/tcp": ("127.0.0.1", port)},
            sysctls={"net.ipv4.ip_forward": "0"},
        )
        self._docker.connect_network(inner, container, ["ingress"])
        return container

    def _notes(self, port: int, token: str) -> dict[str, str]:
        spec = self._spec
        return {
            "port": str(port),
            "token": token,
            "notebook": spec.notebook,
            "services": ",".join(spec.services),
        }

    def _container(self, role: str, limits: Limits, **more: Any) -> str:
        scratch = tmpfs(512, 50_000)
        options: dict[str, Any] = {
            **hardening(limits, self._docker.cpus),
            "image": self._image,
            "name": f"{self._prefix}-{role}",
            "labels": {**self._labels, f"{LABEL}.role": role},
            "user": self._user,
            "tmpfs": {"/tmp": scratch, _HOME: scratch},
            "restart_policy": {"Name": "no"},
            **more,
        }
        if self._docker.is_podman and self._docker.rootless:
            options["userns_mode"] = "keep-id"
        else:
            options["log_config"] = {"type": "local", "config": {"max-size": "5m", "max-file": "2"}}
        return self._docker.create(**options)


def prefix(home: Path, lab: str) -> str:
    """What the names of a stack's containers and networks begin with."""
    return f"mlops-{home_id(home)}-{lab}"


def _from_labels(containers: list[dict[str, Any]]) -> RunningStack | None:
    """A stack is what its ingress's labels say, and is one only while every part runs."""
    front = next((one["Labels"] for one in containers if f"{LABEL}.port" in one["Labels"]), None)
    if front is None or any(one["State"] != "running" for one in containers):
        return None
    offered = tuple(filter(None, front[f"{LABEL}.services"].split(",")))
    if len(containers) < 2 + len(offered):
        return None
    spec = StackSpec(
        lab=front[f"{LABEL}.lab"],
        title="",
        image="",
        work=Path(),
        store=Path(),
        notebook=front[f"{LABEL}.notebook"],
        services=offered,
        version=front[f"{LABEL}.version"],
    )
    return web.running(spec, "docker", int(front[f"{LABEL}.port"]), front[f"{LABEL}.token"])


def _user_of(work: Path, docker: Docker) -> str:
    """The uid:gid that may write the learner's folder from inside; never root of this machine."""
    work.mkdir(parents=True, exist_ok=True)
    if docker.rootless and not docker.is_podman:
        return "0:0"  # rootless Docker: root inside is the person's own account outside
    owner = work.stat()
    return f"{owner.st_uid}:{owner.st_gid}" if owner.st_uid else "1000:1000"


def _own(folder: Path, user: str) -> None:
    """Make `folder` and give its tree to the container's user, where we are root and so may."""
    folder.mkdir(parents=True, exist_ok=True)
    uid, gid = (int(part) for part in user.split(":"))
    if os.geteuid() != 0 or uid == 0:
        return
    for path in (folder, *folder.rglob("*")):
        if path.lstat().st_uid != uid:
            os.chown(path, uid, gid, follow_symlinks=False)
