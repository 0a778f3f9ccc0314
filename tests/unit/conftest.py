"""Unit tests cannot reach an engine: one that tries fails at once instead of being slow or lucky."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a unit test tried to reach a container engine")

    monkeypatch.setattr("sandbox.docker_api.connect", refuse)
    monkeypatch.setattr("sandbox.docker_engine.connect", refuse)
