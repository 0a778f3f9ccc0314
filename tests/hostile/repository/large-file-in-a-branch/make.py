import subprocess

def git(folder, *words):
    identity = ["-c", "user.name=eve", "-c", "user.email=eve@localhost"]
    subprocess.run(["git", *identity, *words], cwd=folder / "project", check=True)


def make(folder, _notebook):
    git(folder, "checkout", "-qb", "side")
    (folder / "project" / "data.csv").write_text("1,2,3\n" * 10_000)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Data")
    git(folder, "checkout", "-q", "-")
