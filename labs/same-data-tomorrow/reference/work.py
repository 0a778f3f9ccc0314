"""The reference's work, and the tool with which cases make theirs: commands of DVC and Git, run in one process."""

import json
import os
import subprocess
import sys
from pathlib import Path

ADD = ["dvc add -q data/flights.csv"]
SAVE = ["git add -A", "dvc push -q"]
SET_UP = ["dvc init -q", "dvc config core.analytics false", "dvc remote add -q -d storage ../storage"]
FIRST = ["copy delivery-1.csv", *ADD, *SAVE, "git commit -q -m First", "git tag data-v1"]
SECOND = ["copy delivery-2.csv", *ADD, *SAVE, "git commit -q -m Second", "git tag data-v2"]
PREPARE = (
    "dvc stage add -q -n prepare -d prepare.py -d data/flights.csv -p prepare.validate_days "
    "-o prepared/train.csv -o prepared/validate.csv python prepare.py"
)
TRAIN = (
    "dvc stage add -q -n train -d train.py -d features.py -d prepared/train.csv -p train.smoothing "
    "-o model.json python train.py"
)
EVALUATE = (
    "dvc stage add -q -n evaluate -d evaluate.py -d features.py -d model.json -d prepared/validate.csv "
    "-p evaluate.threshold -M metrics.json python evaluate.py"
)
PIPELINE = [PREPARE, TRAIN, EVALUATE]
RUN = ["dvc repro -q", *SAVE, "git commit -q -m Pipeline"]


def build(folder, commands):
    """Do these commands in the project, one after the other."""
    env = {**os.environ, "DVC_NO_ANALYTICS": "1", "HOME": str(folder.parent)}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), json.dumps(commands)],
        cwd=folder / "project", env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def make(folder):
    build(folder, [*SET_UP, *FIRST, *SECOND, *PIPELINE, *RUN])


def run_all(commands):
    import shlex
    import shutil

    from dvc.cli import main

    for command in commands:
        tool, *words = shlex.split(command)
        if tool == "dvc":
            code = main(words)
        elif tool == "copy":  # a delivery to its place
            Path("data").mkdir(exist_ok=True)
            Path("data/flights.csv").unlink(missing_ok=True)
            shutil.copyfile(Path("../data") / words[0], "data/flights.csv")
            code = 0
        elif tool == "write":  # a file with the given text
            Path(words[0]).parent.mkdir(parents=True, exist_ok=True)
            Path(words[0]).write_text(words[1])
            code = 0
        elif tool == "replace":  # a text in a file by another
            text = Path(words[0]).read_text()
            assert words[1] in text, f"{words[0]} holds no {words[1]!r}"
            Path(words[0]).write_text(text.replace(words[1], words[2]))
            code = 0
        else:
            code = subprocess.run([tool, *words], check=False).returncode
        if code:
            sys.exit(f"{command!r} ended with code {code}")


if __name__ == "__main__":
    run_all(json.loads(sys.argv[1]))
