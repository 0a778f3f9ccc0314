import os
import sys
from pathlib import Path

import pytest

from grader.inside.bench import Bench


def seen(folder: Path, name: str) -> str:
    """A variable as a command in a bench sees it."""
    shown = f"import os; print(os.environ[{name!r}])"
    question = {
        "op": "run",
        "command": [sys.executable, "-c", shown],
        "cwd": "",
        "stdin": None,
        "seconds": 60,
    }
    return str(Bench(folder).answer(question)["ok"]["out"]).strip()


def test_dvc_keeps_its_own_files_inside_the_bench(tmp_path: Path) -> None:
    assert Path(seen(tmp_path, "DVC_SITE_CACHE_DIR")).is_relative_to(tmp_path)


def test_tools_beside_our_python_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    assert seen(tmp_path, "PATH").split(os.pathsep) == [str(Path(sys.executable).parent), "/usr/bin"]
