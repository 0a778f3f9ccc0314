import shutil


def make(folder, _notebook):
    project = folder / "project"
    shutil.rmtree(project / ".git")
    (project / ".git").write_text("gitdir: /etc\n")
