"""The only module that imports the Docker SDK: what we need of an engine, in our own words and errors.

Works on Docker and on Podman's Docker-compatible socket. Every failure of the engine leaves here as an
`InfrastructureError` with the next step in its text.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import Ulimit

from sandbox.errors import DiskFull, EngineUnavailable, ImageMissing, InfrastructureError, PortTaken

LABEL = "org.mlops-labs"
Labels = Mapping[str, str]

_START_DOCKER = "Start Docker (e.g. run: systemctl start docker), or use --engine local for your own work"


def ulimit(name: str, value: int) -> Any:
    """Return a resource limit, soft and hard alike, in the form that `Docker.create` takes."""
    return Ulimit(name=name, soft=value, hard=value)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what the SDK raises into our errors. `doing` completes "could not ..."."""
    try:
        yield
    except ImageNotFound as error:
        raise ImageMissing(
            f"Could not {doing}: the image is not on this machine", "Run: mlops images build"
        ) from error
    except APIError as error:
        raise _from_api(doing, str(error.explanation or error)) from error
    except (DockerException, requests.exceptions.RequestException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EngineUnavailable(
            f"Could not {doing}: the engine does not answer ({reason[:160]})", _START_DOCKER
        ) from error


def _from_api(doing: str, text: str) -> InfrastructureError:
    line = " ".join(text.split())[:300]
    if "no space left" in text:
        return DiskFull(
            f"Could not {doing}: no room is left on the engine's disk", "Free some space, then try again"
        )
    if "port is already allocated" in text or "address already in use" in text:
        return PortTaken(f"Could not {doing}: the port is in use", "Choose another with --port, or free it")
    if "address pool" in text:
        return InfrastructureError(
            f"Could not {doing}: the engine has no addresses left", "Stop a lab: mlops stop"
        )
    return InfrastructureError(f"Could not {doing}: {line}", "Try again; if it stays, run: mlops doctor")


def socket_candidates(environ: Mapping[str, str]) -> list[str]:
    """Return where an engine may listen, best first: DOCKER_HOST alone when it is set."""
    if environ.get("DOCKER_HOST"):
        return [environ["DOCKER_HOST"]]
    runtime = environ.get("XDG_RUNTIME_DIR")
    paths = ["/var/run/docker.sock"]
    paths += [f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock"] if runtime else []
    paths += ["/run/podman/podman.sock"]
    return [f"unix://{path}" for path in paths if Path(path).is_socket()]


def connect(environ: Mapping[str, str] | None = None) -> Docker:
    """Return the first engine that answers. Raises EngineUnavailable."""
    reasons = []
    for url in socket_candidates(os.environ if environ is None else environ):
        try:
            client = docker.DockerClient(base_url=url, version="auto", timeout=120)
            client.ping()
        except (DockerException, requests.exceptions.RequestException, OSError) as error:
            reasons.append(f"{url}: {str(error).splitlines()[0][:120]}")
            continue
        return Docker(client, url)
    raise EngineUnavailable(
        f"No container engine answers ({'; '.join(reasons) or 'no socket found'})", _START_DOCKER
    )


class Docker:
    """One engine's daemon. Methods raise InfrastructureError or one of its kinds."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._api = client.api
        self.url = url
        with translated("ask the engine what it is"):
            self._info: dict[str, Any] = client.info()
            version: dict[str, Any] = client.version()
        components = [part.get("Name", "") for part in version.get("Components") or []]
        self.is_podman = any("podman" in name.lower() for name in components)
        self.version = str(version.get("Version", "?"))
        self.arch = str(version.get("Arch", "amd64"))

    @property
    def id(self) -> str:
        """What tells this daemon, and this version of it, from another."""
        return f"{self._info.get('ID') or self._info.get('Name')}:{self.version}"

    @property
    def cpus(self) -> float:
        """How many CPUs the daemon's machine has."""
        return float(self._info.get("NCPU") or 1)

    @property
    def rootless(self) -> bool:
        """Whether the daemon runs without root: container uids are then not host uids."""
        return any("rootless" in option for option in self._info.get("SecurityOptions") or [])

    @property
    def has_gvisor(self) -> bool:
        """Whether runsc, a kernel in user space, is installed as a runtime.

        Podman lists every runtime that it has heard of, so there only one that is on this machine counts.
        """
        known = (self._info.get("Runtimes") or {}).get("runsc")
        return known is not None and (not self.is_podman or shutil.which("runsc") is not None)

    def ping(self) -> None:
        """Raise EngineUnavailable unless the daemon answers."""
        with translated("reach the engine"):
            self._api.ping()

    # Images

    def image_id(self, tag: str) -> str | None:
        """Return the id of an image, None when it is not there."""
        with translated(f"look for image {tag}"):
            try:
                return str(self._api.inspect_image(tag)["Id"])
            except ImageNotFound:
                return None

    def images(self, labels: list[str]) -> list[dict[str, Any]]:
        """Return the engine's records of images that carry all `labels`."""
        with translated("list images"):
            return cast(list[dict[str, Any]], self._api.images(filters={"label": labels}))

    def pull(self, image: str, timeout: float) -> bool:
        """Pull a public image; False when no registry gave it within `timeout` seconds of silence."""
        puller = docker.APIClient(base_url=self.url, version="auto", timeout=int(timeout))
        try:
            name, _, tag = image.partition(":")
            for event in puller.pull(name, tag=tag or "latest", stream=True, decode=True):
                if "error" in event:
                    return False
        except (DockerException, requests.exceptions.RequestException, OSError):
            return False
        finally:
            puller.close()
        return self.image_id(image) is not None

    def import_image(self, tar: Path, tag: str, changes: list[str]) -> None:
        """Make an image of one layer from a root file system's tar file."""
        name, _, version = tag.partition(":")
        with translated(f"import {tag}"):
            answer = self._api.import_image(src=str(tar), repository=name, tag=version, changes=changes)
        if '"error"' in str(answer):
            raise _from_api(f"import {tag}", str(answer)[-300:])

    def build(self, context: IO[bytes], tag: str, args: Mapping[str, str], labels: Labels) -> Iterator[str]:
        """Build an image from a context tar; yield the builder's lines. Raises InfrastructureError."""
        with translated(f"build {tag}"):
            events = self._api.build(
                fileobj=context,
                custom_context=True,
                tag=tag,
                buildargs=dict(args),
                labels=dict(labels),
                rm=True,
                forcerm=True,
                decode=True,
                timeout=3600,
            )
            for event in events:
                if "error" in event:
                    raise _from_api(f"build {tag}", str(event["error"]))
                yield from str(event.get("stream", "")).splitlines()

    def image_mb(self, image: str) -> float:
        """Return an image's size."""
        with translated("look at an image"):
            return float(self._api.inspect_image(image)["Size"]) / 1e6

    def remove_image(self, image: str) -> None:
        """Remove an image and the layers that are only its own; nothing happens when it is gone."""
        with translated("remove an image"):
            try:
                self._api.remove_image(image, force=True)
            except APIError as error:
                if error.status_code not in (
                    404,
                    409,
                ):  # 409: something still uses it; the next sweep removes it
                    raise

    # Containers

    def commit(self, container: str) -> str:
        """Make an image of a container as it is, its settings and labels included; return its id."""
        with translated("keep a step of a build"):
            return str(self._api.commit(container)["Id"])

    def put(self, container: str, archive: bytes) -> None:
        """Unpack a tar archive below a container's root, as the engine does it: nothing is unpacked here."""
        with translated("put files into a container"):
            self._api.put_archive(container, "/", archive)

    def written_mb(self, container: str) -> float:
        """Return how much a container has written into its own layer."""
        with translated("measure a container"):
            found = self._api.containers(all=True, size=True, filters={"id": container})
        return float(found[0].get("SizeRw") or 0) / 1e6 if found else 0.0

    def uids(self, container: str) -> list[int]:
        """Return the users of a container's processes, as its machine's kernel has them; empty when it is over."""
        with translated("look at a container's processes"):
            try:
                rows = self._api.top(container, ps_args="-eo uid,pid")["Processes"] or []
            except APIError as error:
                if error.status_code in (404, 409, 500):  # not running (any more)
                    return []
                raise
        return [int(row[0]) for row in rows]

    def signal(self, container: str, name: str) -> None:
        """Send a signal to a container's first process; nothing happens when it is over."""
        with translated("signal a container"):
            try:
                self._api.kill(container, signal=name)
            except APIError as error:
                if error.status_code not in (404, 409):
                    raise

    def create(self, **options: Any) -> str:
        """Create a container from the SDK's `containers.create` options and return its id."""
        with translated("create a container"):
            return str(self._client.containers.create(**options).id)

    def start(self, container: str) -> None:
        """Start a created container."""
        with translated("start a container"):
            self._api.start(container)

    def attach(self, container: str) -> socket.socket:
        """Return the raw, multiplexed stream of stdin, stdout and stderr. Attach before starting."""
        with translated("attach to a container"):
            stream = self._api.attach_socket(
                container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            )
            raw = getattr(stream, "_sock", stream)
            # A duplicate lives on when the SDK's response object is collected.
            return socket.socket(fileno=os.dup(raw.fileno()))

    def kill(self, container: str) -> None:
        """Kill a container; nothing happens when it is over already."""
        with translated("kill a container"):
            try:
                self._api.kill(container)
            except APIError as error:
                if error.status_code not in (404, 409):
                    raise

    def state(self, container: str) -> dict[str, Any]:
        """Return the engine's record of a container's state; empty when it is gone."""
        with translated("inspect a container"):
            try:
                return dict(self._api.inspect_container(container)["State"])
            except NotFound:
                return {}

    def inspect(self, container: str) -> dict[str, Any]:
        """Return the engine's whole record of a container."""
        with translated("inspect a container"):
            return dict(self._api.inspect_container(container))

    def wait(self, container: str, timeout: float) -> bool:
        """Wait until a container is over; False after `timeout` seconds. Raises EngineUnavailable."""
        try:
            self._api.wait(container, timeout=max(timeout, 0.1))
        except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError) as error:
            if "timed out" in str(error).lower():
                return False
            raise EngineUnavailable("The engine went away under a container", _START_DOCKER) from error
        except NotFound:
            return True
        except DockerException as error:
            raise EngineUnavailable(f"The engine failed while we waited ({error})", _START_DOCKER) from error
        return True

    def remove(self, container: str) -> None:
        """Kill and remove a container with its anonymous volumes; nothing happens when it is gone."""
        with translated("remove a container"):
            try:
                self._api.remove_container(container, v=True, force=True)
            except APIError as error:
                if error.status_code not in (404, 409):  # 409: its removal is in progress already
                    raise

    def containers(self, labels: list[str]) -> list[dict[str, Any]]:
        """Return the engine's records of containers, running or not, that carry all `labels`."""
        with translated("list containers"):
            return cast(list[dict[str, Any]], self._api.containers(all=True, filters={"label": labels}))

    def logs(self, container: str, lines: int = 50) -> str:
        """Return the tail of a container's log: untrusted text, empty when there is none."""
        try:
            data = self._api.logs(container, tail=lines)
        except (DockerException, requests.exceptions.RequestException):
            return ""
        return bytes(data).decode(errors="replace")

    # Networks

    def create_network(self, name: str, labels: Labels, internal: bool, options: Labels) -> str:
        """Create a bridge network and return its id."""
        with translated("create a network"):
            record = self._api.create_network(
                name,
                driver="bridge",
                internal=internal,
                options=dict(options),
                labels=dict(labels),
                check_duplicate=True,
            )
            return str(record["Id"])

    def connect_network(self, network: str, container: str, aliases: list[str]) -> None:
        """Join a container to a further network."""
        with translated("join a network"):
            self._api.connect_container_to_network(container, network, aliases=aliases)

    def networks(self, labels: list[str]) -> list[dict[str, Any]]:
        """Return the engine's records of networks that carry all `labels`."""
        with translated("list networks"):
            return cast(list[dict[str, Any]], self._api.networks(filters={"label": labels}))

    def gateways(self, network: str) -> list[str]:
        """Return the addresses that a network's gateway has, or would have."""
        with translated("inspect a network"):
            record = self._api.inspect_network(network)
        configured = (record.get("IPAM") or {}).get("Config") or []
        return [str(part["Gateway"]).split("/")[0] for part in configured if part.get("Gateway")]

    def addresses(self, container: str) -> list[str]:
        """Return a running container's addresses."""
        with translated("inspect a container"):
            joined = self._api.inspect_container(container)["NetworkSettings"]["Networks"]
        return [str(one["IPAddress"]) for one in joined.values() if one.get("IPAddress")]

    def remove_network(self, network: str) -> None:
        """Remove a network; nothing happens when it is gone."""
        with translated("remove a network"):
            try:
                self._api.remove_network(network)
            except NotFound:
                return
