import shutil


def make(folder, _notebook):
    project = folder / "project"
    shutil.rmtree(project)
    project.write_text("nothing")
