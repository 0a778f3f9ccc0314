"""Reads the collections `tests/hostile/<group>/<name>` and `tests/honest/<name>`.

Each folder is one submission of the lab `tiny-sums` (`mutate.py` changes the reference or the blank) and the
verdict it must get (`verdict.toml`). A new case is a new folder.
"""

from __future__ import annotations

import copy
import json
import runpy
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.notebook import Submission, parse
from grader.release import Bundle
from grader.result import Result

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Verdict:
    says: str
    start: str
    outcome: str
    earned: int
    tasks: dict[str, str]
    message: str = ""
    note: str = ""
    seconds: float = field(default=0.0)


def collect() -> list[Path]:
    return sorted(
        path.parent for path in [*HERE.glob("hostile/*/*/verdict.toml"), *HERE.glob("honest/*/verdict.toml")]
    )


def verdict(folder: Path) -> Verdict:
    return Verdict(**tomllib.loads((folder / "verdict.toml").read_text(encoding="utf-8")))


def submission(folder: Path, bundle: Bundle) -> Submission:
    start = bundle.reference if verdict(folder).start == "reference" else bundle.master
    notebook: dict[str, Any] = copy.deepcopy(start)
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    runpy.run_path(str(folder / "mutate.py"))["mutate"](_Cells(cells, notebook))
    return parse(json.dumps(notebook).encode(), folder.name)


class _Cells(dict[str, Any]):
    """Cells by id; `cells["notebook"]` is the whole notebook, but not one of the values."""

    def __init__(self, cells: dict[str, Any], notebook: dict[str, Any]) -> None:
        super().__init__(cells)
        self._notebook = notebook

    def __missing__(self, key: str) -> Any:
        if key == "notebook":
            return self._notebook
        raise KeyError(key)


def assert_verdict(result: Result, wanted: Verdict) -> None:
    said = [result.message, *(f"{check.saw} {check.help}" for task in result.tasks for check in task.checks)]
    assert result.outcome.value == wanted.outcome, said
    assert {task.id: task.state for task in result.tasks} == wanted.tasks, said
    assert (result.earned, result.points) == (wanted.earned, 5)
    assert any(wanted.message in text for text in said), said
    assert not wanted.note or any(wanted.note in note for note in result.notes), result.notes
