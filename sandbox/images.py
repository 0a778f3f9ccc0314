"""The catalogue of images and how one is built: base, wheels, our sources, each only when it changed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sandbox
from sandbox import build_context, debian_base, npm, wheels
from sandbox.docker_api import LABEL, Docker, connect
from sandbox.engine import Progress
from sandbox.errors import DiskFull, ImageMissing, InfrastructureError, UsageError
from sandbox.ownership import exclusive
from sandbox.progress import ticking

Base = Literal["auto", "registry", "debian"]

PUBLIC_BASE = "python:3.11-slim"
_PULL_SECONDS = 20.0  # of silence, before we take it that no registry can be reached
_HERE = Path(sandbox.__file__).parent
_FOLDER = _HERE / "images"
# A class on JupyterHub needs a little more in the image of its lab; see `for_hub`.
CATALOGUE = {
    "lab": _FOLDER / "lab",
    "ops": _FOLDER / "ops",
    "lab-hub": _FOLDER / "hub",
    "ops-hub": _FOLDER / "hub",
}
PARENTS = {"ops": "lab", "lab-hub": "lab", "ops-hub": "ops"}  # what an image adds to
_DOWNLOAD_MB = {"lab": 230, "ops": 190, "lab-hub": 15, "ops-hub": 15}


@dataclass(frozen=True)
class ImageInfo:
    """One image of the catalogue, as it is on this machine."""

    name: str
    tag: str  # of the present sources
    present: bool
    outdated: tuple[str, ...]  # tags of older sources that are still here
    size_mb: float


def recipe(name: str) -> Path:
    """Return the folder of an image's Dockerfile and lock. Raises UsageError for an unknown name."""
    try:
        return CATALOGUE[name]
    except KeyError:
        raise UsageError(
            f"There is no image called {name!r}", f"Choose one of: {', '.join(CATALOGUE)}"
        ) from None


def for_hub(name: str) -> str:
    """Return the image that is `name` and can be a JupyterHub's single-user server. Raises UsageError."""
    hub = f"{name}-hub"
    recipe(hub)
    return hub


def image_tag(name: str) -> str:
    """Return the tag that an image of the present Dockerfile, locks and sources has."""
    parent = image_tag(PARENTS[name]) if name in PARENTS else ""
    return f"mlops-labs/{name}:{build_context.fingerprint(recipe(name), _HERE.parent, parent)}"


def list_images(docker: Docker | None = None) -> list[ImageInfo]:
    """Return every image of the catalogue. Raises EngineUnavailable."""
    docker = docker or connect()
    return [_info(docker, name) for name in CATALOGUE]


def _info(docker: Docker, name: str) -> ImageInfo:
    tag = image_tag(name)
    sizes = {
        found: image["Size"]
        for image in docker.images([f"{LABEL}.image={name}"])
        for found in image["RepoTags"] or []
    }
    older = tuple(sorted(found for found in sizes if found != tag))
    return ImageInfo(name, tag, tag in sizes, older, sizes.get(tag, 0) / 1e6)


def build(
    name: str, base: Base, progress: Progress, docker: Docker | None = None, wheel_folder: Path | None = None
) -> str:
    """Build an image, and first the one that it adds to, unless they are there; return its tag.

    `base` "registry" pulls python:3.11-slim, "debian" bootstraps one, "auto" tries one, then the other.
    Raises ImageMissing, InfrastructureError or DiskFull, each naming the log.
    """
    docker, tag = docker or connect(), image_tag(name)
    parent = build(PARENTS[name], base, progress, docker) if name in PARENTS else None
    if docker.image_id(tag):
        return tag
    log = wheels.cache_folder() / "logs" / f"build-{name}-{time.strftime('%Y%m%d-%H%M%S')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with exclusive(wheels.cache_folder(), f"build-{name}"):
        base_tag = _base(docker, _base_of(docker, parent) if parent else base, progress, log)
        lock, megabytes = recipe(name) / "requirements.txt", _DOWNLOAD_MB[name]
        wheel_folder = wheels.fetch(lock, docker.arch, megabytes, progress, wheel_folder)
        pins = npm.read(recipe(name) / npm.PINS)
        archives = npm.fetch(pins, npm.npm_beside(wheel_folder), progress)
        args = {"BASE": base_tag} | ({"LAB": parent} if parent else {})
        step = f"building {name}: sending its packages to the engine"
        with ticking(progress, lambda: step):
            for line in _builder(docker, name, args, [wheel_folder, *archives], log):
                if line.startswith("Step "):
                    step = f"building {name}: {line.split(' : ')[0].lower()}"
    progress(f"built {tag} in {time.monotonic() - started:.0f} s")
    return tag


def _base_of(docker: Docker, tag: str) -> Base:
    """Return which base an image of ours stands on: what is added to it must come from the same Debian."""
    found = [one for one in docker.images([f"{LABEL}.base={PUBLIC_BASE}"]) if tag in (one["RepoTags"] or [])]
    return "registry" if found else "debian"


def _base(docker: Docker, base: Base, progress: Progress, log: Path) -> str:
    debian = debian_base.tag(_FOLDER / "base" / "packages.txt")
    for known in (
        (PUBLIC_BASE,) if base == "registry" else (debian,) if base == "debian" else (PUBLIC_BASE, debian)
    ):
        if docker.image_id(known):
            return known
    if base != "debian":
        progress(f"pulling {PUBLIC_BASE}")
        with ticking(progress, lambda: f"pulling {PUBLIC_BASE}"):
            if docker.pull(PUBLIC_BASE, _PULL_SECONDS):
                return PUBLIC_BASE
    lacking = "the base was to be pulled" if base == "registry" else debian_base.missing_tool()
    if lacking:
        raise ImageMissing(
            f"No registry gave {PUBLIC_BASE} and {lacking}",
            "Run: sudo apt-get install debootstrap, then as root: mlops images build --base debian",
        )
    progress("no image registry: making a base from Debian's packages")
    return debian_base.bootstrap(docker, _FOLDER / "base" / "packages.txt", progress, log)


def _builder(
    docker: Docker, name: str, args: dict[str, str], packages: Sequence[Path], log: Path
) -> Iterator[str]:
    """Run the engine's builder; yield its lines, and keep them all in the log.

    `packages`: the folder of wheels, then npm's archives.
    """
    labels = {f"{LABEL}.image": name, f"{LABEL}.base": args["BASE"]}
    try:
        with tempfile.TemporaryFile(dir=log.parent) as context, log.open("a") as out:
            build_context.write(context, recipe(name), _HERE.parent, packages[0], packages[1:])
            context.seek(0)
            for line in docker.build(context, image_tag(name), args, labels):
                out.write(line + "\n")
                yield line
    except DiskFull:
        raise
    except InfrastructureError as error:
        raise InfrastructureError(
            error.message, f"Read {log}, then run: mlops images build {name}"
        ) from error
    except OSError as error:
        message = f"The image's sources could not be packed ({error})"
        raise DiskFull(message, f"Free 1 GB under {log.parent}") from error
