"""Where the one who keeps a lab running takes submissions from the command line: a socket in the home.

The sandboxes that are kept warm belong to that process (`mlops_labs.supervise`), so a `mlops submit` that finds it has
its verdict sooner. Whoever can reach the socket owns the home; a learner's code cannot.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.result import Result
from mlops_labs import __version__
from mlops_labs.home import Home
from sandbox.errors import InfrastructureError, MlopsError, UsageError

_MAX_PATH = 100  # bytes that a socket's path may have, nearly
_MAX_ORDER = 1000
_PATIENCE = 2.0  # seconds for a command to say what it wants
Grade = Callable[[bool], Result]


def _path(home: Home, lab: str) -> Path:
    return home.platform / "stacks" / f"{lab}.desk"


class Desk:
    """The side that grades."""

    def __init__(self, home: Home, lab: str) -> None:
        """Open it, in the place of one that was left; a home whose path is too long for a socket has none."""
        self._path = _path(home, lab)
        self._socket: socket.socket | None = None
        if len(str(self._path).encode()) > _MAX_PATH:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(self._path))
            self._path.chmod(0o600)
            listener.listen(4)
            self._socket = listener

    def serve(self, seconds: float, grade: Grade) -> bool:
        """Wait that long for an order and carry it out; whether one came. `grade` takes whether it is public."""
        if self._socket is None:
            select.select([], [], [], seconds)
            return False
        if not select.select([self._socket], [], [], seconds)[0]:
            return False
        connection, _ = self._socket.accept()
        with connection, contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            connection.settimeout(_PATIENCE)
            order = json.loads(connection.makefile("rb").readline(_MAX_ORDER))
            if order["version"] == __version__:
                connection.sendall(json.dumps(_carried_out(grade, order["public"] is True)).encode() + b"\n")
        return True

    def close(self) -> None:
        """Take no more orders."""
        if self._socket is not None:
            self._socket.close()
            self._path.unlink(missing_ok=True)


def _carried_out(grade: Grade, public: bool) -> dict[str, Any]:
    try:
        return {"result": grade(public).model_dump(mode="json")}
    except MlopsError as error:
        return {"message": error.message, "next": error.next_step, "usage": isinstance(error, UsageError)}


def ask(home: Home, lab: str, *, public: bool) -> Result | None:
    """Have a lab's submission graded by the one who keeps it running; None where nobody does.

    Raises UsageError or InfrastructureError, as grading it here would.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(_path(home, lab)))
            connection.sendall(json.dumps({"version": __version__, "public": public}).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline())
        except (OSError, ValueError):  # nobody is there, or not any more, or of another version
            return None
    if "result" in answer:
        return Result.model_validate(answer["result"])
    kind = UsageError if answer["usage"] else InfrastructureError
    raise kind(answer["message"], answer["next"])
