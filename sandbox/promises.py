"""The promises of the sandbox, as data, and the one way to see whether an engine keeps them.

Untrusted work is refused on an engine that breaks one. Each is tried, not looked up in a configuration: some
engines accept an option and silently ignore it. The attempts run as jobs, through the very path that
untrusted work takes, and what does not report counts as broken.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from sandbox.engine import EndReason, JobOver, JobSpec, Limits, Progress
from sandbox.errors import PromiseBroken
from sandbox.host_listener import HostListener
from sandbox.inner_network import InnerNetwork

_DAY = 24 * 3600.0
IMAGE = "lab"  # others add to it, and their jobs get the same options
_NEIGHBOUR_PORT = 7777
_SMALL = Limits(seconds=30, memory_mb=256, cpus=1, processes=48, disk_mb=8, inodes=200, output_mb=1)


@dataclass(frozen=True)
class Promise:
    """One thing that untrusted work cannot do."""

    id: str
    sentence: str
    isolated: bool = True  # False: plain processes keep it too, so the local engine is held to it
    inner: bool = False  # True: also held by the inner network of a stack
    fresh: bool = True  # False: it is about sandboxes that are used again, and only tried there
    ends: EndReason | None = None  # how a job that tries must end; None: the job reports what it could do


PROMISES = (
    Promise("no-internet", "A job and a stack reach no address outside and resolve no name", inner=True),
    Promise(
        "no-host-ports", "A job and a stack reach no port of this machine, through no gateway", inner=True
    ),
    Promise("no-neighbours", "A job reaches no other container"),
    # Before the file system: root gets past some of its locks.
    Promise("not-root", "A job does not run as root", inner=True),
    Promise(
        "read-only-root", "A job writes nowhere but to its work folder and its temporary folder", inner=True
    ),
    Promise("no-rights", "A job has no capabilities, gains none, and is under a seccomp filter", inner=True),
    Promise(
        "no-host-files", "A job sees no file of the host, no engine's socket, no graded checks", inner=True
    ),
    Promise("no-host-environment", "A job sees nothing of the caller's environment", isolated=False),
    Promise(
        "no-zygote",
        "A job cannot read, change, trace or signal what its sandbox forks jobs from",
        fresh=False,
    ),
    Promise("process-cap", "A job cannot start more processes than its limit"),
    Promise("disk-cap", "A job cannot write more bytes than its limit"),
    Promise("inode-cap", "A job cannot make more files than its limit"),
    Promise(
        "memory-cap", "A job that takes more memory than its limit is ended", False, ends=EndReason.MEMORY
    ),
    Promise(
        "output-cap", "A job that writes more output than its limit is ended", False, ends=EndReason.OUTPUT
    ),
    Promise("time-cap", "A job that outstays its wall clock is ended", False, ends=EndReason.TIME),
)
_LIMITS_OF_END = {
    EndReason.MEMORY: Limits(
        seconds=30, memory_mb=96, cpus=1, processes=16, disk_mb=8, inodes=200, output_mb=1
    ),
    EndReason.OUTPUT: _SMALL,
    EndReason.TIME: Limits(
        seconds=1.0, memory_mb=96, cpus=1, processes=16, disk_mb=8, inodes=200, output_mb=1
    ),
}


class ProbedEngine(Protocol):
    """What the probes need of an engine beside its jobs."""

    name: str
    isolates: bool
    home: Path

    def job(self, spec: JobSpec) -> Any:
        """See `Engine.job`."""

    def close(self) -> None:
        """See `Engine.close`."""

    def identity(self) -> str:
        """What a result is kept for: the daemon, its version, the image."""

    def inner_network(self) -> InnerNetwork:
        """A network like a stack's, for jobs that stand in for one."""


@dataclass(frozen=True)
class Finding:
    """What one attempt at one promise came to."""

    id: str
    kept: bool
    saw: str


def check(engine: ProbedEngine, progress: Progress) -> None:
    """Raise PromiseBroken with the first promise that `engine` breaks. A good result is kept for a day."""
    record = engine.home / "cache" / f"promises-{_key(engine)}.json"
    if _is_fresh(record):
        return
    progress("checking that the sandbox keeps its promises")
    started = time.monotonic()
    for finding in findings(engine):
        if not finding.kept:
            raise _broken(engine, finding)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps({"at": time.time(), "seconds": time.monotonic() - started}))
    progress(f"all {len(_expected(engine))} promises hold ({time.monotonic() - started:.0f} s)")


def findings(engine: ProbedEngine) -> list[Finding]:
    """Try every promise that `engine` makes, in the order of PROMISES; what did not report is broken."""
    attempts: list[Callable[[], list[Finding]]] = [lambda: _report(engine)]
    attempts += [lambda p=promise: [_exhaust(engine, p)] for promise in _expected(engine) if promise.ends]  # type: ignore[misc]
    try:
        with ThreadPoolExecutor(3) as pool:
            found = [one for attempt in pool.map(lambda attempt: attempt(), attempts) for one in attempt]
    finally:
        engine.close()  # no other job wants the warm sandbox that was tried
    return [_verdict(promise, engine.isolates, found) for promise in _expected(engine)]


def _expected(engine: ProbedEngine) -> list[Promise]:
    return [promise for promise in PROMISES if engine.isolates or not promise.isolated]


