from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from mlops_labs import cli
from mlops_labs.home import find_home
from sandbox.errors import DiskFull


def test_a_full_disk_is_told_before_anything_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFull, match="free some disk space"):
        find_home()
    assert find_home(room=False).platform.is_dir()  # enough to stop a lab


def test_one_that_fills_up_in_the_middle_is_no_bug_report() -> None:
    wrapped = shutil.Error([("a", "b", f"[Errno 28] {os.strerror(errno.ENOSPC)}: 'b'")])
    told = cli._unexpected(wrapped)
    assert "no room is left" in told and "free some space" in told
    assert "report it" in cli._unexpected(ValueError("else"))
