"""What runs inside, to see whether the sandbox's promises hold. Started as ``python -m sandbox.probe``.

Standard library only. Reads one JSON line (`ProbeOrder` of `sandbox.promises`), writes one JSON line for each
probe: ``{"id": ..., "kept": ..., "saw": ...}``. It tries to break out and reports what it could do.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Order = dict[str, Any]
_SECONDS = 1.0  # for a connection; a closed network refuses at once
_PUBLIC = [
    ("1.1.1.1", 443),
    ("8.8.8.8", 53),
    ("9.9.9.9", 53),
    ("169.254.169.254", 80),
]  # the last: cloud metadata
_ELSEWHERE = (
    "/",
    "/etc",
    "/usr/lib",
    "/opt/mlops/lib",
    "/opt/mlops/venv",
    "/home/learner",
    "/root",
    "/var/tmp",
    "/dev",
)
_SOCKETS = (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/podman/podman.sock",
    "/run/containerd/containerd.sock",
)


def no_internet(order: Order) -> str | None:
    """Look for a way out: a public address that answers, a name that resolves, in a job any route at all."""
    if "listen" not in order and (routes := [line.split()[0] for line in _lines("/proc/net/route")[1:]]):
        return f"a route through {routes[0]}"
    if reached := _reached(_PUBLIC):
        return f"reached {reached[0]}"
    return _resolves(order.get("name", "example.com"))


def no_host_ports(order: Order) -> str | None:
    """Try the listener that the prober opened on its machine, at every address it may have."""
    reached = _reached([(host, port) for host, port in order["host_targets"]])
    return f"reached this machine at {reached[0]}" if reached else None


def no_neighbours(order: Order) -> str | None:
    """Try another container's listener."""
    reached = _reached([(host, port) for host, port in order["neighbours"]])
    return f"reached another container at {reached[0]}" if reached else None


def read_only_root(_order: Order) -> str | None:
    """Try to write outside of /work and /tmp."""
    for folder in _ELSEWHERE:
        target = Path(folder, ".mlops-probe")
        with contextlib.suppress(OSError):
            target.write_text("x")
            target.unlink()
            return f"could write {folder}"
    root = next((line.split()[3] for line in _lines("/proc/self/mounts") if line.split()[1] == "/"), "")
    return None if "ro" in root.split(",") else "the root file system is mounted writable"


def not_root(_order: Order) -> str | None:
    """Look at the user and the groups."""
    ids = {os.getuid(), os.geteuid(), os.getgid(), os.getegid(), *os.getgroups()}
    return "runs with user or group 0" if 0 in ids else None


