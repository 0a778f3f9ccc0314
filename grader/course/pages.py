"""Pages that open inert: everything shown on them is text, whatever it was meant to be.

Three things hold that, each by itself: every value is escaped by the templates; what cannot be seen is written
out (`legible`); and the page's own policy forbids scripts, frames, forms and every request.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.legible import legible
from grader.words import word
from sandbox.errors import DiskFull

_MOST_SHOWN = 20_000  # characters of one value
TEMPLATES = Path(__file__).with_name("templates")


def number(value: float) -> str:
    """A count of points for a person: 12, 12.5, never 12.0 or 12.300000000000001."""
    return f"{round(value, 4):.10g}"


def _seen(value: Any) -> Any:
    return legible(value, _MOST_SHOWN) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def environment(*more: Path) -> Environment:
    """The templates, after those of further folders, which may extend `page.html`."""
    made = Environment(
        loader=FileSystemLoader([*more, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = number
    made.filters["word"] = word
    made.globals["style"] = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))  # our own file
    return made


def render(template: str, **values: Any) -> str:
    """A page as HTML."""
    return environment().get_template(template).render(**values)


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    """Write a file whole or not at all, with the folders above it.

    Raises:
        DiskFull: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise DiskFull(
            f"{path} cannot be written ({error.strerror})",
            "free some space or mend its rights, then try again",
        ) from None
    return path
