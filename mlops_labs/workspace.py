"""The learner's folder of a lab: laid out once, never overwritten, set aside rather than deleted."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from grader import hints, wire
from grader.lab import Lab
from grader.notebook import MAX_BYTES
from grader.release import Bundle, read_hints
from mlops_labs import upgrading
from mlops_labs.home import Home
from sandbox import untrusted_files
from sandbox.engine import Progress
from sandbox.errors import UsageError

LESSON = "lesson.ipynb"
_SMALL = 256 * 1024  # bytes of the platform's own small files


def prepare(home: Home, bundle: Bundle, lesson: Path | None, tell: Progress = lambda _line: None) -> Path:
    """Lay out the work folder: what is missing is added, what is there stays as it is.

    Only `.mlops/`, the platform's own corner, is brought up to date, and all of it when the lab has a new
    version: see `mlops_labs.upgrading`. Returns the folder.

    Raises:
        UsageError: something that is no folder stands in its place, or in the place of a file of ours; or a new
            version of the lab cannot be brought together with the notebook.
    """
    work = home.work(bundle.lab.id)
    if not work.exists():
        _make(home, work, bundle, lesson)
    elif not work.is_dir():
        raise UsageError(f"{work} is not a folder", f"move it away, then run: mlops start {bundle.lab.id}")
    else:
        if _version(home, work, bundle) != bundle.lab.version:
            upgrading.upgrade(home, work, bundle, tell)
        _bring_up_to_date(work, bundle, lesson)
    upgrading.write_record(home, bundle)
    return work


def _version(home: Home, work: Path, bundle: Bundle) -> str:
    """The version of the lab that the work was begun or last upgraded with; the present one if nothing tells."""
    if record := upgrading.read_record(home, bundle.lab.id):
        return record.version
    try:
        content = wire.loads(untrusted_files.read_file(work, bundle.notebook_name, MAX_BYTES) or b"")
        return str(content["metadata"]["mlops_labs"]["version"])
    except (UsageError, wire.WireError, LookupError, TypeError):
        return bundle.lab.version


def _make(home: Home, work: Path, bundle: Bundle, lesson: Path | None) -> None:
    """Lay out a new work folder somewhere else and move it into place whole.

    Git runs only here, before any sandbox has seen the folder: hooks and settings of a repository are code,
    and in the learner's folder they would be the learner's, run by the host.
    """
    home.platform.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="making-", dir=home.platform) as made:
        draft = Path(made) / "work"
        draft.mkdir()
        _bring_up_to_date(draft, bundle, lesson)
        if bundle.lab.definition.git:
            _make_repository(draft)
        draft.rename(work)


def _bring_up_to_date(work: Path, bundle: Bundle, lesson: Path | None) -> None:
    table = bundle.lab.definition.work
    # What is handed in is the learner's altogether: a file that they removed from it stays away.
    theirs = {folder for folder in (table.folders if table else ()) if untrusted_files.exists(work, folder)}
    for path in sorted(bundle.student.rglob("*")):
        relative = path.relative_to(bundle.student).as_posix()
        if relative.split("/")[0] in theirs:
            continue
        platforms = relative.startswith(".mlops/")
        if path.is_file() and (platforms or not untrusted_files.exists(work, relative)):
            untrusted_files.write_file(work, relative, path.read_bytes())
    if lesson is not None and not untrusted_files.exists(work, LESSON):
        untrusted_files.write_file(work, LESSON, _lesson_notebook(lesson))


def _lesson_notebook(source: Path) -> bytes:
    import jupytext

    notebook = jupytext.read(source)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"lesson-{number:02d}"  # jupytext draws new ids at each read
    text: str = jupytext.writes(notebook, fmt="ipynb")
    return text.encode()


def _make_repository(work: Path) -> None:
    """A first commit, so that there is one to record. Skipped where Git is missing: `mlops doctor` tells."""
    git = shutil.which("git")
    if git is None:
        return
    identity = [
        "-c",
        "user.name=learner",
        "-c",
        "user.email=learner@localhost",
        "-c",
        "init.defaultBranch=main",
    ]
    untrusted_files.write_file(
        work, ".gitignore", b"data/\n.mlops/\nmlruns/\n.ipynb_checkpoints/\n__pycache__/\n"
    )
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "The lab as it was handed out"]):
        subprocess.run([git, *identity, *words], cwd=work, check=True, capture_output=True)


def find(home: Home, lab: str) -> Path:
    """The work folder of a lab that was started before. Raises UsageError if it never was."""
    work = home.work(lab)
    if not work.is_dir():
        raise UsageError(f"lab {lab} has not been started", f"run: mlops start {lab}")
    return work


def reset(home: Home, lab: str) -> Path:
    """Set the work folder and the services' data aside, so that the next start is a fresh one.

    Returns:
        Where the work is now. Nothing is deleted.
    """
    work = find(home, lab)
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    kept = home.platform / "backups" / f"{lab}-{stamp}"
    kept.mkdir(parents=True)
    work.rename(kept / "work")
    upgrading.forget(home, lab, kept)
    if home.store(lab).exists():
        home.store(lab).rename(kept / "stores")
    return kept / "work"


def next_hint(home: Home, lab: Lab, task: str) -> hints.Hint:
    """A task's next hint, counted together with those of the notebook and the panel."""
    chosen = lab.task(task).id
    work = find(home, lab.id)
    used = hints.read_used(_read_json(work, hints.RECORD))
    found = read_hints(lab)
    about = {"hints": found.levels, "failure_hints": found.failures}
    given = hints.next_hint(about, chosen, _read_json(work, hints.CHECKED), used)
    untrusted_files.write_file(work, hints.RECORD, json.dumps(hints.with_hint(used, given)).encode())
    return given


def read_hints_record(home: Home, lab: str) -> bytes:
    """The record of a lab's hints as it is; b"" where there is none."""
    try:
        return untrusted_files.read_file(home.work(lab), hints.RECORD, _SMALL) or b""
    except UsageError:
        return b""


def _read_json(work: Path, name: str) -> Any:
    """A small file of the platform's in a learner's folder; None when it is missing or no strict JSON."""
    try:
        return wire.loads(untrusted_files.read_file(work, name, _SMALL) or b"")
    except (UsageError, wire.WireError):
        return None
