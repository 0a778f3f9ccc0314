"""Lists a lab's checks by importing them, in a process of its own (`python -m grader.manifest FILE`)."""

from __future__ import annotations

import sys
from pathlib import Path

from grader import wire
from grader.checks import load_checks


def main() -> None:
    """Write the checks of a file as one JSON line: id, task, title, points."""
    rows = [
        {"id": found.id, "task": found.task, "title": found.title, "points": found.points}
        for found in load_checks(Path(sys.argv[1]))
    ]
    sys.stdout.buffer.write(wire.dumps(rows) + b"\n")


if __name__ == "__main__":
    main()
