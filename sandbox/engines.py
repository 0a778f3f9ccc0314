"""Choosing where work runs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sandbox.docker_engine import DockerEngine
from sandbox.engine import Engine
from sandbox.errors import EngineUnavailable
from sandbox.local_engine import LocalEngine

Wanted = Literal["auto", "docker", "local"]


def find_engine(home: Path, wanted: Wanted = "auto") -> Engine:
    """Return the engine for the learner's `home`: "auto" takes a container engine when one answers.

    Raises EngineUnavailable when "docker" is demanded and none answers.
    """
    home = home.expanduser().resolve()
    if wanted == "local":
        return LocalEngine(home)
    try:
        return DockerEngine(home)
    except EngineUnavailable:
        if wanted == "docker":
            raise
        return LocalEngine(home)
