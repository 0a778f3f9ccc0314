"""The platform's own accidents, at random moments of a real batch: killed, engine restarted, disk full, database
locked, image removed, clock moved.

After each, the next run must finish the rest: one verdict each, the right one, nothing half written, nothing left.
`make faults` does each twenty times; without it, once.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader.course import gradebook
from grader.course.folder import open_course
from grader.course.ledger import Ledger
from grader.course.roster import open_roster
from grader.release import Bundle
from sandbox.docker_api import LABEL, connect
from sandbox.docker_engine import DockerEngine
from sandbox.images import image_tag
from sandbox.ownership import home_id

pytestmark = pytest.mark.engine
REPEATS = range(int(os.environ.get("MLOPS_FAULT_REPEATS", "1")))
STEPS = ["started", "graded", "half-written", "written", "in-place", "committed"]
# Of bringing the verdicts into the gradebook; the first two happen once for a lab.
PUBLISHING = ["entry-committed", "submitted-written", "autograded-written", "published"]
ONCE = ["master-written", "lab-committed"]
ROOT = Path(__file__).parents[2]
EXPECTED = {
    **dict.fromkeys(("ana", "bo", "cy"), (5, "graded")),
    "dee": (0, "not_attempted"),
    **{f"eve-{number}": (0, "rejected") for number in range(9)},
}


@dataclass
class Scene:
    """A class's submissions, a course, and the process that grades them."""

    folder: Path
    course: Path
    home: Path
    env: dict[str, str]
    log: list[str] = field(default_factory=list)

    def start(self, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faulty", str(self.course), str(self.folder)],
            cwd=ROOT,
            env={**self.env, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def over(self, process: subprocess.Popen[str], seconds: float = 240) -> int:
        said, _ = process.communicate(timeout=seconds)
        self.log.append(f"--- exit {process.returncode}\n{said}")
        assert "Traceback" not in said, self.log
        assert "unexpected error" not in said, self.log
        return process.returncode

    def finish(self) -> None:
        """Run again until everything has a verdict: at most twice, since nothing is in the way any more."""
        for _ in range(2):
            if self.over(self.start()) == 0:
                return
        pytest.fail("\n".join(self.log))

    def assert_whole(self) -> None:
        course = open_course(self.course)
        roster = open_roster(course.roster, course.key)
        ledger = Ledger(course.ledger)
        try:
            history = ledger.history("tiny-sums")
            assert ledger.troubles("tiny-sums") == [], self.log
        finally:
            ledger.close()
        found = {}
        for verdict in history:
            learner = roster.reveal(verdict.key.learner)
            assert learner is not None
            assert learner.id not in found, f"graded twice: {self.log}"
            found[learner.id] = (verdict.result.earned, verdict.result.outcome.value)
            kept = course.attempts / verdict.result.attempt
            assert json.loads((kept / "result.json").read_text())["attempt"] == verdict.result.attempt
            assert (kept / "submission.ipynb").read_bytes() == (
                self.folder / learner.id / "tiny-sums.ipynb"
            ).read_bytes()
        assert found == EXPECTED, self.log
        marks = gradebook.read_marks(course, "tiny-sums")
        assert {learner: mark.points for learner, mark in marks.items()} == {
            roster.opaque(name): float(points) for name, (points, _) in EXPECTED.items()
        }
        assert {path.parent.parent.name for path in course.root.glob("autograded/*/*/*.ipynb")} == set(marks)
        assert {path.name for path in course.attempts.iterdir()} == {one.result.attempt for one in history}
        assert list(course.drafts.iterdir()) == []

    def assert_nothing_left(self) -> None:
        docker = connect({"DOCKER_HOST": self.env.get("DOCKER_HOST", "")})
        mark = [f"{LABEL}.home={home_id(self.home / '.platform')}"]
        assert docker.containers(mark) == []
        assert docker.networks(mark) == []


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory, tiny: Bundle) -> Path:
    folder = tmp_path_factory.mktemp("handed-in")
    for name in EXPECTED:
        notebook = json.loads(json.dumps(tiny.master if name == "dee" else tiny.reference))
        notebook["metadata"]["whose"] = name
        (folder / name).mkdir()
        text = "{" if name.startswith("eve") else json.dumps(notebook)
        (folder / name / "tiny-sums.ipynb").write_text(text)
    return folder


@pytest.fixture(scope="module")
def fault_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("fault-home")
    engine = DockerEngine(home / ".platform")
    engine.prepare("lab", print)
    engine.check_promises(print)
    return home


@pytest.fixture
def scene(handed_in: Path, fault_home: Path, tmp_path: Path, labs_for_tests: Path) -> Iterator[Scene]:
    env = {**os.environ, "MLOPS_HOME": str(fault_home), "MLOPS_LABS": str(labs_for_tests)}
    made = Scene(handed_in, tmp_path / "class", fault_home, env)
    yield made
    made.assert_whole()
    made.assert_nothing_left()


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    seed = f"{request.node.name}-{time.time()}"
    print(f"seed: {seed}")  # shown when the test fails
    return random.Random(seed)


@pytest.mark.parametrize("repeat", REPEATS)
def test_killed_at_every_step(scene: Scene, dice: random.Random, repeat: int) -> None:
    """One course that is killed twelve times, at the first or second time that a step is reached."""
    for step in [*dice.sample(STEPS, len(STEPS)), *ONCE, *dice.sample(PUBLISHING, len(PUBLISHING))]:
        nth = 1 if step in ONCE else dice.randint(1, 2)
        assert scene.over(scene.start(FAULT_STEP=step, FAULT_NTH=str(nth))) == -signal.SIGKILL, (
            step,
            scene.log,
        )
    scene.finish()


@pytest.mark.parametrize("repeat", REPEATS)
def test_killed_at_any_time(scene: Scene, dice: random.Random, repeat: int) -> None:
    for _ in range(2):
        process = scene.start()
        time.sleep(dice.uniform(0.5, 12))
        process.kill()
        scene.over(process)
    scene.finish()


@pytest.mark.parametrize("repeat", REPEATS)
def test_two_graders_at_once(scene: Scene, dice: random.Random, repeat: int) -> None:
    first = scene.start()
    time.sleep(dice.uniform(0, 3))
    second = scene.start()
    codes = [scene.over(first), scene.over(second)]
    assert 0 in codes
    scene.finish()


@pytest.mark.parametrize("repeat", REPEATS)
def test_image_removed(scene: Scene, dice: random.Random, repeat: int) -> None:
    tag = image_tag("lab")
    subprocess.run(["docker", "tag", tag, "mlops-labs/kept:faults"], check=True)
    try:
        process = scene.start()
        time.sleep(dice.uniform(0.5, 8))
        subprocess.run(["docker", "rmi", "-f", tag], check=False, capture_output=True)
        scene.over(process)
        scene.finish()
    finally:
        subprocess.run(["docker", "tag", "mlops-labs/kept:faults", tag], check=True)
        subprocess.run(["docker", "rmi", "mlops-labs/kept:faults"], check=True, capture_output=True)


@pytest.mark.parametrize("repeat", REPEATS)
def test_database_locked(scene: Scene, dice: random.Random, repeat: int) -> None:
    process = scene.start()
    until = time.monotonic() + 60
    path = scene.course / ".mlops" / "ledger.db"
    while process.poll() is None and time.monotonic() < until:
        time.sleep(dice.uniform(0, 2))
        if path.exists():
            with (
                contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other,
                contextlib.suppress(sqlite3.OperationalError),
            ):
                other.execute("BEGIN EXCLUSIVE")
                time.sleep(dice.uniform(0.1, 4))
    assert scene.over(process) == 0, scene.log  # waited for, not given up
    scene.finish()


@pytest.mark.faketime
@pytest.mark.parametrize("repeat", REPEATS)
def test_clock_moved(scene: Scene, dice: random.Random, tmp_path: Path, repeat: int) -> None:
    libraries = list(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    process = scene.start(
        LD_PRELOAD=str(libraries[0]),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    while process.poll() is None:
        time.sleep(dice.uniform(0.2, 3))
        clock.write_text(dice.choice(["+1d\n", "-1d\n", "+0\n"]))
    assert scene.over(process) == 0, scene.log
    scene.finish()


@contextlib.contextmanager
def small_disk(image: Path, place: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own, so small that it runs full."""
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    place.mkdir()
    subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.root
@pytest.mark.parametrize("repeat", REPEATS)
def test_disk_full(
    scene: Scene, dice: random.Random, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, repeat: int
) -> None:
    kept = scene.course
    place = tmp_path / "small"
    with small_disk(tmp_path / "disk.img", place, 8):
        scene.course = place / "class"
        filler = place / "filler"
        leave = dice.randint(0, 400) * 1024
        free = shutil.disk_usage(place).free
        filler.write_bytes(b"x" * max(0, free - leave))
        process = scene.start()
        if dice.random() < 0.5:
            scene.over(process)
            filler.unlink()
        else:
            time.sleep(dice.uniform(1, 10))
            filler.unlink()
            scene.over(process)
        scene.finish()
        shutil.copytree(scene.course, kept)
    scene.course = kept


class Daemon:
    """A Docker daemon of our own: it can be stopped without anybody else noticing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = f"unix://{folder}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # In a network of its own: a daemon without a bridge removes the machine's.
        command = [
            "unshare",
            "--net",
            "dockerd",
            "--data-root",
            f"{self.folder}/data",
            "--exec-root",
            f"{self.folder}/exec",
        ]
        command += ["--pidfile", f"{self.folder}/pid", "-H", self.socket, "--bridge=none", "--iptables=false"]
        # A daemon that was killed leaves them behind, and its containerd perhaps as a zombie that nobody buries.
        for left in ("pid", "exec/containerd/containerd.pid"):
            (self.folder / left).unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        for _ in range(300):
            with contextlib.suppress(Exception):
                connect({"DOCKER_HOST": self.socket})
                return
            time.sleep(0.1)
        pytest.fail((self.folder / "log").read_text()[-2000:])

    def stop(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(60)


@pytest.fixture(scope="module")
def daemon(fault_home: Path) -> Iterator[Daemon]:
    folder = Path(f"/tmp/mlops-dockerd-{os.getpid()}")  # short: its sockets' paths have a limit
    folder.mkdir()
    made = Daemon(folder)
    try:
        made.start()
        save = subprocess.Popen(["docker", "save", image_tag("lab")], stdout=subprocess.PIPE)
        load = ["docker", "-H", made.socket, "load", "-q"]
        subprocess.run(load, stdin=save.stdout, check=True)
        assert save.wait() == 0
        yield made
    finally:
        made.stop(signal.SIGTERM)
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in [place for place in mounts if place.startswith(f"{folder}/")]:
            subprocess.run(["umount", "-l", mount], check=False)
        shutil.rmtree(folder)


@pytest.mark.root
@pytest.mark.parametrize("repeat", REPEATS)
def test_engine_restarted(scene: Scene, dice: random.Random, daemon: Daemon, repeat: int) -> None:
    scene.env["DOCKER_HOST"] = daemon.socket
    process = scene.start()
    for _ in range(2):
        time.sleep(dice.uniform(1, 9))
        daemon.stop(dice.choice([signal.SIGTERM, signal.SIGKILL]))
        time.sleep(dice.uniform(0, 3))
        daemon.start()
    # One that comes just when there is no engine says so and has begun nothing; one that has begun waits.
    assert scene.over(process) == 0 or "grade tiny-sums" not in scene.log[-1], scene.log
    scene.finish()
