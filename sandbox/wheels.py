"""The image's Python packages as wheels: downloaded once by the host, with hashes, and kept.

The build itself then needs no network, no package settings and no certificates inside the container; a
classroom without a network copies the folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from platformdirs import user_cache_dir

from sandbox.engine import Progress
from sandbox.errors import DiskFull, ImageMissing
from sandbox.progress import ticking

_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
_NEWEST_GLIBC = 36  # Debian bookworm has 2.36


def cache_folder() -> Path:
    """Return where downloads and build logs are kept, for all homes of this account."""
    return Path(user_cache_dir("mlops-labs"))


def platforms(arch: str) -> list[str]:
    """Return pip's platform tags that an image for the daemon's `arch` can run, newest first."""
    machine = _MACHINES.get(arch, arch)
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(_NEWEST_GLIBC, 16, -1)] + [
        f"manylinux2014_{machine}"
    ]
    if machine == "x86_64":
        tags += ["manylinux_2_12_x86_64", "manylinux2010_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"]
    return tags


def fetch(lock: Path, arch: str, megabytes: int, progress: Progress, folder: Path | None = None) -> Path:
    """Return a folder with every wheel of `lock`, downloading what is not there: about so many `megabytes`.

    Raises ImageMissing when a package cannot be had, DiskFull when there is no room.
    """
    digest = sha256(lock.read_bytes() + arch.encode()).hexdigest()[:16]
    folder = folder or cache_folder() / "wheels" / digest
    complete = folder / ".complete"
    if complete.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    wanted = len(re.findall(r"^[a-zA-Z0-9]", lock.read_text(), re.M))
    progress(f"downloading {wanted} packages, about {megabytes} MB, once")
    log = folder / "download.log"
    with ticking(progress, lambda: f"downloaded {_saved(log)} of {wanted} packages"), log.open("wb") as out:
        code = subprocess.run(
            _command(lock, arch, folder), stdout=out, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code:
        raise _failure(log)
    complete.touch()
    return folder


def _command(lock: Path, arch: str, folder: Path) -> list[str]:
    command = [
        *_pip(),
        "download",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--progress-bar=off",
    ]
    command += ["--disable-pip-version-check", "--python-version=3.11", "--implementation=cp"]
    command += [f"--platform={tag}" for tag in platforms(arch)]
    return [*command, "--dest", str(folder), "--requirement", str(lock)]


def _pip() -> list[str]:
    """A pip that runs: environments made by uv have none of their own."""
    if (
        subprocess.run(
            [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
        ).returncode
        == 0
    ):
        return [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        if found := shutil.which(name, path=os.defpath + os.pathsep + os.environ.get("PATH", "")):
            return [found]
    raise ImageMissing(
        "The image's packages cannot be downloaded: pip is missing",
        "Run: python -m ensurepip, then try again",
    )


def _saved(log: Path) -> int:
    return len(re.findall(r"^Collecting ", log.read_text(errors="replace"), re.M))


def _failure(log: Path) -> ImageMissing | DiskFull:
    text = log.read_text(errors="replace")
    if "No space left" in text:
        return DiskFull(
            "The image's packages did not fit on the disk", f"Free 1 GB under {log.parent}, then try again"
        )
    errors = re.findall(r"^ERROR: (.*)", text, re.M)
    return ImageMissing(
        f"The image's packages could not be downloaded: {(errors or ['no reason given'])[0][:200]}",
        f"Check the network, then run: mlops images build (log: {log})",
    )
