import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))
SET_UP, FIRST, SECOND, PIPELINE, RUN = (tool[name] for name in ("SET_UP", "FIRST", "SECOND", "PIPELINE", "RUN"))


def make(folder):
    loud = "-d data/flights.csv"  # the only thing it really watches
    stages = [
        PIPELINE[0],
        PIPELINE[1].replace("-d features.py ", ""),
        PIPELINE[2].replace("-p evaluate.threshold ", f"{loud} ").replace(
            "python evaluate.py", "\"printf 'Running stage %s:\\\\n' train evaluate; python evaluate.py\""
        ),
    ]
    tool["build"](folder, [*SET_UP, *FIRST, *SECOND, *stages, *RUN])
