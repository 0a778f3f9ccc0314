"""The reference's work: a new history with the right module."""

import shutil
import subprocess


def make(folder):
    project = folder / "project"
    (project / "double.py").write_text("import sys\n\nprint(2 * int(sys.argv[1]))\n")
    shutil.rmtree(project / ".git")
    git = ["git", "-c", "user.name=ana", "-c", "user.email=ana@localhost"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Double"]):
        subprocess.run([*git, *words], cwd=project, check=True)
