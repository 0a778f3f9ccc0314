"""The `mlops` command as a person meets it: real processes, the local engine, exit codes and single lines."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def mlops(
    home: Path, labs: Path | None, *words: str, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "MLOPS_HOME": str(home), "MLOPS_ENGINE": "local"}
    if labs is not None:
        env["MLOPS_LABS"] = str(labs)
    return subprocess.run(
        [sys.executable, "-m", "mlops_labs.cli", *words],
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The error of a command: exit code 2, one line, no traceback."""
    assert done.returncode == 2, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("mlops: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def _lay_out(home: Path, labs: Path, content: str | bytes | None = None, lab: str = "tiny-sums") -> Path:
    """The work folder as `mlops start` lays it out, with another notebook if asked for."""
    from grader.lab import load_lab
    from grader.release import bundle
    from mlops_labs.home import Home
    from mlops_labs.workspace import prepare

    where = Home(home)
    released = bundle(load_lab(labs / lab), where.cache / "labs", print)
    work = prepare(where, released, None)
    path = work / f"{lab}.ipynb"
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif content is not None:
        path.write_bytes(content)
    return path


def test_list(home: Path, labs_for_tests: Path) -> None:
    done = mlops(home, labs_for_tests, "list")
    assert done.returncode == 0
    assert "tiny-sums" in done.stdout
    assert "Next: mlops start tiny-sums\n      it comes first" in done.stdout
    rows = json.loads(mlops(home, labs_for_tests, "list", "--json").stdout)
    assert rows[0]["points"] == 5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["start", "tiny-sum"], "did you mean 'tiny-sums'?"),
        (["submit", "nothing-like-it"], "run: mlops list"),
        (["submit", "tiny-sums"], "run: mlops start tiny-sums"),
        (["hint", "tiny-sums", "t7"], "use one of: t1, t2"),
        (["check", "tiny-sums", "t7"], "use one of: t1, t2"),
        (["reset", "tiny-sums", "--yes"], "has not been started"),
        (["images", "build", "--base", "windows"], "no base"),
        (["start"], "See: mlops --help"),
        (["lab", "validate", "tiny-sums", "--case", "none"], "no case 'none'"),
    ],
)
def test_bad_words_get_one_line_and_a_next_step(
    home: Path, labs_for_tests: Path, words: list[str], says: str
) -> None:
    assert says in one_line(mlops(home, labs_for_tests, *words)) or "engine" in says


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "cannot be read"),
        ('{"cells": [], "nbformat": 4}', "none of the answer cells"),
        (b"x" * (50 * 2**20), "larger than"),
        ('{"a": 1}', "not a notebook"),
    ],
    ids=["no-json", "no-answer-cells", "50-mb", "no-notebook"],
)
def test_a_bad_notebook_is_told_and_kept(
    home: Path, labs_for_tests: Path, content: str | bytes, says: str
) -> None:
    path = _lay_out(home, labs_for_tests, content)
    before = path.read_bytes()
    assert says in one_line(mlops(home, labs_for_tests, "submit", "tiny-sums"))
    assert path.read_bytes() == before
    assert not list((home / ".platform" / "history").glob("*/*"))


def test_a_wrong_then_a_right_submission(home: Path, labs_for_tests: Path) -> None:
    path = _lay_out(home, labs_for_tests)
    blank = mlops(home, labs_for_tests, "submit", "tiny-sums")
    assert blank.returncode == 1
    assert "TODO t1  Add" in blank.stdout

    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["id"] == "answer-t1":
            cell["source"] = "def add(a, b):\n    return 3"
        if cell["id"] == "answer-t2":
            cell["source"] = "def scaled(a):\n    return a * FACTOR"
    path.write_text(json.dumps(notebook))
    checked = mlops(home, labs_for_tests, "check", "tiny-sums")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Public checks only: 4 more run when you submit." in checked.stdout
    wrong = mlops(home, labs_for_tests, "submit", "tiny-sums")
    assert wrong.returncode == 1
    assert "FAIL t1  Add\n     Saw: a sum that is off.  Return a + b for any numbers." in wrong.stdout
    assert "WAIT t2" in wrong.stdout
    assert "Next: mlops hint tiny-sums t1" in wrong.stdout
    assert wrong.stdout.isascii()

    path.write_text(path.read_text().replace("return 3", "return a + b"))
    right = mlops(home, labs_for_tests, "submit", "tiny-sums", "--json")
    assert right.returncode == 0
    assert json.loads(right.stdout)["earned"] == 5

    records = sorted((home / ".platform" / "history" / "tiny-sums").iterdir())
    assert len(records) == 3
    assert {file.name for file in records[-1].iterdir()} == {
        "submission.ipynb",
        "result.json",
        "audit.ipynb",
        "executed.ipynb",
    }
    assert (records[-1] / "submission.ipynb").read_bytes() == path.read_bytes()
    assert "5/5 points  done" in mlops(home, labs_for_tests, "list").stdout


def test_a_repository_is_handed_in_with_its_notebook(home: Path, labs_for_tests: Path) -> None:
    notebook = _lay_out(home, labs_for_tests, lab="tiny-repo")
    project = notebook.parent / "project"
    untouched = mlops(home, labs_for_tests, "submit", "tiny-repo")
    assert untouched.returncode == 1
    assert "TODO t1" in untouched.stdout

    runpy.run_path(str(labs_for_tests / "tiny-repo" / "reference" / "work.py"))["make"](notebook.parent)
    checked = mlops(home, labs_for_tests, "check", "tiny-repo")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    right = mlops(home, labs_for_tests, "submit", "tiny-repo", "--json")
    assert json.loads(right.stdout)["earned"] == 5, right.stdout
    record = sorted((home / ".platform" / "history" / "tiny-repo").iterdir())[-1]
    assert {file.name for file in record.iterdir()} == {
        "submission.ipynb",
        "work.tar",
        "result.json",
        "audit.ipynb",
    }

    os.mkfifo(project / "pipe")
    assert "project/pipe is neither a file nor a folder" in one_line(
        mlops(home, labs_for_tests, "submit", "tiny-repo")
    )


