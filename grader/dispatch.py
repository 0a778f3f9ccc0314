"""Grades one attempt: starts the learner's runs and the checker, carries questions and answers between them.

Runs on the host. It parses nothing of the learner's but strict JSON, and takes as verdicts only reports of
the checker about checks that the lab declares.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from grader import wire
from grader.benches import BENCH
from grader.checks import clip
from grader.containers import IMAGE
from grader.image_run import ImageRun
from grader.learner_run import LearnerRun, start_message
from grader.notebook import parse
from grader.preload import Modules, modules, worthwhile
from grader.rebuild import Rebuilt, rebuild, with_answering_cell
from grader.release import Bundle, DeclaredCheck
from sandbox.engine import EndReason, Engine, Job, JobOver, JobSpec, Limits
from sandbox.errors import InfrastructureError

RUNNER = ("python", "-m", "grader.inside.runner")
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
