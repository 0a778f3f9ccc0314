import os


def make(folder, _notebook):
    project = folder / "project"
    os.mkfifo(project / "pipe")
