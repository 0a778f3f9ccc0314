"""The checker's kernel: asks the learner's side through the channel and reports each check's verdict.

papermill executes one cell a check, `session.run("t1/name")`; what the cell shows is the audit trail.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from grader import wire
from grader.benches import BENCH
from grader.checks import Answer, Attempt, Question, load_checks, run_check
from grader.containers import IMAGE

_WRAPPED = 10  # levels and values that the dispatcher puts around an answer


class Channel:
    """The socket to the dispatcher, by way of the runner."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(os.environ["MLOPS_CHANNEL"])
        self._stream = self._socket.makefile("rwb")
        self._next_id = 0

    def tell(self, message: dict[str, Any]) -> None:
        """Send one message that wants no reply."""
        self._stream.write(wire.dumps(message) + b"\n")
        self._stream.flush()

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send one message and wait for its reply. Raises ConnectionError when the dispatcher is gone."""
        self._next_id += 1
        self.tell({"id": self._next_id, **message})
        reply = wire.loads(self._stream.readline() or b"null", room=_WRAPPED)
        if not isinstance(reply, dict) or reply.get("id") != self._next_id:
            raise ConnectionError("the dispatcher did not reply")
        return reply


class Remote:
    """Transport to one of the learner's runs; keeps a transcript for the audit."""

    def __init__(self, channel: Channel, run: str) -> None:
        self._channel = channel
        self._run = run
        self.transcript: list[tuple[Question, Answer, float]] = []

    def ask(self, question: Question) -> Answer:
        """Ask one question of that run."""
        started = time.monotonic()
        reply = self._channel.ask({"ask": {"run": self._run, "question": question}})
        answer: Answer = reply["answer"]
        self.transcript.append((question, answer, time.monotonic() - started))
        return answer


class Session:
    """One grading's checks."""

    def __init__(self) -> None:
        channel = Channel()
        channel.tell({"hello": True})
        opening = channel.ask({"open": True})
        self._channel = channel
        self._checks = {declared.id: declared for declared in load_checks(Path("checks.py"))}
        self._states: dict[str, str] = {}
        self._ended: set[str] = set()
        self._not_attempted = set(opening["not_attempted"])
        self._remotes = {name: Remote(channel, name) for name in ["main", *opening["runs"]]}
        data, seed = Path("data_for_checks").resolve(), int(opening["seed"])
        discreet = not opening["public"]
        further = {
            name: Attempt(remote, data, seed, discreet=discreet)
            for name, remote in self._remotes.items()
            if name != "main"
        }
        self._benches: dict[str, Remote] = {}
        self._attempt = Attempt(
            self._remotes["main"],
            data,
            seed,
            git_head=opening["git_head"],
            runs=further,
            benches=self._bench,
            images=self._image if opening["builds_images"] else None,
            discreet=discreet,
        )

    def _bench(self, name: str) -> Remote:
        """The bench of that name; without one a new one, which ends with the check that it is for."""
        run = f"{BENCH}{name}" if name else f"{BENCH}{len(self._benches)}-new"
        if run not in self._benches:
            self._benches[run] = Remote(self._channel, run)
        return self._benches[run]

    def _image(self, folder: str) -> Remote:
        """The image of that folder; its transcript is shown with the benches'."""
        return self._benches.setdefault(f"{IMAGE}{folder}", Remote(self._channel, f"{IMAGE}{folder}"))

    def _end_benches(self) -> None:
        for run in self._benches:
            if run.endswith("-new") and run not in self._ended:
                self._channel.tell({"close": run})
                self._ended.add(run)

    def tell_modules(self) -> None:
        """Tell the dispatcher what this kernel has imported by now."""
        self._channel.tell({"modules": list(sys.modules)})

    def run(self, check_id: str) -> None:
        """Run one check, report it to the dispatcher and show what was asked and answered."""
        declared = self._checks[check_id]
        for remote in (self._remotes | self._benches).values():
            remote.transcript.clear()
        if declared.task in self._not_attempted:
            report = {"check": check_id, "state": "not_attempted", "saw": "", "help": ""}
            self._states[check_id] = "not_attempted"
        else:
            report = run_check(declared, self._attempt, self._states, list(self._checks.values()))
        self._channel.tell({"report": report})
        self._end_benches()
        print(f"{report['state'].upper()}  {declared.title}")  # noqa: T201  # the audit notebook is read by people
        if report["saw"]:
            print(f"  saw: {report['saw']}")  # noqa: T201
        for name, remote in (self._remotes | self._benches).items():
            for question, answer, seconds in remote.transcript:
                print(f"  [{name}] {_short(question)} -> {_short(answer)}  ({seconds:.2f} s)")  # noqa: T201


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:200]} … {text[-80:]} ({len(text)} characters)"
