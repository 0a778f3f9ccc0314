"""Strict JSON for everything that crosses a boundary.

What comes from a learner's side is bounded and unambiguous or it is refused: no NaN or infinity, no
duplicate keys, no bottomless nesting, one line for one message.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 100
MAX_ITEMS = 2_000_000  # commas: an empty list is 2 bytes on the wire and 60 in memory
MAX_LINE = 64 * 2**20  # bytes of one message


class WireError(ValueError):
    """Bytes that are not one strict JSON value. The text says what was wrong, without echoing the bytes."""


def _no_constant(name: str) -> NoReturn:
    raise WireError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise WireError("a number is out of range")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WireError("an object repeats a key")
    return found


def _check_depth(text: str) -> None:
    """Count nesting before parsing, since the parser itself recurses."""
    depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise WireError("nested too deeply")
        elif char in "]}":
            depth -= 1


def loads(data: bytes) -> Any:
    """Parse one strict JSON value from UTF-8 bytes.

    Raises:
        WireError: not UTF-8, not JSON, NaN or infinity, a repeated key, nested deeper than MAX_DEPTH.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("not UTF-8 text") from None
    if text.count(",") > MAX_ITEMS:
        raise WireError("too many values")
    # Few brackets cannot nest deeply; the slow scan is for the rest.
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(text)
    try:
        return json.loads(
            text,
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=_unique,
        )
    except WireError:
        raise
    except (ValueError, RecursionError):
        raise WireError("not JSON") from None


def dumps(value: Any) -> bytes:
    """One line of JSON, UTF-8, without a newline. Raises ValueError for NaN or infinity."""
    return json.dumps(value, allow_nan=False, ensure_ascii=True, separators=(",", ":")).encode()
