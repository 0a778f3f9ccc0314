"""Who of a class is at work now: each has somebody outside of their stack who grades what they submit."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import cached_property

from grader import notebook
from grader.course.budget import find_budget
from grader.release import Bundle
from grader.result import Result
from grader.work import pack
from mlops_labs import workspace
from mlops_labs.hub.hand_in import hand_in
from mlops_labs.hub.room import Room
from mlops_labs.session import Session
from mlops_labs.supervise import Supervisor
from sandbox.docker_hub import running
from sandbox.engine import Engine
from sandbox.errors import DiskFull


@dataclass(frozen=True)
class Seat(Session):
    """A learner's session: in a home of their own, on the class's engine, and handed in when it is graded."""

    room: Room
    learner: str  # opaque id
    turn: threading.Semaphore  # so many gradings at once

    @cached_property
    def engine(self) -> Engine:
        """The class's."""
        return self.room.session.engine

    def bundle(self, lab: str) -> Bundle:
        """The lab that the class works at."""
        assert lab == self.room.lab
        return self.room.bundle

    def submit(self, lab: str, *, public: bool = False) -> Result:
        """Hand in, then grade: what is in the folder counts, also where the verdict never comes."""
        if not public:
            self._hand_in(lab)
        with self.turn:
            return super().submit(lab, public=public)

    def _hand_in(self, lab: str) -> None:
        released, work = self.bundle(lab), workspace.find(self.home, lab)
        submission = notebook.read(work / released.notebook_name)
        if table := released.lab.definition.work:
            submission = replace(submission, work=pack(work, table, own=True))
        try:
            folder, hints = self.room.place.handed_in(lab), workspace.read_hints_record(self.home, lab)
            hand_in(folder, lab, self.learner, submission, hints)
        except OSError as error:
            raise DiskFull(
                f"your work could not be handed in ({error.strerror})", "tell your mentor, then submit again"
            ) from None


class Seats:
    """Serves the mailboxes of those whose stack runs."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._turn = threading.Semaphore(find_budget().gradings(room.bundle.lab.definition))
        self._over: dict[str, threading.Event] = {}

    def step(self) -> None:
        """Look who came and who went. Raises InfrastructureError while the engine does not answer."""
        here = running(self._room.docker, "class", self._room.id)
        for learner in here - self._over.keys():
            self._over[learner] = threading.Event()
            arguments = (learner, self._over[learner])
            threading.Thread(target=self._serve, args=arguments, name=learner, daemon=True).start()
        for learner in self._over.keys() - here:
            self._over.pop(learner).set()

    def _serve(self, learner: str, over: threading.Event) -> None:
        home = self._room.place.home(learner)
        session = self._room.session
        seat = Seat(home, session.engine_name, session.tell, self._room, learner, self._turn)
        supervisor = Supervisor(seat, self._room.lab)
        try:
            while not over.is_set():
                supervisor.step_safely()
                supervisor.wait()
        finally:
            supervisor.close()
