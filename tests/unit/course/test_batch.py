"""The batch without a sandbox: what is graded is made up, what is kept is real."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.course import batch as module
from grader.course.batch import Batch
from grader.course.collect import Found
from grader.course.folder import Course
from grader.course.ledger import Ledger
from grader.dispatch import AuthorError
from grader.grade import Graded
from grader.lab import find_labs
from grader.release import Bundle
from sandbox.errors import EngineUnavailable, InfrastructureError, UsageError

LAB = find_labs(Path(__file__).parents[2] / "labs")["tiny-sums"]
NOTEBOOK = json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


class FakeEngine:
    name, isolates = "docker", True
    digest = "lab:1"

    def __init__(self) -> None:
        self.prepared = 0
        self.abandoned = threading.Event()

    def image_digest(self, image: str) -> str:
        return self.digest

    def prepare(self, image: str, progress: object) -> None:
        self.prepared += 1

    def sweep(self) -> int:
        return 0

    def abandon(self) -> None:
        self.abandoned.set()


class Grader:
    """Stands in for `grade`: earns what the test says, or raises it."""

    def __init__(self, make_result: Any) -> None:
        self.make_result, self.calls, self.plan = make_result, 0, {}

    def __call__(self, engine: object, bundle: Bundle, submission: Any) -> Graded:
        self.calls += 1
        todo = self.plan.get(json.loads(submission.data)["metadata"].get("who"), [5])
        what = todo.pop(0) if len(todo) > 1 else todo[0]
        if isinstance(what, Exception):
            raise what
        audit = {"cells": []}
        return Graded(self.make_result(f"a{self.calls:04d}", what), audit, None)


@pytest.fixture
def grader(make_result: Any, monkeypatch: pytest.MonkeyPatch) -> Grader:
    made = Grader(make_result)
    monkeypatch.setattr(module, "grade", made)
    monkeypatch.setattr(module, "ENGINE_SECONDS", 0.0)
    return made


def handed_in(folder: Path, *who: str) -> list[Found]:
    found = []
    for one in who:
        path = folder / f"{one}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({**json.loads(NOTEBOOK), "metadata": {"who": one}}))
        found.append(Found(one, path))
    return found


@pytest.fixture
def batch(course: Course, ledger: Ledger) -> Batch:
    bundle = SimpleNamespace(lab=LAB, checks=(), practice=())
    return Batch(course, ledger, bundle, FakeEngine(), 2, lambda _line: None)  # type: ignore[arg-type]


def test_each_gets_one_verdict_and_the_second_run_does_nothing(
    batch: Batch, grader: Grader, tmp_path: Path
) -> None:
    grader.plan = {"bo": [0]}
    found = handed_in(tmp_path / "in", "ana", "bo", "cy")
    assert batch.run(found).line() == "3/3 ok=2 fail=1 error=0"
    assert batch.run(found).line() == "3/3 ok=0 fail=0 error=0 skipped=3"
    assert grader.calls == 3
    kept = sorted(path.name for path in batch.course.attempts.iterdir())
    assert len(kept) == 3
    files = {path.name for path in (batch.course.attempts / kept[0]).iterdir()}
    assert files == {"submission.ipynb", "result.json", "audit.ipynb"}
    assert list(batch.course.drafts.iterdir()) == []


def test_what_changed_is_graded_again_and_history_is_kept(
    batch: Batch, grader: Grader, tmp_path: Path
) -> None:
    batch.run(handed_in(tmp_path / "in", "ana", "bo"))
    (tmp_path / "in" / "ana.ipynb").write_text(NOTEBOOK)
    found = [Found("ana", tmp_path / "in" / "ana.ipynb"), Found("bo", tmp_path / "in" / "bo.ipynb")]
    assert batch.run(found).line() == "2/2 ok=1 fail=0 error=0 skipped=1"
    assert len(batch.ledger.history(LAB.id, "ana")) == 2
    batch.engine.digest = "lab:2"  # type: ignore[attr-defined]
    assert batch.run(found).ok == 2


def test_again_adds_a_round(batch: Batch, grader: Grader, tmp_path: Path) -> None:
    found = handed_in(tmp_path / "in", "ana")
    batch.run(found)
    batch.again = True
    assert batch.run(found).ok == 1
    assert [one.round for one in batch.ledger.history(LAB.id)] == [0, 1]


def test_what_cannot_be_read_is_one_row(batch: Batch, grader: Grader, tmp_path: Path) -> None:
    found = [
        Found("gone", None, "there is no notebook", "hand one in"),
        Found("link", tmp_path / "link"),
        *handed_in(tmp_path / "in", "ana"),
    ]
    (tmp_path / "link").symlink_to(tmp_path / "in" / "ana.ipynb")
    assert batch.run(found).line() == "3/3 ok=1 fail=2 error=0"
    assert batch.run(found).skipped == 3
    latest = batch.ledger.latest(LAB.id)
    assert {name: one.result.outcome.value for name, one in latest.items()} == {
        "gone": "rejected",
        "link": "rejected",
        "ana": "graded",
    }


def test_our_trouble_is_tried_again_then_told_and_never_a_mark(
    batch: Batch, grader: Grader, tmp_path: Path
) -> None:
    lost = InfrastructureError("the sandbox went away", "try again")
    grader.plan = {"once": [lost, 5], "always": [lost]}
    found = handed_in(tmp_path / "in", "once", "always", "ana")
    assert batch.run(found).line() == "3/3 ok=2 fail=0 error=1"
    assert batch.engine.prepared >= 3  # type: ignore[attr-defined]
    (trouble,) = batch.ledger.troubles(LAB.id)
    assert trouble.key.learner == "always"
    assert set(batch.ledger.latest(LAB.id)) == {"once", "ana"}
    grader.plan = {}
    assert batch.run(found).line() == "3/3 ok=1 fail=0 error=0 skipped=2"
    assert batch.ledger.troubles(LAB.id) == []


def test_a_broken_lab_is_not_tried_for_the_whole_class(batch: Batch, grader: Grader, tmp_path: Path) -> None:
    who = [f"n{number}" for number in range(40)]
    grader.plan = {one: [AuthorError("the checks broke", "tell the author")] for one in who}
    with pytest.raises(InfrastructureError, match="in a row could not be graded"):
        batch.run(handed_in(tmp_path / "in", *who))
    assert grader.calls < 12
    assert batch.ledger.latest(LAB.id) == {}


def test_an_engine_that_stays_away_is_trouble_not_a_verdict(
    batch: Batch, grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise EngineUnavailable("no engine answers", "start it")

    monkeypatch.setattr(batch.engine, "prepare", gone)
    grader.plan = {"ana": [EngineUnavailable("gone", "x")]}
    assert batch.run(handed_in(tmp_path / "in", "ana")).error == 1
    assert batch.ledger.latest(LAB.id) == {}


def test_without_isolation_nobody_elses_work_is_run(batch: Batch, grader: Grader, tmp_path: Path) -> None:
    batch.engine.isolates = False  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="without a container engine"):
        batch.run(handed_in(tmp_path / "in", "ana"))
    assert grader.calls == 0


def test_a_full_disk_is_trouble_and_leaves_no_half(
    batch: Batch, grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module, "_write", full)
        assert batch.run(handed_in(tmp_path / "in", "ana")).error == 1
    assert list(batch.course.attempts.iterdir()) == list(batch.course.drafts.iterdir()) == []
    assert "No space left" in batch.ledger.troubles(LAB.id)[0].message
    assert batch.run(handed_in(tmp_path / "in", "ana")).ok == 1


def test_what_a_dead_run_left_is_removed(batch: Batch, grader: Grader, tmp_path: Path) -> None:
    (batch.course.drafts / "file-0123").write_text("half")
    (batch.course.drafts / "a0001").mkdir()
    (batch.course.drafts / "link").symlink_to(tmp_path)
    (batch.course.attempts / "without-a-verdict").mkdir()
    batch.run(handed_in(tmp_path / "in", "ana"))
    assert list(batch.course.drafts.iterdir()) == []
    assert [path.name for path in batch.course.attempts.iterdir()] == ["a0001"]
    assert (tmp_path / "in").is_dir()


def test_interrupted_it_ends_at_once_and_what_was_running_gets_no_verdict(
    batch: Batch, grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(engine: FakeEngine, *rest: object) -> Graded:
        assert engine.abandoned.wait(20)  # as a job that is ended answers at once
        return grader(engine, *rest)

    first = handed_in(tmp_path / "in", "ana")
    batch.run(first)
    monkeypatch.setattr(module, "grade", slow)
    threading.Timer(0.3, lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        batch.run([*first, *handed_in(tmp_path / "in", "bo", "cy", "dee", "eve", "fay")])
    assert set(batch.ledger.latest(LAB.id)) == {"ana"}
    assert batch.ledger.troubles(LAB.id) == []


KILLED = """
import sys
from pathlib import Path
sys.path[:0] = {path!r}
from test_batch import *
from conftest import *
from grader.course.folder import open_course
import os, signal
course = open_course(Path({root!r}))
ledger = Ledger(course.ledger)
module.grade = Grader(build_result)
seen = []
def step(label):
    seen.append(label)
    if label == {label!r} and seen.count(label) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
