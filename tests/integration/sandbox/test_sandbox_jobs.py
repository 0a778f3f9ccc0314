"""Jobs on both engines: the channel, and each limit broken for real."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from sandbox.engine import EndReason, Engine, JobEnd, JobOver, JobSpec, Limits
from sandbox.process_tree import MARKER

ECHO = """
import sys
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
"""
SMALL = Limits(seconds=30, memory_mb=256, processes=64, disk_mb=16, inodes=500, output_mb=64)


def python(code: str, limits: Limits = SMALL, env: dict[str, str] | None = None) -> JobSpec:
    return JobSpec("test", "lab", ("python", "-c", code), limits, env or {})


def run(engine: Engine, code: str, limits: Limits = SMALL) -> tuple[list[bytes], JobEnd]:
    """Run `code` to its end; return what it said and how it ended."""
    said = []
    with engine.job(python(code, limits)) as job:
        try:
            while True:
                said.append(job.receive(60))
        except JobOver as over:
            return said, over.end


def test_lines_go_both_ways(any_engine: Engine) -> None:
    with any_engine.job(python(ECHO)) as job:
        for line in (b"hello", b"", "grüße".encode(), b"x" * 70_000):
            job.send(line)
            assert job.receive(20) == line
        assert job.stop().reason is EndReason.STOPPED


def test_a_line_of_15_mib_each_way_does_not_block(any_engine: Engine) -> None:
    line = b"y" * (15 * 2**20)
    with any_engine.job(python(ECHO)) as job:
        job.send(line)
        assert job.receive(30) == line


def test_input_is_taken_while_output_floods(any_engine: Engine) -> None:
    """Both sides write more than any pipe holds before either reads."""
    flood = """
import sys
for _ in range(200): sys.stdout.write('z' * 65535 + '\\n')
print(len(sys.stdin.readline()))
"""
    with any_engine.job(python(flood)) as job:
        job.send(b"x" * (30 * 2**20))
        lines = [job.receive(30) for _ in range(201)]
    assert lines[-1] == str(30 * 2**20 + 1).encode()


def test_exit_code_and_stderr_tail(any_engine: Engine) -> None:
    said, end = run(
        any_engine, "import sys; print('out'); sys.stderr.write('e' * 9000 + 'last words'); sys.exit(3)"
    )
    assert said == [b"out"]
    assert (end.reason, end.exit_code) == (EndReason.EXITED, 3)
    assert end.stderr_tail.endswith("last words")
    assert len(end.stderr_tail) == 4000


def test_an_unended_line_is_not_a_line(any_engine: Engine) -> None:
    said, _end = run(any_engine, "import sys; sys.stdout.write('whole\\nhalf')")
    assert said == [b"whole"]


def test_receive_times_out_without_ending_the_job(any_engine: Engine) -> None:
    with any_engine.job(python(ECHO)) as job:
        with pytest.raises(TimeoutError):
            job.receive(0.2)
        job.send(b"still here")
        assert job.receive(20) == b"still here"


def test_a_line_over_the_cap_ends_the_job(any_engine: Engine) -> None:
    with any_engine.job(python("print('x' * 2_000_000); input()")) as job:
        with pytest.raises(ValueError, match="more than 1000000"):
            job.receive(30, max_bytes=1_000_000)
        assert job.stop().reason is EndReason.OUTPUT


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_output_over_the_cap_ends_the_job(any_engine: Engine, stream: str) -> None:
    endless = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    _said, end = run(any_engine, endless, Limits(seconds=30, memory_mb=256, output_mb=2))
    assert end.reason is EndReason.OUTPUT


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        "import os, time; os.close(1); os.close(2); time.sleep(60)",
    ],
    ids=["busy", "ignores-term", "closes-output"],
)
def test_time_over_ends_the_job(any_engine: Engine, code: str) -> None:
    started = time.monotonic()
    _said, end = run(any_engine, code, Limits(seconds=1.5, memory_mb=256))
    assert end.reason is EndReason.TIME
    assert time.monotonic() - started < 12


def test_a_stopped_job_still_ends_on_time(any_engine: Engine) -> None:
    """SIGSTOP to itself keeps nothing waiting."""
    _said, end = run(
        any_engine, "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", Limits(seconds=1.5)
    )
    assert end.reason is EndReason.TIME


def test_sending_to_one_that_never_reads_ends_on_time(any_engine: Engine) -> None:
    with (
        any_engine.job(python("import time; time.sleep(60)", Limits(seconds=2, memory_mb=256))) as job,
        pytest.raises(JobOver) as over,
    ):
        job.send(b"x" * (30 * 2**20))
    assert over.value.end.reason is EndReason.TIME


def test_memory_over_the_cap_ends_the_job(any_engine: Engine) -> None:
    hungry = "import time; held = [bytearray(b'x' * 2**20) for _ in range(400)]; time.sleep(20)"
    _said, end = run(any_engine, hungry, Limits(seconds=30, memory_mb=128, disk_mb=8))
    assert end.reason is EndReason.MEMORY


def test_one_large_file_is_refused(any_engine: Engine) -> None:
    code = "f = open('big', 'wb')\ntry:\n    f.truncate(2**40)\nexcept OSError as e: print(type(e).__name__)"
    said, _end = run(any_engine, code)
    assert said == [b"OSError"]


def test_what_a_job_leaves_running_is_killed(any_engine: Engine) -> None:
    """A daemon in a session of its own, its parent gone, its output still open."""
    mark = f"leftover-{os.getpid()}-{time.time_ns()}"
    daemon = f"""
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(600)', {mark!r}])
    os._exit(0)
