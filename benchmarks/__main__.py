"""`python -m benchmarks [start|submit|memory|grading|neighbours|services|all] [--repeats N] [--engine docker|local|both]`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # our own modules are imported only once it is sure that what they need is here
    from benchmarks.ours import Ours

NEEDED_MODULES = ("mlops_labs", "docker", "papermill", "nbgrader", "jupyterlab", "psutil")
NEEDED_PROGRAMS = ("git",)
LARGE_CLASS = 400  # submissions
QUICK = ("start", "submit", "memory")  # what `all` means: half an hour; the others take as long each
WHATS = (*QUICK, "grading", "neighbours", "services")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="See benchmarks/README.md.")
    parser.add_argument("what", nargs="?", default="all", choices=[*WHATS, "all"])
    parser.add_argument("--repeats", type=int, default=5, help="counted rounds (default: 5)")
    parser.add_argument("--engine", default="both", choices=["docker", "local", "both"])
    parser.add_argument("--lab", default="defend-your-runs", help="a lab whose work is its notebook")
    options = parser.parse_args()
    if options.repeats < 1:
        parser.error("--repeats must be at least 1")
    return options


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _missing() -> str:
    """What is not here and the command that brings it, in one line; empty when all is here."""
    modules = [name for name in NEEDED_MODULES if find_spec(name) is None]
    if modules:
        return f"{', '.join(modules)} missing in {Path(sys.executable).name}; run: make .venv/dev-ready"
    programs = [name for name in NEEDED_PROGRAMS if shutil.which(name) is None]
    if programs:
        return f"{', '.join(programs)} missing; run: apt-get install {' '.join(programs)}"
    from benchmarks.machine import can_measure

    return "" if can_measure() else "this needs Linux, whose /proc/stat tells the CPU of containers too"


def _docker_answers() -> bool:
    from sandbox.docker_api import connect
    from sandbox.errors import EngineUnavailable

    try:
        connect()
    except EngineUnavailable as error:
        _tell(f"docker is left out: {error}")
        return False
    return True


def _interrupt(_signal: int, _frame: object) -> None:
    """Stop once; what comes while things are being stopped must not stop the stopping."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _signal, _frame: None)
    _tell("benchmarks: stopping what was started ...")
    raise KeyboardInterrupt


@contextmanager
def _undisturbed() -> Iterator[Path]:
    """A temporary folder; at the end it is gone and nothing that was started runs, whatever happened."""
    from benchmarks.processes import end_all

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    scratch = Path(tempfile.mkdtemp(prefix="mlops-benchmarks-"))
    try:
        yield scratch
    finally:
        end_all()
        shutil.rmtree(scratch, ignore_errors=True)
        if scratch.exists():
            _tell(f"could not be removed whole, remove it yourself: {scratch}")


def _measure(options: argparse.Namespace, scratch: Path) -> None:
    from benchmarks import ours

    names: list[ours.EngineName] = []
    if options.engine in ("docker", "both") and _docker_answers():
        names.append("docker")
    if options.engine in ("local", "both"):
        names.append("local")
    if not names:
        sys.exit(2)
    with ExitStack() as stack:
        engines = [stack.enter_context(ours.prepared(name, scratch, options.lab, _tell)) for name in names]
        for what in QUICK if options.what == "all" else [options.what]:
            _one(what, engines, scratch, options.repeats)


def _one(what: str, engines: Sequence[Ours], scratch: Path, repeats: int) -> None:
    """Measure one thing, print its table and keep its samples."""
    from benchmarks import drawing, grading, memory, neighbours, report, services, start, submit
    from benchmarks.machine import background_cpu
    from benchmarks.measuring import round_robin

    if what == "start":
        found = start.candidates(engines, scratch)
    elif what == "submit":
        found = submit.candidates(engines, scratch, _tell)
    elif what == "grading":
        found = grading.candidates(engines, scratch, _tell)
    elif what == "neighbours":
        found = neighbours.candidates(engines, scratch, LARGE_CLASS)
    elif what == "services":
        found = services.candidates(engines)
    else:
        found = memory.candidates(engines)
    background = background_cpu()
    _tell(report.background_line(background))
    outcomes = round_robin(
        found, repeats, _tell, warm_up=what not in ("memory", "grading", "neighbours", "services")
    )
    if what == "memory":
        lines = [report.memory_table(outcomes), *memory.verdicts(outcomes)]
    elif what == "services":
        lines = [report.services_table(outcomes)]
    else:
        more = {"start": ["all_seconds", "all_cpu_seconds"], "grading": ["per_minute", "cpu_each"]}
        more["neighbours"] = ["median_seconds", "p95_seconds", "rss_mb"]
        figures = ["seconds", "cpu_seconds", *more.get(what, [])]
        lines = [report.timing_table(outcomes, figures), report.CPU_NOTE]
    path = report.write_json(what, outcomes, repeats, background)
    if what in drawing.FIGURES:
        drawing.draw(what, outcomes, path.with_suffix(".svg"))
    print(f"\n{what}, {repeats} rounds. {report.background_line(background)}\n")
    print("\n".join(lines))
    print(f"Samples: {path.relative_to(Path(__file__).resolve().parent.parent)}\n", flush=True)


def main() -> None:
    """Run what was asked for; exit codes: 0 measured, 2 something is missing, 130 interrupted."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    options = _arguments()
    missing = _missing()
    if missing:
        _tell(f"benchmarks: {missing}")
        sys.exit(2)
    from benchmarks.measuring import Failed
    from sandbox.errors import MlopsError

    try:
        with _undisturbed() as scratch:
            _measure(options, scratch)
    except (MlopsError, Failed) as error:
        _tell(f"benchmarks: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        _tell("benchmarks: interrupted; everything that was started is stopped")
        sys.exit(130)


if __name__ == "__main__":
    main()