bundle = SimpleNamespace(lab=LAB, checks=(), practice=())
with course.lock():
    Batch(course, ledger, bundle, FakeEngine(), 1, print, step=step).run(
        handed_in(Path({folder!r}), "ana", "bo", "cy"))
"""


@pytest.mark.parametrize("label", ["started", "graded", "half-written", "written", "in-place", "committed"])
def test_killed_at_any_step_the_next_run_finishes(
    batch: Batch, grader: Grader, tmp_path: Path, label: str
) -> None:
    here = Path(__file__).parent
    code = KILLED.format(
        path=[str(here), str(here.parents[2])],
        root=str(batch.course.root),
        folder=str(tmp_path / "in"),
        label=label,
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    before = {name: one.result.attempt for name, one in batch.ledger.latest(LAB.id).items()}
    assert len(before) == (2 if label == "committed" else 1)
    grader.calls = 100
    counts = batch.run(handed_in(tmp_path / "in", "ana", "bo", "cy"))
    assert counts.skipped == len(before)
    after = {name: one.result.attempt for name, one in batch.ledger.latest(LAB.id).items()}
    assert len(batch.ledger.history(LAB.id)) == len(after) == 3
    assert {name: after[name] for name in before} == before
    assert {path.name for path in batch.course.attempts.iterdir()} == set(after.values())
    assert list(batch.course.drafts.iterdir()) == []
