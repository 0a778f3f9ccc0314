"""Write the lab's data and the repository that is handed out: `python data.py OUT`. The same bytes each time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd

from mlops_labs.flights import flights

START = Path(__file__).parent / "start"
COLUMNS = ["date", "carrier", "origin", "dest", "hour", "distance", "late"]
WHO = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "mara"),
        ("EMAIL", "mara@localhost"),
        ("DATE", "2013-03-01T09:00:00+0000"),
    )
}


def sample(month, rows, seed, by="arr_delay"):
    """A reproducible sample of a month's flights; late is more than 15 minutes of the delay that is named."""
    chosen = flights([month]).sample(rows, random_state=seed).sort_index()
    chosen = chosen.assign(date=chosen["date"].dt.strftime("%Y-%m-%d"), late=(chosen[by] > 15).astype(int))
    return chosen[COLUMNS]


def write(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, lineterminator="\n")


def git(project, *words):
    home = str(project)  # so that nobody's own settings have a say
    env = {**os.environ, **WHO, "GIT_CONFIG_NOSYSTEM": "1", "HOME": home, "XDG_CONFIG_HOME": home}
    subprocess.run(["git", *words], cwd=project, check=True, env=env)


def main(out):
    # The first delivery took "late" from the departure; the second one has January corrected, and February.
    write(sample(1, 6_000, 1, by="dep_delay"), out / "learner/data/delivery-1.csv")
    second = pd.concat([sample(1, 6_000, 1), sample(2, 6_000, 2)])
    write(second, out / "learner/data/delivery-2.csv")
    write(sample(3, 6_000, 3), out / "checker/march.csv")
    shutil.copytree(START, out / "checker/pipeline", ignore=shutil.ignore_patterns("__pycache__"))

    project = out / "learner/project"
    shutil.copytree(START, project, ignore=shutil.ignore_patterns("__pycache__"))
    (project / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    git(project, "init", "-q", "-b", "main", "--template=")
    git(project, "config", "user.name", "learner")
    git(project, "config", "user.email", "learner@localhost")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "Three steps from a file of flights to a score")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
