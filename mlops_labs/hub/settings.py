"""Where a class's hub keeps things in the course folder, and what the operator chose for it.

<course>/hub.toml                          what the operator chose; may be missing
<course>/hub/learners/<opaque id>/         a learner's home: their work, `.platform` with history and services' data
<course>/hub/handed-in/<lab>/<opaque id>/  what they submitted last: the folder for `mlops grade run`
<course>/hub/state/                        the hub's own: its database, secrets, log and sockets
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from grader.course.folder import Course
from grader.written import Frozen, explain
from mlops_labs.home import Home
from sandbox.errors import UsageError

_LEAST_IDLE = 15


class HubSettings(Frozen):
    """What `hub.toml` says."""

    host: str = "127.0.0.1"  # the address to listen on
    port: int = Field(default=8000, ge=1, le=65535)
    idle_minutes: int = 60  # a stack without activity is stopped after that; 0: never
    code_series: int = Field(default=1, ge=1)  # another number makes every learner's code another one
    extra: str = ""  # a jupyterhub_config.py of the operator's own, beside hub.toml; it has the last word

    @field_validator("idle_minutes")
    @classmethod
    def _told_in_time(cls, minutes: int) -> int:
        if minutes != 0 and minutes < _LEAST_IDLE:
            # Servers tell of activity every five minutes: less would stop who is at work.
            raise ValueError(f"must be 0 or at least {_LEAST_IDLE}")
        return minutes


@dataclass(frozen=True)
class Place:
    """A course's folders of its hub."""

    course: Course

    @property
    def root(self) -> Path:
        """Everything of the hub; only its owner reads it."""
        return self.course.root / "hub"

    @property
    def learners(self) -> Path:
        """Folder of the learners' homes."""
        return self.root / "learners"

    @property
    def state(self) -> Path:
        """The hub's own files."""
        return self.root / "state"

    @property
    def sockets(self) -> Path:
        """The folder that each ingress sees."""
        return self.state / "sockets"

    @property
    def log(self) -> Path:
        """What the hub and its proxy say."""
        return self.state / "hub.log"

    def home(self, learner: str) -> Home:
        """The home of a learner, by their opaque id."""
        return Home(self.learners / learner)

    def handed_in(self, lab: str) -> Path:
        """The folder that `mlops grade run` takes."""
        return self.root / "handed-in" / lab

    def make(self, lab: str) -> None:
        """Make what is missing. Raises OSError."""
        self.root.mkdir(mode=0o700, exist_ok=True)
        for folder in (self.learners, self.handed_in(lab), self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
        self.sockets.chmod(0o755)  # whatever the umask: a container's user goes through it


def read_settings(course: Course) -> HubSettings:
    """Return what `hub.toml` of a course says, the defaults without one.

    Raises:
        UsageError: it cannot be read or understood.
    """
    path = course.root / "hub.toml"
    try:
        return HubSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return HubSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "correct that file") from None
    except ValidationError as error:
        raise explain(path, error, HubSettings) from None
