"""The reference's work: the notebook becomes a package, and the repository a new one."""

import shutil
import subprocess


def git(project, *words):
    """Run git as somebody."""
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@delays.example"]
    subprocess.run(["git", *who, *words], cwd=project, check=True)


def make(folder):
    """Leave the old history behind."""
    project = folder / "project"
    for name in (".git", "data"):
        shutil.rmtree(project / name)
    (project / "delays.ipynb").unlink()
    git(project, "init", "-q", "-b", "main", "--template=")
    git(project, "add", ".gitignore", "README.md", "lateness")
    git(project, "commit", "-q", "-m", "A package from Mara's notebook")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "Test its rules")
