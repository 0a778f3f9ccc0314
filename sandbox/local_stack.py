"""A learner's stack as plain processes: JupyterLab and MLflow on 127.0.0.1, recorded in the home."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from sandbox import services, web
from sandbox.engine import Progress, RunningStack, StackSpec
from sandbox.errors import InfrastructureError, PortTaken
from sandbox.jupyter_env import jupyter_environment
from sandbox.local_job import library_path
from sandbox.process_tree import MARKER, kill_marked, new_marker
from sandbox.programs import search_path
from sandbox.services import Service
from sandbox.services.mlflow_server import TEMPLATE_VARIABLE

_START_SECONDS = 90.0
_POLITE_SECONDS = 5.0  # for JupyterLab to end its kernels itself
_CONFIG = Path(__file__).parent / "jupyter"


class LocalStacks:
    """The stacks of one home, as its record files tell."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = home / "stacks"

    def find(self, lab: str) -> RunningStack | None:
        """Return a lab's stack when all of its processes run."""
        record = self._read(lab)
        if record is None or not all(_alive(pid, start) for pid, start in record["processes"].values()):
            return None
        return RunningStack(**record["stack"])

    def list_all(self) -> list[RunningStack]:
        """Return every running stack of this home."""
        found = [self.find(path.stem) for path in sorted(self._folder.glob("*.json"))]
        return [stack for stack in found if stack]

    def remove(self, lab: str) -> bool:
        """Stop a lab's processes and forget them; False if there were none."""
        record = self._read(lab)
        if record is None:
            return False
        ours = [psutil.Process(pid) for pid, start in record["processes"].values() if _alive(pid, start)]
        for process in ours:
            process.terminate()
        psutil.wait_procs(ours, timeout=_POLITE_SECONDS)
        kill_marked(record["marker"])
        self._path(lab).unlink(missing_ok=True)
        return bool(ours)

    def sweep(self) -> None:
        """Forget stacks whose JupyterLab is gone, after a crash say, and end what is left of them."""
        for path in self._folder.glob("*.json"):
            record = self._read(path.stem)
            if record is None or not _alive(*record["processes"].get("jupyter", (0, 0.0))):
                self.remove(path.stem)

    def start(self, spec: StackSpec, template: Path, progress: Progress) -> RunningStack:
        """Start a stack; returns when its pages answer. Leaves nothing when it fails or is interrupted."""
        return web.on_a_port(spec.port, lambda port: self._start_on(port, spec, template, progress))

    def _start_on(self, port: int, spec: StackSpec, template: Path, progress: Progress) -> RunningStack:
        token, marker = secrets.token_urlsafe(24), new_marker()
        stack = web.running(spec, "local", port, token)
        spec.work.mkdir(parents=True, exist_ok=True)
        try:
            self._start_all(spec, stack, template, marker)
            self._await(spec, stack, progress)
        except BaseException:
            self.remove(spec.lab)
            raise
        return stack

    def _start_all(self, spec: StackSpec, stack: RunningStack, template: Path, marker: str) -> None:
        ports = {name: _port_for(services.find(name)) for name in spec.services}
        env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        env |= {MARKER: marker, **library_path(), TEMPLATE_VARIABLE: str(template)}
        # What labs are worked with (dvc, pytest) is installed beside this Python, also for their terminals.
        env["PATH"] = search_path()
        env |= jupyter_environment(
            spec,
            config=str(_CONFIG),
            state=str(self._home / "jupyter"),
            root=str(spec.work),
            ip="127.0.0.1",
            port=stack.port,
            token=stack.token,
            ports=ports,
        )
        commands = {"jupyter": [sys.executable, "-m", "jupyterlab"]}
        for name, port in ports.items():
            data = spec.store / name
            data.mkdir(parents=True, exist_ok=True)
            commands[name] = services.find(name).argv(port, str(data), str(spec.work / name))
        processes: dict[str, tuple[int, float]] = {}
        for name, command in commands.items():
            processes[name] = self._spawn(spec, name, command, env)
            # After each one, so that an interrupted start can be undone by whoever comes next.
            self._write(spec.lab, {"marker": marker, "processes": processes, "stack": vars(stack)})

    def _spawn(
        self, spec: StackSpec, name: str, command: list[str], env: Mapping[str, str]
    ) -> tuple[int, float]:
        with self._log(spec.lab, name).open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=spec.work,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started = psutil.Process(process.pid).create_time()
        process.returncode = 0  # it outlives us by design: no warning when this object goes
        return process.pid, started

    def _await(self, spec: StackSpec, stack: RunningStack, progress: Progress) -> None:
        waiting = web.probe_urls(stack.port, spec.services)
        started = told = time.monotonic()
        while waiting := [url for url in waiting if not web.answers(url, stack.token)]:
            now = time.monotonic()
            if self.find(spec.lab) is None or now - started > _START_SECONDS:
                raise InfrastructureError(
                    f"{spec.lab} did not start: one of its services ended or did not answer",
                    f"Read the logs {self._log(spec.lab, '*')}, then start it again",
                )
            if now - told > 5:
                progress(f"waiting for {spec.lab} to answer ({now - started:.0f} s)")
                told = now
            time.sleep(0.2)

    def _log(self, lab: str, name: str) -> Path:
        folder = self._home / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{lab}-{name}.log"

    def _path(self, lab: str) -> Path:
        return self._folder / f"{lab}.json"

    def _read(self, lab: str) -> dict[str, Any] | None:
        try:
            record: dict[str, Any] = json.loads(self._path(lab).read_text())
        except (FileNotFoundError, ValueError):
            return None
        return record

    def _write(self, lab: str, record: dict[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch = self._folder / f"{lab}.json.new"
        scratch.touch(mode=0o600)  # it holds the token
        scratch.write_text(json.dumps(record))
        scratch.replace(self._path(lab))


def _port_for(service: Service) -> int:
    """Where a service will listen. Raises PortTaken for one whose settings name a port that is in use."""
    service.require()
    if web.is_free(service.port):
        return service.port
    if service.configured:
        raise PortTaken(
            f"{service.title} needs port {service.port} of 127.0.0.1, which is in use",
            "Stop what listens there, another lab perhaps: mlops stop",
        )
    return web.free_port()


def _alive(pid: int, start: float) -> bool:
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - start) < 0.5 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
