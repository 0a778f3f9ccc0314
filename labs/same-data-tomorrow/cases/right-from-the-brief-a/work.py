import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))


def make(folder):
    commands = [
        "dvc init", "dvc config core.analytics false", "dvc remote add -d shared ../storage",
        "copy delivery-1.csv", "dvc add data/flights.csv", "git add .dvc .dvcignore data",
        "git commit -qm 'Put the first delivery under DVC'", "git tag data-v1", "dvc push",
        "copy delivery-2.csv", "dvc add data/flights.csv", "git add data/flights.csv.dvc",
        "git commit -qm 'Second delivery: January by arrival, February added'", "git tag data-v2", "dvc push",
        "dvc stage add -n prepare -d prepare.py -d data/flights.csv -p prepare.validate_days -o prepared/train.csv "
        "-o prepared/validate.csv python prepare.py",
        "dvc stage add -n train -d train.py -d features.py -d prepared/train.csv -p train.smoothing -o model.json "
        "python train.py",
        "dvc stage add -n evaluate -d evaluate.py -d features.py -d model.json -d prepared/validate.csv "
        "-p evaluate.threshold -M metrics.json python evaluate.py",
        "dvc repro", "git add .", "git commit -qm 'Three stages in a DVC pipeline, with their results'", "dvc push",
    ]  # fmt: skip
    tool["build"](folder, commands)
