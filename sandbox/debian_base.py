"""A base image bootstrapped from Debian's packages, for machines that reach no image registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

from sandbox.docker_api import LABEL, Docker
from sandbox.engine import Progress
from sandbox.errors import DiskFull, ImageMissing
from sandbox.progress import ticking

SUITE = "bookworm"  # its python3 is 3.11, as python:3.11-slim's
_CLUTTER = (
    "var/cache/apt",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
)


def tag(packages: Path) -> str:
    """Return the base's tag, which changes with the list of packages."""
    return f"mlops-labs/base:{SUITE}-{sha256(packages.read_bytes()).hexdigest()[:12]}"


def missing_tool() -> str | None:
    """Return why this machine cannot bootstrap a base, None when it can."""
    if not (shutil.which("debootstrap") or shutil.which("mmdebstrap")):
        return "debootstrap is not installed"
    return None if os.geteuid() == 0 else "debootstrap needs root"


def bootstrap(docker: Docker, packages: Path, progress: Progress, log: Path) -> str:
    """Make the base unless it is there already; return its tag. Needs root and a Debian mirror.

    Raises ImageMissing when Debian's tool fails, DiskFull when there is no room.
    """
    name = tag(packages)
    if docker.image_id(name):
        return name
    wanted = [line for line in packages.read_text().split("\n") if line and not line.startswith("#")]
    with tempfile.TemporaryDirectory(prefix="mlops-base-") as folder:
        root, tar = Path(folder, "root"), Path(folder, "root.tar")
        with ticking(progress, lambda: "bootstrapping a Debian base, about 90 s"), log.open("ab") as out:
            _run(
                [_tool(), "--variant=minbase", f"--include={','.join(wanted)}", SUITE, str(root)],
                out.fileno(),
                log,
            )
            for clutter in _CLUTTER:
                shutil.rmtree(root / clutter, ignore_errors=True)
            # apt refuses to work without its lists' folder.
            (root / "var/lib/apt/lists/partial").mkdir(parents=True, exist_ok=True)
            _run(
                ["tar", "--numeric-owner", "--one-file-system", "-C", str(root), "-cf", str(tar), "."],
                out.fileno(),
                log,
            )
            docker.import_image(tar, name, ['CMD ["/bin/bash"]', f"LABEL {LABEL}.image=base"])
    return name


def _tool() -> str:
    return "debootstrap" if shutil.which("debootstrap") else "mmdebstrap"


def _run(command: list[str], out: int, log: Path) -> None:
    # A home of its own and a plain locale: nothing of the caller's settings may end up in an image.
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LC_"))}
    if subprocess.run(command, stdout=out, stderr=out, env=env, check=False).returncode == 0:
        return
    text = log.read_text(errors="replace")
    if "No space left" in text:
        raise DiskFull(
            "No room to bootstrap the base image", "Free 2 GB of the temporary folder, then try again"
        )
    raise ImageMissing(
        f"The base image could not be bootstrapped: {command[0]} failed",
        f"Check that a Debian mirror can be reached, then run: mlops images build (log: {log})",
    )
