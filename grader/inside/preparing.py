"""Lays the work folder out before a notebook runs in it. Standard library only."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

from grader.inside import bench


def lay_out(work: dict[str, Any], folder: Path) -> None:
    """Write what a start message brings: its files, then the archive of what was handed in."""
    unpack(work["files"], folder)
    if work["work"]:
        bench.unpack(base64.b64decode(work["work"]), folder)


def prepare(work: dict[str, Any], folder: Path) -> str:
    """Make everything that a notebook finds: files, environment, repository, MLflow store; return Git's head or ""."""
    os.environ.update(work["env"])
    lay_out(work, folder)
    head = make_repository(folder) if work["git"] else ""
    make_store(folder)
    return head


def unpack(files: dict[str, str], folder: Path) -> None:
    """Write the files of the start message (relative POSIX path to base64) into the work folder."""
    for name, content in files.items():
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise ValueError(f"bad file name {name!r}")
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(base64.b64decode(content))


def make_repository(folder: Path) -> str:
    """Make the work folder a Git repository with a commit nobody could know before; return its hash."""
    git = [
        "git",
        "-c",
        "user.name=grader",
        "-c",
        "user.email=grader@localhost",
        "-c",
        "init.defaultBranch=main",
    ]

    # The work folder is a file system of the sandbox's own, which Git takes for somebody else's.
    os.environ.update(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")

    def run(*words: str) -> str:
        return subprocess.run(
            [*git, *words], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    run("init", "-q")
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "exclude").write_text(
        "data/\n.mlops/\n.mlflow/\nmlruns/\n.channel/\n.kernel/\n"
    )
    run("add", "-A")
    run("commit", "-q", "--allow-empty", "-m", f"State before grading {secrets.token_hex(8)}")
    return run("rev-parse", "HEAD")


def make_store(folder: Path) -> None:
    """Give the notebook an MLflow store of its own, copied from the migrated template where there is one."""
    store = folder / ".mlflow"
    store.mkdir(exist_ok=True)
    database = store / "mlflow.db"
    template = os.environ.get("MLOPS_MLFLOW_TEMPLATE", "")
    if template and Path(template).exists():
        shutil.copyfile(template, database)
        with closing(sqlite3.connect(database)) as connection, connection:
            # The template's default experiment points to where it was made.
            connection.execute("UPDATE experiments SET artifact_location = ?", (f"{folder}/mlruns/0",))
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{database}"
