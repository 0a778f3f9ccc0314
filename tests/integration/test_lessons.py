"""Every lesson's worked example runs from top to bottom, offline, in an empty folder."""

from __future__ import annotations

from pathlib import Path

import jupytext
import pytest

LESSONS = sorted((Path(__file__).parents[2] / "curriculum" / "lessons").glob("*.py"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs(lesson: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import papermill

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    source = tmp_path / "lesson.ipynb"
    jupytext.write(jupytext.read(lesson), source)
    papermill.execute_notebook(
        str(source), str(tmp_path / "out.ipynb"), kernel_name="python3", progress_bar=False, cwd=str(tmp_path)
    )


def test_every_lab_has_its_lesson() -> None:
    labs = {path.parent.name for path in (Path(__file__).parents[2] / "labs").glob("*/lab.toml")}
    assert labs == {path.stem for path in LESSONS}
