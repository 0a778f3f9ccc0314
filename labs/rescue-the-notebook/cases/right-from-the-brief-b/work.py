import os
import shutil
import subprocess

MINE = ["lateness", "tests", "README.md", ".gitignore", "delays.ipynb"]


def make(folder):
    """The old history without data and notebook, her tag and other branch dropped; then the work upon it."""
    project, aside = folder / "project", folder / "aside"
    aside.mkdir()
    for name in MINE:
        (project / name).rename(aside / name)
    who = ["-c", "user.name=Learner", "-c", "user.email=learner@delays.example"]
    quiet = {**os.environ, "FILTER_BRANCH_SQUELCH_WARNING": "1"}
    gone = "git rm -rq --cached --ignore-unmatch data delays.ipynb .ipynb_checkpoints"

    def git(*words):
        subprocess.run(["git", *who, *words], cwd=project, env=quiet, check=True, capture_output=True)

    git("checkout", "-qf", "main")
    git("tag", "-d", "shown-on-tuesday")
    git("branch", "-qD", "weather")
    git("filter-branch", "-f", "--index-filter", gone, "--", "main")
    git("update-ref", "-d", "refs/original/refs/heads/main")
    for name in MINE:
        if (project / name).is_file():
            (project / name).unlink()
        (aside / name).rename(project / name)
    shutil.rmtree(aside)
    git("add", "-A")
    git("commit", "-qm", "A package with rules, command and tests; the notebook uses it")
