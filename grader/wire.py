"""Strict JSON for everything that crosses a boundary.

What comes from a learner's side is bounded and unambiguous or it is refused: no NaN or infinity, no
duplicate keys, no bottomless nesting, one line for one message.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 100
MAX_ITEMS = 2_000_000  # commas: a number is 2 bytes on the wire and 40 in memory
MAX_CONTAINERS = 500_000  # lists and objects: one is 2 bytes on the wire and 60 to 240 in memory
MAX_LINE = 64 * 2**20  # bytes of one message
MAX_ANSWER = 4 * 2**20  # bytes of a learner's answer: a hundred thousand predictions and more


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


# A text as a whole (also one without an end), or a mark outside of texts. Possessive: no second thoughts, so
# the time it takes grows with the length alone.
_MARKS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]},]', re.DOTALL)


def _check_size(text: str, room: int) -> None:
    """Count nesting and values before parsing: the parser recurses, and makes much of little."""
    depth = containers = items = 0
    for found in _MARKS.finditer(text):
        mark = found[0]
        if mark == ",":
            items += 1
            if items > MAX_ITEMS + room:
                raise WireError("too many values")
        elif mark in "[{":
            depth, containers = depth + 1, containers + 1
            if depth > MAX_DEPTH + room:
                raise WireError("nested too deeply")
            if containers > MAX_CONTAINERS + room:
                raise WireError("too many values")
        elif mark in "]}":
            depth -= 1


def loads(data: bytes, room: int = 0) -> Any:
    """Parse one strict JSON value from UTF-8 bytes.

    Args:
        data: the text.
        room: how much more than the limits is let through: what one side has let through must not be too
            much for the next one, only because it was wrapped on the way.

    Raises:
        WireError: not UTF-8, not JSON, NaN or infinity, a repeated key, nested deeper than MAX_DEPTH, more
            than MAX_ITEMS or MAX_CONTAINERS values.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("not UTF-8 text") from None
    # Few marks cannot be too many; the slow scan, which tells marks in texts apart, is for the rest.
    if text.count("[") + text.count("{") > MAX_DEPTH or text.count(",") > MAX_ITEMS:
        _check_size(text, room)
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
