"""Engines and bundles, shared by the tests of one run: images and MLflow's template are made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.lab import load_lab
from grader.release import Bundle, bundle
from sandbox.engine import Engine
from sandbox.engines import find_engine


@pytest.fixture(scope="session")
def platform_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return tmp_path_factory.mktemp("platform")


@pytest.fixture(scope="session", params=[pytest.param("docker", marks=pytest.mark.engine), "local"])
def engine(request: pytest.FixtureRequest, platform_home: Path) -> Engine:
    found = find_engine(platform_home, request.param)
    found.prepare("lab", print)
    found.check_promises(print)
    return found


@pytest.fixture(scope="session")
def docker_engine(platform_home: Path) -> Engine:
    found = find_engine(platform_home, "docker")
    found.prepare("lab", print)
    found.check_promises(print)
    return found


@pytest.fixture(scope="session")
def local_engine(platform_home: Path) -> Engine:
    found = find_engine(platform_home, "local")
    found.prepare("lab", print)
    return found


@pytest.fixture(scope="session")
def tiny(labs_for_tests: Path, platform_home: Path) -> Bundle:
    return bundle(load_lab(labs_for_tests / "tiny-sums"), platform_home / "bundles", print)
