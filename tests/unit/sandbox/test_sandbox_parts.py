"""Small parts: ports, ownership, environments, the tracking server's data, choosing an engine."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest

from sandbox import engines, ownership, process_tree, web
from sandbox.docker_api import LABEL
from sandbox.engine import JobSpec, RunningStack, StackSpec
from sandbox.errors import EngineUnavailable, MlopsError, PortTaken
from sandbox.jupyter_env import jupyter_environment
from sandbox.local_job import argv, job_environment, remove_tree
from sandbox.services import mlflow_server
from sandbox.stack_reuse import still_good

SPEC = StackSpec("a-lab", "A lab", "lab", Path("/w"), Path("/s"), "my lab.ipynb", version="2", env={"X": "1"})


def test_a_taken_port_is_told_and_none_means_any() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortTaken):
        web.choose_port(taken.getsockname()[1])
    assert web.is_free(web.choose_port(None))


def test_urls_carry_the_token_and_open_the_notebook() -> None:
    stack = web.running(SPEC, "local", 8888, "secret")
    assert stack.url == "http://127.0.0.1:8888/lab/tree/my%20lab.ipynb?token=secret"
    assert stack.pages == {"MLflow": "http://127.0.0.1:8888/mlflow/?token=secret"}


def test_a_living_owner_is_not_gone_and_a_reused_id_is() -> None:
    mine = ownership.labels(Path("/home-of-mine"), "job", name="x")
    assert mine[f"{LABEL}.kind"] == "job"
    assert not ownership.owner_is_gone(mine)
    assert ownership.owner_is_gone({**mine, f"{LABEL}.owner-start": "1.0"})
    assert ownership.owner_is_gone({**mine, f"{LABEL}.owner-pid": "4194305"})
    assert not ownership.owner_is_gone({**mine, f"{LABEL}.owner-namespace": "pid:[1]"}), "who knows?"
    assert not ownership.owner_is_gone({})


def test_homes_do_not_collide(tmp_path: Path) -> None:
    assert ownership.home_id(tmp_path / "a") != ownership.home_id(tmp_path / "b")
    assert ownership.home_id(tmp_path / "a") == ownership.home_id(tmp_path / "b" / ".." / "a")


def test_a_local_jobs_environment_holds_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    env = job_environment(
        JobSpec("x", "lab", ("python",), env={"A": "b"}), tmp_path, tmp_path / "t.db", "mark"
    )
    assert "s3cret" not in env.values()
    assert env["A"] == "b"
    assert env["HOME"] == str(tmp_path / "work")
    assert env[process_tree.MARKER] == "mark"


def test_python_means_this_interpreter() -> None:
    assert argv(("python", "-c", "x"))[0] != "python"
    assert argv(("sh", "-c", "x")) == ["sh", "-c", "x"]


def test_a_locked_slot_is_removed(tmp_path: Path) -> None:
    inner = tmp_path / "slot" / "locked" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    inner.chmod(0)
    inner.parent.chmod(0o500)
    remove_tree(tmp_path / "slot")
    assert not (tmp_path / "slot").exists()


def test_jupyter_and_kernels_are_told_where_mlflow_is() -> None:
    env = jupyter_environment(
        SPEC, config="/c", state="/st", root="/w", ip="0.0.0.0", port=8888, token="t", ports={"mlflow": 5001}
    )
    assert env["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:5001"
    assert env["X"] == "1"
    bare = jupyter_environment(SPEC, config="/c", state="/s", root="/w", ip="", port=1, token="t", ports={})
    assert "MLFLOW_TRACKING_URI" not in bare


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (RunningStack("a-lab", "local", "", {}, 1, "t", "1"), "runs version 1, restarting it as 2"),
        (RunningStack("a-lab", "local", "", {"MLflow": ""}, 1, "t", "2"), "does not answer"),
        (RunningStack("a-lab", "local", "", {}, 1, "t", "2"), "runs without MLflow, restarting it"),
    ],
)
def test_a_stack_that_is_not_the_one_is_restarted_and_told(found: RunningStack, told: str) -> None:
    lines: list[str] = []
    assert not still_good(found, SPEC, lines.append)
    assert told in lines[0]
    assert "work is kept" in lines[0]


def database(path: Path, version: str) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (version,))
    return path


def test_the_tracking_server_starts_from_the_template_and_keeps_what_is_there(tmp_path: Path) -> None:
    template = database(tmp_path / "template.db", "a")
    made = mlflow_server.prepare(tmp_path / "data", template)
    assert made.read_bytes() == template.read_bytes()
    made.write_bytes(made.read_bytes() + b"\0")
    mlflow_server.prepare(tmp_path / "data", template)
    assert made.stat().st_size == template.stat().st_size + 1


def test_an_older_schema_is_upgraded_and_a_copy_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgraded: list[Path] = []
    monkeypatch.setattr(mlflow_server, "_migrate", upgraded.append)
    (tmp_path / "data").mkdir()
    old = database(tmp_path / "data" / "mlflow.db", "a")
    mlflow_server.prepare(tmp_path / "data", database(tmp_path / "template.db", "b"))
    assert upgraded == [old]
    assert (tmp_path / "data" / "mlflow.db.before-upgrade").exists()


def test_the_tracking_server_answers_to_few_names(tmp_path: Path) -> None:
    env = mlflow_server.environment(tmp_path, ("mlflow",))
    allowed = env["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    assert {"mlflow", "mlflow:*", "127.0.0.1:*", "localhost:*"} <= set(allowed)
    assert "*" not in allowed
    assert env["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_without_an_engine_auto_is_local_and_docker_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_answers() -> None:
        raise EngineUnavailable("No container engine answers", "Start Docker")

    monkeypatch.setattr("sandbox.docker_engine.connect", none_answers)
    engine = engines.find_engine(tmp_path, "auto")
    assert (engine.name, engine.isolates) == ("local", False)
    assert "isolates nothing" in engine.describe()
    with pytest.raises(EngineUnavailable) as error:
        engines.find_engine(tmp_path, "docker")
    assert error.value.next_step


def test_every_error_carries_its_next_step() -> None:
    assert str(MlopsError("It broke", "Mend it")) == "It broke. Mend it"
