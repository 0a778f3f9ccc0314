"""The panel's side in JupyterLab's server: `mlops/api/` below its address, for who has its token.

It runs inside the sandbox with the learner's rights and reads nothing but the lab's folder.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web

from grader import wire
from mlops_labs import lab
from mlops_labs.panel.state import read_state
from mlops_labs.panel.submission import Away, Submissions

_MAX_BODY = 10_000  # bytes
AWAY = (
    "The platform outside this sandbox does not answer. Where `mlops start` ran, start the lab again, "
    "or save the notebook and run in a terminal: mlops submit {lab}"
)


class _Handler(APIHandler):
    def initialize(self, root: Path, submissions: Submissions) -> None:
        """Take what all handlers share; `root` is the lab's folder."""
        self._root = root
        self._submissions = submissions

    def _tell(self, content: dict[str, Any]) -> None:
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(content))

    def _fail(self, status: int, message: str) -> None:
        self.set_status(status)
        self._tell({"message": message})


class StateHandler(_Handler):
    """GET: all that the panel shows."""

    @web.authenticated
    def get(self) -> None:
        """Answer with the state."""
        self._tell(read_state(self._root, self._submissions))


class HintHandler(_Handler):
    """POST {"task": "t1"}: the task's next hint, counted with those of the notebook and the command line."""

    @web.authenticated
    async def post(self) -> None:
        """Answer with the hint's text."""
        try:
            body = wire.loads(self.request.body[:_MAX_BODY])
        except wire.WireError:
            body = None
        task = body.get("task") if isinstance(body, dict) else None
        if not isinstance(task, str):
            self._fail(400, "Name a task.")
            return
        try:
            # In a thread: the files it reads are the learner's, and one may be a pipe that nobody writes to.
            self._tell({"text": repr(await asyncio.to_thread(lab.hint, task))})
        except FileNotFoundError as error:
            self._fail(409, str(error))
        except LookupError as error:
            self._fail(404, str(error) if type(error) is LookupError else "This task has no hints.")
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            # The lab's own files are the learner's to break; starting the lab again writes them anew.
            self._fail(
                409, "The lab's files in .mlops cannot be read. Start the lab again, which mends them."
            )


class SubmitHandler(_Handler):
    """POST: ask the platform to grade the saved notebook. What comes of it is in the state."""

    @web.authenticated
    def post(self) -> None:
        """Answer with the request's id."""
        try:
            self._tell({"request": self._submissions.ask()})
        except Away:
            state = read_state(self._root, self._submissions)
            self._fail(503, AWAY.format(lab=state["lab"]["id"] if state["lab"] else "LAB"))
        except OSError as error:
            self._fail(
                507,
                f"The request could not be written ({error.strerror}). Free some disk space, then try again.",
            )


def add_handlers(server: ServerApp) -> None:
    """Add the panel's addresses to a server whose root folder is a lab's."""
    root = Path(server.root_dir)
    shared = {"root": root, "submissions": Submissions(root)}
    base = url_path_join(server.web_app.settings["base_url"], "mlops", "api")
    rows = {"state": StateHandler, "hint": HintHandler, "submit": SubmitHandler}
    server.web_app.add_handlers(  # type: ignore[no-untyped-call]  # of Tornado
        ".*$", [(url_path_join(base, name), handler, shared) for name, handler in rows.items()]
    )
