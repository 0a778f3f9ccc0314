"""Starting what is measured and stopping it again, also when the benchmarks are interrupted."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import Failed
from sandbox.process_tree import MARKER, kill_marked, new_marker

RUN_MARKER = new_marker()
_POLITE_SECONDS = 20.0
_TAIL = 300  # characters of a log that are told
# Settings of the person's own, and what would make every interpreter compile everything again.
_LEFT_OUT = ("JUPYTER", "IPYTHON", "MLFLOW", "MLOPS", "NBGRADER", "GIT_", "PYTHONDONTWRITEBYTECODE")
# As the platform's own sandboxes set it: nobody wins by spinning threads.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def environment(scratch: Path, python: Path | None = None) -> dict[str, str]:
    """What every measured program is started with; Jupyter's own files go into `scratch`.

    Args:
        scratch: a folder of the benchmarks' own.
        python: the interpreter whose programs are meant; this one if left out.
    """
    programs = (python or Path(sys.executable)).parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    return {
        **kept,
        **_ONE_THREAD,
        "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)]),
        "JUPYTER_CONFIG_DIR": str(scratch / "jupyter" / "config"),
        "JUPYTER_DATA_DIR": str(scratch / "jupyter" / "data"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "jupyter" / "runtime"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        MARKER: RUN_MARKER,
    }


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a program of ours to stop as Ctrl-C would, then kill what is left of it."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLITE_SECONDS)
    kill_marked(RUN_MARKER, process.pid if process.poll() is None else None)
    process.wait()


@contextmanager
def started(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A running program, in a session of its own so that a Ctrl-C reaches it through us; ended on leaving."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        except BaseException:
            end(process)
            raise
        if process.poll() is None:
            end(process)


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> int:
    """Run a program to its end and return its exit code."""
    with started(command, cwd, env, log) as process:
        return process.wait()


def run_well(command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> None:
    """Run a program that must succeed. Raises Failed with the end of what it said."""
    code = run(command, cwd, env, log)
    if code:
        name = Path(command[0]).name
        raise Failed(f"{name} ended with {code}: {tail(log)}")


def tail(log: Path) -> str:
    """The end of a log in one line, of every path only its last part: results are for other machines too."""
    text = " ".join(log.read_text(encoding="utf-8", errors="replace").split())
    return re.sub(r"(?<![\w/:])/(?:[^\s/'\"]+/)+", ".../", text)[-_TAIL:]


def program(name: str, python: Path | None = None) -> str:
    """The program of that name beside an interpreter; this one's if left out."""
    return str((python or Path(sys.executable)).parent / name)


def end_all() -> None:
    """Kill whatever the benchmarks started and did not end yet."""
    kill_marked(RUN_MARKER)
