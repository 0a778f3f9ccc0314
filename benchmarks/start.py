"""From the command to a JupyterLab that answers: ours on each engine, beside a bare `jupyter lab`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.machine import Watch
from benchmarks.measuring import Candidate, Failed, Sample
from benchmarks.ours import Ours
from benchmarks.processes import environment, program, started, tail
from sandbox import web

BARE = "jupyter lab, bare"
_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 120.0


def _until_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until JupyterLab's `/api`, which needs no token, answers on `port`."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not web.answers(f"http://127.0.0.1:{port}/api", token=""):
        if process.poll():
            raise Failed(f"ended with {process.returncode}: {tail(log)}")
        if time.monotonic() > deadline:
            raise Failed(f"no answer within {_PATIENCE_SECONDS:.0f} s: {tail(log)}")
        time.sleep(_POLL_SECONDS)


def _bare(scratch: Path) -> Sample:
    port, log, work = web.free_port(), scratch / "jupyter.log", scratch / "bare"
    work.mkdir(exist_ok=True)
    command = [program("jupyter"), "lab", "--no-browser", f"--ServerApp.port={port}", "--ip=127.0.0.1"]
    command += ["--allow-root"]  # ignored unless the one who measures is root
    watch = Watch()
    with started(command, work, environment(scratch), log) as process:
        try:
            _until_answers(port, process, log)
            seconds, cpu = watch.read()
        finally:
            process.terminate()  # a Ctrl-C it would ask about
            process.wait()
    return Sample({"seconds": seconds, "cpu_seconds": cpu, "all_seconds": seconds, "all_cpu_seconds": cpu})


def _ours(ours: Ours) -> Sample:
    port = web.free_port()
    command = ours.start_command("--port", str(port))
    try:
        watch = Watch()
        with started(command, ours.scratch, ours.env, ours.log) as process:
            _until_answers(port, process, ours.log)
            seconds, cpu = watch.read()
            if process.wait():
                raise Failed(f"ended with {process.returncode}: {tail(ours.log)}")
            all_seconds, all_cpu = watch.read()
    finally:
        ours.stop()
    figures = {"seconds": seconds, "cpu_seconds": cpu}
    return Sample({**figures, "all_seconds": all_seconds, "all_cpu_seconds": all_cpu})


def candidates(engines: Sequence[Ours], scratch: Path) -> list[Candidate]:
    """What is measured, the bare server first."""
    found = [Candidate(BARE, partial(_bare, scratch))]
    for ours in engines:
        found.append(Candidate(f"mlops start, {ours.engine_name}", partial(_ours, ours)))
    return found
