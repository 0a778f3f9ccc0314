"""Stacks on both engines: they answer, they are found again, and nothing is left of them."""

from __future__ import annotations

import json
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import traces  # type: ignore[import-not-found]

from sandbox import docker_stack, local_stack, web
from sandbox.docker_api import LABEL
from sandbox.docker_engine import DockerEngine
from sandbox.engine import Engine, RunningStack, StackSpec
from sandbox.errors import InfrastructureError, PortTaken
from sandbox.local_engine import LocalEngine
from sandbox.ownership import home_id

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": "1 + 1",
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def plain_spec(tmp_path: Path) -> StackSpec:
    work = tmp_path / "work"
    work.mkdir()
    (work / "lab.ipynb").write_text(json.dumps(NOTEBOOK))
    tmp_path.chmod(0o755)
    return StackSpec(
        "a-lab", "A lab", "lab", work, tmp_path / "store", "lab.ipynb", version="1", env={"LAB_ENV": "1"}
    )


@pytest.fixture
def spec(plain_spec: StackSpec, any_engine: Engine) -> Iterator[StackSpec]:
    yield plain_spec
    any_engine.stop_stack("a-lab")


def ask(stack: RunningStack, path: str, body: object = None) -> dict[str, object]:
    """Ask the stack's one port, with its token."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"token {stack.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{stack.port}{path}", data=data, headers=headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as response:
        found: dict[str, object] = json.loads(response.read())
        return found


def log_a_run(stack: RunningStack) -> object:
    """Talk to MLflow as its page does, through JupyterLab's proxy; return the runs that are then there."""
    ask(stack, "/mlflow/ajax-api/2.0/mlflow/runs/create", {"experiment_id": "0", "run_name": "kept"})
    return ask(stack, "/mlflow/ajax-api/2.0/mlflow/runs/search", {"experiment_ids": ["0"]})["runs"]


def _of(engine: DockerEngine) -> list[str]:
    return [f"{LABEL}.home={home_id(engine.home)}"]


def left_behind(engine: Engine) -> list[object]:
    if isinstance(engine, DockerEngine):
        return list(traces(engine))
    return [
        one
        for one in psutil.process_iter(["cmdline"])
        if str(engine.home) in " ".join(one.info["cmdline"] or [])
    ]  # type: ignore[attr-defined]


def test_a_stack_from_start_to_stop(any_engine: Engine, spec: StackSpec) -> None:
    (spec.work / ".travis.yml").write_text("script: make")
    stack = any_engine.start_stack(spec, print)
    assert ask(stack, "/api/contents/lab.ipynb?content=0")["name"] == "lab.ipynb"
    assert ask(stack, "/api/contents/.travis.yml?content=0")["name"] == ".travis.yml", (
        "work may begin with a dot"
    )
    assert len(log_a_run(stack)) == 1  # type: ignore[arg-type]
    assert any_engine.find_stack("a-lab") == stack
    assert any_engine.list_stacks() == [stack]

    told: list[str] = []
    assert any_engine.start_stack(spec, told.append) == stack, "a second start finds the first"
    assert told == []

    newer = any_engine.start_stack(replace(spec, version="2"), told.append)
    assert "restarting it as 2" in told[0]
    assert newer.token != stack.token
    assert len(log_a_run(newer)) == 2, "the services' data outlive a restart"  # type: ignore[arg-type]

    assert any_engine.stop_stack("a-lab")
    assert not any_engine.stop_stack("a-lab")
    assert any_engine.find_stack("a-lab") is None
    assert left_behind(any_engine) == []
    assert (spec.work / "lab.ipynb").exists()
    assert (spec.store / "mlflow" / "mlflow.db").exists()


def test_without_the_token_nothing_is_told(any_engine: Engine, spec: StackSpec) -> None:
    stack = any_engine.start_stack(spec, print)
    for path in (
        "/api/contents",
        "/mlflow/health",
        "/mlflow/ajax-api/2.0/mlflow/experiments/search?max_results=1",
    ):
        assert not web.answers(f"http://127.0.0.1:{stack.port}{path}", "wrong")


def test_a_taken_port_is_told(any_engine: Engine, spec: StackSpec) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortTaken, match="--port"):
        any_engine.start_stack(replace(spec, port=other.getsockname()[1]), print)
    assert left_behind(any_engine) == []


