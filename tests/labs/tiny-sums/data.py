"""Marked words for graded runs and for the checker; see checks.py."""

import sys
from pathlib import Path

for place, word in (("graded", "canary-file-90b3fe21c4d7"), ("checker", "canary-expected-61ad0c8e7f35")):
    folder = Path(sys.argv[1], place)
    folder.mkdir(parents=True)
    (folder / f"{place}.txt").write_text(word, encoding="utf-8")
