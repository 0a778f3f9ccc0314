"""What an engine must offer: jobs and stacks, whatever runs them.

`docker` and `local` implement these protocols; callers never learn which one they have, except through
`Engine.isolates`, which decides whether other people's work may be run at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

Progress = Callable[[str], None]
"""Takes one plain line of progress for a person."""


@dataclass(frozen=True)
class Limits:
    """What one job may use. Each is enforced by the engine, not asked of the work."""

    seconds: float = 120.0  # wall clock, from start to end of the job
    memory_mb: int = 2048  # MiB, swap included
    cpus: float = 1.0
    processes: int = 256  # processes and threads together
    disk_mb: int = 256  # MiB of the work folder, and as much again of /tmp
    inodes: int = 20_000
    output_mb: int = 64  # MiB of everything the job sends


@dataclass(frozen=True)
class JobSpec:
    """One untrusted run. It gets no mounts: inputs go in and answers come out through its channel."""

    name: str  # short, for labels and logs: never a person's name
    image: str  # a name of the image catalogue, e.g. "lab"; the local engine ignores it
    command: tuple[str, ...]  # argv; argv[0] == "python" means the engine's own interpreter
    limits: Limits = field(default_factory=Limits)
    env: Mapping[str, str] = field(default_factory=dict)
    beside: str = ""  # id of a container whose loopback it shares; "": it has one of its own
    # Modules that it may find imported already; command is then ("python", "-m", module). None: a process of its own.
    preload: tuple[str, ...] | None = None


class EndReason(StrEnum):
    """Why a job is over."""

    EXITED = "exited"  # by itself, whatever the exit code
    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"
    STOPPED = "stopped"  # we stopped it, having what we wanted
    LOST = "lost"  # the engine went away under it: infrastructure


@dataclass(frozen=True)
class JobEnd:
    """How a job ended. `oom_killed` may be true with exit code 0 (a child was killed): a note, no verdict."""

    reason: EndReason
    exit_code: int | None
    oom_killed: bool = False
    seconds: float = 0.0
    stderr_tail: str = ""  # at most 4,000 characters, for logs; untrusted


class JobOver(Exception):
    """The job ended, or was ended for breaking a limit, while we talked to it."""

    def __init__(self, end: JobEnd) -> None:
        super().__init__(end.reason.value)
        self.end = end


class Job(Protocol):
    """A running job and its channel: lines of bytes, both ways, over the main process's stdin and stdout."""

    def send(self, line: bytes) -> None:
        """Write one line (without its newline). Raises JobOver when the job is gone."""

    def receive(self, timeout: float, max_bytes: int = 16 * 2**20) -> bytes:
        """Return the next line without its newline.

        Raises TimeoutError after `timeout` seconds without a whole line, JobOver when the job has ended
        (also when the wall clock of its limits runs out: the engine kills it), ValueError for a line over
        `max_bytes` (the job is killed).
        """

    def stop(self) -> JobEnd:
        """Kill what is left of the job, all its descendants too, and say how it ended. Safe to repeat."""


@dataclass(frozen=True)
class BuildSpec:
    """An image to be built of a learner's recipe, step by step; see `grader.inside.dockerfile` for its parts.

    `steps` are of the kinds "folder" (path), "copy" (files: a number in `files`) and "run" (command, env, user,
    workdir, line, perhaps arguments: variables for this step alone); `settings` has env, user, workdir and perhaps
    cmd, entrypoint, stop_signal.
    """

    name: str  # short, for labels
    base: str  # a name of the image catalogue
    steps: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]
    files: Sequence[bytes]  # tar archives, opaque to everything but the engine
    limits: Limits = field(default_factory=Limits)  # of each step; seconds and disk_mb: of all together


class BuildFailed(Exception):
    """A step of a learner's recipe failed: their doing.

    `line` is of their Dockerfile, `said` their step's word, `late` tells that it was for want of time.
    """

    def __init__(self, line: int, why: str, said: str = "", *, late: bool = False) -> None:
        super().__init__(why)
        self.late = late
        self.line = line
        self.why = why
        self.said = said


