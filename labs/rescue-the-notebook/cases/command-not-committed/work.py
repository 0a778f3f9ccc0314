import shutil
import subprocess


def make(folder):
    """Take the command out of the commit and leave it lying there."""
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@delays.example"]
    for words in (["rm", "-q", "--cached", "lateness/__main__.py"], ["commit", "-q", "-m", "Tidy up"]):
        subprocess.run(["git", *who, *words], cwd=folder / "project", check=True)
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
