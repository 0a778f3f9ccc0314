"""Every service of the catalogue in a real stack: its page answers behind the token, and it is gone afterwards."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import traces  # type: ignore[import-not-found]

from sandbox import promises, service_images, services, web
from sandbox.docker_api import LABEL
from sandbox.docker_engine import DockerEngine
from sandbox.engine import Engine, RunningStack, StackSpec
from sandbox.errors import ImageMissing
from sandbox.local_engine import LocalEngine
from sandbox.ownership import home_id

# The least that each wants to read; a new service needs its entry here.
SETTINGS: dict[str, dict[str, str]] = {
    "mlflow": {},
    "prometheus": {
        "prometheus.yml": "scrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:9090']}]}]\n"
    },
    "alertmanager": {"alertmanager.yml": "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"},
    "traefik": {
        "traefik.yml": (
            "global: {checkNewVersion: false, sendAnonymousUsage: false}\n"
            "entryPoints: {traefik: {address: '127.0.0.1:8090'}, web: {address: '127.0.0.1:8080'}}\n"
            "api: {insecure: true}\nping: {}\nproviders: {file: {filename: routes.yml, watch: true}}\n"
        ),
        "routes.yml": "http: {}\n",
    },
    "locust": {
        "locustfile.py": (
            "from locust import HttpUser, task\n\n\nclass User(HttpUser):\n    host = 'http://127.0.0.1:8000'\n\n"
            "    @task\n    def ask(self):\n        self.client.get('/')\n"
        )
    },
}


def test_every_service_has_settings_here() -> None:
    assert set(SETTINGS) == {name for name in services.names() if not services.find(name).image}


@pytest.fixture
def spec(tmp_path: Path, any_engine: Engine) -> Iterator[StackSpec]:
    tmp_path.chmod(0o755)
    names = tuple(SETTINGS)
    if isinstance(
        any_engine, LocalEngine
    ):  # Debian's programs are the user's to install; Docker has them all
        names = tuple(name for name in names if _is_here(name))
    any_engine.prepare("ops", print)
    spec = StackSpec(
        "a-lab", "A lab", "ops", tmp_path / "work", tmp_path / "store", "lab.ipynb", names, version="1"
    )
    for name in names:
        (spec.work / name).mkdir(parents=True)
        for file, text in SETTINGS[name].items():
            (spec.work / name / file).write_text(text)
    (spec.work / "lab.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    yield spec
    any_engine.stop_stack("a-lab")


def _is_here(name: str) -> bool:
    program = services.find(name).command[0]
    return program == "python" or shutil.which(program) is not None


def fetch(stack: RunningStack, path: str) -> str:
    request = urllib.request.Request(
        f"http://127.0.0.1:{stack.port}{path}", headers={"Authorization": f"token {stack.token}"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as response:
        return str(response.read().decode(errors="replace"))


def where(engine: DockerEngine) -> tuple[str, list[str]]:
    """The container whose loopback the services share, and its network's gateways."""
    mark = [f"{LABEL}.home={home_id(engine.home)}", f"{LABEL}.role=jupyter"]
    (jupyter,) = engine.docker.containers(mark)
    (network,) = jupyter["NetworkSettings"]["Networks"]
    return jupyter["Id"], engine.docker.gateways(network)


def test_all_services_side_by_side(any_engine: Engine, spec: StackSpec) -> None:
    stack = any_engine.start_stack(spec, print)
    assert set(stack.pages) == {
        services.find(name).title for name in spec.services if services.find(name).page
    }
    for name in spec.services:
        service = services.find(name)
        assert "<" in fetch(stack, f"/{name}{service.page}"), "a page"
        assert not web.answers(f"http://127.0.0.1:{stack.port}/{name}{service.health}", "wrong")
    if "prometheus" in spec.services:
        assert '"success"' in fetch(stack, "/prometheus/api/v1/targets")
    if isinstance(any_engine, DockerEngine):
        found = promises.beside(any_engine, *where(any_engine))
        assert {finding.id: finding.saw for finding in found if not finding.kept} == {}
        assert len(found) == 2
    assert any_engine.stop_stack("a-lab")
    if isinstance(any_engine, DockerEngine):
        assert list(traces(any_engine)) == []


STANDIN = """
title = "Stand-in"
image = "mlops-labs-test/standin:1"
setup = "mkdir /pages && mkdir /pages/standin && echo '<p>made ready' > /pages/standin/index.html"
command = ["python", "-m", "http.server", "--bind", "{host}", "--directory", "/pages", "{port}"]
port = 8765
health = "/"
page = "/"
memory_mb = 128
prefixed = true
"""


@pytest.fixture
def standin(tmp_path: Path, docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue that also has a service whose image is its own, as one from a registry would be."""
    folder = tmp_path / "services"
    shutil.copytree(Path(services.__file__).parent, folder)
    (folder / "standin.toml").write_text(STANDIN)
    monkeypatch.setattr(services, "_FOLDER", folder)
    services.find.cache_clear()
    docker_engine.prepare("lab", print)
    subprocess.run(["docker", "tag", docker_engine.image("lab"), "mlops-labs-test/standin:1"], check=True)
    yield
    for tag in ("mlops-labs-test/standin:1", service_images.tag_of(services.find("standin"))):
        subprocess.run(["docker", "rmi", tag], check=False, capture_output=True)
    services.find.cache_clear()


@pytest.mark.engine
def test_a_service_with_an_image_of_its_own(
    docker_engine: DockerEngine, tmp_path: Path, standin: None
) -> None:
    tmp_path.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    plain = StackSpec(
        "a-lab", "A lab", "lab", work, tmp_path / "store", "lab.ipynb", ("mlflow",), version="1"
    )
    said: list[str] = []
    try:
        docker_engine.start_stack(plain, said.append)
        stack = docker_engine.start_stack(replace(plain, services=("mlflow", "standin")), said.append)
        assert "a-lab runs without Stand-in, restarting it; the work is kept" in said
        assert "made ready" in fetch(stack, "/standin/")
        assert set(stack.pages) == {"MLflow", "Stand-in"}
    finally:
        docker_engine.stop_stack("a-lab")


@pytest.mark.engine
def test_an_image_that_no_registry_gives_is_said_in_one_line(docker_engine: DockerEngine) -> None:
    lost = replace(services.find("jenkins"), image="registry.invalid/mlops-labs-test/none:1")
    with pytest.raises(ImageMissing, match=r"comes from an image registry.*start without --with jenkins"):
        service_images.provide(docker_engine.docker, lost, print)
