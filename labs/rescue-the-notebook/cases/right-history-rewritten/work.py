import os
import subprocess


def make(folder):
    """Rewrite main without the files that must go, forget tag and branch, and go on from there."""
    project = folder / "project"
    who = ["-c", "user.name=Bo", "-c", "user.email=bo@delays.example"]
    quiet = {**os.environ, "FILTER_BRANCH_SQUELCH_WARNING": "1"}
    gone = "git rm -rq --cached --ignore-unmatch data delays.ipynb .ipynb_checkpoints"
    for words in (
        ["stash", "-uq"],
        ["tag", "-d", "shown-on-tuesday"],
        ["branch", "-qD", "weather"],
        ["filter-branch", "-f", "--index-filter", gone, "--", "main"],
        ["stash", "pop", "-q"],
        ["add", "-A"],
        ["commit", "-qm", "A package, its tests, and what is to be ignored"],
    ):
        done = subprocess.run(["git", *who, *words], cwd=project, env=quiet, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr)
