"""Images of services that come from a registry: pulled, and made ready once while a network is there."""

from __future__ import annotations

import io
import tarfile
from hashlib import sha256

from sandbox.docker_api import LABEL, Docker
from sandbox.engine import Progress
from sandbox.errors import ImageMissing
from sandbox.progress import ticking
from sandbox.services import Service

_PULL_SECONDS = 30.0  # of silence, before we take it that no registry can be reached


def tag_of(service: Service) -> str:
    """Return the tag of a service's own image, made ready as its description says now."""
    digest = sha256(f"{service.image}\0{service.setup}".encode()).hexdigest()[:12]
    return f"mlops-labs/{service.name}:{digest}"


def provide(docker: Docker, service: Service, progress: Progress) -> str:
    """Return the tag of a service's image, pulled and made ready first where it is not on this machine.

    Raises ImageMissing where no registry gives it, InfrastructureError where it cannot be made ready.
    """
    tag = tag_of(service)
    if docker.image_id(tag):
        return tag
    if docker.image_id(service.image) is None:
        with ticking(progress, lambda: f"pulling {service.image}"):
            pulled = docker.pull(service.image, _PULL_SECONDS)
        if not pulled:
            raise ImageMissing(
                f"{service.title} comes from an image registry, and none gave {service.image}",
                f"connect to a network once, or start without --with {service.name}",
            )
    lines = [f"FROM {service.image}", *([f"RUN {service.setup}"] if service.setup else [])]
    with ticking(progress, lambda: f"making {service.title} ready, once"):
        for _ in docker.build(_context("\n".join(lines)), tag, {}, {f"{LABEL}.image": service.name}):
            pass
    return tag


def _context(dockerfile: str) -> io.BytesIO:
    made = io.BytesIO()
    data = dockerfile.encode()
    with tarfile.open(fileobj=made, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    made.seek(0)
    return made
