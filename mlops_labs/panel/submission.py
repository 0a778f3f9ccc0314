"""A submission from the panel: a request in the mailbox, and what becomes of it.

The same mailbox as `lab.submit()` of the notebook, so no kernel is needed, and none is blocked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_labs import lab
from sandbox import untrusted_files
from sandbox.errors import UsageError

RESULT = ".mlops/last-result.json"
_MAX_ANSWER = 256 * 1024  # bytes


class Away(Exception):
    """Nobody outside the sandbox takes submissions."""


class Submissions:
    """The panel's last submission. One at a time: asking again while one is under way is the same one."""

    def __init__(self, root: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._now = now
        self._request = ""
        self._since = self._asked_at = 0.0
        self._answer = ""

    def ask(self) -> str:
        """Put a request in the mailbox and return its id. Raises Away, and OSError for a full disk."""
        if self._request and self.look()["phase"] == "waiting":
            return self._request
        if not lab.platform_answers(self._root):
            raise Away
        self._asked_at = time.time()
        self._request, self._since, self._answer = lab.request_grading(self._root), self._now(), ""
        return self._request

    def look(self) -> dict[str, Any]:
        """Return phase ("idle", "away", "waiting", "late" or "answered"), seconds since the request, the answer.

        The answer is "" where `last-result.json` tells the same, and more.
        """
        if not self._request:
            # While it grades for somebody else it gives no sign of life either, so this is no more than a word.
            phase = "idle" if lab.platform_answers(self._root) else "away"
            return {"phase": phase, "seconds": 0, "text": ""}
        seconds = int(self._now() - self._since)
        if not self._answer:
            self._answer = self._take()
        phase = "answered" if self._answer else "late" if seconds > lab.GRADING_SECONDS else "waiting"
        return {
            "phase": phase,
            "seconds": seconds if phase == "waiting" else 0,
            "text": "" if self._is_recorded() else self._answer,
        }

    def _is_recorded(self) -> bool:
        try:
            return (self._root / RESULT).lstat().st_mtime >= self._asked_at
        except OSError:
            return False

    def _take(self) -> str:
        name = f"{lab.MAILBOX}/{self._request}.txt"
        try:
            data = untrusted_files.read_file(self._root, name, _MAX_ANSWER)
            if data is not None:
                untrusted_files.remove(self._root, name)
        except (UsageError, OSError):
            return ""
        return (data or b"").decode("utf-8", errors="replace")
