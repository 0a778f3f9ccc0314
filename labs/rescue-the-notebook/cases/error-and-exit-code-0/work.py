import shutil
import subprocess


def make(folder):
    """Change a file of the reference's, and commit it."""
    path = folder / "project/lateness/__main__.py"
    text = path.read_text()
    old = 'raise SystemExit(f"{source} has'
    assert old in text
    path.write_text(text.replace(old, 'return print(f"{source} has'))
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@delays.example"]
    subprocess.run(["git", *who, "commit", "-qam", "Change it"], cwd=folder / "project", check=True)
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
