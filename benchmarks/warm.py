"""The floor: a notebook's code cells alone, each time in a fork of a process that has imported everything.

Run as `python warm.py MODULES NOTEBOOK FOLDER...`: imports, says "ready", waits for a line, then runs the notebook once in
each folder, two at a time. Standard library only; what it imports is the notebook's.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

AT_ONCE = 2


def _run(cells: list[str], folder: str) -> int:
    os.chdir(folder)
    sys.path.insert(0, "")
    with (
        Path(os.devnull).open("w") as null,
        contextlib.redirect_stdout(null),
        contextlib.redirect_stderr(null),
    ):
        names: dict[str, Any] = {"__name__": "__main__"}
        for cell in cells:
            exec(compile(cell, "cell", "exec"), names)
    return 0


def _fork(cells: list[str], folder: str) -> None:
    if os.fork() == 0:
        code = 1
        try:
            code = _run(cells, folder)
        except BaseException:  # noqa: BLE001  # told by the exit code
            traceback.print_exc()
        finally:
            os._exit(code)


def main() -> int:
    """Return how many runs failed."""
    modules, notebook, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
    for entry in json.loads(Path(modules).read_text()):
        module, _, function = entry.partition(":")
        with contextlib.suppress(Exception):
            found = importlib.import_module(module)
            if function:
                getattr(found, function)()
    found = json.loads(Path(notebook).read_text())["cells"]
    cells = [cell["source"] for cell in found if cell["cell_type"] == "code"]
    print("ready", flush=True)
    sys.stdin.readline()
    failed = running = 0
    for folder in folders:
        if running == AT_ONCE:
            failed += os.wait()[1] != 0
            running -= 1
        _fork(cells, folder)
        running += 1
    for _ in range(running):
        failed += os.wait()[1] != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
