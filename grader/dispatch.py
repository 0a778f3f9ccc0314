"""Grades one attempt: starts the learner's runs and the checker, carries questions and answers between them.

Runs on the host. It parses nothing of the learner's but strict JSON, and takes as verdicts only reports of
the checker about checks that the lab declares.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from grader import wire
from grader.benches import BENCH
from grader.checks import clip
from grader.containers import IMAGE
from grader.image_run import ImageRun
from grader.notebook import parse
from grader.preload import Modules, modules, worthwhile
from grader.rebuild import Rebuilt, rebuild, with_answering_cell
from grader.release import Bundle, DeclaredCheck
from sandbox.engine import EndReason, Engine, Job, JobOver, JobSpec, Limits
from sandbox.errors import InfrastructureError

RUNNER = ("python", "-m", "grader.inside.runner")
GRACE = 5.0  # seconds that the dispatcher's clock gives a question beyond its own
# One thread for each numerical library: runs share the cores, and results must not depend on how many.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
RECORD = "MLOPS_RECORD"  # set for a runner that shall tell what it imported
CHECKER_LIMITS = Limits(seconds=1800, memory_mb=2048, cpus=1.0, processes=256, disk_mb=256)


class AuthorError(InfrastructureError):
    """The lab's own checks broke or stayed silent: the lab's fault, never the learner's."""


@dataclass
class Grading:
    """What came out of running an attempt, before it is scored."""

    reports: dict[str, dict[str, str]] = field(default_factory=dict)  # check id -> the checker's report
    lost: str = ""  # why the main run cannot answer: time, memory, output, processes, disk, died; "": it can
    child_killed: bool = False  # a process of the main run was killed for its memory, and the run went on
    cells: list[dict[str, str]] = field(default_factory=list)  # of the main run; the learner side's claim
    executed: dict[str, Any] | None = None  # the main run's notebook; untrusted
    memory_mb: int = 0  # most that the main run used, as its own sandbox says; 0: not known
    late: bool = False  # something did not end or answer within its time
    audit: dict[str, Any] | None = None  # the executed checks
    # What the runner, the learner's run and the checker imported, where it was recorded.
    modules: dict[str, list[str]] = field(default_factory=dict)


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


class Runs(dict[str, "LearnerRun | ImageRun"]):
    """The attempt's runs by name; images of the work are asked alike. A further run is started when it is first asked: most wrong work, and so
    most of a class's first tries, never gets that far."""

    def __init__(self, start: Callable[[str], LearnerRun | ImageRun]) -> None:
        super().__init__()
        self._start = start

    @property
    def main(self) -> LearnerRun | None:
        """The main run, None where the notebook is not run."""
        found = self.get("main")
        return found if isinstance(found, LearnerRun) else None

    def __missing__(self, name: str) -> LearnerRun | ImageRun:
        self[name] = run = self._start(name)
        return run


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


