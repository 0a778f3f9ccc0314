"""What the commands share: an engine that keeps its promises, a lab's bundle, a graded submission."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import psutil

from grader import grade as grading
from grader import notebook
from grader.dispatch import Dispatcher
from grader.lab import Definition
from grader.release import Bundle, bundle
from grader.result import Result
from grader.work import pack
from mlops_labs import catalogue, corner, progress, workspace
from mlops_labs.home import Home, find_home
from sandbox import programs, services
from sandbox.engine import Engine, Progress
from sandbox.errors import DiskFull

EngineName = Literal["auto", "docker", "local"]


@dataclass(frozen=True)
class Session:
    """One command's surroundings."""

    home: Home
    engine_name: EngineName
    tell: Progress

    @cached_property
    def engine(self) -> Engine:
        """The engine that was asked for, or the best there is."""
        from sandbox.engines import find_engine

        return find_engine(self.home.platform, self.engine_name)

    def bundle(self, lab: str) -> Bundle:
        """The released lab of that name."""
        return bundle(catalogue.lab(lab), self.home.cache / "labs", self.tell)

    def ready_engine(self, definition: Definition) -> Engine:
        """The engine with the lab's image at hand and its promises checked: fit for untrusted work.

        Where nothing isolates there is no image either: what the lab works with must be on this machine.
        """
        engine = self.engine
        if not engine.isolates:
            _require(definition)
        engine.prepare(definition.image, self.tell)
        engine.check_promises(self.tell)
        return engine

    def submit(self, lab: str, *, public: bool = False) -> Result:
        """Grade the saved notebook of a lab; a graded attempt is recorded, a public check is not."""
        released = self.bundle(lab)
        work = workspace.find(self.home, lab)
        path = work / released.notebook_name
        submission = notebook.read(path)  # refuse what cannot be graded before anything is started
        if table := released.lab.definition.work:
            submission = replace(submission, work=pack(work, table, own=True))
        engine = self.ready_engine(released.lab.definition)
        self.tell(f"grading {lab} on {engine.name}: running your notebook from top to bottom")
        graded = grading.grade(engine, released, submission, public=public, at_once=True)
        if not public:
            self._record(lab, graded, submission)
        return graded.result

    def keep_warm(self, lab: str) -> None:
        """Have sandboxes ready for the next submission of a lab that this process serves, where there is room.

        Raises MlopsError.
        """
        released = self.bundle(lab)
        engine = self.ready_engine(released.lab.definition)
        dispatcher = Dispatcher(engine, released, "warm")
        dispatcher.at_once = True
        specs = dispatcher.sandboxes()
        if psutil.virtual_memory().available > sum(spec.limits.memory_mb for spec in specs) * 2**20:
            engine.keep_warm(specs)

    def _record(self, lab: str, graded: grading.Graded, submission: notebook.Submission) -> None:
        try:
            progress.record(self.home, graded, submission, workspace.read_hints_record(self.home, lab))
        except OSError as error:
            raise DiskFull(
                f"the result could not be kept under {self.home.platform} ({error.strerror})",
                "free some disk space and submit again; your notebook is unchanged",
            ) from None
        corner.tell_result(self.home, graded.result)


def _require(definition: Definition) -> None:
    for service in definition.services:
        services.find(service).require()
    for program in definition.programs:
        programs.require(program)


def open_session(engine: EngineName, tell: Progress, room: bool = True) -> Session:
    """A session in the learner's home; see `find_home` for `room`."""
    return Session(find_home(room), engine, tell)
