import subprocess

TEXT = 'data = []\nwhile True:\n    data.append(bytearray(2**24))\n'

def git(folder, *words):
    identity = ["-c", "user.name=eve", "-c", "user.email=eve@localhost"]
    subprocess.run(["git", *identity, *words], cwd=folder / "project", check=True)


def make(folder, _notebook):
    (folder / "project" / "double.py").write_text(TEXT)
    git(folder, "commit", "-qam", "Double")
