import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))

YAML = """\
# One stage for each script. A stage lists what it reads, and nothing else.
stages:
  prepare:
    desc: split the flights by date
    cmd: python prepare.py
    deps: [prepare.py, data/flights.csv]
    params: [prepare]
    outs: [prepared]

  train:
    desc: how often each group of flights is late
    cmd: python train.py
    deps: [train.py, features.py, prepared/train.csv]
    params: [train]
    outs: [model.json]

  evaluate:
    desc: score the model on the last days
    cmd: python evaluate.py
    deps: [evaluate.py, features.py, model.json, prepared/validate.csv]
    params: [evaluate]
    metrics: [metrics.json]
"""


def make(folder):
    commands = [
        "dvc init", "dvc config core.analytics false", "dvc config core.autostage true",
        "dvc remote add storage ../storage", "dvc remote default storage", "git add .dvc .dvcignore",
        "git commit -qm 'dvc init, remote beside the project'",
        "write data/.keep ''", "dvc add --out data/flights.csv ../data/delivery-1.csv",
        "git commit -qm 'data: first delivery'", "git tag -a data-v1 -m 'first delivery'", "dvc push",
        "copy delivery-2.csv", "dvc commit -f data/flights.csv.dvc", "git add data/flights.csv.dvc",
        "git commit -qm 'data: second delivery'", "dvc push",
        f"write dvc.yaml '{YAML}'", "git add dvc.yaml", "dvc repro", "git add dvc.lock .gitignore",
        "git commit -qm 'pipeline: prepare, train, evaluate'", "dvc push",
        "replace README.md file FILE", "git commit -qam 'README: where the data is'",
        "git tag -a data-v2 -m 'second delivery'",
    ]  # fmt: skip
    tool["build"](folder, commands)
