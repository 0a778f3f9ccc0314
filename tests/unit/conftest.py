"""Unit tests cannot reach an engine: one that tries fails at once instead of being slow or lucky."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A longer search: make fuzz, or HYPOTHESIS_PROFILE=long.
settings.register_profile("long", max_examples=5_000, deadline=None)
settings.register_profile("ci", deadline=None)  # a busy machine is no fault
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a unit test tried to reach a container engine")

    monkeypatch.setattr("sandbox.docker_api.connect", refuse)
    monkeypatch.setattr("sandbox.docker_engine.connect", refuse)
