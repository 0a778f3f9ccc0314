"""Otter's own environment, made when it is first needed: its requirements are not ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import Tell

ROOT = Path(__file__).resolve().parent.parent
_FOLDER = ROOT / ".venv-benchmarks"
_LOCK = Path("requirements/benchmarks.txt")
_HOW = f"python3.11 -m venv {_FOLDER.name} && {_FOLDER.name}/bin/pip install --no-deps --require-hashes -r {_LOCK}"


def otter_python(tell: Tell) -> Path | None:
    """The interpreter that has Otter, installed first where it is missing; None where that fails."""
    python = _FOLDER / "bin" / "python"
    if _is_complete(python):
        return python
    tell(f"installing Otter into {_FOLDER.name} (about 1 GB, once)")
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    lock = ["--no-deps", "--require-hashes", "-r", str(_LOCK)]
    for command in ([sys.executable, "-m", "venv", str(_FOLDER)], [*pip, *lock]):
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            break
    if _is_complete(python):
        return python
    tell(f"Otter is left out: it could not be installed. Run: {_HOW}")
    return None


def _is_complete(python: Path) -> bool:
    """Otter is installed nearly last, so it is asked for together with MLflow, and started."""
    if not python.exists():
        return False
    probe = [str(python), "-c", "import mlflow.sklearn, otter.run, skops, ipykernel"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0
