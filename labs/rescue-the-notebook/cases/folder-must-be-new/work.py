import shutil
import subprocess


def make(folder):
    """Change a file of the reference's, and commit it."""
    path = folder / "project/lateness/__main__.py"
    text = path.read_text()
    old = ', exist_ok=True'
    assert old in text
    path.write_text(text.replace(old, ''))
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@delays.example"]
    subprocess.run(["git", *who, "commit", "-qam", "Change it"], cwd=folder / "project", check=True)
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
