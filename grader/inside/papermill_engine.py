"""Runs a notebook with papermill; the only module of ours that imports it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import papermill
from papermill.exceptions import PapermillExecutionError


def execute(source: Path, target: Path, parameters: dict[str, Any], folder: Path) -> str:
    """Run a notebook from top to bottom in a fresh `python3` kernel.

    papermill returns normally after ``sys.exit(0)`` and raises after cells that were allowed to fail, so the
    verdict is never read from here: see `cells` of `grader.inside.runner`.

    Args:
        source: the notebook to run.
        target: where papermill saves it, after each cell too.
        parameters: injected after the cell tagged `parameters`.
        folder: the kernel's working folder.

    Returns:
        "" or, in one line, why the run ended early (a dead kernel, a kernel that did not start).
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=str(folder),
            start_timeout=60,
        )
    except PapermillExecutionError:
        return ""  # cells that raised are allowed to: each is told apart in the saved notebook
    except Exception as error:  # noqa: BLE001  # DeadKernelError and whatever else a hostile kernel provokes
        return f"{type(error).__name__}"
    return ""
