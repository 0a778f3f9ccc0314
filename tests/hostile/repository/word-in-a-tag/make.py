import subprocess

def git(folder, *words):
    identity = ["-c", "user.name=eve", "-c", "user.email=eve@localhost"]
    subprocess.run(["git", *identity, *words], cwd=folder / "project", check=True)


def make(folder, _notebook):
    git(folder, "tag", "-a", "-m", "the SECRET", "v1")
