"""The first process of a warm sandbox: it has imported what jobs need, and forks each job from itself.

Started as ``python -m sandbox.zygote``, as root with no rights but to become another user, to drop rights and to kill; talked to in
`sandbox.frames`. One job at a time. A job's main process is forked as one user; processes that it asks for, which run
the learner's code, are forked as another, and neither can touch this one. When a job is over, everything of both is
killed and removed, and only a sandbox that is then as it was before is called clean. Standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import runpy
import selectors
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from sandbox.frames import DATA, END, ERRORS, LEASE, OVER, PRELOAD, READY, Frames, frame

MAIN_USER, FORKED_USER = 1001, 1000
CONTROL = "MLOPS_ZYGOTE"  # tells a job's main process the descriptor by which it asks us
_WRITABLE = ("/work", "/tmp", "/dev/shm", "/dev/mqueue")
_LEFT_BY_SOCKETS = ("tcp", "tcp6", "udp", "udp6")
_CHUNK = 2**16
_MOST_WAITING = 2**22  # bytes for a job that does not read them; then we stop reading too
_MOST_FORKS = 16
_KILL_SECONDS = 3.0
_FREED_SECONDS = 1.0  # for the kernel to free what a killed process held
_THREADS_WORD = 17  # place of the number of threads in /proc/PID/stat, counted from the state
_FIRST_VICTIM = "500"  # of learner code when memory runs out: before ourselves
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 4, 24
_CAPABILITIES = 64  # more than any kernel has
# Threads of libraries that survive a fork: the allocator of pyarrow starts its own anew in the child.
_FORKABLE = {"jemalloc_bg_thd"}


@dataclass
class State:
    """What a job could leave behind; equal states are a sandbox that is as it was."""

    places: dict[str, tuple[int, ...]]  # bytes and names free, and how many entries, of each writable place
    ipc: int  # System V objects
    sockets: int

    def difference(self, before: State) -> str:
        """One word for what is not as it was, "" for nothing."""
        for place, room in self.places.items():
            if before.places.get(place) != room:
                return f"{place} is not as it was"
        if self.ipc != before.ipc:
            return "shared memory, semaphores or messages are left"
        return "sockets are left" if self.sockets != before.sockets else ""


def state() -> State:
    """Look at everything that outlives processes."""
    places: dict[str, tuple[int, ...]] = {}
    for place in _WRITABLE:
        with contextlib.suppress(OSError):
            room = os.statvfs(place)
            places[place] = (room.f_bfree, room.f_ffree, len(os.listdir(place)))  # noqa: PTH208  # no pathlib objects
    ipc = sum(_rows(f"/proc/sysvipc/{kind}") for kind in ("shm", "sem", "msg"))
    return State(places, ipc, sum(_rows(f"/proc/net/{kind}") for kind in _LEFT_BY_SOCKETS))


def _rows(path: str) -> int:
    try:
        return max(0, len(Path(path).read_bytes().splitlines()) - 1)
    except OSError:
        return 0


def _processes() -> set[int]:
    """Every process here but the first, ourselves and the dead."""
    found = set()
    for name in os.listdir("/proc"):  # noqa: PTH208  # names are all we need
        if name.isdigit() and int(name) not in (1, os.getpid()):
            with contextlib.suppress(OSError, IndexError):
                words = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                # One whose first thread is dead may have others, which still hold its files.
                if words[0] not in ("Z", "X") or int(words[_THREADS_WORD]) > 1:
                    found.add(int(name))
    return found


def _killed_for_memory() -> int:
    """How many processes of this sandbox the kernel killed for its memory; version 2 or 1 of its accounts."""
    for name in ("memory.events", "memory/memory.oom_control"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            words = Path("/sys/fs/cgroup", name).read_text().split()
            return int(words[words.index("oom_kill") + 1])
    return 0


def _threads() -> set[str]:
    """The names of our threads, but for the first."""
    tasks = (path for path in Path("/proc/self/task").iterdir() if path.name != str(os.getpid()))
    return {(path / "comm").read_text().strip() for path in tasks}


def preload(modules: list[str]) -> list[str]:
    """Import what can be imported of them, and call what is given as module:function; return what failed."""
    failed = []
    for name in modules:
        module, _, function = name.partition(":")
        try:
            found = importlib.import_module(module)
            if function:
                getattr(found, function)()
        except BaseException:  # noqa: BLE001  # whatever it does, the job imports it again and sees for itself
            failed.append(name)
    return failed


def _become(user: int) -> None:
    """In a new process: another user, nothing of ours open, nothing of ours that could be foreseen."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.set_wakeup_fd(-1)
    os.umask(0o022)
    if user == FORKED_USER:
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_FIRST_VICTIM)
    libc = ctypes.CDLL(None)
    for number in range(
        _CAPABILITIES
    ):  # what a user's process does not have, it must not be able to get either
        libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    if user == FORKED_USER:  # a change of user hides a process from itself, too; the main one stays hidden
        libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _run(module: str) -> NoReturn:
    """Be `python -m module`, then end."""
    code = 0
    try:
        sys.argv = [module]
        sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]  # noqa: PTH109  # compared with texts
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001  # as an interpreter does
        import traceback

        traceback.print_exc()
        code = 1
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _spawn(user: int, descriptors: list[int], module: str, env: dict[str, str]) -> int:
    """Fork `module` as `user`; `descriptors` become 0, 1, ... and all others are closed. Returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(user)
        high = [os.dup(one) for one in descriptors]  # first out of the way of one another
        for number, one in enumerate(high):
            os.dup2(one, number)
        os.closerange(len(high), 2**12)
        # Open for as long as the process lives.
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        os.environ.update(env)
        os.chdir("/work")
    except BaseException:  # noqa: BLE001  # above all, never go on as a second zygote
        os._exit(120)
    _run(module)


def _clean_up(user: int) -> None:
    """As `user` (0: as we are), remove everything of theirs from the places that can be written."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    try:
        if user:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        for place in _WRITABLE:
            for entry in os.scandir(place):
                _remove(entry)
    finally:
        os._exit(0)


