"""The benchmarks are run by hand and seldom: at least each of their modules must find what it uses."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import benchmarks


@pytest.mark.parametrize(
    "path", sorted(Path(benchmarks.__file__).parent.glob("*.py")), ids=lambda path: path.stem
)
def test_a_module_imports(path: Path) -> None:
    importlib.import_module(f"benchmarks.{path.stem}")
