"""Which labs there are, when the folder of labs changes within a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_labs import catalogue


def test_another_folder_of_labs_is_another_catalogue(
    monkeypatch: pytest.MonkeyPatch, labs_for_tests: Path
) -> None:
    monkeypatch.delenv("MLOPS_LABS", raising=False)
    assert "honest-baseline" in catalogue.labs()
    monkeypatch.setenv("MLOPS_LABS", str(labs_for_tests))
    assert "tiny-sums" in catalogue.labs()
    assert "honest-baseline" not in catalogue.labs()
