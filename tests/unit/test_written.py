"""Written tasks: answered in prose, marked by a mentor, never a failure."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from grader.lab import Lab, load_lab
from grader.release import Bundle, _agree, bundle, source_notebook
from mlops_labs import progress
from mlops_labs.cases import fairness_gaps, read_cases
from sandbox.errors import UsageError
from tests.classes import answered, verdict

FOLDER = Path(__file__).parents[1] / "labs" / "tiny-essay"
CHECK = {"id": "t1/adds_numbers", "task": "t1", "title": "", "points": 3}


@pytest.fixture(scope="module")
def essay(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundle(load_lab(FOLDER), tmp_path_factory.mktemp("labs"), print)


def test_prose_waits_and_holds_nothing_up(essay: Bundle) -> None:
    result = verdict(essay, answered(essay))
    assert [task.state for task in result.tasks] == ["pass", "to_mark"]
    assert (result.earned, result.points, result.passed, result.fault) == (3, 7, True, "none")
    text = progress.picture(result).text()
    assert "WAIT t2  Say why\n     Waits for your mentor, who marks what you wrote." in text
    assert text.endswith("Points: 3 of 7\nThe rest is your mentor's to mark.")


def test_untouched_prose_is_still_to_do(essay: Bundle) -> None:
    result = verdict(essay, answered(essay, t2=""))
    assert [task.state for task in result.tasks] == ["pass", "not_attempted"]
    assert (result.earned, result.passed, result.fault) == (3, False, "learner")
    assert "Next: mlops hint tiny-essay t2" in progress.picture(result).text()


def test_prose_alone_is_an_attempt_though_nothing_runs(essay: Bundle) -> None:
    result = verdict(essay, answered(essay, t1=""))
    assert result.outcome == "graded"
    assert [task.state for task in result.tasks] == ["not_attempted", "to_mark"]


def test_prose_waits_also_when_the_code_never_ended(essay: Bundle) -> None:
    result = verdict(essay, answered(essay), lost="time")
    assert [task.state for task in result.tasks] == ["fail", "to_mark"]
    assert (result.outcome, result.earned) == ("time", 0)


def test_what_learners_get_holds_no_answer_and_a_cell_to_mark(essay: Bundle) -> None:
    cell = next(cell for cell in essay.master["cells"] if cell["id"] == "answer-t2")
    assert (cell["cell_type"], cell["source"]) == ("markdown", "YOUR ANSWER HERE")
    about = cell["metadata"]["nbgrader"]
    assert (about["grade"], about["solution"], about["points"]) == (True, True, 4)


def test_its_cases_are_complete_without_wrong_prose(essay: Bundle) -> None:
    cases = list(read_cases(essay))
    assert fairness_gaps(essay.lab, cases) == []
    assert {case.name: case.expect["t2"].state for case in cases}["reference"] == "to_mark"


def _edited(tmp_path: Path, old: str, new: str) -> Lab:
    folder = tmp_path / "tiny-essay"
    shutil.copytree(FOLDER, folder)
    text = (folder / "lab.py").read_text()
    assert old in text
    (folder / "lab.py").write_text(text.replace(old, new))
    return load_lab(folder)


def _refusal(lab: Lab, checks: list[dict[str, Any]]) -> str:
    with pytest.raises(UsageError) as told:
        _agree(lab, checks, [], source_notebook(lab))
    return str(told.value)


def test_a_written_task_has_no_check() -> None:
    lab = load_lab(FOLDER)
    _agree(lab, [CHECK], [], source_notebook(lab))
    wrong = {**CHECK, "id": "t2/x", "task": "t2"}
    assert "t2 is written and has a check" in _refusal(lab, [CHECK, wrong])


def test_a_written_task_is_answered_in_one_markdown_cell(tmp_path: Path) -> None:
    lab = _edited(tmp_path, '# %% [markdown] task="t2"', '# %% task="t2"')
    assert 'add a cell `# %% [markdown] task="t2"`' in _refusal(lab, [CHECK])
    shutil.rmtree(tmp_path / "tiny-essay")
    lab = _edited(
        tmp_path, '# %% [markdown] task="t2"', '# %% [markdown] task="t2"\n# One\n\n# %% [markdown] task="t2"'
    )
    assert "several answer cells" in _refusal(lab, [CHECK])


def test_the_notebooks_own_check_says_that_prose_waits(
    essay: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlops_labs import lab as notebook

    shutil.copytree(essay.student, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(notebook, "_namespace", lambda: {"add": lambda a, b: a + b})
    shown = notebook.check()
    assert "WAIT t2  Say why" in repr(shown)
    assert "PASS t1" in repr(shown)
    about = json.loads((tmp_path / "work" / ".mlops" / "lab.json").read_text())
    assert about["tasks"][1]["written"]
