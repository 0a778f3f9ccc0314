"""What only containers keep: isolation, sweeping after a crash, whose death it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import traces  # type: ignore[import-not-found]
from test_sandbox_jobs import python, run

import sandbox
from sandbox.docker_engine import DockerEngine
from sandbox.engine import EndReason, JobOver, Limits
from sandbox.errors import ImageMissing

pytestmark = pytest.mark.engine


def test_a_child_that_dies_of_memory_is_a_note_not_a_verdict(docker_engine: DockerEngine) -> None:
    code = """
import subprocess, sys
child = subprocess.run([sys.executable, '-c', 'x = [bytearray(b"x" * 2**20) for _ in range(400)]'])
print(child.returncode)
"""
    said, end = run(docker_engine, code, Limits(seconds=30, memory_mb=128, disk_mb=8))
    assert said == [b"-9"]
    assert (end.reason, end.exit_code, end.oom_killed) == (EndReason.EXITED, 0, True)


def test_a_fork_bomb_is_held(docker_engine: DockerEngine) -> None:
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    _said, end = run(docker_engine, code, Limits(seconds=3, memory_mb=256, processes=40))
    assert end.reason is EndReason.TIME


def test_disk_and_inodes_run_out(docker_engine: DockerEngine) -> None:
    code = """
import errno
for name in ('f', '/tmp/f'):
    for limit, write in ((b'x' * 2**20, 40), (b'', 900)):
        made = 0
        try:
            for n in range(write):
                open(f'{name}{len(limit)}-{n}', 'wb').write(limit)
                made += 1
        except OSError as e:
            print(errno.errorcode[e.errno], made < write)
"""
    said, _end = run(docker_engine, code, Limits(seconds=30, memory_mb=256, disk_mb=16, inodes=500))
    assert said == [b"ENOSPC True"] * 4


@pytest.mark.parametrize(
    "code",
    [
        "import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))",
        "import ctypes; print(ctypes.CDLL(None).mount(b'none', b'/work', b'tmpfs', 0, None))",
        "import ctypes; print(ctypes.CDLL(None).syscall(250, 0, 0, 0, 0))",
        "import os\ntry: os.mknod('dev', 0o60600, os.makedev(254, 0))\nexcept OSError: print(-1)",
        "import os\ntry: os.setuid(0)\nexcept OSError: print(-1)",
    ],
    ids=["unshare", "mount", "keyctl", "mknod", "setuid"],
)
def test_no_way_out_through_the_kernel(docker_engine: DockerEngine, code: str) -> None:
    assert run(docker_engine, code)[0] == [b"-1"]


def test_nothing_is_left_after_a_job_however_it_ends(docker_engine: DockerEngine) -> None:
    run(docker_engine, "import os; os._exit(0)")
    with pytest.raises(KeyboardInterrupt), docker_engine.job(python("import time; time.sleep(60)")):
        raise KeyboardInterrupt
    assert traces(docker_engine) == []


def test_a_killed_run_is_swept_by_the_next(docker_engine: DockerEngine, tmp_path: Path) -> None:
    script = f"""
import sys, time
from pathlib import Path
from sandbox.docker_engine import DockerEngine
from sandbox.engine import JobSpec
with DockerEngine(Path({str(docker_engine.home)!r})).job(JobSpec('orphan', 'lab', ('sleep', '600'))):
    print('up', flush=True)
    time.sleep(600)
"""
    env = {**os.environ, "PYTHONPATH": str(Path(sandbox.__file__).parent.parent)}
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=env)
    assert child.stdout and child.stdout.readline() == b"up\n"
    assert docker_engine.sweep() == 0, "a run that goes on must not be swept"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert len(traces(docker_engine)) == 1
    assert docker_engine.sweep() == 1
    assert traces(docker_engine) == []


def test_a_container_that_vanishes_is_our_trouble(docker_engine: DockerEngine) -> None:
    with docker_engine.job(python("import time; time.sleep(60)")) as job:
        docker_engine.docker.remove(traces(docker_engine)[0])
        with pytest.raises(JobOver) as over:
            job.receive(30)
    assert over.value.end.reason is EndReason.LOST


def test_an_image_that_is_not_there_is_told(sandbox_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.images.image_tag", lambda name: f"mlops-labs/{name}:none-such")
    with pytest.raises(ImageMissing, match="mlops images build"), DockerEngine(sandbox_home).job(python("")):
        pass


def test_a_job_starts_and_ends_within_seconds(docker_engine: DockerEngine) -> None:
    started = time.monotonic()
    run(docker_engine, "print('x')")
    assert time.monotonic() - started < 5


def test_no_graded_check_is_in_the_image(docker_engine: DockerEngine) -> None:
    code = """
import os
for folder, folders, files in os.walk('/opt/mlops/lib'):
    if 'lab.toml' in files or '_data' in folders or 'checks.py' in files and 'labs' in folder: print(folder)
"""
    assert run(docker_engine, code)[0] == []
