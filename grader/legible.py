"""Makes text of unknown origin fit to be read by a person: what cannot be seen is written out.

Control characters move a terminal's cursor, bidirectional overrides turn a line around, and piled-up
combining marks cover the lines above. None of them reaches a mentor's terminal or a page.
"""

from __future__ import annotations

import unicodedata

_KEPT = {"\n", "\t", "\u200c", "\u200d"}  # the joiners: some scripts and pictures are misspelt without them
_MOST_MARKS = 4  # combining marks on one letter; no script needs more


def legible(text: str, most: int | None = None) -> str:
    """Text with everything invisible written out as an escape; lines and tabs stay.

    Args:
        text: anything, also with lone surrogates.
        most: characters to keep; what is left out is told by its number.
    """
    left_out = 0 if most is None else max(0, len(text) - most)
    if left_out:
        text = text[:most]
    if not (text.isascii() and text.isprintable()):
        text = "".join(_written_out(text.replace("\r\n", "\n")))
    return f"{text} ... ({left_out} more characters)" if left_out else text


def one_line(text: str, most: int | None = None) -> str:
    """The same on one line, so that no text can pretend to be the next line."""
    flat = legible(" ".join(text.split()))
    return flat if most is None or len(flat) <= most else f"{flat[: most - 3]}..."


def _written_out(text: str) -> list[str]:
    shown, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS and (char.isprintable() or char in _KEPT):
            shown.append(char)
        elif char == "\u00a0":
            shown.append(" ")
        else:
            shown.append(f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}")
    return shown
