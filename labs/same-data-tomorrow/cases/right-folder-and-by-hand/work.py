import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))
SET_UP, FIRST, SECOND, PIPELINE, RUN = (tool[name] for name in ("SET_UP", "FIRST", "SECOND", "PIPELINE", "RUN"))


YAML = """\
stages:
  prepare:
    cmd: python -u prepare.py
    deps: [prepare.py, data/flights.csv]
    params: [prepare]
    outs: [prepared]
  train:
    cmd:
      - python3 train.py
    deps: [train.py, features.py, prepared/train.csv]
    params: [train]
    outs: [model.json]
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, features.py, model.json, prepared/validate.csv]
    params: [evaluate]
    metrics: [metrics.json]
"""


def make(folder):
    commands = [
        "dvc init", "dvc config core.autostage true", "dvc remote add --default shared ../storage/flights",
        "copy delivery-1.csv", "dvc add data", "git add .", "git commit -q -m 'First delivery'",
        "git tag -a data-v1 -m 'as it came'", "dvc push",
        "write README.md 'What this is.'", "git commit -qam 'Read me'",
        "copy delivery-2.csv", "dvc add data", "git add .", "git commit -q -m 'Second delivery'",
        "git tag -a data-v2 -m corrected",
        "dvc repro", "git add .", "git commit -q -m Pipeline", "dvc push",
    ]  # fmt: skip
    place = commands.index("dvc repro")
    import textwrap

    commands.insert(place, f"write dvc.yaml '{textwrap.dedent(YAML)}'")
    tool["build"](folder, commands)
