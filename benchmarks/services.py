"""Each service of the catalogue in a stack of its own: until it answers, idle memory, what reaches out of its network.

A service is started with the settings that a lab hands out for it; one that no lab offers is left out.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from functools import partial

from benchmarks.measuring import Candidate, Failed, Sample
from benchmarks.memory import IDLE_SECONDS, used_mb
from benchmarks.ours import Ours
from grader.release import Bundle
from mlops_labs import catalogue
from sandbox import promises, services
from sandbox.docker_api import LABEL, connect
from sandbox.docker_engine import DockerEngine
from sandbox.engine import StackSpec
from sandbox.ownership import home_id

_STACK = "one-service"


def _offered(ours: Ours) -> dict[str, Bundle]:
    """Service -> the first lab that offers it."""
    found: dict[str, Bundle] = {}
    for lab in catalogue.labs().values():
        for name in lab.definition.services:
            found.setdefault(name, ours.session.bundle(lab.id))
    return found


def _spec(ours: Ours, name: str, bundle: Bundle) -> StackSpec:
    work = ours.scratch / f"service-{name}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    if (bundle.student / name).is_dir():
        shutil.copytree(bundle.student / name, work / name)
    image = bundle.lab.definition.image
    return StackSpec(_STACK, name, image, work, ours.scratch / f"store-{name}", "lab.ipynb", (name,))


def _once(ours: Ours, name: str, bundle: Bundle) -> Sample:
    engine = ours.session.engine
    if not isinstance(engine, DockerEngine):
        raise Failed("only containers have a network and a memory of their own")
    spec = _spec(ours, name, bundle)
    engine.prepare(spec.image, lambda _line: None)
    started = time.monotonic()
    engine.start_stack(spec, lambda _line: None)
    figures = {"seconds": time.monotonic() - started}
    try:
        time.sleep(IDLE_SECONDS)
        docker = connect()
        of_home = f"{LABEL}.home={home_id(ours.home.platform)}"
        (part,) = docker.containers([of_home, f"{LABEL}.role={name}"])
        (jupyter,) = docker.containers([of_home, f"{LABEL}.role=jupyter"])
        figures["used_mb"] = used_mb(docker, part["Id"])
        figures["limit_mb"] = float(services.find(name).memory_mb)
        (network,) = jupyter["NetworkSettings"]["Networks"]
        found = promises.beside(engine, jupyter["Id"], docker.gateways(network))
        broken = [finding.saw for finding in found if not finding.kept]
    finally:
        engine.stop_stack(_STACK)
    return Sample(figures, "; ".join(broken) or f"{len(found)} of {len(found)} promises of the network held")


def candidates(engines: Sequence[Ours]) -> list[Candidate]:
    """One for each service that a lab offers, on Docker."""
    return [
        Candidate(name, partial(_once, ours, name, bundle))
        for ours in engines
        if ours.engine_name == "docker"
        for name, bundle in sorted(_offered(ours).items())
    ]
