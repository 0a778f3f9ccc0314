"""Finds the labs and lessons: in a checkout beside the packages, in an installed wheel inside this one."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from grader.lab import Lab, find_labs, pick_lab
from sandbox.errors import UsageError


def _data(name: str) -> Path:
    """The folder `labs` or `curriculum`; MLOPS_LABS names another place for labs."""
    here = Path(__file__).resolve().parent
    wanted = os.environ.get("MLOPS_LABS") if name == "labs" else None
    for folder in [Path(wanted)] if wanted else [here.parent / name, here / "_data" / name]:
        if folder.is_dir():
            return folder.resolve()
    raise UsageError(
        f"the folder '{name}' is missing", "reinstall mlops-labs, or set MLOPS_LABS to a folder of labs"
    )


def labs_folder() -> Path:
    """The folder of the labs in use."""
    return _data("labs")


def curriculum_folder() -> Path:
    """The folder of the lessons and the roadmap."""
    return _data("curriculum")


def labs() -> dict[str, Lab]:
    """Every lab by id, in the order of the track."""
    return _labs_of(_data("labs"))


# By folder: MLOPS_LABS may name another one later in the same process.
_labs_of = cache(find_labs)


def lab(name: str) -> Lab:
    """The lab of that id. Raises UsageError with the nearest name."""
    return pick_lab(labs(), name)


def lesson(name: str) -> Path | None:
    """The source of a lab's lesson, if it has one."""
    path = curriculum_folder() / "lessons" / f"{name}.py"
    return path if path.is_file() else None
