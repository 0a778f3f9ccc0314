import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))
SET_UP, FIRST, SECOND, PIPELINE, RUN = (tool[name] for name in ("SET_UP", "FIRST", "SECOND", "PIPELINE", "RUN"))


def make(folder):
    tool["build"](folder, [
        *SET_UP, *FIRST, *SECOND,
        "dvc stage add -q -n pipeline -d prepare.py -d train.py -d evaluate.py -d features.py -d data/flights.csv "
        "-p prepare,train,evaluate -o prepared -o model.json -M metrics.json "
        "'python prepare.py && python train.py && python evaluate.py'",
        *RUN,
    ])
