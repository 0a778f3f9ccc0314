import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))
SET_UP, FIRST, SECOND, PIPELINE, RUN = (tool[name] for name in ("SET_UP", "FIRST", "SECOND", "PIPELINE", "RUN"))


def make(folder):
    tool["build"](folder, [*SET_UP, *FIRST, "git checkout -q -b february", *SECOND, "git checkout -q main", "dvc checkout -q", *PIPELINE, *RUN])