def _checks_notebook(checks: Sequence[DeclaredCheck], more: Sequence[str] = ()) -> dict[str, Any]:
    """The audit notebook before it is run: one cell a check, then those of `more`."""

    def cell(number: int, source: str) -> dict[str, Any]:
        return {
            "cell_type": "code",
            "id": f"check-{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }

    cells = [cell(0, "from grader.checking import Session\n\nsession = Session()")]
    cells += [cell(n, f"# {check.title}\nsession.run({check.id!r})") for n, check in enumerate(checks, 1)]
    cells += [cell(n, source) for n, source in enumerate(more, len(cells))]
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    metadata = {"kernelspec": kernelspec, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


class Dispatcher:
    """One attempt on one engine.

    Args:
        engine: where to run.
        bundle: the lab.
        attempt: short, for labels.
        public: run the practice checks.
        patience: how many times the time that the lab allows everything gets: more than one on a busy machine.

    `at_once` has further runs of the notebook begin with the first, for somebody who waits for the verdict; else each
    begins when it is first asked.
    """

    at_once = False
    _env: Mapping[str, str] = THREADS

    def __init__(
        self, engine: Engine, bundle: Bundle, attempt: str, public: bool = False, patience: float = 1.0
    ) -> None:
        self._engine = engine
        self._bundle = bundle
        self._attempt = attempt
        self._declared = bundle.practice if public else bundle.checks
        self._public = public
        self._patience = patience
        self._preload: Modules | None = None

    def grade(self, rebuilt: Rebuilt, work: bytes = b"") -> Grading:
        """Run the rebuilt notebook and every declared check.

        A notebook that answers nothing is not run unless a check asks it something.

        Args:
            rebuilt: the notebook.
            work: the archive of what was handed in beside it.

        Raises:
            InfrastructureError: our side failed; nothing may be concluded about the work.
            AuthorError: the checks themselves could not be run.
        """
        self._preload = self._find_preload()
        with ExitStack() as stack:
            runs = Runs(lambda name: self._start_run(name, rebuilt, work, stack))
            if rebuilt.task_of:
                for name in ("main", *self._further_runs):
                    _ = runs[name]
            checker = stack.enter_context(self._engine.job(self._checker_spec()))
            grading = Grading()
            try:
                checker.send(self._checker_start())
                self._serve(checker, runs, rebuilt, grading)
            except JobOver as over:
                raise self._checker_over(over) from None
            except TimeoutError:
                raise AuthorError(
                    f"the checks of {self._bundle.lab.id} took too long", "tell the lab's author"
                ) from None
            except ValueError as error:  # too long a line, or no strict JSON
                raise AuthorError(
                    f"the checks of {self._bundle.lab.id} sent what cannot be read ({error})",
                    "tell the lab's author: do not send an answer back as it came",
                ) from None
            self._look_back(grading, runs)
            self._take_main(grading, runs)
            return grading

    def _find_preload(self) -> Modules | None:
        return modules(self._engine, self._bundle, lambda: Recorder(self._engine, self._bundle).modules())

    def _look_back(self, grading: Grading, runs: Runs) -> None:
        """What is wanted of the runs when the checks are over."""

    @staticmethod
    def _take_main(grading: Grading, runs: Runs) -> None:
        grading.memory_mb = max((run.memory_mb for run in runs.values()), default=0)
        grading.late = any(run.late for run in runs.values())
        if main := runs.main:
            grading.lost, grading.cells, grading.executed = main.lost, main.cells, main.executed
            grading.child_killed = main.lost_a_child()

    def _checker_over(self, over: JobOver) -> InfrastructureError:
        if over.end.reason is EndReason.LOST:
            return InfrastructureError("the sandbox of the checks went away", "try again")
        last = over.end.stderr_tail.strip().splitlines()[-1:] or ["no word"]
        return AuthorError(
            f"the checks of {self._bundle.lab.id} ended early ({over.end.reason.value}: {last[0][:200]})",
            f"tell the lab's author; run: mlops lab validate {self._bundle.lab.id}",
        )

    @property
    def _limits(self) -> Limits:
        limits = self._bundle.lab.definition.limits.limits()
        return replace(limits, seconds=limits.seconds * self._patience)

    def _spec(
        self, name: str, limits: Limits, beside: str = "", preload: tuple[str, ...] | None = None
    ) -> JobSpec:
        image = self._bundle.lab.definition.image
        return JobSpec(f"{self._attempt}-{name}", image, RUNNER, limits, self._env, beside, preload)

    def _run_spec(self, name: str) -> JobSpec:
        preload = None if self._preload is None else self._preload.learner
        return self._spec(name, self._limits, preload=preload)

    def _checker_spec(self) -> JobSpec:
        preload = None if self._preload is None else self._preload.checker
        return self._spec("checker", CHECKER_LIMITS, preload=preload)

    @property
    def _further_runs(self) -> tuple[str, ...]:
        return tuple(run.id for run in self._bundle.lab.definition.runs) if self.at_once else ()

    def sandboxes(self) -> list[JobSpec]:
        """Return the jobs that a grading begins with, to be kept warm. Raises what `grade` raises."""
        self._preload = self._find_preload()
        answered_in_cells = any(not (task.written or task.paths) for task in self._bundle.lab.tasks)
        runs = ("main", *self._further_runs) if answered_in_cells else ()
        return [*(self._run_spec(name) for name in runs), self._checker_spec()]

    def _start_bench(self, name: str, work: bytes, stack: ExitStack, beside: str = "") -> LearnerRun:
        limits = self._limits
        files = {} if beside else self._bundle.work_files(graded=False)
        message = start_message(None, files, {}, work=b"" if beside else work)
        run = LearnerRun(self._engine, self._spec(name, limits, beside), message, "", self._patience)
        stack.callback(run.close)
        return run

    def _start_run(self, name: str, rebuilt: Rebuilt, work: bytes, stack: ExitStack) -> LearnerRun | ImageRun:
        definition = self._bundle.lab.definition
        if name.startswith(BENCH):
            return self._start_bench(name, work, stack)
        if name.startswith(IMAGE):
            image = ImageRun(
                self._engine,
                f"{self._attempt}-{name}",
                definition.image,
                self._limits,
                lambda beside: self._start_bench(f"{name}-bench", work, stack, beside),
            )
            stack.callback(image.close)
            return image
        parameters = next((dict(run.parameters) for run in definition.runs if run.id == name), {})
        notebook = with_answering_cell(rebuilt.notebook)
        files = self._bundle.work_files(graded=name != "main")
        message = start_message(notebook, files, parameters, git=definition.git, work=work)
        run = LearnerRun(self._engine, self._run_spec(name), message, self._bundle.probes, self._patience)
        stack.callback(run.close)
        return run

    def _checker_start(self) -> bytes:
        files = self._bundle.checker_files(self._public)
        return start_message(self._audit_notebook(), files, {})

    def _audit_notebook(self) -> dict[str, Any]:
        return _checks_notebook(self._declared)

    def _serve(self, checker: Job, runs: Runs, rebuilt: Rebuilt, grading: Grading) -> None:
        """Carry the checker's questions until its notebook has ended."""
        opened = False
        while True:
            line = checker.receive(CHECKER_LIMITS.seconds, wire.MAX_LINE)
            message = wire.loads(line[2:])
            if line.startswith(b"R "):
                if "ended" in message:
                    self._checks_ended(message["ended"], opened)
                    grading.audit = message["ended"]["notebook"]
                    grading.modules["runner"] = message["ended"].get("modules", [])
                    return
                continue
            if "modules" in message:
                grading.modules["checker"] = message["modules"]
            elif "report" in message:
                report = message["report"]
                grading.reports[str(report["check"])] = report
            elif "open" in message:
                opened = True
                head = ""
                if main := runs.main:
                    main.wait()
                    grading.lost, head = main.lost, main.git_head
                opening = {
                    "runs": [run.id for run in self._bundle.lab.definition.runs],
                    "git_head": head,
                    "seed": secrets.randbelow(2**31),
                    "not_attempted": list(rebuilt.not_attempted),
                    "public": self._public,
                    "builds_images": self._engine.isolates,
                }
                checker.send(wire.dumps({"id": message["id"], **opening}))
            elif "close" in message:
                if message["close"] in runs:
                    runs[message["close"]].close()
            elif "ask" in message:
                asked = message["ask"]
                answer = runs[asked["run"]].ask(asked["question"])
                checker.send(wire.dumps({"id": message["id"], "answer": answer}))

    def _checks_ended(self, ended: dict[str, Any], opened: bool) -> None:
        """Raise for an end of the checks that says nothing about the work: they never began, or their kernel died."""
        if not opened:
            raise InfrastructureError(
                f"the checks could not be started ({clip(str(ended['died'] or 'no kernel'), 200)})",
                "try again",
            )
        if ended["died"]:
            raise AuthorError(
                f"the checks of {self._bundle.lab.id} ended early ({clip(str(ended['died']), 200)})",
                f"tell the lab's author; run: mlops lab validate {self._bundle.lab.id}",
            )


class Recorder(Dispatcher):
    """Grades a lab's reference to find out what it and the checks import.

    Of a lab whose work is files no check is run: their commands are processes of their own.
    """

    _env: Mapping[str, str] = {**THREADS, RECORD: "1"}

    def __init__(self, engine: Engine, bundle: Bundle) -> None:
        super().__init__(engine, bundle, f"record-{secrets.token_hex(4)}")
        if bundle.lab.definition.work is not None:
            self._declared = ()

    def _find_preload(self) -> Modules | None:
        return None

    def _audit_notebook(self) -> dict[str, Any]:
        return _checks_notebook(self._declared, ["session.tell_modules()"])

    def _look_back(self, grading: Grading, runs: Runs) -> None:
        if main := runs.main:
            grading.modules["learner"] = main.ask({"op": "modules"}).get("ok") or []

    def modules(self) -> Modules:
        """Return what was imported, by the runner too. Raises InfrastructureError, or AuthorError for broken checks."""
        reference = parse(json.dumps(self._bundle.reference).encode())
        found = self.grade(rebuild(reference, self._bundle.master, self._bundle.lab.id)).modules
        learner, checker = (
            worthwhile(dict.fromkeys([*found.get("runner", []), *found.get(side, [])]))
            for side in ("learner", "checker")
        )
        return Modules(learner, checker)
