"""What papermill tells of a run whose output comes late, as on a machine that is too busy."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.inside.kernels import OwnKernel
from grader.inside.papermill_engine import Told, execute
from grader.inside.runner import cells

# The thread that carries a kernel's output sleeps for longer than papermill waits for output; replies go on.
LATE = "import time; get_ipython().kernel.iopub_thread.io_loop.add_callback(time.sleep, 6)"


def _run(folder: Path, *sources: str) -> tuple[list[dict[str, str]], list[str], str]:
    tags = {"tags": ["raises-exception"]}
    notebook = new_notebook(cells=[new_code_cell(source, metadata=tags) for source in sources])
    (folder / "in.ipynb").write_text(json.dumps(notebook))
    told: list[str] = []
    telling = Told(lambda: told.append("running"), lambda: told.append("flooded"))
    (folder / ".channel").mkdir()  # as the runner makes it
    with contextlib.chdir(folder):
        died = execute(folder / "in.ipynb", folder / "out.ipynb", {}, telling, OwnKernel(""))
    return cells(json.loads((folder / "out.ipynb").read_text())), told, died


def test_a_cell_whose_output_comes_late_was_run(tmp_path: Path) -> None:
    states, told, died = _run(tmp_path, LATE, "x = 1", "1 / 0", "assert x == 1", "import sys; sys.exit(3)")
    assert [cell["state"] for cell in states] == ["ok", "ok", "raised", "ok", "raised"]
    assert [cell["error"] for cell in states][2::2] == ["ZeroDivisionError", "SystemExit"]
    assert (told, died) == (["running"], "")


def test_cells_after_an_exit_were_not_run(tmp_path: Path) -> None:
    states, _, _ = _run(tmp_path, "import sys; sys.exit(0)", "x = 1", "import os; os._exit(0)", "y = 1")
    assert states[0]["error"] == "SystemExit"
    assert states[-1]["state"] == "not_run"


def test_a_kernel_that_does_not_come_up_never_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        json.dumps({"argv": ["false"], "display_name": "none", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    states, told, died = _run(tmp_path, "x = 1")
    assert told == []
    assert died
    assert states[0]["state"] == "not_run"


def test_a_kernel_needs_no_port_that_another_could_have_taken(tmp_path: Path) -> None:
    look = "import ipykernel; info = ipykernel.get_connection_info(unpack=True); assert info['transport'] == 'ipc'"
    states, _, _ = _run(tmp_path, look)
    assert states[0]["state"] == "ok", states
