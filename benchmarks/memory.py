"""What an idle stack holds in memory, by part: JupyterLab, MLflow, the ingress, the supervisor."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import docker
import psutil

from benchmarks.measuring import Candidate, Outcome, Sample
from benchmarks.ours import LAB, Ours
from benchmarks.processes import run_well
from sandbox.docker_api import LABEL, Docker, connect
from sandbox.ownership import home_id
from sandbox.process_tree import memory_mb, tree

IDLE_SECONDS = 10.0
MLFLOW_LIMIT_MB = 300.0
PARTS = ("jupyter", "mlflow", "ingress", "supervisor")
MEASURES = ("used_mb", "rss_mb", "pss_mb")


def pss_mb(processes: Sequence[psutil.Process]) -> float | None:
    """Proportional memory in MiB, pages that n processes share counted one n-th each; None if not told."""
    total = 0
    for process in processes:
        try:
            text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            return None
        line = next(line for line in text.splitlines() if line.startswith("Pss:"))
        total += int(line.split()[1])
    return total / 1024


def _of_tree(part: str, pid: int) -> dict[str, float]:
    processes = tree(pid)
    figures = {f"{part}/rss_mb": memory_mb(processes)}
    pss = pss_mb(processes)
    return figures if pss is None else {**figures, f"{part}/pss_mb": pss}


def used_mb(engine: Docker, container: str) -> float:
    """What `docker stats` shows: the container's memory without file pages that can be dropped at once."""
    api = docker.APIClient(base_url=engine.url, version="auto")
    try:
        memory = api.stats(container, stream=False)["memory_stats"]
    finally:
        api.close()
    details = memory["stats"]
    inactive = details.get("total_inactive_file", details.get("inactive_file", 0))  # cgroup 1, cgroup 2
    return float(memory["usage"] - inactive) / 2**20


def _of_containers(ours: Ours) -> dict[str, float]:
    engine = connect()
    figures: dict[str, float] = {}
    mark = [f"{LABEL}.home={home_id(ours.home.platform)}", f"{LABEL}.kind=stack"]
    for container in engine.containers(mark):
        part = container["Labels"][f"{LABEL}.role"]
        figures[f"{part}/used_mb"] = used_mb(engine, container["Id"])
        figures |= _of_tree(part, int(engine.inspect(container["Id"])["State"]["Pid"]))
    return figures


def _of_processes(ours: Ours) -> dict[str, float]:
    record = json.loads((ours.home.platform / "stacks" / f"{LAB}.json").read_text(encoding="utf-8"))
    figures: dict[str, float] = {}
    for part, (pid, _start) in record["processes"].items():
        figures |= _of_tree(part, pid)
    return figures


def _once(ours: Ours) -> Sample:
    """Start the lab, let it idle, look, stop it."""
    try:
        run_well(ours.start_command(), ours.scratch, ours.env, ours.log)
        time.sleep(IDLE_SECONDS)
        figures = _of_containers(ours) if ours.engine_name == "docker" else _of_processes(ours)
        supervisor = ours.home.platform / "stacks" / f"{LAB}.supervisor"
        figures |= _of_tree("supervisor", int(supervisor.read_text(encoding="utf-8")))
    finally:
        ours.stop()
    for measure in MEASURES:
        values = [value for name, value in figures.items() if name.endswith(measure)]
        if values:
            figures[f"total/{measure}"] = sum(values)
    return Sample(figures)


def candidates(engines: Sequence[Ours]) -> list[Candidate]:
    """One stack for each engine."""
    return [Candidate(ours.engine_name, partial(_once, ours)) for ours in engines]


def verdicts(outcomes: Sequence[Outcome]) -> list[str]:
    """Whether MLflow's server alone is under its limit, on each engine."""
    lines = []
    for outcome in outcomes:
        value = outcome.median("mlflow/rss_mb")  # the largest of the measures, and both engines have it
        if value is not None:
            word = "under" if value < MLFLOW_LIMIT_MB else "OVER"
            limit = f"{word} the limit of {MLFLOW_LIMIT_MB:.0f} MB"
            lines.append(f"MLflow's server alone on {outcome.name}: {value:.0f} MB resident, {limit}")
    return lines
