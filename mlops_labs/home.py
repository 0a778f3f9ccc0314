"""Where a learner's things are on this machine: work in plain sight, the platform's own apart.

<home>/<lab>/               the learner's work folder
<home>/.platform/history/   every graded attempt
<home>/.platform/backups/   what `mlops reset` set aside
<home>/.platform/stores/    the services' data, e.g. MLflow's runs
<home>/.platform/...        caches, logs, records of running stacks
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import DiskFull, UsageError


@dataclass(frozen=True)
class Home:
    """The folder that holds everything of one learner."""

    root: Path

    @property
    def platform(self) -> Path:
        """The platform's own folder."""
        return self.root / ".platform"

    @property
    def cache(self) -> Path:
        """What can be made again."""
        return self.platform / "cache"

    def work(self, lab: str) -> Path:
        """The learner's folder of a lab."""
        return self.root / lab

    def store(self, lab: str) -> Path:
        """The services' data of a lab."""
        return self.platform / "stores" / lab

    def history(self, lab: str) -> Path:
        """Graded attempts of a lab."""
        return self.platform / "history" / lab


def find_home(room: bool = True) -> Home:
    """The home named by MLOPS_HOME, else `mlops-labs` in the user's own folder; made when missing.

    Args:
        room: whether there must be room for more: a lab can be stopped also on a full disk.

    Raises:
        UsageError: it cannot be made or written.
        DiskFull: no room is left, and some is needed.
    """
    root = Path(os.environ.get("MLOPS_HOME") or Path.home() / "mlops-labs").expanduser().absolute()
    home = Home(root)
    try:
        home.platform.mkdir(parents=True, exist_ok=True)
        probe = home.platform / f".probe-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            if not room:
                return home
            raise DiskFull(f"no room is left under {root}", "free some disk space, then try again") from None
        raise UsageError(
            f"{root} cannot be written ({error.strerror})", "set MLOPS_HOME to a folder of yours"
        ) from None
    return home
