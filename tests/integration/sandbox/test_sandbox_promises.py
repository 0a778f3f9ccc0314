"""The promises hold here, and an engine that breaks one is caught by just that one."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import traces  # type: ignore[import-not-found]

from sandbox import promises
from sandbox.docker_engine import DockerEngine
from sandbox.engine import Engine, JobSpec
from sandbox.errors import PromiseBroken


def test_every_promise_is_tried_and_holds(any_engine: Engine) -> None:
    found = promises.findings(any_engine)  # type: ignore[arg-type]
    assert [finding for finding in found if not finding.kept] == []
    expected = [one.id for one in promises.PROMISES if any_engine.isolates or not one.isolated]
    assert [finding.id for finding in found] == expected


@pytest.mark.engine
def test_they_hold_with_the_home_in_the_accounts_own_folder() -> None:
    """Where most homes are: behind a folder that a job's user may not even search, when we are root."""
    with TemporaryDirectory(dir=Path.home(), prefix=".mlops-test-") as home:
        engine = DockerEngine(Path(home))
        engine.prepare("lab", print)
        assert [finding for finding in promises.findings(engine) if not finding.kept] == []


def test_a_good_result_is_kept_for_a_day(any_engine: Engine) -> None:
    any_engine.check_promises(print)
    started = time.monotonic()
    any_engine.check_promises(print)
    assert time.monotonic() - started < 0.5


class Weakened(DockerEngine):
    """A container engine whose jobs are created with other options than they should."""

    def __init__(
        self, home: Path, job: dict[str, Any] | None = None, inner: dict[str, str] | None = None
    ) -> None:
        super().__init__(home)
        self._job_changes = job or {}
        self._inner = inner
        self.prepare("lab", print)

    def job_options(self, spec: JobSpec, kind: str = "job") -> dict[str, Any]:
        options = {**super().job_options(spec, kind), **self._job_changes}
        return {name: value for name, value in options.items() if value is not None}

    def inner_options(self) -> dict[str, str]:
        return super().inner_options() if self._inner is None else self._inner


@pytest.mark.engine
@pytest.mark.parametrize(
    ("broken", "changes"),
    [
        ("no-internet", {"network_mode": "bridge"}),
        ("no-host-ports", {"network_mode": "bridge"}),
        ("read-only-root", {"read_only": False}),
        ("not-root", {"user": "0:0"}),
        ("no-rights", {"cap_drop": None}),
        ("no-rights", {"security_opt": ["no-new-privileges:true", "seccomp=unconfined"]}),
        ("no-rights", {"security_opt": None}),
        (
            "no-host-files",
            {"volumes": {"/var/run/docker.sock": {"bind": "/var/run/docker.sock", "mode": "ro"}}},
        ),
        ("process-cap", {"pids_limit": None}),
        ("memory-cap", {"mem_limit": None, "memswap_limit": None}),
        ("disk-cap", {"tmpfs": {"/work": "mode=1777", "/tmp": "mode=1777"}, "ulimits": None}),
        ("inode-cap", {"tmpfs": {"/work": "size=8m,mode=1777", "/tmp": "size=8m,mode=1777"}}),
    ],
)
def test_a_weakened_job_is_caught(sandbox_home: Path, broken: str, changes: dict[str, Any]) -> None:
    engine = Weakened(sandbox_home, job=changes)
    kept = {finding.id: finding.kept for finding in promises.findings(engine)}
    assert not kept[broken]
    assert traces(engine) == []


@pytest.mark.engine
def test_the_check_names_the_promise_and_what_to_do(sandbox_home: Path) -> None:
    engine = Weakened(sandbox_home, job={"user": "0:0"})
    with pytest.raises(PromiseBroken, match=r"does not run as root.*mlops doctor"):
        engine.check_promises(print)


@pytest.mark.engine
def test_a_stacks_network_that_lets_the_host_through_is_caught(sandbox_home: Path) -> None:
    """`internal` alone, without the bridge option: the mistake that design.md warns of."""
    engine = Weakened(sandbox_home, inner={})
    kept = {finding.id: finding.kept for finding in promises.findings(engine)}
    assert [name for name, ok in kept.items() if not ok] == ["no-host-ports"]


@pytest.mark.engine
def test_a_probe_that_says_nothing_is_no_promise_kept(sandbox_home: Path) -> None:
    class Silent(Weakened):
        def job_options(self, spec: JobSpec, kind: str = "job") -> dict[str, Any]:
            return {**super().job_options(spec, kind), "command": ["true"]}

    found = promises.findings(Silent(sandbox_home))
    assert not any(finding.kept for finding in found)
