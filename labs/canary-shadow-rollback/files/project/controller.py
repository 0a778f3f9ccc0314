"""The release controller: python controller.py begin release.json, then python controller.py step release.json"""

import json
import sys
from pathlib import Path

import tools


def look(settings):
    """What each version has counted so far; None for one that does not answer."""
    return {name: tools.counts(settings[name]) for name in ("champion", "challenger")}


def begin(settings):
    """Start the release with the first stage of its plan."""
    raise NotImplementedError("your release's beginning")


def step(settings):
    """Look at what has happened, decide, act, and write down why."""
    raise NotImplementedError("your release's next step")


def main(words):
    """Do one command and end; return the exit code."""
    if len(words) != 2 or words[0] not in ("begin", "step"):
        print(__doc__, file=sys.stderr)
        return 2
    settings = json.loads(Path(words[1]).read_text())
    begin(settings) if words[0] == "begin" else step(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
