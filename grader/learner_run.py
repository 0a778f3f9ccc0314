"""One run of a learner's notebook, or a bench for their files, on the learner's side of the boundary.

What comes from there is parsed as strict JSON and reduced to the shapes that we read.
"""

from __future__ import annotations

import base64
import threading
import time
from contextlib import ExitStack
from typing import Any

from grader import wire
from grader.checks import clip
from sandbox.engine import EndReason, Engine, Job, JobOver, JobSpec
from sandbox.errors import InfrastructureError

GRACE = 5.0  # seconds that the dispatcher's clock gives a question beyond its own


def _pack(files: dict[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(data).decode() for name, data in files.items()}


def start_message(
    notebook: dict[str, Any] | None,
    files: dict[str, bytes],
    parameters: dict[str, Any],
    *,
    git: bool = False,
    work: bytes = b"",
) -> bytes:
    """The first line a runner reads. Without a notebook it serves as a bench for `work`, an archive of files."""
    packed = base64.b64encode(work).decode()
    return wire.dumps(
        {"notebook": notebook, "files": _pack(files), "parameters": parameters, "git": git, "work": packed}
    )


_SAID = ("output", "processes", "disk")  # limits that the runner tells of; see grader.inside.guard
_REASONS = {EndReason.TIME: "time", EndReason.MEMORY: "memory", EndReason.OUTPUT: "output"}


def _reason(over: JobOver) -> str:
    """Why a learner's run is over. Raises InfrastructureError when that was not the learner's doing."""
    if over.end.reason is EndReason.LOST:
        raise InfrastructureError("the sandbox went away while it ran the notebook", "try again") from None
    return _REASONS.get(over.end.reason, "died")


class LearnerRun:
    """One run of the rebuilt notebook. Starts in a thread; the first question waits until it is ready.

    `patience` is how many times the time that a question allows it really gets.
    """

    def __init__(
        self, engine: Engine, spec: JobSpec, start: bytes, probes: str, patience: float = 1.0
    ) -> None:
        self._engine, self._spec, self._start, self._probes = engine, spec, start, probes
        self._patience = patience
        self._waited = False
        self._ready = threading.Event()
        self._stack = ExitStack()
        self._job: Job | None = None
        self._next_id = 0
        self._trouble: BaseException | None = None
        self._started = False
        self._closing = False
        self.git_head = ""
        self.lost = ""
        self.cells: list[dict[str, str]] = []
        self.executed: dict[str, Any] | None = None
        self.memory_mb = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._job = job = self._stack.enter_context(self._engine.job(self._spec))
            if self._closing:
                return
            job.send(self._start)
            self._until_ready(job)
            if not self.lost and self._trouble is None and self._probes:
                self.ask({"op": "probes", "source": self._probes, "seconds": 30}, wait=False)
        except JobOver as over:
            self._ended(over)
        except TimeoutError:
            self._limit("time")
        except ValueError:
            self._limit("output")
        except BaseException as error:  # noqa: BLE001  # raised again where it is waited for
            self._trouble = error
        finally:
            self._ready.set()
            if self._closing:
                self._stack.close()

    def _ended(self, over: JobOver) -> None:
        if not self._started:  # no learner code had run yet
            self._not_started((over.end.stderr_tail.strip().splitlines()[-1:] or [over.end.reason.value])[0])
            return
        try:
            self.lost = _reason(over)
        except InfrastructureError as error:
            self._trouble = error

    def _limit(self, name: str) -> None:
        if self._started:
            self.lost = name
        else:
            self._not_started(name)

    def _not_started(self, why: str) -> None:
        self._trouble = InfrastructureError(
            f"the sandbox could not start the notebook ({clip(why, 200)})", "run: mlops doctor"
        )

    def _until_ready(self, job: Job) -> None:
        deadline = time.monotonic() + self._spec.limits.seconds + GRACE
        while True:
            line = job.receive(max(0.1, deadline - time.monotonic()), wire.MAX_LINE)
            if not line.startswith(b"R "):
                continue
            message = _message(line)
            if "started" in message:  # said before any learner code runs, so it can be trusted, but only once
                if not self._started:
                    self.git_head = str(_part(message, "started").get("git_head", ""))
                self._started = True
            elif "ready" in message or "ended" in message:
                said = _part(message, "ended" if "ended" in message else "ready")
                self.cells, self.executed = _cells(said.get("cells")), _part(said, "notebook") or None
                self.memory_mb = _megabytes(said.get("memory_mb"))
                if "ended" in message and not self._started:
                    self._not_started(str(said.get("died")))
                elif "ended" in message:
                    self.lost = self._how_it_died(job, said)
                return

    @staticmethod
    def _how_it_died(job: Job, said: dict[str, Any]) -> str:
        """The kernel is a child of the runner: when it is killed for its memory, the runner lives on to say so.

        What the runner says of other limits is believed, since it can only end the run that says it.
        """
        end, why = job.stop(), said.get("died")
        if end.reason is EndReason.OUTPUT:  # the engine was ending it, and the kernel went first
            return "output"
        return str(why) if why in _SAID else "memory" if end.oom_killed else "died"

    def wait(self) -> None:
        """Wait until the run can answer, or is lost. Raises what went wrong on our side."""
        self._ready.wait()
        if self._trouble is not None:
            raise self._trouble

    @property
    def late(self) -> bool:
        """Whether it, or something that it was asked, did not come within its time."""
        return self._waited or self.lost == "time"

    def ask(self, question: dict[str, Any], wait: bool = True) -> dict[str, Any]:
        """Ask the run's kernel; return its answer as `grader.checks.Transport` says."""
        seconds = float(question.get("seconds", 60.0)) * self._patience
        answer = self._asked({**question, "seconds": seconds}, wait)
        self._waited |= _took_too_long(question, answer)
        return answer

    def _asked(self, question: dict[str, Any], wait: bool) -> dict[str, Any]:
        if wait:
            self.wait()
        if self.lost or self._job is None:
            return {"lost": self.lost or "died"}
        self._next_id += 1
        try:
            self._job.send(wire.dumps({"id": self._next_id, **question}))
            return self._answer(self._job, float(question["seconds"]) + GRACE)
        except JobOver as over:
            self.lost = _reason(over)
        except TimeoutError:
            self.lost = "time"
        except ValueError:  # a line too long, or no strict JSON
            self.lost = "output"
        return {"lost": self.lost}

    def _answer(self, job: Job, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            line = job.receive(left, wire.MAX_ANSWER)
            if line.startswith(b"R ") and "ended" in (message := _message(line)):
                self.lost = self._how_it_died(job, _part(message, "ended"))
                return {"lost": self.lost}
            if not line.startswith(b"K "):
                continue
            reply = _message(line)
            if not reply:
                return _raised("ValueError", "the answer is not strict JSON")
            if reply.get("id") == self._next_id:
                self.memory_mb = max(self.memory_mb, _megabytes(reply.get("memory_mb")))
                return _valid_answer(reply)

    def lost_a_child(self) -> bool:
        """Stop the run, which has answered everything; tell whether a process of it was killed for its memory."""
        return self._job is not None and not self.lost and self._job.stop().oom_killed

    def close(self) -> None:
        """Stop the job; nothing of it is left, also when it is only just being started."""
        self._closing = True
        if self._job is not None:
            self._job.stop()
        self._thread.join(timeout=30)
        self._stack.close()


def _took_too_long(question: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether an answer says that the time was too short. Waiting for a moment may be meant as that: it does not count."""
    if question.get("op") == "wait":
        return False
    raised, said = answer.get("raised"), answer.get("ok")
    if question.get("op") == "answers":
        return said is False
    return (isinstance(raised, dict) and raised.get("type") == "TimeoutError") or (
        isinstance(said, dict) and said.get("timed_out") is True
    )


def _message(line: bytes) -> dict[str, Any]:
    """A line's message; empty for whatever is none. Learner code can write to the channel too."""
    try:
        message = wire.loads(line[2:])
    except wire.WireError:
        return {}
    return message if isinstance(message, dict) else {}


def _part(message: dict[str, Any], key: str) -> dict[str, Any]:
    part = message.get(key)
    return part if isinstance(part, dict) else {}


def _cells(claimed: Any) -> list[dict[str, str]]:
    """The learner side's claim about its cells, reduced to the shape we read."""
    rows = claimed if isinstance(claimed, list) else []
    keys = ("id", "state", "error", "message")
    return [
        {key: clip(str(row.get(key, "")), 500) for key in keys} for row in rows[:500] if isinstance(row, dict)
    ]


def _megabytes(claimed: Any) -> int:
    """The learner side's claim about its memory, for a mentor's eyes; 0 for what cannot be one."""
    return claimed if isinstance(claimed, int) and 0 <= claimed < 2**20 else 0


def _raised(kind: str, message: str) -> dict[str, Any]:
    return {"raised": {"type": kind, "message": message}}


def _valid_answer(reply: dict[str, Any]) -> dict[str, Any]:
    if "ok" in reply:
        return {"ok": reply["ok"]}
    raised = reply.get("raised")
    if not isinstance(raised, dict):
        return _raised("ValueError", "the answer has no value")
    return {"raised": {key: clip(str(raised.get(key, "")), 1000) for key in ("type", "message")}}