def _verdict(promise: Promise, isolated: bool, found: list[Finding]) -> Finding:
    """All attempts at one promise: the first that broke it, or that they all held."""
    about = [finding for finding in found if finding.id == promise.id]
    broken = [finding for finding in about if not finding.kept]
    if broken:
        return broken[0]
    # In a job, in one that is forked in a warm sandbox, in one on a stack's network.
    places = promise.fresh + (isolated and promise.ends is None) + (promise.inner and isolated)
    return about[0] if len(about) == places else Finding(promise.id, False, "the probe did not report")


def _report(engine: ProbedEngine) -> list[Finding]:
    """Run the probes that say what they could do: in a job, and in one on a stack's inner network."""
    expected = [promise for promise in _expected(engine) if promise.ends is None]
    with _canaries(engine) as canaries, HostListener() as host:
        order = {
            **canaries,
            "processes": _SMALL.processes,
            "disk_mb": _SMALL.disk_mb,
            "inodes": _SMALL.inodes,
        }
        if not engine.isolates:
            order |= {"host_targets": host.targets(), "neighbours": []}
            return _ask(engine.job(_spec("report")), order, [promise.id for promise in expected])
        with engine.inner_network() as network:
            inner = [promise.id for promise in expected if promise.inner]
            order |= {"host_targets": host.targets(network.gateways)}
            with network.job(_spec("inner")) as (neighbour, addresses):
                listen = {**order, "role": "listen", "listen": _NEIGHBOUR_PORT, "probes": inner}
                try:
                    neighbour.send(json.dumps(listen).encode())
                    neighbour.receive(20)  # it listens: only now does it prove something not to reach it
                except (JobOver, TimeoutError):
                    return []
                order["neighbours"] = [(address, _NEIGHBOUR_PORT) for address in addresses]
                fresh = [promise.id for promise in expected if promise.fresh]
                found = _ask(engine.job(_spec("report")), order, fresh)
                warm = replace(_spec("warm"), preload=())
                every = [promise.id for promise in expected]
                found += _ask(engine.job(warm), order, every, " in a warm sandbox")
                return found + _collect(neighbour, inner, " from a stack's network")


def beside(engine: ProbedEngine, container: str, gateways: list[str]) -> list[Finding]:
    """Try the promises about networks from where a stack's services are: on the loopback of its JupyterLab.

    Args:
        engine: one that isolates.
        container: whose loopback the probe shares.
        gateways: addresses that its network's gateway has, or would have.
    """
    spec = replace(_spec("beside"), beside=container)
    with HostListener() as host:
        # "listen": it is on a network, so having a route is no breach by itself.
        order = {"host_targets": host.targets(gateways), "listen": 0}
        return _ask(engine.job(spec), order, ["no-internet", "no-host-ports"])


def _ask(job: Any, order: dict[str, Any], probes: list[str], where: str = "") -> list[Finding]:
    with job as running:
        with suppress(JobOver):  # what it did not say then counts as broken
            running.send(json.dumps({**order, "role": "report", "probes": probes}).encode())
        return _collect(running, probes, where)


def _collect(job: Any, probes: list[str], where: str) -> list[Finding]:
    found: list[Finding] = []
    for name in probes:
        try:
            answer = json.loads(job.receive(20))
        except (JobOver, TimeoutError, ValueError) as error:
            return [*found, Finding(name, False, f"the probe did not report{where} ({error})")]
        found.append(Finding(answer["id"], answer["kept"] is True, f"{answer['saw']}{where}"))
    return found


def _exhaust(engine: ProbedEngine, promise: Promise) -> Finding:
    """Break a limit, and see the job ended for just that."""
    assert promise.ends is not None
    limits = _LIMITS_OF_END[promise.ends]
    order = {"role": promise.id, "memory_mb": limits.memory_mb, "output_mb": limits.output_mb}
    with engine.job(_spec(promise.id, limits)) as job:
        try:
            job.send(json.dumps(order).encode())
            while "survived" not in (line := job.receive(25).decode(errors="replace")):
                continue
        except JobOver as over:
            return Finding(promise.id, over.end.reason is promise.ends, f"the job ended as {over.end.reason}")
        except TimeoutError:
            return Finding(promise.id, False, "the job went on")
        return Finding(promise.id, False, f"the job said {line[:60]}")


def _spec(name: str, limits: Limits = _SMALL) -> JobSpec:
    return JobSpec(
        name=f"probe-{name}", image=IMAGE, command=("python", "-m", "sandbox.probe"), limits=limits
    )


@contextmanager
def _canaries(engine: ProbedEngine) -> Iterator[dict[str, str]]:
    """Put something into our environment and on our disk that nothing inside may ever see."""
    name, folder = f"MLOPS_CANARY_{secrets.token_hex(4)}", engine.home / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"canary-{secrets.token_hex(4)}"
    path.touch()
    os.environ[name] = secrets.token_hex(8)
    try:
        yield {"canary_name": name, "canary_file": str(path)}
    finally:
        os.environ.pop(name, None)
        path.unlink(missing_ok=True)


def _broken(engine: ProbedEngine, finding: Finding) -> PromiseBroken:
    sentence = next(promise.sentence for promise in PROMISES if promise.id == finding.id)
    return PromiseBroken(
        f'The {engine.name} engine breaks the promise "{sentence}" ({finding.id}): {finding.saw}',
        "Take no untrusted work here: update or reconfigure the engine, then run: mlops doctor",
    )


def _key(engine: ProbedEngine) -> str:
    code = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    kind = f"{type(engine).__module__}.{type(engine).__qualname__}\0{engine.identity()}\0"
    return sha256(kind.encode() + code).hexdigest()[:16]


def _is_fresh(record: Path) -> bool:
    try:
        age = time.time() - float(json.loads(record.read_text())["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return 0 <= age < _DAY