def test_an_interrupted_start_leaves_nothing(
    any_engine: Engine, spec: StackSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(docker_stack.DockerStacks, "_await", interrupt)
    monkeypatch.setattr(local_stack.LocalStacks, "_await", interrupt)
    with pytest.raises(KeyboardInterrupt):
        any_engine.start_stack(spec, print)
    assert left_behind(any_engine) == []


def test_a_stack_that_lost_a_part_is_started_anew(any_engine: Engine, spec: StackSpec) -> None:
    first = any_engine.start_stack(spec, print)
    if isinstance(any_engine, DockerEngine):
        for container in any_engine.docker.containers([*_of(any_engine), f"{LABEL}.role=mlflow"]):
            any_engine.docker.kill(container["Id"])
    else:
        assert isinstance(any_engine, LocalEngine)
        record = json.loads((any_engine.home / "stacks" / "a-lab.json").read_text())
        mlflow = psutil.Process(record["processes"]["mlflow"][0])
        mlflow.kill()
        mlflow.wait(10)  # a large process takes a moment to die
    assert any_engine.find_stack("a-lab") is None
    second = any_engine.start_stack(spec, print)
    assert second.token != first.token
    assert len(log_a_run(second)) == 1  # type: ignore[arg-type]


@pytest.mark.engine
def test_a_start_that_was_killed_is_swept_and_a_running_stack_is_not(
    docker_engine: DockerEngine, plain_spec: StackSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(docker_stack.DockerStacks, "_await", killed)
    monkeypatch.setattr(docker_stack.DockerStacks, "remove", lambda *_args: False)  # kill -9 tidies nothing
    monkeypatch.setattr(docker_stack.Docker, "start", lambda *_args: None)
    with pytest.raises(KeyboardInterrupt):
        docker_engine.start_stack(plain_spec, print)
    monkeypatch.undo()
    assert docker_engine.sweep() == 0, "its owner, this process, lives"
    monkeypatch.setattr(docker_stack, "owner_is_gone", lambda _labels: True)
    assert docker_engine.sweep() == 1
    assert traces(docker_engine) == []
    try:
        docker_engine.start_stack(plain_spec, print)
        assert docker_engine.sweep() == 0, "stacks outlive who started them"
    finally:
        docker_engine.stop_stack("a-lab")


@pytest.mark.engine
def test_a_service_that_dies_at_once_is_told_with_its_log(
    docker_engine: DockerEngine, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    (tmp_path / "store" / "mlflow").mkdir(parents=True)
    (tmp_path / "store" / "mlflow" / "mlflow.db").write_text("no database")
    spec = StackSpec("broken", "", "lab", work, tmp_path / "store", "x.ipynb")
    with pytest.raises(InfrastructureError, match="mlflow of broken ended") as error:
        docker_engine.start_stack(spec, print)
    assert "not a database" in (docker_engine.home / "logs" / "broken-start.log").read_text()
    assert "broken-start.log" in error.value.next_step
    assert traces(docker_engine) == []


@pytest.mark.engine
def test_a_stack_is_hardened_and_has_no_way_out(docker_engine: DockerEngine, plain_spec: StackSpec) -> None:
    docker_engine.start_stack(plain_spec, print)
    try:
        _inspect_all(docker_engine)
    finally:
        docker_engine.stop_stack("a-lab")


def _inspect_all(docker_engine: DockerEngine) -> None:
    for container in docker_engine.docker.containers([*_of(docker_engine), f"{LABEL}.kind=stack"]):
        record = docker_engine.docker.inspect(container["Id"])
        host = record["HostConfig"]
        assert record["Config"]["User"].split(":")[0] not in ("", "0", "root")
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert host["PidsLimit"] > 0
        assert 0 < host["Memory"] == host["MemorySwap"]
        joined, role = set(record["NetworkSettings"]["Networks"]), record["Config"]["Labels"][f"{LABEL}.role"]
        if role in ("jupyter", "ingress"):
            inner = {name for name in joined if name.endswith("-inner")}
            assert inner
            assert bool(joined - inner) == (role == "ingress")
        else:  # a service: on JupyterLab's loopback, and on no network besides
            assert host["NetworkMode"].startswith("container:")
            assert not joined
        published = [port for ports in (host["PortBindings"] or {}).values() for port in ports]
        assert {port["HostIp"] for port in published} <= {"127.0.0.1"}


@pytest.mark.engine
@pytest.mark.browser
def test_mlflows_page_works_from_its_tile(docker_engine: DockerEngine, plain_spec: StackSpec) -> None:
    """In a browser: the tile opens MLflow's page, which loads whole and lists a run; nothing goes outside."""
    from playwright import sync_api

    stack = docker_engine.start_stack(plain_spec, print)
    try:
        log_a_run(stack)
        with sync_api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            _look(browser.new_page(), stack)
            browser.close()
    finally:
        docker_engine.stop_stack("a-lab")


def _look(page: Any, stack: RunningStack) -> None:
    base, asked, failed = f"http://127.0.0.1:{stack.port}", [], []
    page.context.on("request", lambda request: asked.append(request.url))
    page.context.on(
        "response", lambda response: failed.append(response.url) if response.status >= 500 else None
    )
    page.goto(f"{base}/lab?token={stack.token}")
    tile = page.locator(".jp-LauncherCard:visible", has_text="MLflow")
    tile.wait_for(timeout=60_000)
    with page.context.expect_page() as opened:
        tile.click()
    mlflow = opened.value
    mlflow.goto(f"{base}/mlflow/#/experiments/0/runs")
    mlflow.get_by_text("kept").first.wait_for(timeout=30_000)
    assert mlflow.title().endswith("MLflow")
    assert failed == []
    outside = [url for url in asked if "://127.0.0.1" not in url and not url.startswith(("data:", "blob:"))]
    assert outside == []
