"""Turns what a learner's function returns into plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 50


class NotPlain(TypeError):
    """A value that JSON cannot hold. The text says what it was and what to return instead."""


def plain(value: Any, depth: int = 0) -> Any:
    """Return `value` as None, bool, int, float, str, list or dict with string keys.

    numpy scalars and arrays, pandas Series and Index, tuples, sets and mappings are converted.

    Raises:
        NotPlain: anything else, NaN or infinity, nesting deeper than MAX_DEPTH.
    """
    if depth > MAX_DEPTH:
        raise NotPlain("a value nested too deeply; return a flat list or dict")
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if isinstance(value, float) or kind is float:
        if not math.isfinite(value):
            raise NotPlain("NaN or infinity; return a finite number")
        return float(value)
    if isinstance(value, bool | int | str):  # subclasses: enums, numpy's str
        base = next(base for base in (bool, int, str) if isinstance(value, base))
        return base(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item, depth + 1) for key, item in value.items()}
    if hasattr(value, "tolist"):  # numpy scalars and arrays, pandas Series and Index
        return plain(value.tolist(), depth + 1)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in value]
    raise NotPlain(f"a {kind.__name__}; return numbers, text, lists or dicts of them")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return str(key)
    if isinstance(key, bool | int | float) or hasattr(key, "item"):
        return str(key)
    raise NotPlain(f"a dict with a {type(key).__name__} as a key; use text as keys")
