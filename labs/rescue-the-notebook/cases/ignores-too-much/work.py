import shutil
import subprocess


def make(folder):
    """Add to the reference's work, and commit."""
    project = folder / "project"
    (project / ".gitignore").write_text("*\n")
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@delays.example"]
    for words in (["add", "-A", "-f", "."], ["commit", "-qm", "Add"]):
        subprocess.run(["git", *who, *words], cwd=project, check=True)
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
