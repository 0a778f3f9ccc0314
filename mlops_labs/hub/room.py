"""A class at work: the course, the one lab it works at, and what each learner's stack is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.course.folder import open_course
from grader.release import Bundle
from mlops_labs import __version__, catalogue, corner, panel, workspace
from mlops_labs.hub.settings import HubSettings, Place, read_settings
from mlops_labs.session import Session, open_session
from sandbox import images
from sandbox.docker_api import Docker, connect
from sandbox.docker_hub import HubStack
from sandbox.docker_stack import HUB_SOCKET, Hub
from sandbox.engine import StackSpec
from sandbox.ownership import home_id

_COURSE, _LAB, _PORT = "MLOPS_HUB_COURSE", "MLOPS_HUB_LAB", "MLOPS_HUB_PORT"


@dataclass(frozen=True)
class Room:
    """What the process of the hub and the one that grades both know."""

    place: Place
    lab: str
    port: int
    session: Session  # the operator's: its engine grades, its home keeps what can be made again

    @cached_property
    def settings(self) -> HubSettings:
        """What `hub.toml` says."""
        return read_settings(self.place.course)

    @cached_property
    def bundle(self) -> Bundle:
        """The released lab."""
        return self.session.bundle(self.lab)

    @cached_property
    def docker(self) -> Docker:
        """The engine that runs the stacks."""
        return connect()

    @property
    def id(self) -> str:
        """What tells this class's stacks from others."""
        return home_id(self.place.root)

    @property
    def image(self) -> str:
        """The catalogue's name of the image of the learners' stacks."""
        return images.for_hub(self.bundle.lab.definition.image)

    @property
    def socket(self) -> Path:
        """Where the hub's API listens for the learners' servers."""
        return self.place.sockets / HUB_SOCKET

    def environment(self) -> dict[str, str]:
        """Return the variables that `room_of_environment` makes the same room of."""
        root = str(self.place.course.root)
        home = {"MLOPS_HOME": str(self.session.home.root)}
        return {_COURSE: root, _LAB: self.lab, _PORT: str(self.port), **home}

    def stack(self, learner: str) -> HubStack:
        """The stack of a learner."""
        return HubStack(self.docker, self.place.home(learner).platform, self.lab)

    def create(self, learner: str, env: Mapping[str, str]) -> str:
        """Lay out a learner's work where it is missing, and create their stack; return JupyterLab's container.

        Takes up to some seconds. Raises MlopsError.
        """
        home = self.place.home(learner)
        definition = self.bundle.lab.definition
        work = workspace.prepare(home, self.bundle, catalogue.lesson(self.lab))
        corner.tell_standing(home, self.lab)
        spec = StackSpec(
            lab=self.lab,
            title=definition.title,
            image=self.image,
            work=work,
            store=home.store(self.lab),
            notebook=self.bundle.notebook_name,
            services=tuple(definition.services),
            extension=panel.__name__,
            version=f"{__version__}-{self.bundle.lab.version}",
            env=env,
        )
        spec.store.mkdir(parents=True, exist_ok=True)
        hub = Hub(self.place.sockets, {"class": self.id, "learner": learner})
        return self.stack(learner).create(spec, images.image_tag(self.image), hub)


def room_of_environment() -> Room:
    """Return the room that the process that started this one is in."""
    session = open_session("docker", lambda _line: None)
    place = Place(open_course(Path(os.environ[_COURSE])))
    return Room(place, os.environ[_LAB], int(os.environ[_PORT]), session)
