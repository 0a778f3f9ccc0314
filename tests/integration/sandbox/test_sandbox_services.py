"""Every service of the catalogue in a real stack: its page answers behind the token, and it is gone afterwards."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import traces  # type: ignore[import-not-found]

from sandbox import promises, services, web
from sandbox.docker_api import LABEL
from sandbox.docker_engine import DockerEngine
from sandbox.engine import Engine, RunningStack, StackSpec
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
    assert set(SETTINGS) == set(services.names())


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
