from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.lab import load_lab
from grader.release import Bundle, bundle, source_notebook
from mlops_labs.cases import fairness_gaps, read_cases
from mlops_labs.home import Home
from mlops_labs.workspace import prepare, reset
from sandbox.errors import UsageError


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    labs = Path(__file__).parents[1] / "labs"
    return bundle(load_lab(labs / "tiny-sums"), tmp_path_factory.mktemp("bundles"), print)


def _cell(notebook: dict[str, Any], cell_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(cell for cell in notebook["cells"] if cell["id"] == cell_id)
    return found


def test_the_learner_gets_no_answer_and_no_graded_check(tiny: Bundle) -> None:
    for path in tiny.student.rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert "return a + b" not in text or path.name == "practice.py", path
            assert "adds_numbers" not in text, path
    assert "return a + b" in json.dumps(tiny.reference)


def test_nbgraders_metadata_is_complete(tiny: Bundle) -> None:
    answer, check = (_cell(tiny.master, name)["metadata"]["nbgrader"] for name in ("answer-t1", "check-t1"))
    assert (answer["solution"], answer["grade"], answer["schema_version"]) == (True, False, 3)
    assert (check["grade"], check["points"], check["locked"]) == (True, 3, True)
    assert answer["checksum"] and check["checksum"]


def test_ids_are_the_same_at_each_reading(tiny: Bundle) -> None:
    assert source_notebook(tiny.lab) == source_notebook(tiny.lab)


def test_a_bundle_is_made_once(tiny: Bundle) -> None:
    told: list[str] = []
    again = bundle(tiny.lab, tiny.folder.parent, told.append)
    assert again.folder == tiny.folder
    assert told == []


def test_points_must_agree(tmp_path: Path, tiny: Bundle) -> None:
    import shutil

    folder = tmp_path / "tiny-sums"
    shutil.copytree(tiny.lab.folder, folder)
    text = (folder / "lab.toml").read_text()
    (folder / "lab.toml").write_text(text.replace("points = 3", "points = 4"))
    with pytest.raises(UsageError, match=r"t1 has 4 points in lab\.toml, 3 in checks\.py"):
        bundle(load_lab(folder), tmp_path / "cache", print)
    assert list((tmp_path / "cache").iterdir()) == []


def test_implied_cases_and_what_the_lab_lacks(tiny: Bundle) -> None:
    cases = list(read_cases(tiny))
    assert [case.name for case in cases] == ["reference", "blank"]
    assert any("other right answers" in gap for gap in fairness_gaps(tiny.lab, cases))


def test_work_is_never_overwritten_and_reset_keeps_it(tiny: Bundle, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    work = prepare(home, tiny, None)
    notebook = work / "tiny-sums.ipynb"
    notebook.write_text("mine")
    (work / ".mlops" / "practice.py").write_text("changed")
    prepare(home, tiny, None)
    assert notebook.read_text() == "mine"
    assert "adds_one_and_two" in (work / ".mlops" / "practice.py").read_text()
    kept = reset(home, "tiny-sums")
    assert (kept / "tiny-sums.ipynb").read_text() == "mine"
    assert not work.exists()
    assert (prepare(home, tiny, None) / "tiny-sums.ipynb").read_text() != "mine"


def test_the_host_runs_git_only_in_a_folder_that_nobody_has_seen(tiny: Bundle, tmp_path: Path) -> None:
    import shutil
    import subprocess

    home = Home(tmp_path / "home")
    work = prepare(home, tiny, None)
    count = ["git", "-C", str(work), "rev-list", "--count", "HEAD"]
    assert subprocess.run(count, capture_output=True, text=True, check=True).stdout.strip() == "1"
    shutil.rmtree(work / ".git")
    prepare(home, tiny, None)
    assert not (work / ".git").exists()


def test_what_stands_in_the_place_of_the_work_is_told(tiny: Bundle, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.work("tiny-sums").write_text("in the way")
    with pytest.raises(UsageError, match="is not a folder"):
        prepare(home, tiny, None)
    home.work("tiny-sums").unlink()
    work = prepare(home, tiny, None)
    (work / ".mlops" / "lab.json").unlink()
    (work / ".mlops" / "lab.json").mkdir()
    with pytest.raises(UsageError, match="not a plain file"):
        prepare(home, tiny, None)


def test_a_case_whose_script_fails_names_it(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "tiny-repo"
    shutil.copytree(Path(__file__).parents[1] / "labs" / "tiny-repo", folder)
    case = folder / "cases" / "broken"
    case.mkdir(parents=True)
    (case / "case.toml").write_text('kind = "right"\nsays = "Changes what is not there."\n')
    (case / "work.py").write_text("def make(folder):\n    assert 'this' in 'that', 'this'\n")
    released = bundle(load_lab(folder), tmp_path / "cache", print)
    broken = next(case for case in read_cases(released) if case.name == "broken")
    with pytest.raises(UsageError, match=r"work\.py failed \(AssertionError: this\)"):
        broken.submission()
