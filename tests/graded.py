"""Makes graded classes without an engine, with friendly or hostile words wherever a learner has a say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from grader.course.folder import Course, create_course
from grader.course.ledger import Key, Ledger
from grader.course.roster import Learner, Roster, clean, save_roster
from grader.lab import load_lab
from grader.release import Bundle
from grader.result import CheckResult, Fault, Outcome, Result, State, TaskResult

LAB = "tiny-sums"
AWAY = "http://away.invalid"  # where payloads would call
CANARY = "window.pwned=1"

PAYLOADS = [
    f"<script>{CANARY};alert(1)</script>",
    f'<svg onload="{CANARY}"><image href="{AWAY}/svg.png"/></svg>',
    f'<img src=x onerror="{CANARY}"><img src="{AWAY}/img.png">',
    f'<a href="javascript:{CANARY}">look here</a>',
    f"[look](javascript:{CANARY}) ![seen]({AWAY}/markdown.png)",
    f"<style>*{{background:url({AWAY}/style.png)}}</style>",
    f'</style><style>@import "{AWAY}/import.css";</style>',
    f"</title></head><body><script>{CANARY}</script>",
    f'<meta http-equiv="refresh" content="0;url={AWAY}/refresh">',
    f'<iframe srcdoc="<script>parent.{CANARY}</script>" src="{AWAY}/frame"></iframe>',
    f'<base href="{AWAY}/"><link rel="stylesheet" href="{AWAY}/link.css"><object data="{AWAY}/object"></object>',
    f'<details open ontoggle="{CANARY}"><input autofocus onfocus="{CANARY}">',
    f"\"><script>{CANARY}</script>' onmouseover='{CANARY}",
    f"--><script>{CANARY}</script>]]><script>{CANARY}</script></pre></textarea><script>{CANARY}</script>",
    "{{ 7*7 }}{% raw %}{{ cycler.__init__.__globals__ }}",
    "=cmd|' /C calc'!A0",
    "\u202ecod.exe\u202c and \u2066more\u2069",
    "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "a\x00b\x08c\rd",
    "a" + "\u0301" * 40 + "\u200b",
]


@dataclass(frozen=True)
class Class:
    """A graded class."""

    course: Course
    ledger: Ledger
    roster: Roster
    bundle: Bundle

    def opaque(self, learner: str) -> str:
        return self.roster.opaque(learner)


def result(
    attempt: str,
    states: tuple[str, str] = ("pass", "pass"),
    *,
    outcome: Outcome = Outcome.GRADED,
    saw: str = "a sum that is off",
    help: str = "Return a + b for any numbers.",
    message: str = "",
    notes: tuple[str, ...] = (),
    submission: str = "s1",
    version: str = "v1",
    minute: int = 0,
    seconds: float = 6.0,
) -> Result:
    """A result of two tasks: `t1` of 2 + 1 points, `t2` of 2."""
    tasks = []
    for task, title, points, state in (("t1", "Add", (2, 1), states[0]), ("t2", "Double", (2,), states[1])):
        checks = tuple(
            CheckResult(
                id=f"{task}/check{n}",
                title=f"check {n} of {task}",
                state=state,
                points=most,
                earned=most if state == "pass" else 0,
                saw=saw if state == "fail" else "",
                help=help if state == "fail" else "",
            )
            for n, most in enumerate(points)
        )
        earned = sum(check.earned for check in checks)
        tasks.append(
            TaskResult(id=task, title=title, state=state, points=sum(points), earned=earned, checks=checks)
        )
    broken = "error" in states
    return Result(
        lab=LAB,
        lab_title="Tiny sums",
        lab_number=1,
        lab_version=version,
        attempt=attempt,
        submission=submission,
        engine="" if outcome is Outcome.REJECTED else "docker",
        outcome=outcome,
        fault=Fault.AUTHOR if broken else Fault.NONE if states == ("pass", "pass") else Fault.LEARNER,
        message=message,
        points=5,
        earned=sum(task.earned for task in tasks),
        tasks=tuple(tasks),
        notes=notes,
        seconds=seconds,
        memory_mb=90,
        finished=datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(minutes=minute),
    )


def graded(lab: str, attempt: str, minute: int = 0, public: bool = False, **states: State) -> Result:
    """A result of any lab: task -> state."""
    tasks = tuple(
        TaskResult(
            id=task,
            title=f"Task {task}",
            state=state,
            points=1,
            earned=int(state == "pass"),
            checks=(
                CheckResult(id=f"{task}/a", title="A", state=state, points=1, earned=int(state == "pass")),
            ),
        )
        for task, state in states.items()
    )
    return Result(
        lab=lab,
        lab_title="One",
        lab_number=1,
        lab_version="v",
        attempt=attempt,
        submission="0" * 64,
        engine="local",
        public=public,
        outcome=Outcome.GRADED,
        fault=Fault.NONE,
        points=len(tasks),
        earned=sum(task.earned for task in tasks),
        tasks=tasks,
        finished=datetime(2026, 3, 1, 10, minute, tzinfo=UTC),
    )


def empty_class(root: Path, learners: list[Learner], *, closed: bool = True) -> Class:
    """A class of these, who have handed in nothing."""
    course = create_course(root)
    roster = Roster(course.key, learners, closed=closed)
    save_roster(course.roster, roster)
    lab = load_lab(Path(__file__).parent / "labs" / LAB)
    return Class(course, Ledger(course.ledger), roster, Bundle(lab, root))


def hand_in(one: Class, learner: str, made: Result, notebooks: dict[str, Any] | None = None) -> None:
    """Keep a verdict with its folder, as the batch does."""
    key = Key(one.opaque(learner), LAB, made.submission, made.lab_version, "lab:1")
    folder = one.course.attempts / made.attempt
    folder.mkdir()
    (folder / "result.json").write_text(made.model_dump_json())
    for name, content in (notebooks or {}).items():
        (folder / name).write_text(json.dumps(content))
    assert one.ledger.commit(key, made, one.ledger.next_round(key))


def hostile_notebook(payload: str) -> dict[str, Any]:
    """A notebook with a payload in everything that can hold text."""
    data = {"text/plain": payload, "text/html": payload, "image/svg+xml": payload, payload: payload}
    outputs = [
        {"output_type": "stream", "name": payload, "text": [payload, "\ud800"]},
        {"output_type": "display_data", "data": data, "metadata": {"tags": [payload]}},
        {"output_type": "error", "ename": payload, "evalue": payload, "traceback": [payload]},
        {"output_type": "error", "ename": payload, "evalue": payload, "traceback": []},
        {"output_type": payload, "data": payload},
        payload,
    ]
    code = {"cell_type": "code", "source": payload, "outputs": outputs, "metadata": {"tags": [payload]}}
    return {"cells": [code, {"cell_type": payload, "source": [payload, 7]}, payload, {"outputs": payload}]}


def hostile_class(root: Path) -> Class:
    """A class in which each learner has another payload in everything they have a say in."""
    people = [
        Learner(id=f"s{n:02}", name=clean(f"{n} {payload}"), email=f"s{n}@example.org")
        for n, payload in enumerate(PAYLOADS)
    ]
    one = empty_class(root, people)
    for n, payload in enumerate(PAYLOADS):
        outcome = Outcome.GRADED if n % 2 else Outcome.MEMORY
        texts = {"saw": f"saw {payload}", "help": f"help {payload}", "message": f"message {payload}"}
        made = result(f"a{n}", ("fail", "blocked"), outcome=outcome, notes=(f"note {payload}",), **texts)
        hand_in(
            one,
            f"s{n:02}",
            made,
            {"audit.ipynb": hostile_notebook(payload), "executed.ipynb": hostile_notebook(payload)},
        )
        other = Key(one.opaque(f"s{n:02}"), LAB, "s2", "v1", "lab:1")
        one.ledger.note_trouble(other, f"trouble {payload}", made.finished)
    return one
