"""Telling a person that we are still at it: one plain line every few seconds, never a silent minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox.engine import Progress


@contextmanager
def ticking(progress: Progress, what: Callable[[], str], every: float = 5.0) -> Iterator[None]:
    """Report ``what()`` and the seconds gone, each `every` seconds, until the block ends."""
    over = threading.Event()
    started = time.monotonic()

    def tick() -> None:
        while not over.wait(every):
            progress(f"{what()} ({time.monotonic() - started:.0f} s)")

    thread = threading.Thread(target=tick, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
