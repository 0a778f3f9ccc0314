"""A PostgreSQL server of a test's own: Debian's, in a temporary folder, on a port of this machine alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root


def programs() -> Path | None:
    """The folder of initdb and postgres; None when they are not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """A running server; its URL. It is gone afterwards, with everything in it."""
    where = programs()
    assert where is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="mlops-postgres-"))
    try:
        if NOBODY:
            shutil.chown(folder, NOBODY, NOBODY)
        options: dict[str, Any] = {
            "user": NOBODY,
            "cwd": folder,
            "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"},
        }
        data = folder / "data"
        words = [where / "initdb", "-D", data, "-A", "trust", "-U", "mentor", "--no-sync", "-E", "UTF8"]
        subprocess.run(words, check=True, capture_output=True, **options)
        words = [
            where / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-k",
            folder,
            "-c",
            "listen_addresses=127.0.0.1",
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log, **options)
        try:
            _wait(port)
            yield f"postgresql://mentor:secret@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int) -> None:
    import psycopg2

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg2.connect(host="127.0.0.1", port=port, user="mentor", dbname="postgres").close()
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
