"""Lays what a learner of a class submits into the folder that `mlops grade run` takes."""

from __future__ import annotations

import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path, PurePath

from grader.course.collect import TIMESTAMP
from grader.hints import RECORD
from grader.notebook import Submission
from grader.work import unpack


def hand_in(folder: Path, lab: str, learner: str, submission: Submission, hints: bytes = b"") -> Path:
    """Put a submission in the place of the learner's last one; return its folder.

    Args:
        folder: of the lab.
        lab: its id, the name of the notebook.
        learner: their opaque id, which the hub decided.
        submission: as it is graded.
        hints: the record of those that they asked for.

    Raises:
        OSError: no room is left, and so on; the last one is still there then.
    """
    target = folder / learner
    draft, last = (folder / f".{learner}.{secrets.token_hex(4)}" for _ in range(2))
    try:
        draft.mkdir(parents=True)
        (draft / f"{lab}.ipynb").write_bytes(submission.data)
        (draft / TIMESTAMP).write_text(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC\n", encoding="ascii")
        unpack(submission.work, draft)
        if hints:
            (draft / PurePath(RECORD).name).write_bytes(hints)
        if target.exists():
            target.rename(last)
        try:
            draft.rename(target)
        except OSError:
            last.rename(target)
            raise
    finally:
        for left in (draft, last):
            shutil.rmtree(left, ignore_errors=True)
    return target
