"""Engines for the sandbox's own tests, each with a home that no other test has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.docker_engine import DockerEngine
from sandbox.engine import Engine
from sandbox.engines import find_engine


@pytest.fixture(scope="session")
def sandbox_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return tmp_path_factory.mktemp("sandbox-home")


@pytest.fixture(params=[pytest.param("docker", marks=pytest.mark.engine), "local"])
def any_engine(request: pytest.FixtureRequest, sandbox_home: Path) -> Engine:
    """Each engine in turn: for promises that both keep."""
    engine = find_engine(sandbox_home, request.param)
    engine.prepare("lab", print)
    return engine


@pytest.fixture
def docker_engine(sandbox_home: Path) -> DockerEngine:
    engine = DockerEngine(sandbox_home)
    engine.prepare("lab", print)
    return engine


def traces(engine: DockerEngine) -> list[str]:
    """Everything that this home has on the engine: containers and networks, whatever their state."""
    from sandbox.docker_api import LABEL
    from sandbox.ownership import home_id

    mark = [f"{LABEL}.home={home_id(engine.home)}"]
    return [one["Id"] for one in (*engine.docker.containers(mark), *engine.docker.networks(mark))]
