import shutil
import subprocess


def make(folder, _notebook):
    project = folder / "project"
    shutil.rmtree(project / ".git")
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