def test_hints_grow_and_end(home: Path, labs_for_tests: Path) -> None:
    _lay_out(home, labs_for_tests)
    said = [mlops(home, labs_for_tests, "hint", "tiny-sums", "t1").stdout for _ in range(4)]
    assert [text[:11] for text in said] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]


def test_reset_keeps_the_work(home: Path, labs_for_tests: Path) -> None:
    path = _lay_out(home, labs_for_tests)
    (path.parent / "notes.txt").write_text("mine")
    done = mlops(home, labs_for_tests, "reset", "tiny-sums", "--yes")
    assert done.returncode == 0, done.stderr
    assert not path.parent.exists()
    kept = list((home / ".platform" / "backups").rglob("notes.txt"))
    assert kept[0].read_text() == "mine"
    assert str(kept[0].parent) in done.stdout


def test_a_home_that_cannot_be_written(tmp_path: Path, labs_for_tests: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    assert "set MLOPS_HOME" in one_line(mlops(blocker / "home", labs_for_tests, "list"))


def test_doctor_speaks_json(home: Path, labs_for_tests: Path) -> None:
    done = mlops(home, labs_for_tests, "doctor", "--json")
    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert findings["python"]["ok"]
    assert findings["engine"]["ok"]  # plain processes were asked for


def test_release_for_an_nbgrader_course(home: Path, labs_for_tests: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    done = mlops(home, labs_for_tests, "lab", "release", "tiny-sums", "--to", str(course))
    assert done.returncode == 0, done.stderr
    student = (course / "release" / "tiny-sums" / "tiny-sums.ipynb").read_text()
    assert "BEGIN SOLUTION" not in student
    assert "return a + b" not in student
    assert "NotImplementedError" in student
    assert "return a + b" in (course / "source" / "tiny-sums" / "tiny-sums.ipynb").read_text()
    released = [path.name for path in (course / "release").rglob("*") if path.is_file()]
    assert "checks.py" not in released


def _passed(home: Path) -> None:
    """A history in which a skill was shown."""
    from grader.grade import Graded
    from grader.notebook import Submission
    from mlops_labs import progress
    from mlops_labs.home import Home
    from tests.graded import graded

    result = graded("promote-with-a-reason", "a77", t3="pass")
    progress.record(Home(home), Graded(result, None, None), Submission((), b""))


def test_status_tells_the_skills_that_graded_work_shows(home: Path) -> None:
    from mlops_labs.roadmap import roadmap

    _passed(home)
    done = mlops(home, None, "status")
    assert done.returncode == 0
    of = len(roadmap().skills)
    assert (
        f"1 of {of} shown, 1 begun, {of - 2} ahead\nshown  Bring the model before back in one step"
        in done.stdout
    )
    assert "promote-with-a-reason/t3  attempt a77  2026-03-01" in done.stdout
    said = json.loads(mlops(home, None, "status", "--json").stdout)["standing"]
    assert (said["format"], said["shown"], said["of"], len(said["skills"])) == (1, 1, of, of)


def test_a_transcript_from_history_to_a_badge_that_others_check(home: Path, tmp_path: Path) -> None:
    _passed(home)
    own, out, issuer = (str(tmp_path / name) for name in ("own", "out", "issuer.json"))
    unsigned = mlops(home, None, "transcript", "--to", out, "--name", "Ada L.")
    assert unsigned.returncode == 0 and "Nobody has signed this" in unsigned.stdout
    assert not list(Path(out).glob("badges/*"))
    mlops(home, None, "class", "init", own)
    assert "has no key to sign with" in one_line(mlops(home, None, "transcript", "--sign", own))
    made = mlops(home, None, "class", "key", "--name", "Ada, by herself", "--course", own, "--to", issuer)
    assert made.returncode == 0, made.stderr
    signed = mlops(home, None, "transcript", "--to", out, "--name", "Ada L.", "--sign", own, "--json")
    assert json.loads(signed.stdout)["badges_signed_by"]["name"] == "Ada, by herself"

    badge = Path(out, "badges", "rollback.jwt")
    good = mlops(home, None, "transcript", "verify", str(badge), "--key", issuer)
    assert good.returncode == 0, good.stderr
    assert (
        "Holds: Bring the model before back in one step\nFor: Ada L.\nSigned by: Ada, by herself"
        in good.stdout
    )
    badge.with_name("edited.jwt").write_text(badge.read_text().replace(".ey", ".ez", 1))
    for words, says in (
        ([str(badge)], "proves nothing about who signed"),
        ([str(badge.with_name("edited.jwt")), "--key", issuer], "changed after it was signed"),
    ):
        bad = mlops(home, None, "transcript", "verify", *words)
        assert (bad.returncode, bad.stdout) == (1, "")
        assert bad.stderr.count("\n") == 1 and says in bad.stderr
    assert "is no badge" in one_line(mlops(home, None, "transcript", "verify", issuer))
    assert "is no issuer's public file" in one_line(
        mlops(home, None, "transcript", "verify", str(badge), "--key", str(badge))
    )
