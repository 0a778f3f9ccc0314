"""What the sandboxes of a lab import before its notebooks come: what the lab's own reference was seen to import.

Found out once for each lab version and image, by grading the reference, and kept beside the bundle.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.release import Bundle
from sandbox.engine import Engine

# Drawing in a notebook is set up by their import, inside a kernel.
_NOT_BEFORE_THE_KERNEL = ("matplotlib_inline", "matplotlib.pyplot", "matplotlib.backends")
# Modules of the work folder: each attempt has its own.
_OF_THE_WORK = ("checks", "probes")
# What a library finds out at its first use and keeps: the module that tells of that use, and what to call ahead of it.
_AHEAD = {"mlflow.utils.requirements_utils": "grader.inside.tracking:warm"}


@dataclass(frozen=True)
class Modules:
    """Modules in the order in which they were imported."""

    learner: tuple[str, ...] = ()  # of the learner's runs
    checker: tuple[str, ...] = ()


_lock = threading.Lock()
_known: dict[Path, Modules] = {}


def modules(engine: Engine, bundle: Bundle, record: Callable[[], Modules]) -> Modules | None:
    """Return what to preload for a lab; None on an engine that starts each job as a process of its own.

    Args:
        engine: where the lab will run.
        bundle: the lab.
        record: finds it out; what it raises goes on to the caller.
    """
    if not engine.isolates:
        return None
    digest = engine.image_digest(bundle.lab.definition.image)
    path = bundle.folder.with_name(f"{bundle.folder.name}-{digest}.preload.json")
    with _lock:
        found = _known.get(path) or _read(path)
        if found is None:
            found = record()
            _write(path, found)
        _known[path] = found
        return found


def worthwhile(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the imported modules that another process can import, too, and to the same effect."""
    found = [
        name
        for name in names
        if name.isascii()
        and all(part.isidentifier() for part in name.split("."))
        and not name.startswith(("__", *_NOT_BEFORE_THE_KERNEL))
        and name not in _OF_THE_WORK
    ]
    return (*found, *(call for seen, call in _AHEAD.items() if seen in found))


def _read(path: Path) -> Modules | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Modules(tuple(found["learner"]), tuple(found["checker"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, found: Modules) -> None:
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".preload-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(found), file)
    Path(draft).replace(path)
