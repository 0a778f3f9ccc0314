"""The wheel installs and runs in a clean environment from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(target.glob("*.whl"))


def test_what_it_holds(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "mlops_labs/cli.py" in names
    assert "mlops_labs/_data/labs/defend-your-runs/checks.py" in names
    assert "mlops_labs/_data/curriculum/roadmap.toml" in names
    assert "mlops_labs/lab_template/lab.toml.in" in names
    assert "sandbox/images/lab/Dockerfile" in names
    assert "sandbox/images/lab/requirements.txt" in names
    assert {f"sandbox/images/ops/{name}" for name in ("Dockerfile", "npm.txt", "requirements.txt")} <= set(
        names
    )
    panel = "mlops_labs/panel/labextensions/mlops-labs-panel"
    assert {f"{panel}/package.json", f"{panel}/static/style.js"} <= set(names)
    entry = json.loads(zipfile.ZipFile(wheel).read(f"{panel}/package.json"))["jupyterlab"]["_build"]["load"]
    assert f"{panel}/{entry}" in names
    assert not [
        name for name in names if name.startswith(("tests/", "labs/", "curriculum/")) or "__pycache__" in name
    ]


def test_it_runs_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    # The dependencies are lent from this environment; the distribution itself comes from the wheel alone.
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True
    )
    lent = next(path for path in sys.path if path.endswith("site-packages"))
    own = next((environment / "lib").glob("python*/site-packages"))
    # Behind our own: and without running the .pth that would put the checkout on the path.
    (own / "zz-lent.pth").write_text(lent + "\n")
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    env["MLOPS_HOME"] = str(tmp_path / "home")
    # nbgrader calls alembic by name; its script is where the packages are lent from.
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def run(*words: str) -> str:
        done = subprocess.run(
            [str(environment / "bin" / "mlops"), *words],
            cwd=elsewhere,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "defend-your-runs" in run("list")
    where = subprocess.run(
        [
            python,
            "-c",
            "import mlops_labs, grader, sandbox; print(mlops_labs.__file__, grader.__file__, sandbox.__file__)",
        ],
        cwd=elsewhere,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(ROOT) not in where
    run("lab", "release", "defend-your-runs", "--to", str(tmp_path / "released"))
    assert (tmp_path / "released" / "release" / "defend-your-runs" / "defend-your-runs.ipynb").is_file()
