"""Files that people write (lab.toml, class.toml): parsed once into frozen types.

An unknown key is an error that names the file, the key and the nearest known one, because a misspelt
`point = 3` that is silently ignored costs somebody marks.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.errors import UsageError


class Frozen(BaseModel):
    """A part of a file that people write: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def near(word: str, known: Sequence[str]) -> str:
    """The nearest of the known words as a question, or nothing when none is near."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" (did you mean '{close[0]}'?)" if close else ""


def explain(path: Path, error: ValidationError, model: type[BaseModel]) -> UsageError:
    """The first thing that is wrong with a file, in one line; `model` is what it was read as."""
    # A misspelt key is also a missing one; the misspelling is what helps.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = _known_keys(model, first["loc"])
        return UsageError(
            f"{path}: unknown key '{where}'", f"remove or rename it{near(str(first['loc'][-1]), known)}"
        )
    return UsageError(f"{path}: {where}: {first['msg']}", "correct that value")


def _known_keys(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """The keys allowed in the table that `location` (of a pydantic error) points into."""
    for part in location[:-1]:
        field = model.model_fields.get(str(part))
        if field is None:  # a number: the place in a list of tables
            continue
        inner = [field.annotation, *get_args(field.annotation)]
        model = next((one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)), model)
    return list(model.model_fields)
