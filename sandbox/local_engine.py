"""The local engine: jobs and stacks as processes of one's own account. It isolates nothing."""

from __future__ import annotations

import contextlib
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import CalledProcessError

import psutil

from sandbox.channel import RunningJobs
from sandbox.engine import (
    BuildSpec,
    BuiltImage,
    Container,
    Job,
    JobSpec,
    Limits,
    Progress,
    RunningStack,
    StackSpec,
)
from sandbox.errors import DiskFull, InfrastructureError
from sandbox.inner_network import InnerNetwork
from sandbox.local_job import ProcessTransport, argv, job_environment, remove_tree
from sandbox.local_stack import LocalStacks
from sandbox.ownership import exclusive
from sandbox.process_tree import kill_marked, new_marker
from sandbox.progress import ticking
from sandbox.services import mlflow_server
from sandbox.stack_reuse import still_good


class LocalEngine:
    """See `sandbox.engine.Engine`."""

    name = "local"
    isolates = False

    def __init__(self, home: Path) -> None:
        self.home = home
        self._jobs = home / "jobs"
        self._stacks = LocalStacks(home)
        self._swept = False
        self._running = RunningJobs()

    @property
    def template(self) -> Path:
        """The migrated, empty MLflow database that servers and jobs copy; one for each version of MLflow."""
        from importlib.metadata import version

        return self.home / "cache" / f"mlflow-{version('mlflow')}.db"

    def describe(self) -> str:
        """See `Engine.describe`."""
        return "plain processes of your own account: isolates nothing, takes only your own work"

    def prepare(self, image: str, progress: Progress) -> None:  # noqa: ARG002 - there is but one image: this environment
        """See `Engine.prepare`: makes the MLflow template, once."""
        with exclusive(self.home, ".template"):
            if self.template.exists():
                return
            try:
                with ticking(progress, lambda: "preparing an empty MLflow database, once"):
                    mlflow_server.make_template(self.template)
            except (CalledProcessError, OSError) as error:
                raise InfrastructureError(
                    f"MLflow's empty database could not be made ({error})", "Run: mlops doctor"
                ) from error

    def image_digest(self, image: str) -> str:  # noqa: ARG002 - there is but one image: this environment
        """See `Engine.image_digest`."""
        return f"local-{sys.version_info[0]}.{sys.version_info[1]}"

    def check_promises(self, progress: Progress) -> None:
        """See `Engine.check_promises`: only the few that processes without isolation can keep."""
        from sandbox import promises

        promises.check(self, progress)

    def identity(self) -> str:
        """Return what the results of probes are kept for."""
        return f"{platform.platform()}:{sys.executable}"

    def inner_network(self) -> InnerNetwork:
        """There is none: the engine promises nothing about networks."""
        raise NotImplementedError

    @contextmanager
    def job(self, spec: JobSpec) -> Iterator[Job]:
        """See `Engine.job`. Its working folder is a new one; where it is, the job learns from its cwd."""
        self._sweep_once()
        marker = new_marker()
        slot = self._slot(marker)
        try:
            env = job_environment(spec, slot, self.template, marker)
            transport = self._start(spec, env, slot)
            try:
                with self._running.run(transport, spec.limits) as running:
                    yield running
            finally:
                transport.kill()
                transport.close()
        finally:
            remove_tree(slot)

    def build(self, spec: BuildSpec) -> AbstractContextManager[BuiltImage]:
        """Plain processes build no images: callers look at `isolates` before they ask."""
        raise NotImplementedError

    def container(
        self, image: BuiltImage, name: str, limits: Limits, env: Mapping[str, str]
    ) -> AbstractContextManager[Container]:
        """There are none without images."""
        raise NotImplementedError

    def abandon(self) -> None:
        """See `Engine.abandon`."""
        self._running.end_all()

    def keep_warm(self, specs: Sequence[JobSpec]) -> None:
        """See `Engine.keep_warm`: each job is a process of its own."""

    def close(self) -> None:
        """See `Engine.close`: nothing is kept warm."""

    def _slot(self, marker: str) -> Path:
        me = psutil.Process()
        slot = self._jobs / f"{me.pid}-{me.create_time():.1f}-{marker}"
        try:
            for name in ("work", "tmp"):
                (slot / name).mkdir(parents=True)
        except OSError as error:
            raise DiskFull(
                f"No folder for a job could be made ({error})", f"Free some space under {self.home}"
            ) from error
        return slot

    @staticmethod
    def _start(spec: JobSpec, env: dict[str, str], slot: Path) -> ProcessTransport:
        try:
            return ProcessTransport(argv(spec.command), env, slot / "work", spec.limits)
        except OSError as error:
            raise InfrastructureError(
                f"The job {spec.name} could not be started ({error})", "Run: mlops doctor"
            ) from error

    def start_stack(self, spec: StackSpec, progress: Progress) -> RunningStack:
        """See `Engine.start_stack`."""
        self._sweep_once()
        with exclusive(self.home, spec.lab):
            found = self._stacks.find(spec.lab)
            if found and still_good(found, spec, progress):
                return found
            self.prepare(spec.image, progress)
            self._stacks.remove(spec.lab)
            progress(f"starting {spec.lab}")
            return self._stacks.start(spec, self.template, progress)

    def find_stack(self, lab: str) -> RunningStack | None:
        """See `Engine.find_stack`."""
        return self._stacks.find(lab)

    def stop_stack(self, lab: str) -> bool:
        """See `Engine.stop_stack`."""
        with exclusive(self.home, lab):
            return self._stacks.remove(lab)

    def list_stacks(self) -> list[RunningStack]:
        """See `Engine.list_stacks`."""
        return self._stacks.list_all()

    def sweep(self) -> int:
        """Kill and remove what dead runs of this home left behind; return how many jobs."""
        removed = 0
        self._stacks.sweep()
        for slot in self._jobs.glob("*-*-*"):
            pid, start, marker = slot.name.split("-", 2)
            with contextlib.suppress(psutil.Error, ValueError):
                if f"{psutil.Process(int(pid)).create_time():.1f}" == start:
                    continue
            kill_marked(marker)
            remove_tree(slot)
            removed += 1
        return removed

    def _sweep_once(self) -> None:
        if not self._swept:
            self._swept = True
            self.sweep()
