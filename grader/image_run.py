"""The host's side of an image that is built of the work: what a check asks is done by the engine, or by jobs of ours.

The Dockerfile is read in a bench; here only its plain steps arrive, and its files as archives that nobody but the
engine unpacks.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any, Protocol

from sandbox.engine import BuildFailed, BuildSpec, BuiltImage, Container, Engine, Limits

BASES = ("python:3.11-slim", "python:3.11")  # what FROM may name; both stand for the lab's own image
_PART = 2**21  # bytes of an archive that a bench gives at a time


class Asked(Protocol):
    """A job of ours that answers questions: a bench."""

    @property
    def late(self) -> bool:
        """Whether something that it was asked did not come within its time."""

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return ``{"ok": …}``, ``{"raised": …}`` or ``{"lost": …}``."""


class ImageRun:
    """One image and its containers.

    Args:
        engine: one that isolates.
        name: short, for labels.
        base: the lab's image.
        limits: of each step of the build and of each container.
        bench: starts a bench with the work, or, with a container's id, one that shares its loopback.
    """

    memory_mb = 0

    def __init__(
        self, engine: Engine, name: str, base: str, limits: Limits, bench: Callable[[str], Asked]
    ) -> None:
        self._engine = engine
        self._name = name
        self._base = base
        self._limits = limits
        self._bench = bench
        self._stack = ExitStack()
        self._reader: Asked | None = None
        self._image: BuiltImage | None = None
        self._containers: list[tuple[Container, Asked]] = []
        self._too_slow = False  # a step of the build ran out of time

    @property
    def late(self) -> bool:
        """Whether something that a container was asked did not come within its time."""
        return self._too_slow or any(client.late for _, client in self._containers)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Do what a check asks for. Raises InfrastructureError."""
        operation = {
            "build": self._build,
            "holding": self._holding,
            "start": self._start,
            "client": self._client,
            "signal": self._signal,
            "state": self._state,
            "said": self._said,
        }[question["op"]]
        try:
            return operation(question)
        except BuildFailed as failed:
            self._too_slow |= failed.late
            where = f"Dockerfile, line {failed.line}: " if failed.line else ""
            last = (failed.said.strip().splitlines() or [""])[-1]
            return _raised(f"{where}{failed.why}{f' ({last[-160:].strip()})' if last else ''}")

    def close(self) -> None:
        """Stop the containers and remove the image."""
        self._stack.close()

    def _build(self, question: dict[str, Any]) -> dict[str, Any]:
        self._reader = reader = self._bench("")
        answer = reader.ask({"op": "recipe", "folder": question["folder"]})
        if "ok" not in answer:
            return answer
        recipe = answer["ok"]
        if recipe["base"] not in BASES:
            return _raised(f"FROM {str(recipe['base'])[:60]}: here only {' or '.join(BASES)} can be had")
        files = [self._archive(reader, step) for step in recipe["steps"] if step["kind"] == "copy"]
        spec = BuildSpec(self._name, self._base, recipe["steps"], recipe["settings"], files, self._limits)
        self._image = self._stack.enter_context(self._engine.build(spec))
        return {"ok": {"added_mb": self._image.added_mb, "recipe": recipe}}

    @staticmethod
    def _archive(reader: Asked, step: dict[str, Any]) -> bytes:
        data = b""
        while len(data) < int(step["bytes"]):
            part = reader.ask({"op": "recipe.file", "number": step["files"], "offset": len(data)})
            if not part.get("ok"):
                raise BuildFailed(0, "its files could not be read")
            data += base64.b64decode(part["ok"])
        return data

    def _holding(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._reader is not None, "an image is built before it is asked"
        return self._reader.ask({"op": "recipe.holding", "texts": question["texts"]})

    def _start(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._image is not None, "an image is built before it is started"
        container = self._stack.enter_context(
            self._engine.container(self._image, self._name, self._limits, question["env"])
        )
        self._containers.append((container, self._bench(container.id)))
        return {"ok": len(self._containers) - 1}

    def _client(self, question: dict[str, Any]) -> dict[str, Any]:
        return self._containers[int(question["container"])][1].ask(question["question"])

    def _signal(self, question: dict[str, Any]) -> dict[str, Any]:
        self._containers[int(question["container"])][0].signal(str(question["signal"]))
        return {"ok": None}

    def _state(self, question: dict[str, Any]) -> dict[str, Any]:
        return {"ok": asdict(self._containers[int(question["container"])][0].state())}

    def _said(self, question: dict[str, Any]) -> dict[str, Any]:
        return {"ok": self._containers[int(question["container"])][0].said()}


def _raised(message: str) -> dict[str, Any]:
    return {"raised": {"type": "Asked", "message": message[:1000]}}
