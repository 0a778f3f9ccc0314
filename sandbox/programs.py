"""Programs that labs may need beside JupyterLab and their services: what brings each, and whether it is here.

Images hold all of them. Only the local engine, whose image is this machine, has to look.
Standard library only, since benches read it too.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from sandbox.errors import InfrastructureError

_OURS = "make .venv/ops-ready"
_STARTED = ("prometheus", "prometheus-alertmanager")  # Debian starts them, on the very ports that labs use
# Debian's package that brings it; "": it is installed with our own packages for production.
PROGRAMS = {
    "act": "",
    "amtool": "prometheus-alertmanager",
    "check-jsonschema": "",
    "evidently": "",
    "gitlab-ci-local": "",
    "locust": "",
    "node": "",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "promtool": "prometheus",
    "rsync": "rsync",
    "traefik": "",
}


def search_path() -> str:
    """Return where programs are looked for: beside this Python first, also where nobody activated its environment."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def mend(package: str) -> str:
    """Return what brings a program: Debian's package of that name, or for "" our own packages."""
    if not package:
        return f"Run: {_OURS}"
    stop = f" && sudo systemctl disable --now {package}" if package in _STARTED else ""
    return f"Run: sudo apt-get install {package}{stop}"


def require(name: str, path: str | None = None) -> None:
    """Raise InfrastructureError unless the program of that name is on this machine, on `path` or the search path."""
    if shutil.which(name, path=path or search_path()) is None:
        raise InfrastructureError(
            f"The program {name} is not installed on this machine", mend(PROGRAMS[name])
        )
