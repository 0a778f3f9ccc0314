import shutil
import subprocess


def make(folder):
    """Add to the reference's work, and commit."""
    project = folder / "project"
    lines = (folder / "data/2013-01.csv").read_text().splitlines(keepends=True)
    (project / "examples").mkdir()
    for first in range(0, len(lines), 1000):
        (project / f"examples/part-{first}.csv").write_text("".join(lines[first : first + 1000]))
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@delays.example"]
    for words in (["add", "-A", "-f", "."], ["commit", "-qm", "Add"]):
        subprocess.run(["git", *who, *words], cwd=project, check=True)
    shutil.rmtree(folder / "project/tests")  # not handed in, so that only the rest is graded
