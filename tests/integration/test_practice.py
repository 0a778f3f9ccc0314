"""What a learner with right answers sees in JupyterLab: every practice check passes, beside real services.

Graded runs have no servers beside them, so a check that only works in a grading would blame the learner here.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import time
from pathlib import Path

import pytest

from grader.release import bundle
from mlops_labs.cases import read_cases
from mlops_labs.home import Home
from tests.integration.test_browser import mlops
from tests.integration.test_labs import LABS, _its_turn
from tests.kernels import kernel, run_code

pytestmark = [pytest.mark.engine, pytest.mark.production]
ARTEFACTS = Path(__file__).parents[2] / "test-artifacts"


def _lay_out(home: Path, name: str) -> list[str]:
    """Put the reference's files into the work folder; return the sources of its code cells, without its checks."""
    released = bundle(LABS[name], Home(home).cache / "labs", print)
    work = Home(home).work(name)
    archive = next(case for case in read_cases(released) if case.kind == "reference").submission().work
    owner = work.stat()
    if archive:
        for folder in released.lab.definition.work.folders if released.lab.definition.work else ():
            shutil.rmtree(work / folder, ignore_errors=True)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(work, filter="data")  # what this very repository made
        for path in (work, *work.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    return [
        "".join(cell["source"])
        for cell in released.reference["cells"]
        if cell["cell_type"] == "code" and "check" not in cell["metadata"].get("mlops_labs", {})
    ]


@pytest.mark.parametrize("name", [name for name in LABS if _its_turn(name)])
def test_right_answers_pass_practice_in_jupyterlab(name: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    try:
        mlops(home, "docker", "start", name, "--detach", "--no-browser")
        running = json.loads(mlops(home, "docker", "status", "--json").stdout)["running"]
        cells = _lay_out(home, name)
        took = {}
        with kernel(running[0]["url"], f"{name}.ipynb") as channel:
            for source in cells:
                if "lab.submit()" not in source:
                    run_code(channel, source)
            for task in LABS[name].tasks:
                for _ in range(2):  # the second time in a warm kernel
                    began = time.monotonic()
                    said = run_code(channel, f'print(lab.check("{task.id}"))')
                    took[task.id] = round(time.monotonic() - began, 2)
                    right = "WAIT" if task.written else "PASS"
                    assert f"{right} {task.id}" in said, said
        ARTEFACTS.mkdir(exist_ok=True)
        (ARTEFACTS / f"practice-{name}.json").write_text(json.dumps({"seconds": took}))
        print(name, took)
    finally:
        mlops(home, "docker", "stop")
