"""A new version of a lab comes to work in progress: the learner's answers and cells stay, the rest is the new lab's.

What was handed out last is kept on the platform's side, so that what a learner has changed can be told from
what they have not. Nothing is replaced without a copy.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from grader import wire
from grader.notebook import MAX_BYTES, Cell, Rejected, parse
from grader.rebuild import answer_cells
from grader.release import Bundle
from mlops_labs.home import Home
from sandbox import untrusted_files
from sandbox.errors import UsageError

_RECORD = "handed-out.json"
_MOST = 64 * 2**20  # bytes of a file that is handed out


@dataclass(frozen=True)
class HandedOut:
    """What a learner was given last: the lab's version, its notebook, and the hash of each file by its path."""

    version: str
    notebook: dict[str, Any]
    files: dict[str, str]


def record_folder(home: Home, lab: str) -> Path:
    """Where the record of a lab is kept."""
    return home.platform / "handed-out" / lab


def read_record(home: Home, lab: str) -> HandedOut | None:
    """The record of a lab; None for work that was begun before there were any."""
    try:
        return HandedOut(**json.loads((record_folder(home, lab) / _RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_record(home: Home, bundle: Bundle) -> None:
    """Remember what is handed out now."""
    files = {name: sha256(data).hexdigest() for name, data in handed_out(bundle)}
    content = {"version": bundle.lab.version, "notebook": bundle.master, "files": files}
    folder = record_folder(home, bundle.lab.id)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{_RECORD}.new"
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(folder / _RECORD)


def handed_out(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file that is the lab's in the learner's folder, without the notebook.

    The folders that are handed in are the learner's altogether.
    """
    table = bundle.lab.definition.work
    theirs = set(table.folders) if table else set()
    for path in sorted(bundle.student.rglob("*")):
        name = path.relative_to(bundle.student).as_posix()
        if path.is_file() and name.split("/")[0] not in {".mlops", *theirs} and name != bundle.notebook_name:
            yield name, path.read_bytes()


def upgrade(home: Home, work: Path, bundle: Bundle, tell: Callable[[str], None]) -> None:
    """Bring work that was begun with another version of the lab up to this one.

    The notebook before, and every file that is replaced, is copied into the backups first. A file that the
    learner has changed stays as it is, and the new one is laid beside it under the name NAME.new.

    Raises:
        UsageError: the notebook cannot be read; nothing was changed.
        OSError: no room for the copy, and so on; nothing was changed.
    """
    lab, before = bundle.lab.id, read_record(home, bundle.lab.id)
    data = untrusted_files.read_file(work, bundle.notebook_name, MAX_BYTES)
    kept = home.platform / "backups" / f"{lab}-{datetime.now():%Y%m%d-%H%M%S-%f}-before-upgrade"
    merged = None
    if data is not None:
        try:
            merged = merge(data, bundle.master, before.notebook if before else None)
        except Rejected as error:
            raise UsageError(
                f"{lab} has a new version, and your notebook cannot be taken over: {error.message}",
                error.next_step,
            ) from None
        _keep(kept, bundle.notebook_name, data)
    beside = _replace_files(work, bundle, before.files if before else {}, kept)
    if merged is not None:
        untrusted_files.write_file(work, bundle.notebook_name, json.dumps(merged, indent=1).encode())
    write_record(home, bundle)
    tell(f"{lab} has a new version: your answers were taken over. What was there before is kept in {kept}")
    for name in beside:
        tell(f"{name} is one that you have changed, so it stays; the new one is {name}.new")


def _replace_files(work: Path, bundle: Bundle, before: dict[str, str], kept: Path) -> list[str]:
    """Replace what the learner has left as it was; return the names of those that they have not."""
    beside = []
    for name, new in handed_out(bundle):
        old = untrusted_files.read_file(work, name, _MOST)
        if old is None or old == new:
            continue  # what is missing is added as at every start
        if sha256(old).hexdigest() == before.get(name):
            _keep(kept, name, old)
            untrusted_files.write_file(work, name, new)
        else:
            untrusted_files.write_file(work, f"{name}.new", new)
            beside.append(name)
    return beside


def _keep(folder: Path, name: str, data: bytes) -> None:
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def merge(data: bytes, master: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """The new master with the learner's answers, cells and outputs.

    Args:
        data: the learner's notebook.
        master: the new version's.
        before: the version's that the learner was given; None when it is not known. An answer that is still as
            it was handed out there becomes the new version's.

    Raises:
        Rejected: the notebook cannot be read as one.
    """
    cells = parse(data).cells
    raw: list[dict[str, Any]] = wire.loads(data)["cells"]
    answers, own = _sort(list(zip(cells, raw, strict=True)), master)
    untouched = {cell["id"]: _text(cell) for cell in before["cells"]} if before else {}
    merged = [*own.get(None, [])]
    for given in master["cells"]:
        found = answers.get(given["id"], [])
        if found and "".join(_text(cell) for cell in found).split() == untouched.get(given["id"], "").split():
            found = []
        merged += [_as_handed_out(cell, given) for cell in found] or [given]
        merged += own.get(given["id"], [])
    return {**master, "cells": merged}


def _sort(
    cells: list[tuple[Cell, dict[str, Any]]], master: dict[str, Any]
) -> tuple[dict[str, list[dict[str, Any]]], dict[str | None, list[dict[str, Any]]]]:
    """The learner's cells that answer a task, by the master's cell, and their own, by the one they stand behind.

    The lab's own cells are dropped: the new ones take their place. They are numbered, and another version may
    count otherwise, so that they are known again by what they say.
    """
    answering = set(answer_cells(master))
    by_text = {" ".join(_text(cell).split()): cell["id"] for cell in master["cells"]}
    answers: dict[str, list[dict[str, Any]]] = {}
    own: dict[str | None, list[dict[str, Any]]] = {}
    behind: str | None = None
    for cell, raw in cells:
        name = cell.id if cell.id in answering else cell.grade_id
        if name in answering:
            answers.setdefault(name, []).append(raw)
            behind = name
        elif cell.grade_id and not cell.grade_id.startswith("answer-"):
            behind = by_text.get(" ".join(cell.source.split()), behind)
        elif cell.source.strip():
            own.setdefault(behind, []).append(_unlocked(raw))
    return answers, own


def _as_handed_out(cell: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The learner's cell with the new version's metadata: points may have changed."""
    return {**cell, "metadata": given["metadata"]}


def _unlocked(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell of the learner's own. An answer to a task that is no more becomes one: nbgrader must not look for it."""
    metadata = cell.get("metadata")
    kept = (
        {key: value for key, value in metadata.items() if key not in ("nbgrader", "mlops_labs")}
        if isinstance(metadata, dict)
        else {}
    )
    return {**cell, "metadata": kept}


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def forget(home: Home, lab: str, kept: Path) -> None:
    """Set the record aside with the work it is about."""
    folder = record_folder(home, lab)
    if folder.exists():
        shutil.move(folder, kept / "handed-out")
