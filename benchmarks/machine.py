"""The machine that is measured on: its busy CPU, what it is, whether it is idle enough."""

from __future__ import annotations

import os
import platform
import re
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from sandbox.docker_api import connect
from sandbox.errors import EngineUnavailable

_STAT = Path("/proc/stat")
_BUSY_FIELDS = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq; guests are in user, steal is not ours
_SAID_OF = ("mlflow", "jupyterlab", "papermill", "nbgrader", "scikit-learn", "pandas", "docker")
IDLE_SHARE = 0.05  # of one CPU; above it figures are noisy
_LOOK_SECONDS = 3.0


def can_measure() -> bool:
    """Whether this system tells the busy CPU of the whole machine."""
    return _STAT.is_file()


def busy_cpu() -> float:
    """CPU seconds that the whole machine has been busy since it started, containers included."""
    first = _STAT.read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    return sum(int(first[number]) for number in _BUSY_FIELDS) / float(os.sysconf("SC_CLK_TCK"))


@dataclass
class Watch:
    """Seconds and busy CPU seconds since it was made."""

    _started: float = field(default_factory=time.monotonic)
    _cpu: float = field(default_factory=busy_cpu)

    def read(self) -> tuple[float, float]:
        """Return seconds and CPU seconds until now."""
        return time.monotonic() - self._started, busy_cpu() - self._cpu


def background_cpu(seconds: float = _LOOK_SECONDS) -> float:
    """How many CPUs are busy while we do nothing: what others add to every figure of CPU."""
    watch = Watch()
    time.sleep(seconds)
    passed, cpu = watch.read()
    return cpu / passed


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _locked_otter() -> str:
    """Otter is in an environment of its own: its version is the lock's."""
    lock = Path(__file__).resolve().parent.parent / "requirements" / "benchmarks.txt"
    found = (
        re.search(r"^otter-grader==(\S+)", lock.read_text(encoding="utf-8"), re.M) if lock.exists() else None
    )
    return found[1] if found else "unknown"


def _container_engine() -> str:
    try:
        return connect().version
    except EngineUnavailable:
        return "none"


def facts() -> dict[str, object]:
    """What a reader needs to compare figures with their own. Holds no path and no host name."""
    return {
        "cpus": os.cpu_count(),
        "cpu_model": _cpu_model(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "container_engine": _container_engine(),
        "python": platform.python_version(),
        "packages": {**{package: _version(package) for package in _SAID_OF}, "otter-grader": _locked_otter()},
    }