def no_rights(_order: Order) -> str | None:
    """Look for capabilities, a way to gain privileges, a missing seccomp filter."""
    status = dict(line.split(":\t", 1) for line in _lines("/proc/self/status") if ":\t" in line)
    if status.get("Seccomp") is None and Path("/proc/gvisor").exists():
        status["Seccomp"] = "2"  # gVisor is the filter
    if any(int(status.get(name, "1"), 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")):
        return f"capabilities {status.get('CapBnd')}"
    if status.get("NoNewPrivs", "1").strip() != "1":
        return "setuid programs could gain privileges"
    return None if status.get("Seccomp", "").strip() == "2" else "no seccomp filter"


def no_zygote(_order: Order) -> str | None:
    """Try to signal, trace, read and change the process that we were forked from."""
    import ctypes  # here, since no other probe needs it

    parent = os.getppid()
    with contextlib.suppress(PermissionError):
        os.kill(parent, 0)
        return "could signal it"
    if ctypes.CDLL(None).ptrace(16, parent, None, None) == 0:
        return "could trace it"
    for name, mode in (("mem", "rb"), ("mem", "r+b"), ("environ", "rb"), ("maps", "rb")):
        with contextlib.suppress(OSError), open(f"/proc/{parent}/{name}", mode):  # noqa: PTH123
            return f"could open its {name}"
    with contextlib.suppress(OSError):
        if list(Path(f"/proc/{parent}/fd").iterdir()):
            return "could see its files"
    return None


def process_cap(order: Order) -> str | None:
    """Start threads, which count as processes, until it is refused."""
    over, started, cap = threading.Event(), 0, int(order["processes"])
    try:
        while started < cap + 20:
            threading.Thread(target=over.wait, daemon=True).start()
            started += 1
    except RuntimeError:
        return None
    finally:
        over.set()
    return f"started {started} threads where {cap} are allowed"


def disk_cap(order: Order) -> str | None:
    """Fill the working folder and the temporary one."""
    cap = int(order["disk_mb"])
    for folder in (Path.cwd(), Path(os.environ.get("TMPDIR", "/tmp"))):
        files = [folder / f"fill-{number}" for number in range(cap + 5)]
        written = sum(1 for _ in _while_allowed(lambda path: path.write_bytes(b"x" * 2**20), files))
        _remove(files)
        if written > cap:
            return f"wrote {written} MiB to {folder} where {cap} are allowed"
    return None


def inode_cap(order: Order) -> str | None:
    """Make empty files until it is refused."""
    cap = int(order["inodes"])
    for folder in (Path.cwd(), Path(os.environ.get("TMPDIR", "/tmp"))):
        files = [folder / f"empty-{number}" for number in range(cap + 50)]
        made = sum(1 for _ in _while_allowed(lambda path: path.touch(), files))
        _remove(files)
        if made > cap:
            return f"made {made} files in {folder} where {cap} are allowed"
    return None


def no_host_files(order: Order) -> str | None:
    """Look for the engine's socket, the prober's own file, graded checks."""
    for path in (*_SOCKETS, order["canary_file"]):
        if _is_there(path):
            return f"found {path}"
    for folder, folders, files in os.walk("/"):
        folders[:] = [] if folder in ("/proc", "/sys", "/dev", "/opt/mlops/venv") else folders
        if {"lab.toml", "checks.py"} <= set(files):
            return f"found a lab's graded checks in {folder}"
    return None


def _is_there(path: str) -> bool:
    """Whether we can see it: not behind a folder that is locked for us, as root's own is."""
    try:
        return Path(path).exists()
    except PermissionError:
        return False


def no_host_environment(order: Order) -> str | None:
    """Look for the prober's environment, in our own and in every process we can see."""
    wanted = order["canary_name"]
    if wanted in os.environ:
        return "the caller's environment was passed on"
    return None


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _reached(targets: list[tuple[str, int]]) -> list[str]:
    with ThreadPoolExecutor(16) as pool:
        return [name for name in pool.map(_try, targets) if name]


def _try(target: tuple[str, int]) -> str | None:
    with contextlib.suppress(OSError), socket.create_connection(target, timeout=_SECONDS):
        return f"{target[0]}:{target[1]}"
    return None


def _resolves(name: str) -> str | None:
    found: list[Any] = []

    def ask() -> None:
        with contextlib.suppress(OSError):
            found.extend(socket.getaddrinfo(name, 443))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_SECONDS)
    return f"resolved {name}" if found else None


def _while_allowed(write: Callable[[Path], object], files: list[Path]) -> Iterator[Path]:
    for path in files:
        try:
            write(path)
        except OSError:
            return
        yield path


def _remove(files: list[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)


PROBES: dict[str, Callable[[Order], str | None]] = {
    "no-internet": no_internet,
    "no-host-ports": no_host_ports,
    "no-neighbours": no_neighbours,
    "read-only-root": read_only_root,
    "not-root": not_root,
    "no-rights": no_rights,
    "no-zygote": no_zygote,
    "process-cap": process_cap,
    "disk-cap": disk_cap,
    "inode-cap": inode_cap,
    "no-host-files": no_host_files,
    "no-host-environment": no_host_environment,
}


def _report(order: Order) -> None:
    for name in order["probes"]:
        try:
            saw = PROBES[name](order)
        except OSError as error:
            saw = f"the probe failed: {error}"  # a promise is kept only where a probe says so
        sys.stdout.write(json.dumps({"id": name, "kept": saw is None, "saw": saw or ""}) + "\n")
        sys.stdout.flush()


def _listen(order: Order) -> None:
    """Be the neighbour: answer on a port until we are stopped."""
    server = socket.create_server(("0.0.0.0", int(order["listen"])))
    _say("listening", int(order["listen"]))
    _report(order)
    while True:
        server.accept()[0].close()


def _exhaust_memory(order: Order) -> None:
    held = [bytearray(b"x" * 2**20) for _ in range(int(order["memory_mb"]) * 3)]
    time.sleep(5)  # where no kernel holds the limit, the engine looks every half second
    _say("survived", len(held))


def _exhaust_output(order: Order) -> None:
    for _ in range(int(order["output_mb"]) * 64):
        sys.stdout.write("x" * 2**16 + "\n")
    sys.stdout.flush()
    time.sleep(5)  # it is the engine that must end this, not our own end
    _say("survived", 0)


def _outlive(_order: Order) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(20)
    _say("survived", 0)


def _say(what: str, number: int) -> None:
    sys.stdout.write(json.dumps({what: number}) + "\n")
    sys.stdout.flush()


_ROLES: dict[str, Callable[[Order], None]] = {
    "report": _report,
    "listen": _listen,
    "memory-cap": _exhaust_memory,
    "output-cap": _exhaust_output,
    "time-cap": _outlive,
}


if __name__ == "__main__":
    given = json.loads(sys.stdin.readline())
    _ROLES[given["role"]](given)
