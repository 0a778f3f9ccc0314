"""What `mlops class hub` does: the hub as a process of its own, and beside it who grades what is submitted."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil

from grader.course.batch import refuse_without_isolation
from grader.course.folder import Course
from mlops_labs import catalogue, console, publishing
from mlops_labs.hub.room import Room
from mlops_labs.hub.seats import Seats
from mlops_labs.hub.settings import Place, read_settings
from mlops_labs.session import Session
from sandbox import web
from sandbox.errors import DiskFull, InfrastructureError, PortTaken, UsageError

_INSTALL = "run: make .venv/hub-ready"
_START_SECONDS = 60.0
_END_SECONDS = 60.0  # for the hub to stop every stack
_LOOK_SECONDS = 1.0


def run(session: Session, course: Course, lab: str, port: int | None) -> None:
    """Run a class's hub until Ctrl-C, or until it ends by itself.

    Raises:
        UsageError: nobody is on the roster, the lab or the settings are wrong, another hub of the course runs.
        InfrastructureError: what it needs is not there, or the hub ended.
    """
    _require(session)
    place, settings = Place(course), read_settings(course)
    if not len(publishing.roster_of(course)):
        raise UsageError(
            "nobody is on the roster", f"run: mlops class import ROSTER.csv --course {course.root}"
        )
    room = Room(place, catalogue.lab(lab).id, port or settings.port, session)
    try:
        place.make(room.lab)
    except OSError as error:
        raise DiskFull(f"{place.root} cannot be made ({error.strerror})", "make room there") from None
    with _alone(place):
        _end_left_behind(place)
        _free(settings.host, room.port)
        session.ready_engine(room.bundle.lab.definition).prepare(room.image, session.tell)
        _serve(room, settings.host)


def _require(session: Session) -> None:
    refuse_without_isolation(session.engine)
    missing = [
        name for name in ("jupyterhub", "dockerspawner", "jupyterhub_traefik_proxy") if not find_spec(name)
    ]
    if missing:
        raise InfrastructureError(f"{missing[0]} is not installed", _INSTALL)
    if shutil.which("traefik", path=_path()) is None:
        raise InfrastructureError("the proxy traefik is not installed", _INSTALL)


def _path() -> str:
    """A search path on which the programs of this environment are, whether it is activated or not."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    with (place.state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"a hub of {place.course.root} runs already", "stop that one first") from None
        yield


def _end_left_behind(place: Place) -> None:
    """End what a hub that failed or was killed left: its proxy would keep the port, and its routes the old password."""
    for name in ("traefik.toml", "routes.toml"):
        (place.state / name).unlink(missing_ok=True)
    ours = {"mlops_labs.hub", "traefik", "jupyterhub_idle_culler"}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(place.state.resolve()) and ours & set(process.cmdline()):
                process.kill()
                process.wait(5)


def _free(host: str, port: int) -> None:
    """Say now what the proxy would say in the middle of its log."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"port {port} of {host} cannot be used ({error.strerror})",
                "choose another with --port, or in hub.toml",
            ) from None


def _serve(room: Room, host: str) -> None:
    hub = _started(room)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _await(hub, room, host)
        console.out(f"The class    http://{host}:{room.port}")
        console.out(f"Handed in    {room.place.handed_in(room.lab)}")
        console.out(f"The log      {room.place.log}")
        console.out("Press Ctrl-C to stop it for everybody. Their work stays where it is.")
        _watch(hub, room)
    except KeyboardInterrupt:
        console.tell("stopping every stack ...")
    finally:
        _end(hub, room)
    console.tell("Stopped. All work is kept.")


def _started(room: Room) -> subprocess.Popen[bytes]:
    config = Path(__file__).with_name("jupyterhub_config.py")
    descriptor = os.open(room.place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "mlops_labs.hub", f"--config={config}"],
            cwd=room.place.state,
            env={**os.environ, **room.environment(), "PATH": _path()},
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,  # Ctrl-C is for us; we end it
        )
    finally:
        os.close(descriptor)


def _await(hub: subprocess.Popen[bytes], room: Room, host: str) -> None:
    until = time.monotonic() + _START_SECONDS
    here = "127.0.0.1" if host == "0.0.0.0" else host
    while not web.answers(f"http://{here}:{room.port}/hub/health", ""):
        if hub.poll() is not None or time.monotonic() > until:
            raise InfrastructureError("the hub did not start", f"read {room.place.log}")
        time.sleep(0.3)


def _watch(hub: subprocess.Popen[bytes], room: Room) -> None:
    seats = Seats(room)
    while hub.poll() is None:
        with contextlib.suppress(InfrastructureError):  # the engine is away: the next look may see it
            seats.step()
        time.sleep(_LOOK_SECONDS)
    raise InfrastructureError(f"the hub ended with exit code {hub.returncode}", f"read {room.place.log}")


def _end(hub: subprocess.Popen[bytes], room: Room) -> None:
    """End the hub, which stops every stack; whatever is left of one then is removed."""
    hub.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        hub.wait(_END_SECONDS)
    hub.kill()
    hub.wait()
    _end_left_behind(room.place)
    for home in room.place.learners.iterdir():
        with contextlib.suppress(InfrastructureError):
            room.stack(home.name).remove()
