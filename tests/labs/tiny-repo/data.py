"""Make the repository that is handed out: `python data.py OUT`. Its only commit holds what must not be there."""

import os
import subprocess
import sys
from pathlib import Path

DAY = "2013-01-01T00:00:00+0000"
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "mara"), ("EMAIL", "mara@localhost"), ("DATE", DAY))
}


def main(out):
    project = out / "learner" / "project"
    project.mkdir(parents=True)
    (project / "double.py").write_text("PASSWORD = 'SECRET'\n")
    for words in (
        ["init", "-q", "-b", "main", "--template="],
        ["add", "-A"],
        ["commit", "-q", "-m", "First"],
    ):
        subprocess.run(["git", *words], cwd=project, check=True, env={**os.environ, **AUTHOR})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
