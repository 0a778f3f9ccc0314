"""What every test may rely on: a home of its own, and an honest account of what could not be run."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests import postgres

CI = os.environ.get("CI", "").lower() in ("1", "true")
_MEND = {
    "engine": ("a container engine", "apt-get install docker.io iptables debootstrap, then start dockerd"),
    "browser": ("a browser", "apt-get install chromium"),
    "faketime": ("faketime", "apt-get install faketime"),
    "postgres": ("PostgreSQL", "apt-get install postgresql"),
    "production": (
        "programs of the labs on production",
        "apt-get install prometheus prometheus-alertmanager rsync",
    ),
    "root": ("root's rights", "run the tests as root, or in CI"),
}
# A shell that starts us in the background has Ctrl-C ignored, and whatever we start inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
_gaps: Counter[str] = Counter()


def _engine_answers() -> bool:
    from sandbox.engines import find_engine
    from sandbox.errors import EngineUnavailable

    try:
        find_engine(Path("/nonexistent"), "docker")
    except EngineUnavailable:
        return False
    return True


_PRESENT = {
    "engine": _engine_answers,
    "browser": lambda: shutil.which("chromium") is not None,
    "faketime": lambda: shutil.which("faketime") is not None,
    "postgres": lambda: postgres.programs() is not None,
    "production": lambda: all(shutil.which(name) for name in ("promtool", "amtool", "rsync")),
    "root": lambda: os.geteuid() == 0,
}
_known: dict[str, bool] = {}


def _present(need: str) -> bool:
    if need not in _known:
        _known[need] = _PRESENT[need]()
    return _known[need]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for need, (what, mend) in _MEND.items():
        if item.get_closest_marker(need) and not _present(need):
            _gaps[need] += 1
            if CI:
                pytest.fail(f"{what} is missing, and CI must not skip: {mend}", pytrace=False)
            pytest.skip(f"needs {what}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for need, count in _gaps.items():
        what, mend = _MEND[need]
        terminalreporter.write_line(f"NOT RUN: {count} tests, for want of {what}. To run them: {mend}")


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the home of whoever runs it."""
    monkeypatch.setenv("MLOPS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("MLOPS_ENGINE", raising=False)


@pytest.fixture(scope="session")
def labs_for_tests() -> Path:
    return Path(__file__).parent / "labs"
