"""`mlops doctor`: what this machine has, what is missing, and the one command that mends each."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from mlops_labs import catalogue, console, panel
from mlops_labs.home import find_home
from mlops_labs.session import EngineName
from sandbox.engine import Engine
from sandbox.errors import MlopsError

_FREE_GB = 5


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    needed: bool  # False: something works less well without it, nothing fails
    says: str
    mend: str = ""

    def line(self) -> str:
        """The finding in one line."""
        word = "ok     " if self.ok else "MISSING" if self.needed else "without"
        return f"{word} {self.name}: {self.says}" + (
            f"; run: {self.mend}" if self.mend and not self.ok else ""
        )


def examine(engine: EngineName) -> list[Finding]:
    """Look at everything. Raises no error for what is missing: that is a finding."""
    return [_python(), _home(), _disk(), *_engines(engine), _git(), _browser(), _panel(), _labs()]


def _python() -> Finding:
    version = platform.python_version()
    return Finding("python", sys.version_info[:2] == (3, 11), True, version, "make start with Python 3.11")


def _home() -> Finding:
    try:
        return Finding("home", True, True, str(find_home().root))
    except MlopsError as error:
        return Finding("home", False, True, error.message, error.next_step)


def _disk() -> Finding:
    wanted = Path(os.environ.get("MLOPS_HOME") or os.path.expanduser("~")).absolute()  # noqa: PTH111  # where no home exists
    there = next(folder for folder in (wanted, *wanted.parents) if folder.exists())
    free = shutil.disk_usage(there).free / 1e9
    return Finding("disk", free > _FREE_GB, False, f"{free:.0f} GB free, {_FREE_GB} GB are needed for images")


def _engines(wanted: EngineName) -> list[Finding]:
    from sandbox import images
    from sandbox.engines import find_engine
    from sandbox.promises import IMAGE as PROBED

    try:
        engine = find_engine(find_home().platform, wanted)
    except MlopsError as error:
        return [Finding("engine", False, wanted != "auto", error.message, error.next_step)]
    if not engine.isolates:
        mend = "apt-get install docker.io iptables debootstrap (as root), then start dockerd"
        if wanted == "local":
            return [Finding("engine", True, True, engine.describe())]
        return [Finding("engine", False, False, f"no container engine answers. {engine.describe()}", mend)]
    found = [Finding("engine", True, True, engine.describe())]
    listed = images.list_images()
    for info in listed:
        says = info.tag if info.present else "not built yet (mlops start builds it)"
        found.append(
            Finding(f"image {info.name}", info.present, False, says, f"mlops images build {info.name}")
        )
    if any(info.present for info in listed if info.name == PROBED):
        found.append(_promises(engine))
    return found


def _promises(engine: Engine) -> Finding:
    try:
        engine.check_promises(console.tell)
    except MlopsError as error:
        return Finding("sandbox", False, True, error.message, error.next_step)
    return Finding("sandbox", True, True, "every promise holds")


def _git() -> Finding:
    path = shutil.which("git")
    return Finding("git", path is not None, True, path or "not found", "apt-get install git (as root)")


def _browser() -> Finding:
    path = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "firefox"))), None)
    return Finding("browser", path is not None, False, path or "none found here; open the printed URL in any")


def _panel() -> Finding:
    """The panel in JupyterLab's side bar; a wheel brings it, a checkout builds it."""
    says = (
        "built"
        if panel.is_built()
        else "JupyterLab's panel for labs is not built, which takes Node 20 or newer"
    )
    return Finding("panel", panel.is_built(), False, says, panel.BUILD)


def _labs() -> Finding:
    try:
        return Finding("labs", True, True, f"{len(catalogue.labs())} found")
    except MlopsError as error:
        return Finding("labs", False, True, error.message, error.next_step)
