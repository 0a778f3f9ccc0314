"""Cells of a CSV that a spreadsheet must not take for formulas."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?%?")
_SIGNS = "=+-@"
_QUOTES = "\"'`´‘’“”«»"  # noqa: RUF001  # these very characters are meant
_HARMLESS = {"-"}  # what Moodle writes where there is nothing


def safe(cell: str) -> str:
    """A cell that opens as text: an apostrophe goes before what would be run as a formula.

    Spreadsheets look past spaces, quotes and invisible characters, and some take the full-width forms of the
    signs for the signs. A plain number, also a negative one, is none.
    """
    shown = cell.replace("\x00", "")
    if shown in _HARMLESS or _NUMBER.fullmatch(shown) or shown.startswith("'"):
        return shown
    return f"'{shown}" if shown[:1] in ("\t", "\r", "\n") or _first(shown) in _SIGNS else shown


def _first(text: str) -> str:
    """The first character that counts, in its plain form; a letter when there is none."""
    for char in unicodedata.normalize("NFKC", text):
        if not (char.isspace() or not char.isprintable() or char in _QUOTES):
            return char
    return "x"


def table(rows: Iterable[Sequence[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    """Rows as CSV, every cell safe to open."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter, lineterminator=end)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return target.getvalue()
