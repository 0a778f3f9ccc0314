"""Everything that is written to a terminal or a pipe: plain lines unless somebody is watching."""

from __future__ import annotations

import sys

from grader.legible import legible
from mlops_labs.picture import Picture


def out(text: str) -> None:
    """A result, to stdout. Whatever it quotes, nothing invisible reaches a terminal."""
    text = legible(text)
    if not sys.stdout.isatty():
        text = text.encode("ascii", "backslashreplace").decode()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell(line: str) -> None:
    """A line of progress, to stderr, so that a program reading stdout is not disturbed."""
    sys.stderr.write(f"{legible(line)}\n")
    sys.stderr.flush()


def error(text: str) -> None:
    """A trouble and what to do next, in one line."""
    flat = " ".join(text.split()).rstrip(".")
    tell(f"mlops: {flat}" if flat.endswith("?") else f"mlops: {flat}.")


def picture(shown: Picture) -> None:
    """A result's picture; its states are coloured on a terminal."""
    text = legible(shown.text())
    if not sys.stdout.isatty():
        out(text)
        return
    from rich.console import Console
    from rich.text import Text

    styles = {"PASS": "bold green", "FAIL": "bold red", "TODO": "dim", "WAIT": "yellow", "OURS": "magenta"}
    console = Console(highlight=False, soft_wrap=True)
    for line in text.splitlines():
        word = line[:4]
        styled = Text(line)
        if word in styles:
            styled.stylize(styles[word], 0, 4)
        console.print(styled)
