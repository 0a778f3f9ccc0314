"""The programs that labs are worked with beside JupyterLab: each described once, in a file of its own here.

The same description serves a learner's stack (`sandbox.docker_stack`, `sandbox.local_stack`) and the benches of a
grading (`grader.inside.bench`). Wherever a service runs, whoever works with it reaches it on its own loopback.
Standard library only, since benches read it too.
"""

from __future__ import annotations

import difflib
import shutil
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sandbox import programs
from sandbox.errors import InfrastructureError, UsageError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Service:
    """One program, as its file describes it.

    `command` may hold {host}, {port}, {data} (a folder that is the service's own) and {config} (the folder that
    bears the service's name beside the notebook, which the lab hands out). It starts in {config} where it is
    `configured`, so that its settings may name each other.
    """

    name: str  # also the folder of its settings, and of its page below JupyterLab's address
    title: str  # of its tile in JupyterLab
    command: tuple[str, ...]
    port: int
    health: str  # a path that answers 200 when the service is ready
    memory_mb: int
    page: str = ""  # the path that a person opens; "": the service has no page
    package: str = ""  # Debian's package that brings the program; "": it is installed with our own packages
    image: str = ""  # of a registry, which brings the program; "": the lab's own image has it
    setup: str = ""  # a command that makes such an image ready, run in it once, with a network
    prefixed: bool = False  # it serves its pages below /<name>/ itself
    configured: bool = False  # it reads {config}, and its settings name ports: it cannot move to another one
    environment: tuple[tuple[str, str], ...] = ()  # what JupyterLab's kernels are told, e.g. where to log

    def argv(self, port: int, data: str, config: str, python: str = sys.executable) -> list[str]:
        """Return the command with its places filled in; `python` is the interpreter that "python" stands for."""
        values = {"host": "127.0.0.1", "port": str(port), "data": data, "config": config}
        words = [word.format_map(values) for word in self.command]
        return [python, *words[1:]] if words[0] == "python" else words

    def told(self, port: int) -> dict[str, str]:
        """Return the variables by which kernels find it on `port`."""
        return {name: value.format(port=port) for name, value in self.environment}

    def require(self, path: str | None = None) -> None:
        """Raise InfrastructureError unless its program is on this machine, on `path` or the search path."""
        if self.image:
            raise InfrastructureError(
                f"{self.title} comes as an image, which needs a container engine",
                "start Docker, or leave it out",
            )
        word = self.command[0]
        if word == "python":
            here = find_spec(self.command[2].split(".")[0]) is not None
        else:
            here = shutil.which(word, path=path or programs.search_path()) is not None
        if not here:
            raise InfrastructureError(
                f"{self.title} is not installed on this machine", programs.mend(self.package)
            )


def names() -> tuple[str, ...]:
    """Return the names of all services, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def find(name: str) -> Service:
    """Return the service of that name. Raises UsageError with the nearest name."""
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1, cutoff=0.5)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"there is no service '{name}'", f"use one of: {', '.join(names())}{hint}")
    return parse(name, tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


def parse(name: str, written: Mapping[str, Any]) -> Service:
    """Return what a service's file says. Raises UsageError for an unknown, missing or mistyped key."""
    where = f"sandbox/services/{name}.toml"
    known = {field.name: field for field in fields(Service) if field.name != "name"}
    for key in written:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
            raise UsageError(
                f"{where}: unknown key '{key}'", f"use one of: {', '.join(near or sorted(known))}"
            )
    kinds = {
        "command": list,
        "environment": dict,
        "port": int,
        "memory_mb": int,
        "configured": bool,
        "prefixed": bool,
    }
    for key, field in known.items():
        if key not in written:
            if field.default is not MISSING:
                continue
            raise UsageError(f"{where}: '{key}' is missing", f"add: {key} = ...")
        if not isinstance(written[key], kinds.get(key, str)):
            raise UsageError(
                f"{where}: '{key}' has the wrong type", f"make it {kinds.get(key, str).__name__}"
            )
    values = dict(written)
    values["command"] = tuple(values["command"])
    values["environment"] = tuple(values.get("environment", {}).items())
    return Service(name=name, **values)
