"""What `mlops grade review` does: nbgrader's formgrader over a course, for this machine and this mentor only.

The server runs nothing of a learner's: it has no kernels and no terminals, and its pages may load nothing from
elsewhere, whatever somebody managed to write into a notebook.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.course.folder import Course
from mlops_labs import console
from sandbox.errors import InfrastructureError, PortTaken, UsageError

_START_SECONDS = 60.0
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
)


@dataclass(frozen=True)
class Review:
    """A formgrader that runs."""

    pid: int
    port: int
    token: str
    lab: str

    @property
    def url(self) -> str:
        """The lab's submissions, open to whoever has the address."""
        return self.page(self.lab)

    def page(self, lab: str) -> str:
        """The submissions of a lab, by way of the login: the formgrader's own pages forget a token."""
        return f"http://127.0.0.1:{self.port}/login?next=/formgrader/gradebook/{lab}/{lab}&token={self.token}"

    def answers(self) -> bool:
        """Whether the page is really there."""
        keeping = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        try:
            with keeping.open(self.url, timeout=5) as reply:
                return b"formgrader" in reply.read(100_000)
        except (OSError, urllib.error.URLError):
            return False


def review(course: Course, lab: str, *, detach: bool, browser: bool, port: int | None) -> None:
    """Show a lab's submissions in the formgrader; stay until Ctrl-C unless `detach`.

    Raises:
        UsageError: nothing of the lab is in the gradebook yet.
        InfrastructureError: the server does not start.
    """
    if not (course.root / "autograded").is_dir() or not any(course.root.glob(f"autograded/*/{lab}")):
        raise UsageError(
            f"nothing of {lab} is in the gradebook of {course.root}", f"run: mlops grade run {lab} FOLDER"
        )
    running = _running(course)
    found = running or _start(course, lab, port)
    console.out(f"Formgrader  {found.page(lab)}")
    if browser:
        webbrowser.open(found.page(lab))
    if detach or running:
        console.out(f"Stop it with: mlops grade review {lab} --stop")
        return
    console.out("Press Ctrl-C to stop. Marks and comments are saved as you give them.")
    try:
        while _alive(found.pid):
            time.sleep(0.3)
        console.tell("the formgrader was stopped from elsewhere")
    except KeyboardInterrupt:
        console.tell("stopping ...")
    finally:
        stop(course)


def stop(course: Course) -> bool:
    """Stop the course's formgrader and remove what it needed; False when none ran."""
    found = _recorded(course)
    if found is not None and _is_ours(found.pid, course):
        _end(found.pid)
    shutil.rmtree(_folder(course), ignore_errors=True)
    return found is not None


def _folder(course: Course) -> Path:
    return course.platform / "review"


def _recorded(course: Course) -> Review | None:
    try:
        return Review(**json.loads((_folder(course) / "running.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _running(course: Course) -> Review | None:
    found = _recorded(course)
    return found if found is not None and _is_ours(found.pid, course) and found.answers() else None


def _start(course: Course, lab: str, port: int | None) -> Review:
    """Start the server and wait until it answers; nothing is left of one that does not."""
    stop(course)
    folder = _folder(course)
    (folder / "tmp").mkdir(parents=True)
    folder.chmod(0o700)
    chosen, token = port or _free_port(), secrets.token_hex(24)
    if port is not None and not _is_free(port):
        raise PortTaken(f"port {port} is in use", "name another one with --port, or leave it out")
    config = folder / "config.json"
    config.write_text(json.dumps(_settings(course, chosen, token)), encoding="utf-8")
    environment = {**os.environ, "JUPYTER_NO_CONFIG": "1", "TMPDIR": str(folder / "tmp")}
    environment |= {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "JUPYTER_DATA_DIR": str(folder / "data")}
    try:
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", f"--config={config}"],
                cwd=course.root,  # where nbgrader looks for its configuration
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop it
            )
        found = Review(process.pid, chosen, token, lab)
        (folder / "running.json").write_text(json.dumps(asdict(found)), encoding="utf-8")
        _wait(process, found, folder / "log")
    except BaseException:
        stop(course)
        raise
    return found


def _settings(course: Course, port: int, token: str) -> dict[str, object]:
    return {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": port,
            "port_retries": 0,
            "open_browser": False,
            "root_dir": str(course.root),
            "allow_root": True,
            "terminals_enabled": False,
            "kernel_manager_class": "mlops_labs.no_kernels.NoKernels",
            "jpserver_extensions": {"nbgrader.server_extensions.formgrader": True},
            "tornado_settings": {"headers": {"Content-Security-Policy": _POLICY}},
        },
        "IdentityProvider": {"token": token},
    }


def _wait(process: subprocess.Popen[bytes], found: Review, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not found.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no message"]
            raise InfrastructureError(
                f"the formgrader does not start ({lines[-1].strip()[:200]})", "mend that and try again"
            )
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # when it is our child, else it stays as a zombie
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _is_ours(pid: int, course: Course) -> bool:
    """Whether the process is the course's server: a process id is used again after a while."""
    try:
        return str(_folder(course)).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _end(pid: int) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.killpg(pid, number)
        deadline = time.monotonic() + 5
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not _alive(pid):
            return
