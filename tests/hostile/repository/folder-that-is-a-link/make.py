import shutil


def make(folder, _notebook):
    project = folder / "project"
    shutil.rmtree(project)
    project.symlink_to("/etc")
