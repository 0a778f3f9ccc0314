"""What a lab's sandboxes import ahead: found out once, and nothing that has another effect there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader import preload
from grader.preload import Modules, modules, worthwhile


def _bundle(folder: Path) -> Any:
    lab = SimpleNamespace(definition=SimpleNamespace(image="lab"))
    return SimpleNamespace(lab=lab, folder=folder / "one-lab-v1-4")


def _engine(digest: str = "d1", isolates: bool = True) -> Any:
    return SimpleNamespace(isolates=isolates, image_digest=lambda _image: digest)


def test_it_is_found_out_once_for_each_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = []

    def record() -> Modules:
        recorded.append(1)
        return Modules(("json", "csv"), ("math",))

    for fresh in (True, False):  # a new process reads what an earlier one wrote
        if fresh:
            monkeypatch.setattr(preload, "_known", {})
        assert modules(_engine(), _bundle(tmp_path), record) == Modules(("json", "csv"), ("math",))
    monkeypatch.setattr(preload, "_known", {})
    assert modules(_engine(), _bundle(tmp_path), record) == Modules(("json", "csv"), ("math",))
    assert len(recorded) == 1
    modules(_engine("d2"), _bundle(tmp_path), record)
    assert len(recorded) == 2


def test_a_broken_record_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preload, "_known", {})
    (tmp_path / "one-lab-v1-4-d1.preload.json").write_text('{"learner": [')
    assert modules(_engine(), _bundle(tmp_path), lambda: Modules(("json",))) == Modules(("json",))


def test_processes_of_their_own_import_for_themselves(tmp_path: Path) -> None:
    assert modules(_engine(isolates=False), _bundle(tmp_path), lambda: pytest.fail("recorded")) is None


def test_only_what_has_the_same_effect_in_another_process_is_imported_ahead() -> None:
    names = [
        "__main__",
        "json",
        "checks",
        "probes",
        "matplotlib",
        "matplotlib.pyplot",
        "a-b",
        "a.é",
        "xml.sax",
    ]
    assert worthwhile(names) == ("json", "matplotlib", "xml.sax")
    assert worthwhile(["mlflow.utils.requirements_utils"])[-1] == "grader.inside.tracking:warm"
