"""A class of strangers: every case of the collections and plain honest work, graded by the real command.

What can be seen of it afterwards is kept in a `Seen`, for tests/integration/test_hostile_batch.py to judge.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil

from grader.course.folder import Course, open_course
from grader.course.ledger import Ledger, Verdict
from grader.course.roster import open_roster
from grader.lab import load_lab
from grader.release import Bundle, bundle
from sandbox.docker_api import LABEL, connect
from sandbox.ownership import home_id
from tests.submissions import HERE, Case, canaries, cases, lay_work

LABS = ("tiny-sums", "tiny-runs", "tiny-repo", "tiny-image", "tiny-haste")
HASTE = 12  # seconds of tiny-haste, which is tiny-sums for work that must run out of time
ENVIRONMENT = "canary-environment-SECRET-4ab2c07d91ee"  # a word of the grader's own environment
SMALL = 2**20  # bytes of a file that are hashed; what is larger is known by its size


@dataclass
class Seen:
    """What the gradings left, and what they said."""

    root: Path
    bundles: dict[str, Bundle] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # all output of the command
    codes: list[int] = field(default_factory=list)
    shown: dict[str, int] = field(default_factory=dict)  # exit codes of the commands that show the class
    seconds: dict[str, float] = field(default_factory=dict)
    most_mb: dict[str, float] = field(default_factory=dict)  # of the grader's own processes
    before: dict[str, str] = field(default_factory=dict)  # submissions and earlier attempts, by hash
    after: dict[str, str] = field(default_factory=dict)
    left_before: set[str] = field(default_factory=set)
    left_after: set[str] = field(default_factory=set)
    second_grader: str = ""

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def course(self) -> Course:
        return open_course(self.root / "class")

    @property
    def temporary(self) -> Path:
        return self.root / "temporary"

    @property
    def labs(self) -> Path:
        return self.root / "labs"

    def handed_in(self, lab: str) -> Path:
        return self.root / "handed-in" / lab

    def verdicts(self, lab: str) -> list[Verdict]:
        ledger = Ledger(self.course.ledger)
        try:
            return ledger.history(lab)
        finally:
            ledger.close()

    def opaque(self, learner: str) -> str:
        return open_roster(self.course.roster, self.course.key).opaque(learner)


def chosen() -> list[Case]:
    """The cases to hand in: all; those whose names hold a word of MLOPS_HOSTILE; the third that MLOPS_THIRD names.

    A number of any size names a third, such as the day's: three days in a row see every case.
    """
    words = os.environ.get("MLOPS_HOSTILE", "").split()
    found = [case for case in cases() if not words or any(word in case.name for word in words)]
    third = os.environ.get("MLOPS_THIRD", "")
    return found[int(third) % 3 :: 3] if third else found


def possible(case: Case) -> bool:
    """Whether this account can make the case."""
    return not case.verdict.root or os.geteuid() == 0


def grade_class(root: Path, plain: int = 10) -> Seen:
    """Grade an honest class, then a hostile one among honest ones, then everything once more."""
    seen = Seen(root)
    seen.temporary.mkdir()
    _make_labs(seen.labs)
    for lab in LABS:
        seen.handed_in(lab).mkdir(parents=True)
        seen.bundles[lab] = bundle(load_lab(seen.labs / lab), root / "bundles", print)
    for lab, count in (("tiny-sums", 4), ("tiny-runs", 1)):
        _hand_in_plain(seen, lab, "earlier", range(count))
        _grade(seen, lab, "honest")
    for case in filter(possible, chosen()):
        case.lay_out(seen.handed_in(case.verdict.lab), seen.bundles[case.verdict.lab])
    _hand_in_plain(seen, "tiny-sums", "plain", range(plain))
    _hand_in_plain(seen, "tiny-runs", "plain", range(2))
    _hand_in_plain(seen, "tiny-repo", "plain", [0, 3])
    _hand_in_plain(seen, "tiny-image", "plain", [0, 3])
    _hand_in_plain(seen, "tiny-haste", "plain", [3])  # a blank one: it needs no time
    seen.before = _states(seen.root / "handed-in", seen.course.attempts)
    seen.left_before = _left(seen)
    for lab in LABS:
        _grade(seen, lab, "hostile")
    seen.left_after = _left(seen)
    seen.after = _states(seen.root / "handed-in", seen.course.attempts)
    for lab in LABS:
        _grade(seen, lab, "again")
        _show(seen, lab)
    return seen


def _show(seen: Seen, lab: str) -> None:
    """Make everything that people get to see of a class."""
    for what in (["feedback"], ["report"], ["report", "--json"], ["export"], ["status"]):
        words, env = command(seen, "grade", what[0], lab, "--course", str(seen.root / "class"), *what[1:])
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        (seen.root / f"{'-'.join(what)}-{lab}.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        seen.shown[f"{' '.join(what)} {lab}"] = done.returncode


def _make_labs(folder: Path) -> None:
    """The labs for tests, and tiny-haste."""
    shutil.copytree(HERE / "labs", folder)
    haste = folder / "tiny-haste"
    shutil.copytree(folder / "tiny-sums", haste)
    text = (haste / "lab.toml").read_text(encoding="utf-8").replace("tiny-sums", "tiny-haste")
    text = re.sub(r"^seconds = \d+", f"seconds = {HASTE}", text, flags=re.M)
    (haste / "lab.toml").write_text(text, encoding="utf-8")


def _hand_in_plain(seen: Seen, lab: str, stem: str, numbers: Iterable[int]) -> None:
    """Honest work: the reference, each a little different; every fourth is blank."""
    given = seen.bundles[lab]
    for number in numbers:
        notebook = json.loads(json.dumps(given.master if number % 4 == 3 else given.reference))
        notebook["metadata"]["number"] = number
        folder = seen.handed_in(lab) / f"{stem}-{number:02}"
        folder.mkdir()
        (folder / given.notebook_name).write_text(json.dumps(notebook), encoding="utf-8")
        lay_work(folder, given, "blank" if number % 4 == 3 else "reference")


def command(seen: Seen, *words: str) -> tuple[list[str], dict[str, str]]:
    """The command and its environment."""
    env = {
        **os.environ,
        "MLOPS_HOME": str(seen.home),
        "MLOPS_LABS": str(seen.labs),
        "MLOPS_ENGINE": "docker",
        "TMPDIR": str(seen.temporary),
        "MLOPS_TEST_MARK": ENVIRONMENT,
    }
    return [sys.executable, "-m", "mlops_labs.cli", *words], env


def run(seen: Seen, lab: str, *words: str) -> list[str]:
    """The words of a grading."""
    return ["grade", "run", lab, str(seen.handed_in(lab)), "--course", str(seen.root / "class"), *words]


def _grade(seen: Seen, lab: str, phase: str) -> None:
    started = time.monotonic()
    log = seen.root / f"{phase}-{lab}.log"
    words, env = command(seen, *run(seen, lab, *_wide()))
    with log.open("wb") as out:
        process = subprocess.Popen(words, env=env, stdout=out, stderr=subprocess.STDOUT)
        watch = threading.Thread(target=_watch, args=(seen, process.pid, phase))
        watch.start()
        if (phase, lab) == ("hostile", "tiny-sums"):
            time.sleep(8)
            seen.second_grader = _second_grader(seen, lab)
        process.wait()
        watch.join()
    seen.codes.append(process.returncode)
    seen.said.append(log.read_text(encoding="utf-8", errors="replace"))
    seen.seconds[f"{phase} {lab}"] = time.monotonic() - started


def _wide() -> list[str]:
    """One grading more than there are CPUs: those that only wait for their time to run out need none."""
    return ["--cpus", str((psutil.cpu_count() or 1) + 1)]


def _second_grader(seen: Seen, lab: str) -> str:
    words, env = command(seen, *run(seen, lab))
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    return f"{done.returncode} {done.stderr}"


def _watch(seen: Seen, pid: int, phase: str) -> None:
    """Keep the most memory that the grader's processes held together."""
    with contextlib.suppress(psutil.Error):
        grader = psutil.Process(pid)
        while grader.is_running() and grader.status() != psutil.STATUS_ZOMBIE:
            held = 0
            for process in [grader, *grader.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    held += process.memory_info().rss
            seen.most_mb[phase] = max(seen.most_mb.get(phase, 0.0), held / 2**20)
            time.sleep(0.2)


def _states(*folders: Path) -> dict[str, str]:
    """Every entry under some folders: what it is, and a hash of what it holds."""
    found = {}
    for top in folders:
        for at, folders_in, files in os.walk(top):
            for name in [*folders_in, *files]:
                path = Path(at, name)
                with contextlib.suppress(OSError):  # a path that is too long to be one
                    found[str(path)] = _state(path)
    return found


def _state(path: Path) -> str:
    about = path.lstat()
    kept = (
        f"{stat.filemode(about.st_mode)} {about.st_nlink} {about.st_uid} {about.st_mtime_ns} {about.st_size}"
    )
    if stat.S_ISLNK(about.st_mode):
        return f"{kept} -> {path.readlink()}"
    if stat.S_ISREG(about.st_mode) and about.st_size <= SMALL:
        return f"{kept} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return kept


def _left(seen: Seen) -> set[str]:
    """What should not be left: containers and networks of ours, volumes, processes, temporary files."""
    docker = connect()
    mark = [f"{LABEL}.home={home_id(seen.home / '.platform')}"]
    found = {f"container {one['Id'][:12]}" for one in docker.containers(mark)}
    found |= {f"network {one['Id'][:12]}" for one in docker.networks(mark)}
    volumes = subprocess.run(["docker", "volume", "ls", "-q"], capture_output=True, text=True, check=True)
    found |= {f"volume {name}" for name in volumes.stdout.split()}
    found |= {f"temporary {path.name}" for path in seen.temporary.iterdir()}
    found |= {path for path in ("/tmp/loaded-outside", "/tmp/climbed-out") if os.path.lexists(path)}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("MLOPS_TEST_MARK") == ENVIRONMENT:
                found.add(f"process {process.pid} {process.name()}")
    return found


def size_mb(folder: Path, without: str = "\0") -> float:
    """What a folder takes on the disk, in MiB, without what lies under a folder of some name."""
    total = 0
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != without]
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                total += Path(at, name).lstat().st_blocks * 512
    return total / 2**20


@cache
def secrets() -> dict[bytes, str]:
    """Every form of a marked word that a learner might be shown, and where it comes from."""
    found = {}
    for word, source in {**canaries(), ENVIRONMENT: "the environment"}.items():
        for form in (word, word[::-1], word.encode().hex()):
            found[form.encode()] = source
    return found


def leaks(path: Path) -> list[str]:
    """The marked words in a file."""
    data = path.read_bytes()
    return [f"{source} in {path}" for word, source in secrets().items() if word in data]
