"""The platform's side of `lab.submit()`: watches a lab's mailbox outside the sandbox and grades on request.

A request says nothing but "grade": which lab, whose work and which checks is decided here. The mailbox is a
folder of the learner's, so it is read and written as untrusted files.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from grader import wire
from mlops_labs import progress
from mlops_labs.desk import Desk
from mlops_labs.home import Home
from mlops_labs.session import EngineName, Session, open_session
from sandbox import untrusted_files
from sandbox.errors import MlopsError, UsageError

MAILBOX = ".mlops/mailbox"
_BEAT_SECONDS = 2.0
_TICK = 0.1  # seconds between looks at the mailbox
_END_SECONDS = 10.0  # for a supervisor that was told to end
_MAX_REQUEST = 1000  # bytes


class Supervisor:
    """Serves one lab's mailbox until it is told to stop."""

    def __init__(self, session: Session, lab: str) -> None:
        self._session = session
        self._lab = lab
        self._work = session.home.work(lab)
        self._last_beat = 0.0
        # Who asks for nothing gets the best engine there is, which may be another than this one.
        self._desk = Desk(session.home, lab) if session.engine_name != "local" else None
        self._keep_warm()

    def _keep_warm(self) -> None:
        """Make the next verdict come at once: it is only a matter of time, so that trouble with it is none."""

        def run() -> None:
            with contextlib.suppress(MlopsError, OSError):
                self._session.keep_warm(self._lab)

        threading.Thread(target=run, daemon=True).start()

    def step(self) -> None:
        """Give a sign of life and serve a request, if there is one."""
        if time.monotonic() - self._last_beat > _BEAT_SECONDS:
            untrusted_files.write_file(self._work, f"{MAILBOX}/alive", b"")
            self._last_beat = time.monotonic()
        request = self._take_request()
        if request is not None:
            text = self._grade() + "\n"
            untrusted_files.write_file(self._work, f"{MAILBOX}/{request}.txt", text.encode())
            self._keep_warm()

    def _take_request(self) -> str | None:
        """The id of a request, removed from the mailbox; what is no request is removed as well."""
        name = f"{MAILBOX}/request.json"
        try:
            data = untrusted_files.read_file(self._work, name, _MAX_REQUEST)
            if data is None:
                return None
            content: Any = wire.loads(data)
        except (UsageError, wire.WireError):
            content = None
        untrusted_files.remove(self._work, name)
        request = content.get("submit") if isinstance(content, dict) else None
        valid = (
            isinstance(request, str) and len(request) == 16 and all(c in "0123456789abcdef" for c in request)
        )
        return request if valid else None

    def _grade(self) -> str:
        try:
            return progress.picture(self._session.submit(self._lab)).text(notebook=True)
        except MlopsError as error:
            return f"{error}. No mark was given; your work is as it was."
        except Exception as error:  # noqa: BLE001  # ours, whatever it is; the learner must get an answer
            what = f"{type(error).__name__}: {error}"[:200]
            return f"Unexpected trouble of ours ({what}). No mark was given; your work is as it was."

    def step_safely(self) -> None:
        """A step; trouble is waited out. Nothing that a learner can provoke may end the one who serves them."""
        try:
            self.step()
        except Exception:  # noqa: BLE001  # see above
            time.sleep(_BEAT_SECONDS)

    def wait(self) -> None:
        """Wait a moment for the next step, or grade what the command line hands in meanwhile."""
        if self._desk is None:
            time.sleep(_TICK)
        elif self._desk.serve(_TICK, lambda public: self._session.submit(self._lab, public=public)):
            self._keep_warm()

    def close(self) -> None:
        """Take no more submissions."""
        if self._desk is not None:
            self._desk.close()

    def run(self) -> None:
        """Serve until interrupted."""
        try:
            while True:
                self.step_safely()
                self.wait()
        finally:
            self.close()


def _record(home: Home, lab: str) -> Path:
    return home.platform / "stacks" / f"{lab}.supervisor"


def start_detached(home: Home, lab: str, engine: EngineName) -> None:
    """Start a supervisor that outlives this command, in place of one that runs already."""
    stop_detached(home, lab)
    record = _record(home, lab)
    record.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "mlops_labs.supervise", lab, engine],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "MLOPS_HOME": str(home.root)},
    )
    record.write_text(str(process.pid), encoding="utf-8")


def stop_detached(home: Home, lab: str) -> None:
    """Stop the supervisor of a lab, if one runs."""
    record = _record(home, lab)
    try:
        pid = int(record.read_text(encoding="utf-8"))
        command = (
            Path(f"/proc/{pid}/cmdline").read_bytes() if Path("/proc").is_dir() else b"mlops_labs.supervise"
        )
        if b"mlops_labs.supervise" in command:  # a process id is used again after a while
            os.killpg(pid, signal.SIGTERM)
            _wait_for(pid)
    except (OSError, ValueError):
        pass
    record.unlink(missing_ok=True)


def _wait_for(pid: int) -> None:
    """Wait until a supervisor that was told to end has removed its sandboxes."""
    until = time.monotonic() + _END_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(ChildProcessError, OSError):
            os.waitpid(pid, os.WNOHANG)  # where it was started by this very process
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.05)


def main() -> None:
    """Supervise the lab named on the command line (started by `mlops start --detach`)."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a grading under way is tidied up
    lab, engine = sys.argv[1], sys.argv[2]
    chosen: EngineName = "docker" if engine == "docker" else "local" if engine == "local" else "auto"
    Supervisor(open_session(chosen, lambda _line: None), lab).run()


if __name__ == "__main__":
    main()
