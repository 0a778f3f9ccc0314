from pathlib import Path


def make(folder, _notebook):
    project = folder / "project"
    Path(project, *["d"] * 100).mkdir(parents=True)
