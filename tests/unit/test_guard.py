"""The runner's look at limits that end nothing by themselves."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest

from grader.inside import guard
from grader.inside.guard import Guard, is_full, refused_processes
from grader.learner_run import LearnerRun
from sandbox.engine import EndReason, JobEnd
from tests.unit.test_dispatch import STARTED, _run


@pytest.mark.parametrize("name", ["pids.events", "pids/pids.events"])
def test_refused_processes_are_counted_by_either_version(tmp_path: Path, name: str) -> None:
    (tmp_path / "pids").mkdir()
    (tmp_path / name).write_text("max 7\n")
    assert refused_processes(tmp_path) == 7


@pytest.mark.parametrize("text", [None, "", "max", "max x", "low 3"])
def test_a_system_that_does_not_tell(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "pids.events").write_text(text)
    assert refused_processes(tmp_path) == 0


def test_what_the_kernel_says_of_the_whole_machine_is_nobodys() -> None:
    assert refused_processes(None) == 0


def test_a_disk_with_room_is_not_full(tmp_path: Path) -> None:
    assert not is_full(tmp_path)


@pytest.mark.parametrize("hit", ["processes", "disk"])
def test_a_limit_is_told_once(hit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused, full = [0], [False]
    monkeypatch.setattr(guard, "refused_processes", lambda _cgroup: refused[0])
    monkeypatch.setattr(guard, "is_full", lambda _folder: full[0])
    told: queue.Queue[str] = queue.Queue()
    watching = Guard([tmp_path], tmp_path, told.put)
    assert watching.look() == ""
    assert not watching.told()
    refused[0], full[0] = int(hit == "processes"), hit == "disk"
    assert watching.told()
    assert told.get(timeout=5) == hit
    with pytest.raises(queue.Empty):
        told.get(timeout=0.6)


def _ended(why: str, end: JobEnd) -> LearnerRun:
    said = b'R {"ended": {"cells": [], "notebook": null, "died": "' + why.encode() + b'"}}'
    return _run(STARTED, said, end=end)


@pytest.mark.parametrize("why", ["output", "processes", "disk"])
def test_the_limit_that_the_runner_names_is_why_a_run_is_lost(why: str) -> None:
    assert _ended(why, JobEnd(EndReason.STOPPED, 137)).ask({"op": "call"}) == {"lost": why}


@pytest.mark.parametrize("why", ["", "graded", "time", "DeadKernelError"])
def test_no_other_word_of_the_runner_is_taken_over(why: str) -> None:
    assert _ended(why, JobEnd(EndReason.STOPPED, 137)).ask({"op": "call"}) == {"lost": "died"}


def test_a_child_killed_for_its_memory_is_noted_and_ends_nothing() -> None:
    ready = b'R {"ready": {"cells": [], "notebook": null}}'
    run = _run(STARTED, ready, end=JobEnd(EndReason.STOPPED, 137, oom_killed=True))
    run.wait()
    assert run.lost_a_child()
    assert not run.lost
