"""The lab as other tools get it: the same answers and data in a folder that is a Git repository."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import notebook
from grader.rebuild import rebuild
from grader.release import Bundle

# It serves the check cells only, which the others do not have.
_LAB_IMPORT = "from mlops_labs import lab\n"
STORE = "mlflow.db"
STORE_URI = f"sqlite:///{STORE}"  # relative: a store of its own in every kernel's working folder


@dataclass(frozen=True)
class Materials:
    """What every other tool starts from."""

    bundle: Bundle
    scratch: Path

    def plain_notebook(self) -> dict[str, Any]:
        """The answers as we run them, rebuilt, without check cells; an error ends it."""
        submission = notebook.parse(json.dumps(self.bundle.reference).encode())
        made = copy.deepcopy(rebuild(submission, self.bundle.master, self.bundle.lab.id).notebook)
        for cell in made["cells"]:
            cell["source"] = cell["source"].replace(_LAB_IMPORT, "")
            cell["metadata"] = {}
        return made

    def checked_notebook(self, sources: dict[str, str]) -> dict[str, Any]:
        """The source notebook with other check cells: task id -> source. nbgrader's metadata stays."""
        made = copy.deepcopy(self.bundle.reference)
        for cell in made["cells"]:
            cell["source"] = cell["source"].replace(_LAB_IMPORT, "")
            task = cell["metadata"].get("mlops_labs", {}).get("check")
            if task:
                cell["source"] = sources[task]
        return made

    def lay_out(self, folder: Path) -> Path:
        """Write the files that the notebook needs into `folder`, made when missing."""
        ignore = shutil.ignore_patterns(".mlops", "*.ipynb", "__pycache__")
        shutil.copytree(self.bundle.student, folder, ignore=ignore, dirs_exist_ok=True)
        return folder

    def fresh(self, name: str) -> Path:
        """An empty folder of that name that is a Git repository with one commit."""
        folder = self.scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        who = ["-c", "user.name=learner", "-c", "user.email=learner@localhost"]
        for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "The lab"]):
            subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)
        return folder


def write_notebook(content: dict[str, Any], path: Path) -> Path:
    """Write a notebook to a file."""
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return path
