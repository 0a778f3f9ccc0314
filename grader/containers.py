"""The part of the checks' vocabulary that is about images: one that was built of the work, and containers of it.

The image is built by the engine, step by step under limits (docs/decisions/0013), and run without a network. A job of
ours that shares its loopback sends the requests, so status, time and order are our word and the answers are the work's.
Standard library only, as `grader.checks`, which offers all of this.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.traffic import Client

IMAGE = "image-"  # begins the names of the runs that are images

Ask = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class State:
    """How a container stands, as the engine tells."""

    running: bool
    exit_code: int | None  # None while it runs; 137: killed
    oom_killed: bool
    uid: int | None  # of its processes; None when there are none

    @property
    def is_root(self) -> bool:
        """Whether its processes run as root."""
        return self.uid == 0


class Container(Client):
    """A container of the image at work."""

    def __init__(self, ask: Ask, number: int) -> None:
        super().__init__(lambda question: ask({"op": "client", "container": number, "question": question}))
        self._outer = ask
        self._number = number

    def signal(self, name: str = "SIGTERM") -> None:
        """Send a signal to its first process."""
        self._outer({"op": "signal", "container": self._number, "signal": name})

    def state(self) -> State:
        """How it stands now."""
        return State(**self._outer({"op": "state", "container": self._number}))

    def wait(self, seconds: float = 30.0) -> State:
        """Wait until it is over; it may be running still when the time is up."""
        deadline = time.monotonic() + seconds
        while (state := self.state()).running and time.monotonic() < deadline:
            time.sleep(0.1)
        return state

    def said(self) -> str:
        """The tail of what it printed."""
        return str(self._outer({"op": "said", "container": self._number}))


class Image:
    """An image that was built of the work.

    `added_mb` is what it holds more than its base; `recipe` is what its Dockerfile asked for, see
    `grader.inside.dockerfile.Recipe`.
    """

    def __init__(self, ask: Ask, built: Mapping[str, Any]) -> None:
        self._ask = ask
        self.added_mb = float(built["added_mb"])
        self.recipe: dict[str, Any] = dict(built["recipe"])

    def holding(self, texts: Sequence[str]) -> list[str]:
        """Paths of files that hold one of the texts in any layer, also where a later one removes them."""
        return [str(name) for name in self._ask({"op": "holding", "texts": list(texts)})]

    def start(self, env: Mapping[str, str] | None = None) -> Container:
        """Start a container of it, as the image says of itself. It ends with the check that built the image."""
        return Container(self._ask, int(self._ask({"op": "start", "env": dict(env or {})})))