@dataclass(frozen=True)
class BuiltImage:
    """An image that was built of a learner's recipe."""

    id: str
    added_mb: float  # what it holds more than its base


@dataclass(frozen=True)
class ContainerState:
    """How a container of a learner's image stands."""

    running: bool
    exit_code: int | None  # None while it runs
    oom_killed: bool
    uid: int | None  # of its processes; None when there are none


class Container(Protocol):
    """A learner's image at work: no network but a loopback, which a job may share (`JobSpec.beside`)."""

    id: str

    def signal(self, name: str) -> None:
        """Send a signal to its first process; nothing happens when it is over."""

    def state(self) -> ContainerState:
        """Return how it stands."""

    def said(self) -> str:
        """Return the tail of what it printed: untrusted text."""


@dataclass(frozen=True)
class StackSpec:
    """What a learner works in: JupyterLab and the services the lab names."""

    lab: str  # slug
    title: str
    image: str
    work: Path  # the learner's folder on this machine; JupyterLab's root
    store: Path  # where the services keep their data on this machine, e.g. <store>/mlflow
    notebook: str  # the file to open, relative to `work`
    services: tuple[str, ...] = ("mlflow",)
    extension: str = ""  # a Python package that extends Jupyter's server and page, by Jupyter's own hooks
    port: int | None = None  # None: any free one
    version: str = ""  # of the platform; a running stack of another version is not taken for this one
    memory_mb: int = 4096
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunningStack:
    """A stack that answers. Everything a person needs to open it."""

    lab: str
    engine: str
    url: str  # JupyterLab with the notebook open, token included
    pages: Mapping[str, str]  # title of a service -> its page's address, token included
    port: int
    token: str
    version: str


class Engine(Protocol):
    """Where jobs and stacks run."""

    name: str  # "docker" or "local"
    isolates: bool  # False: takes only one's own work

    def describe(self) -> str:
        """One line for a person: which engine, which version, what it does not promise."""

    def prepare(self, image: str, progress: Progress) -> None:
        """Make `image` available, building it when needed. Raises ImageMissing."""

    def image_digest(self, image: str) -> str:
        """Return what tells this state of an image from another: the same sources give the same, anywhere."""

    def check_promises(self, progress: Progress) -> None:
        """Probe every promise before untrusted work; results are kept for a day per engine and image.

        Raises PromiseBroken with the first promise that does not hold.
        """

    def job(self, spec: JobSpec) -> AbstractContextManager[Job]:
        """Start a job; leaving the context stops it and removes every trace. Raises InfrastructureError."""

    def build(self, spec: BuildSpec) -> AbstractContextManager[BuiltImage]:
        """Build a learner's image under the limits of jobs; leaving the context removes it.

        Raises BuildFailed for what the recipe did, InfrastructureError. Only for an engine that isolates.
        """

    def container(
        self, image: BuiltImage, name: str, limits: Limits, env: Mapping[str, str]
    ) -> AbstractContextManager[Container]:
        """Start a built image as it says of itself; leaving the context removes every trace.

        Raises BuildFailed when what it says of itself cannot be started, InfrastructureError.
        """

    def keep_warm(self, specs: Sequence[JobSpec]) -> None:
        """Have sandboxes ready in which all these jobs could begin at once; without waiting for them.

        They are for jobs of this process alone. Raises InfrastructureError.
        """

    def abandon(self) -> None:
        """End every job that this process is running: nobody wants its answer any more."""

    def close(self) -> None:
        """Remove what is kept warm for further jobs; also done when this process ends."""

    def start_stack(self, spec: StackSpec, progress: Progress) -> RunningStack:
        """Start the stack, or find it running; returns when its URLs answer. Tidies a half-finished start."""

    def find_stack(self, lab: str) -> RunningStack | None:
        """The running stack of a lab, if there is one."""

    def stop_stack(self, lab: str) -> bool:
        """Stop it, leaving nothing but the learner's folder and the services' data; False if none ran."""

    def sweep(self) -> int:
        """Remove what dead runs of this home left behind; return how much that was."""

    def list_stacks(self) -> list[RunningStack]:
        """Every running stack of this home."""
