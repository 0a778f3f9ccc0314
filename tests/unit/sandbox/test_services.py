"""The catalogue of services: each is described whole, and a mistake in a description is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox import services
from sandbox.errors import InfrastructureError, UsageError

WHOLE: dict[str, Any] = {"title": "A", "command": ["a", "{port}"], "port": 1, "health": "/", "memory_mb": 1}


@pytest.mark.parametrize("name", services.names())
def test_every_description_is_whole(name: str) -> None:
    service = services.find(name)
    words = service.argv(4321, "/the/data", "/the/config", python="python")
    assert not [word for word in words if "{" in word]
    assert service.health.startswith("/")
    assert service.configured == any("/the/config" in word for word in words)
    assert service.configured or "4321" in " ".join(words), "one without settings can be moved"


def test_ports_do_not_collide() -> None:
    ports = [services.find(name).port for name in services.names()]
    assert len(set(ports)) == len(ports)


def test_mlflow_tells_kernels_where_it_is() -> None:
    assert services.find("mlflow").told(7) == {"MLFLOW_TRACKING_URI": "http://127.0.0.1:7"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"memory": 3}, "unknown key 'memory'. use one of: memory_mb"),
        ({"port": "80"}, "'port' has the wrong type"),
        ({"title": None}, "'title' has the wrong type"),
    ],
)
def test_a_mistake_names_file_and_key(change: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=r"sandbox/services/one\.toml: ") as raised:
        services.parse("one", {**WHOLE, **change})
    assert told in str(raised.value)


def test_a_missing_key_and_an_unknown_service_are_told() -> None:
    with pytest.raises(UsageError, match="'health' is missing"):
        services.parse("one", {key: value for key, value in WHOLE.items() if key != "health"})
    with pytest.raises(UsageError, match="did you mean 'prometheus'"):
        services.find("promtheus")


def test_a_program_that_is_not_here_is_told_with_what_brings_it(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="sudo apt-get install prometheus"):
        services.find("prometheus").require(str(tmp_path))
    services.find("mlflow").require(str(tmp_path))
