import shutil
import subprocess


def make(folder):
    """A new history in two commits; the notebook and the data are gone."""
    project = folder / "project"
    (project / "delays.ipynb").unlink()
    shutil.rmtree(project / ".git")
    who = ["-c", "user.name=Learner", "-c", "user.email=learner@delays.example"]
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", ".gitignore", "README.md", "lateness"],
        ["commit", "-qm", "Rules of the Monday numbers as a package"],
        ["add", "tests"],
        ["commit", "-qm", "Tests of the rules"],
    ):
        subprocess.run(["git", *who, *words], cwd=project, check=True)
