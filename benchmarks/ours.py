"""MLOps Labs itself as something to measure: a home in a temporary folder, the command as a person types it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from benchmarks.measuring import Tell
from benchmarks.processes import environment, program, run, run_well
from grader.release import Bundle
from mlops_labs.home import Home
from mlops_labs.session import Session
from sandbox.engine import Engine
from sandbox.errors import MlopsError

EngineName = Literal["docker", "local"]
LAB = "defend-your-runs"


@dataclass(frozen=True)
class Ours:
    """One engine with a home of its own."""

    engine_name: EngineName
    scratch: Path
    lab: str = LAB

    @property
    def home(self) -> Home:
        """The home that the measured commands use."""
        return Home(self.scratch / f"home-{self.engine_name}")

    @property
    def env(self) -> dict[str, str]:
        """What the measured commands are started with."""
        return {**environment(self.scratch), "MLOPS_HOME": str(self.home.root)}

    @property
    def log(self) -> Path:
        """What the last command said."""
        return self.scratch / f"mlops-{self.engine_name}.log"

    @cached_property
    def session(self) -> Session:
        """The same home through the API."""
        return Session(self.home, self.engine_name, lambda _line: None)

    @property
    def bundle(self) -> Bundle:
        """The lab that everything is measured with."""
        return self.session.bundle(self.lab)

    def command(self, *words: str) -> list[str]:
        """An `mlops` command line on this engine."""
        return [program("mlops"), *words]

    def start_command(self, *more: str) -> list[str]:
        """The command that starts the lab and returns."""
        start = ("start", self.lab, "--detach", "--no-browser", "--engine", self.engine_name)
        return self.command(*start, *more)

    def stop(self) -> None:
        """Stop the lab, its supervisor too; nothing happens when it does not run."""
        run(self.command("stop", self.lab), self.scratch, self.env, self.scratch / "mlops-stop.log")

    def prepare(self, tell: Tell) -> None:
        """Have images, bundle and promises made, the work folder laid out and the answers put into it."""
        tell(f"{self.engine_name}: preparing image, lab and promises (minutes where the image is not built)")
        run_well(self.start_command(), self.scratch, self.env, self.log)
        self.stop()
        notebook = self.home.work(self.lab) / self.bundle.notebook_name
        notebook.write_text(json.dumps(self.bundle.reference, indent=1), encoding="utf-8")

    def ready_engine(self) -> Engine:
        """The engine through the API, its promises checked."""
        return self.session.ready_engine(self.bundle.lab.definition)


@contextmanager
def prepared(engine_name: EngineName, scratch: Path, lab: str, tell: Tell) -> Iterator[Ours]:
    """An engine ready to be measured; on leaving nothing of this home runs any more."""
    ours = Ours(engine_name, scratch, lab)
    ours.home.platform.mkdir(parents=True)
    try:
        ours.prepare(tell)
        yield ours
    finally:
        ours.stop()
        with contextlib.suppress(AttributeError, MlopsError):
            # What an interrupted command had no time to remove: jobs whose process is gone.
            ours.session.engine.sweep()
