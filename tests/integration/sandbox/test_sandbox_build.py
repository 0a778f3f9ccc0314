"""Images that are built of strangers' recipes: each step under a job's limits, nothing left, and whose fault it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest

from sandbox.docker_api import LABEL
from sandbox.docker_engine import DockerEngine
from sandbox.engine import BuildFailed, BuildSpec, Container, Limits
from sandbox.ownership import home_id

LIMITS = Limits(seconds=20, memory_mb=256, processes=64, disk_mb=64)
SETTINGS: Mapping[str, Any] = {"env": {}, "labels": {}, "ports": [], "user": "", "workdir": "/"}


def run(command: str, **more: Any) -> dict[str, Any]:
    words = ["/bin/sh", "-c", command]
    return {"kind": "run", "command": words, "env": {}, "user": "", "workdir": "/", "line": 3, **more}


def build(steps: Sequence[Mapping[str, Any]], **settings: Any) -> BuildSpec:
    return BuildSpec("a-build", "lab", steps, {**SETTINGS, **settings}, [], LIMITS)


def wait_until(there: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not there() and time.monotonic() < deadline:
        time.sleep(0.1)


def said(container: Container) -> str:
    wait_until(container.said)
    return container.said().strip()


def left(engine: DockerEngine) -> list[str]:
    mark = [f"{LABEL}.home={home_id(engine.home)}"]
    parts = [*engine.docker.containers(mark), *engine.docker.images(mark)]
    return [part["Id"] for part in parts]


def test_steps_follow_each_other_and_nothing_is_left(docker_engine: DockerEngine) -> None:
    steps = [
        {"kind": "folder", "path": "/app"},
        run("echo hello > a", workdir="/app"),
        run("cat /app/a > /app/b"),
    ]
    spec = build(steps, user="1000", cmd=["sh", "-c", "cat /app/b; sleep 60"])
    with docker_engine.build(spec) as image:
        assert image.added_mb < 1
        with docker_engine.container(image, "a-run", LIMITS, {}) as container:
            assert said(container) == "hello"
            state = container.state()
            assert (state.running, state.uid) == (True, 1000)
            container.signal("SIGKILL")
            wait_until(lambda: not container.state().running)
            assert container.state().exit_code == 137
    assert left(docker_engine) == []


def test_arguments_are_one_steps_and_settings_the_images(docker_engine: DockerEngine) -> None:
    spec = build(
        [run("test $WORD = once", arguments={"WORD": "once"})],
        env={"KEPT": "1"},
        ports=["8000/tcp"],
        stop_signal="SIGINT",
        cmd=["sh", "-c", "echo $WORD/$KEPT; sleep 60"],
    )
    with (
        docker_engine.build(spec) as image,
        docker_engine.container(image, "a-run", LIMITS, {}) as container,
    ):
        assert said(container) == "/1"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("exit 3", "exit code 3"),
        ("sleep 100", "longer than 20 s"),
        ("head -c 200m /dev/zero > /big; sleep 5", "add more than 64 MB"),
        ("python3 -c 'x = bytearray(10**9)'", "exit code|more memory"),
        ("f() { f | f & }; f; sleep 5; exit 1", "exit code|memory"),
    ],
)
def test_a_step_that_breaks_a_limit_is_the_learners_doing(
    docker_engine: DockerEngine, command: str, why: str
) -> None:
    with pytest.raises(BuildFailed, match=why) as raised, docker_engine.build(build([run(command)])):
        pass
    assert raised.value.line == 3
    assert left(docker_engine) == []


def test_a_fork_bomb_stays_within_its_step(docker_engine: DockerEngine) -> None:
    # Whether the step then fails is chance: what cannot fork gives up, and its last command may get through.
    before = time.monotonic()
    with suppress(BuildFailed), docker_engine.build(build([run("f() { f | f & }; f; sleep 5")])):
        pass
    assert time.monotonic() - before < LIMITS.seconds + 20
    assert left(docker_engine) == []


def test_a_step_has_no_network_and_few_rights(docker_engine: DockerEngine) -> None:
    looks = (
        "test $(ls /sys/class/net | wc -l) = 1"  # the loopback alone
        " && grep -q 'NoNewPrivs:.1' /proc/self/status"
        # CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID
        " && grep -q 'CapEff:.00000000000000cb' /proc/self/status"
        " && ! mount -t tmpfs none /mnt 2>/dev/null && ! chroot / true 2>/dev/null"
    )
    with docker_engine.build(build([run(looks)])) as image:
        assert image.id


def test_a_user_or_a_program_that_is_not_there_is_the_learners_doing(docker_engine: DockerEngine) -> None:
    with pytest.raises(BuildFailed), docker_engine.build(build([run("true", user="nobody-here")])):
        pass
    spec = build([], cmd=["no-such-program"])
    with (
        docker_engine.build(spec) as image,
        pytest.raises(BuildFailed),
        docker_engine.container(image, "a-run", LIMITS, {}),
    ):
        pass
    assert left(docker_engine) == []
