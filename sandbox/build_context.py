"""What goes into an image: the Dockerfile, its locks, and our own Python sources, and nothing else.

Graded checks must not be in an image, so labs and lessons are never taken along, not even from an installed
wheel, which keeps them under `mlops_labs/_data`.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO

PACKAGES = ("mlops_labs", "grader", "sandbox")
_SUFFIXES = {".py", ".typed", ".j2", ".html", ".css", ".js", ".json", ".svg", ".toml", ".txt", ".md"}
# "course", "hub": a mentor's side, which no sandbox has a use for, and whose changes should not make another image.
_NEVER = {"course", "hub", "_data", "labs", "curriculum", "images", "tests", "__pycache__", "node_modules"}
# The files of an image's folder that make the image; npm.txt only where it has packages from there.
_RECIPE = ("Dockerfile", "requirements.txt", "npm.txt")
# Git and checkouts differ in these, and neither may change an image.
_MTIME = 1_700_000_000


def sources(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name inside the image, file) of every source, in a fixed order. `root` holds the packages."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            inner = path.relative_to(root)
            if (
                path.suffix in _SUFFIXES
                and path.is_file()
                and not path.is_symlink()
                and not _NEVER & set(inner.parts)
            ):
                yield str(inner), path


def fingerprint(image: Path, root: Path, parent: str = "") -> str:
    """Return 12 hex digits that change with the Dockerfile, its locks, any source, or the image it adds to."""
    digest = sha256(parent.encode())
    for name, path in [*_recipe(image), *sources(root)]:
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def _recipe(image: Path) -> list[tuple[str, Path]]:
    return [(name, image / name) for name in _RECIPE if (image / name).exists()]


def write(out: IO[bytes], image: Path, root: Path, wheels: Path, archives: Sequence[Path] = ()) -> None:
    """Write the build context as a tar: Dockerfile, locks, wheels/, npm/ for `archives`, lib/."""
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, path in _recipe(image):
            _add(tar, name, path.read_bytes())
        for wheel in sorted(wheels.glob("*.whl")):
            _add(tar, f"wheels/{wheel.name}", wheel.read_bytes())
        for archive in archives:
            _add(tar, f"npm/{archive.name}", archive.read_bytes())
        for name, path in sources(root):
            _add(tar, f"lib/{name}", path.read_bytes())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o644, _MTIME
    tar.addfile(entry, BytesIO(content))
