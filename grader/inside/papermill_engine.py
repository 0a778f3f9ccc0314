"""Runs a notebook with papermill; the only module of ours that imports it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import papermill
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from grader.inside.kernels import Kernel

MAX_OUTPUT = 32 * 2**20  # characters that the cells may show together; papermill keeps them all in memory
_MESSAGE = 200  # characters that a message costs beside its text: empty ones can flood too


@dataclass(frozen=True)
class Told:
    """What a run's progress calls, each once."""

    running: Callable[[], None]  # the kernel is up; the first cell runs after it
    flooded: Callable[[], None]  # the cells have shown more than MAX_OUTPUT; nothing more is kept


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """papermill's client, which also counts what the kernel shows."""

    shown = 0
    told: Told | None = None

    def papermill_execute_cells(self) -> None:
        """Run the cells, once it is told that the kernel is up."""
        if self.told is not None:
            self.told.running()
        super().papermill_execute_cells()

    def count(self, cell: Any, execute_reply: dict[str, Any], **_: Any) -> None:
        """Mark a cell as run by the kernel's reply, and an error it replies with as the cell's.

        Output comes another way, and on a busy machine later than papermill waits for it: by its output alone
        a cell that ran would look like one that did not.
        """
        content = execute_reply.get("content") or {}
        status, number = content.get("status"), content.get("execution_count")
        if cell.get("execution_count") is None and status in ("ok", "error") and isinstance(number, int):
            cell["execution_count"] = number
        if status == "error" and not any(output.output_type == "error" for output in cell.outputs):
            name, value = (str(content.get(key, "")) for key in ("ename", "evalue"))
            cell.outputs.append(new_output("error", ename=name, evalue=value, traceback=[]))

    def process_message(self, *arg: Any, **kwargs: Any) -> Any:
        """Count a message; once there are too many, tell it and take no more."""
        content = arg[0].get("content") or {}
        text = content.get("text")
        self.shown += _MESSAGE + (len(text) if isinstance(text, str) else len(repr(content)))
        if self.shown <= MAX_OUTPUT:
            return super().process_message(*arg, **kwargs)
        if self.told is not None:
            told, self.told = self.told, None
            told.flooded()
        return None


def _sockets(prefix: str) -> Config:
    """Have the kernel listen on files instead of TCP ports.

    Jupyter chooses ports before the kernel binds them; two kernels that start at once on one machine may get the
    same one, and ipykernel then hangs instead of ending.
    """
    return Config({"KernelManager": {"transport": "ipc", "ip": prefix}})


class _Engine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine with our client."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """See papermill's `Engine`."""
        client = _Client(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=kwargs["start_timeout"],
            timeout=None,
            config=_sockets(kwargs["sockets"]),
        )
        client.told = kwargs["told"]
        client.on_cell_executed = client.count
        return client.execute()


papermill_engines.register("mlops-labs", _Engine)


def execute(
    source: Path,
    target: Path,
    parameters: dict[str, Any],
    told: Told,
    kernel: Kernel,
) -> str:
    """Run a notebook from top to bottom in a fresh `python3` kernel, which works in the current folder.

    papermill returns normally after ``sys.exit(0)`` and raises after cells that were allowed to fail, so the
    verdict is never read from here: see `cells` of `grader.inside.runner`.

    Args:
        source: the notebook to run.
        target: where papermill saves it, after each cell too.
        parameters: injected after the cell tagged `parameters`.
        told: what to call as the run goes on.
        kernel: where the kernel comes from.

    Returns:
        "" or, in one line, why the run ended early (a dead kernel, a kernel that did not start).
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    kernel.install()
    try:
        papermill.execute_notebook(
            str(source),
            str(target),
            engine_name="mlops-labs",
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=str(Path.cwd()),
            start_timeout=120,
            sockets=kernel.sockets,
            told=told,
        )
    except PapermillExecutionError:
        return ""  # cells that raised are allowed to: each is told apart in the saved notebook
    except Exception as error:  # noqa: BLE001  # DeadKernelError and whatever else a hostile kernel provokes
        return f"{type(error).__name__}"
    return ""
