import subprocess


def make(folder):
    """Commit the tests of this case."""
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@delays.example"]
    for words in (["add", "-A"], ["commit", "-qm", "Other tests"]):
        subprocess.run(["git", *who, *words], cwd=folder / "project", check=True)