def _remove(entry: os.DirEntry[str]) -> None:
    with contextlib.suppress(OSError, RecursionError):
        if not entry.is_dir(follow_symlinks=False):
            Path(entry.path).unlink()
            return
        _open_all(entry.path)
        shutil.rmtree(entry.path, ignore_errors=True)


def _open_all(top: str) -> None:
    """Make every folder of a tree one that its owner may empty."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)  # noqa: PTH101  # names may be no text
            waiting += [one.path for one in os.scandir(folder) if one.is_dir(follow_symlinks=False)]


@dataclass
class Lease:
    """One job: its processes and its streams."""

    main: int
    stdin: int
    streams: dict[int, bytes]  # descriptor of what it writes -> the kind of frame it goes out as
    control: socket.socket
    ours: set[int] = field(default_factory=set)  # forked by us for it
    codes: dict[int, int] = field(default_factory=dict)  # of those that have ended
    waiting: bytearray = field(default_factory=bytearray)  # for its stdin
    failed: str = ""


class Zygote:
    """Serves jobs, one after the other, until nobody is there any more."""

    def __init__(self, inlet: int, outlet: int) -> None:
        self._in, self._out = inlet, outlet
        self._frames = Frames()
        self._queue: list[tuple[bytes, bytes]] = []
        self._woken, wake = socket.socketpair()
        for end in (self._woken, wake):
            end.setblocking(False)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)

    def _say(self, kind: bytes, payload: bytes = b"") -> None:
        data = memoryview(frame(kind, payload))
        while data:
            data = data[os.write(self._out, data) :]

    def _next(self) -> tuple[bytes, bytes]:
        """Wait for the next frame; end with the one who sends them."""
        while not self._queue:
            data = os.read(self._in, _CHUNK)
            if not data:
                os._exit(0)
            self._queue += self._frames.feed(data)
        return self._queue.pop(0)

    def serve(self) -> NoReturn:
        """Preload what the first frame says, then run one job after the other."""
        kind, payload = self._next()
        if kind != PRELOAD:
            os._exit(2)
        started = time.monotonic()
        failed = preload(json.loads(payload))
        _clean_up(0)
        gc.collect()
        gc.freeze()
        alone = _threads() <= _FORKABLE
        ready = {"seconds": round(time.monotonic() - started, 3), "failed": failed, "alone": alone}
        self._say(READY, json.dumps(ready).encode())
        while True:
            kind, payload = self._next()
            if kind == LEASE:
                self._serve_one(json.loads(payload))

    def _serve_one(self, order: dict[str, Any]) -> None:
        before, killed = state(), _killed_for_memory()
        lease = self._start(order)
        try:
            self._talk(lease)
            lease.failed = lease.failed or self._strangers(lease)
        finally:
            left = self._end(lease)
        for stream, kind in lease.streams.items():  # the last words
            with contextlib.suppress(OSError):
                while data := os.read(stream, _CHUNK):
                    self._say(kind, data)
            os.close(stream)
        why = lease.failed or left or self._difference(before)
        over = {
            "code": lease.codes.get(lease.main),
            "oom": _killed_for_memory() > killed,
            "clean": not why,
            "why": why,
        }
        self._say(OVER, json.dumps(over).encode())

    @staticmethod
    def _difference(before: State) -> str:
        """What is not as it was. The kernel frees what dead processes held a moment after they are gone."""
        until = time.monotonic() + _FREED_SECONDS
        while (why := state().difference(before)) and time.monotonic() < until:
            time.sleep(0.02)
            for user in (FORKED_USER, MAIN_USER):
                _clean_up(user)
        return why

    def _start(self, order: dict[str, Any]) -> Lease:
        inside_in, stdin = os.pipe()
        stdout, inside_out = os.pipe()
        stderr, inside_err = os.pipe()
        control, inside_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        given = [inside_in, inside_out, inside_err, inside_control.fileno()]
        main = _spawn(MAIN_USER, given, str(order["module"]), {**order["env"], CONTROL: "3"})
        for one in given[:3]:
            os.close(one)
        inside_control.close()
        for one in (stdin, stdout, stderr):
            os.set_blocking(one, False)
        return Lease(main, stdin, {stdout: DATA, stderr: ERRORS}, control, {main})

    def _talk(self, lease: Lease) -> None:
        """Carry everything to and fro until the main process has ended, or shall."""
        with selectors.DefaultSelector() as selector:
            for stream in lease.streams:
                selector.register(stream, selectors.EVENT_READ, self._on_output)
            selector.register(lease.control, selectors.EVENT_READ, self._on_control)
            selector.register(self._woken, selectors.EVENT_READ, self._on_child)
            while lease.main not in lease.codes:
                if not self._take(lease):
                    return
                self._watch(selector, lease)
                for key, _ in selector.select(1.0):
                    action: Callable[[selectors.BaseSelector, Lease], None] = key.data
                    action(selector, lease)
                self._reap(lease)

    def _watch(self, selector: selectors.BaseSelector, lease: Lease) -> None:
        """Read from outside while there is room; write to the job while there is something."""
        for descriptor, event, action, wanted in (
            (self._in, selectors.EVENT_READ, self._on_input, len(lease.waiting) < _MOST_WAITING),
            (lease.stdin, selectors.EVENT_WRITE, self._on_room, bool(lease.waiting)),
        ):
            known = descriptor in selector.get_map()
            if wanted and not known:
                selector.register(descriptor, event, action)
            elif known and not wanted:
                selector.unregister(descriptor)

    def _take(self, lease: Lease) -> bool:
        """Take the frames that have come; False where one of them ends the job."""
        while self._queue:
            kind, payload = self._queue.pop(0)
            if kind == END:
                return False
            if kind == DATA and lease.stdin >= 0:
                lease.waiting += payload
        return True

    def _on_input(self, _selector: selectors.BaseSelector, _lease: Lease) -> None:
        data = os.read(self._in, _CHUNK)
        if not data:
            os._exit(0)  # nobody is there any more: the sandbox ends, and everything in it
        self._queue += self._frames.feed(data)

    def _on_room(self, selector: selectors.BaseSelector, lease: Lease) -> None:
        try:
            del lease.waiting[: os.write(lease.stdin, lease.waiting)]
        except BlockingIOError:
            return
        except OSError:  # it has closed its stdin
            selector.unregister(lease.stdin)
            lease.waiting.clear()

    def _on_output(self, selector: selectors.BaseSelector, lease: Lease) -> None:
        for stream, kind in lease.streams.items():
            if stream not in selector.get_map():
                continue
            try:
                data = os.read(stream, _CHUNK)
            except BlockingIOError:
                continue
            if data:
                self._say(kind, data)
            else:
                selector.unregister(stream)

    def _on_child(self, _selector: selectors.BaseSelector, _lease: Lease) -> None:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(_CHUNK)

    def _reap(self, lease: Lease) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            lease.codes[pid] = code if code >= 0 else 128 - code

    def _on_control(self, selector: selectors.BaseSelector, lease: Lease) -> None:
        """Do what the main process asks: fork, signal or look after a process of its job."""
        message, descriptors, _, _ = socket.recv_fds(lease.control, _CHUNK, 1)
        if not message:
            selector.unregister(lease.control)
            return
        try:
            answer = self._control(json.loads(message), descriptors, lease)
        except (OSError, ValueError, KeyError, TypeError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        finally:
            for one in descriptors:
                os.close(one)
        with contextlib.suppress(OSError):
            lease.control.send(json.dumps(answer).encode())

    def _control(self, asked: dict[str, Any], descriptors: list[int], lease: Lease) -> dict[str, Any]:
        if asked["op"] == "fork":
            if len(lease.ours) > _MOST_FORKS or len(descriptors) != 1:
                raise ValueError("no more forks")
            null = os.open(os.devnull, os.O_RDWR)
            try:
                pid = _spawn(FORKED_USER, [descriptors[0], null, null], str(asked["module"]), {})
            finally:
                os.close(null)
            lease.ours.add(pid)
            return {"pid": pid}
        pid = int(asked["pid"])
        if pid not in lease.ours:
            raise ValueError("not one of yours")
        self._reap(lease)
        if asked["op"] == "signal" and pid not in lease.codes:
            os.killpg(pid, int(asked["number"]))
        return {"code": lease.codes.get(pid)}

    def _strangers(self, lease: Lease) -> str:
        """Processes that a job leaves running beside those that we forked for it."""
        left = _processes() - lease.ours
        return f"{len(left)} processes were left" if left else ""

    def _end(self, lease: Lease) -> str:
        """Kill and remove everything of a job; say what could not be."""
        until = time.monotonic() + _KILL_SECONDS
        while True:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)  # all but the first process, which is not ours, and this one
            self._reap(lease)
            if not _processes():
                break
            if time.monotonic() > until:
                return "processes do not die"
            time.sleep(0.01)
        os.close(lease.stdin)
        lease.control.close()
        for user in (FORKED_USER, MAIN_USER, FORKED_USER):
            _clean_up(user)
        return ""


def main() -> NoReturn:
    """Keep stdin and stdout for frames; whatever is imported may print."""
    inlet, outlet = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(null, 2)
    Zygote(inlet, outlet).serve()


if __name__ == "__main__":
    main()