time.sleep(0.5)
print('started')
"""
    started = time.monotonic()
    said, end = run(any_engine, daemon)
    assert (said, end.reason) == ([b"started"], EndReason.EXITED)
    assert time.monotonic() - started < 15
    assert not [one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or [])]


def test_each_job_starts_in_an_empty_folder(any_engine: Engine) -> None:
    look = """
import os
print(sorted(os.listdir('.')))
open('left', 'w').write('x')
print(os.path.isdir(os.environ['HOME']))
"""
    for _ in range(2):
        assert run(any_engine, look)[0] == [b"[]", b"True"]


def test_nothing_of_the_callers_environment_is_passed_on(
    any_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "s3cret")
    assert run(any_engine, "import os; print('SECRET_OF_MINE' in os.environ)")[0] == [b"False"]


def test_the_environment_asked_for_is_there(any_engine: Engine) -> None:
    with any_engine.job(python("import os; print(os.environ['ASKED'])", env={"ASKED": "yes"})) as job:
        assert job.receive(20) == b"yes"


def test_jobs_have_our_packages_and_mlflows_template(any_engine: Engine) -> None:
    code = "import grader, sandbox, os; print(os.path.getsize(os.environ['MLOPS_MLFLOW_TEMPLATE']) > 100_000)"
    assert run(any_engine, code)[0] == [b"True"]


def test_stop_is_safe_to_repeat_and_tells_the_same(any_engine: Engine) -> None:
    with any_engine.job(python("import sys; sys.exit(7)")) as job:
        with pytest.raises(JobOver):
            job.receive(20)
        assert job.stop() == job.stop()
        assert job.stop().exit_code == 7
        with pytest.raises(JobOver):
            job.send(b"anybody?")


def test_a_local_job_leaves_no_folder(sandbox_home: Path) -> None:
    from sandbox.local_engine import LocalEngine

    run(LocalEngine(sandbox_home), "import os; os.makedirs('locked/inner'); os.chmod('locked', 0)")
    assert not list((sandbox_home / "jobs").iterdir())


def test_a_local_job_does_not_see_its_callers_marker(sandbox_home: Path) -> None:
    from sandbox.local_engine import LocalEngine

    assert run(LocalEngine(sandbox_home), f"import os; print(len(os.environ[{MARKER!r}]))")[0] == [b"16"]
