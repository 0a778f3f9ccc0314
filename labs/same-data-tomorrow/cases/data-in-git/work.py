import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))
SET_UP, FIRST, SECOND, PIPELINE, RUN = (tool[name] for name in ("SET_UP", "FIRST", "SECOND", "PIPELINE", "RUN"))


def make(folder):
    tool["build"](folder, [*SET_UP, "copy delivery-1.csv", "git add -A", "git commit -q -m First", "git tag data-v1", "copy delivery-2.csv", "git add -A", "git commit -q -m Second", "git tag data-v2"])
