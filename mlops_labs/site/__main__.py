"""`python -m mlops_labs.site [--check]`: write the site's Markdown, or only tell what in it is out of date."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from mlops_labs.home import find_home
from mlops_labs.roadmap import roadmap, stale
from mlops_labs.site import build
from sandbox.errors import MlopsError


def main(words: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m mlops_labs.site", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if a page is out of date"
    )
    parser.add_argument("--reference", action="store_true", help="only write docs/reference/ anew")
    parser.add_argument("--to", type=Path, default=build.ROOT / "build" / "site-source")
    options = parser.parse_args(words)
    try:
        if options.check:
            return _check()
        if options.reference:
            build.write_reference()
            return 0
        count = build.write(options.to, find_home().cache / "labs", _tell)
        _tell(f"{count} pages in {options.to}")
        for line in stale(roadmap(), datetime.now(UTC).date()):
            _tell(f"warning: {line}")
    except MlopsError as error:
        _tell(str(error))
        return error.exit_code
    return 0


def _check() -> int:
    wrong = [*build.drift(), *build.missing_from_navigation()]
    for line in wrong:
        _tell(line)
    return 1 if wrong else 0


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
