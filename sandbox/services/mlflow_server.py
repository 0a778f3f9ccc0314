"""An MLflow tracking server as one uvicorn process: 3 s to start and about 250 MB, where `mlflow server`
takes 10-20 s and twice to ten times the memory (workers, a job runner, consumers).

Run as ``python -m sandbox.mlflow_server --data FOLDER``, in a container and by the local engine alike. The
database starts as a copy of a migrated, empty one, since MLflow needs some 15 s to migrate an empty file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

TEMPLATE_VARIABLE = "MLOPS_MLFLOW_TEMPLATE"


def make_template(path: Path) -> None:
    """Write an empty database of this MLflow's schema to `path`, by MLflow's own migration (some 15 s)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}.tmp")
    _migrate(scratch)
    scratch.replace(path)


def prepare(data: Path, template: Path) -> Path:
    """Return the server's database in `data`: a copy of the template, or the old one, upgraded."""
    data.mkdir(parents=True, exist_ok=True)
    database = data / "mlflow.db"
    if not database.exists():
        scratch = data / "mlflow.db.new"
        shutil.copyfile(template, scratch)
        scratch.replace(database)
    elif _schema(database) != _schema(template):
        shutil.copyfile(database, data / "mlflow.db.before-upgrade")
        _migrate(database)
    return database


def environment(data: Path, hosts: tuple[str, ...]) -> dict[str, str]:
    """Return what `mlflow server` would tell its workers: one SQLite file, artefacts served beside it."""
    # A list of our own replaces MLflow's, so it names this machine too.
    allowed = [name for host in (*hosts, "localhost", "127.0.0.1") for name in (host, f"{host}:*")]
    return {
        "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{data / 'mlflow.db'}",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(data / "artifacts"),
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(allowed),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }


def _migrate(database: Path) -> None:
    command = [sys.executable, "-m", "mlflow", "db", "upgrade", f"sqlite:///{database}"]
    subprocess.run(command, check=True, capture_output=True)


def _schema(database: Path) -> str:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone())


def main(argv: list[str] | None = None) -> None:
    """Become the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the database and the artefacts")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="5000")
    parser.add_argument("--allow", action="append", default=[], help="a further name that clients call it by")
    options = parser.parse_args(argv)
    data = options.data.resolve()
    prepare(data, Path(os.environ[TEMPLATE_VARIABLE]))
    os.environ.update(environment(data, tuple(options.allow)))
    command = [sys.executable, "-m", "uvicorn", "mlflow.server.fastapi_app:app", "--host", options.host]
    command += ["--port", options.port, "--no-access-log", "--log-level", "warning"]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
