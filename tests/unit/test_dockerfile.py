"""A Dockerfile is read as the builder would, or refused with its line."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from grader.inside.dockerfile import BadDockerfile, Reader, Recipe


def read(folder: Path, text: str) -> Recipe:
    (folder / "Dockerfile").write_text(text)
    return Reader(folder).read()


def names(recipe: Recipe, number: int = 0) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(recipe.files[number])) as tar:
        return tar.getnames()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "app.py").write_text("print()")
    (tmp_path / "src" / "deep" / "data.csv").write_text("1,2")
    (tmp_path / ".env").write_text("KEY=very-secret")
    (tmp_path / "model.json").write_text("{}")
    return tmp_path


def test_a_whole_recipe(folder: Path) -> None:
    recipe = read(
        folder,
        """
        # syntax=docker/dockerfile:1
        ARG VERSION=3.11
        FROM python:${VERSION}-slim
        ENV PORT=8000 NAME="two words"
        WORKDIR /app
        COPY src/ ./
        RUN pip install x \\
            # a comment between
            && echo done
        USER 1000:1000
        EXPOSE $PORT
        CMD ["python", "app.py"]
        """,
    )
    assert recipe.base == "python:3.11-slim"
    assert [step["kind"] for step in recipe.steps] == ["folder", "copy", "run"]
    assert recipe.steps[2]["command"] == ["/bin/sh", "-c", "pip install x              && echo done"]
    assert recipe.steps[2]["workdir"] == "/app"
    assert recipe.steps[2]["env"] == {"PORT": "8000", "NAME": "two words"}
    assert recipe.steps[2]["arguments"] == {"VERSION": "3.11"}
    assert names(recipe) == ["app/app.py", "app/deep/data.csv"]
    settings = recipe.settings
    assert (settings["user"], settings["ports"], settings["cmd"]) == (
        "1000:1000",
        ["8000"],
        ["python", "app.py"],
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("COPY src/app.py .", ["w/app.py"]),
        ("COPY src/app.py main.py", ["w/main.py"]),
        ("COPY src/app.py /opt/", ["opt/app.py"]),
        ("COPY src /opt/src", ["opt/src/app.py", "opt/src/deep/data.csv"]),
        ("COPY ./src/*.py model.json ./", ["w/app.py", "w/model.json"]),
        ('COPY ["model.json", "m.json"]', ["w/m.json"]),
        ("COPY src/app.py ../up/", ["up/app.py"]),
    ],
)
def test_where_copied_files_go(folder: Path, line: str, found: list[str]) -> None:
    assert names(read(folder, f"FROM python:3.11-slim\nWORKDIR /w\n{line}")) == found


def test_what_dockerignore_leaves_out(folder: Path) -> None:
    (folder / ".dockerignore").write_text(
        "# no\n.env\n**/*.csv\nmodel.*\n!model.json\nDockerfile\n.dockerignore\n"
    )
    recipe = read(folder, "FROM python:3.11-slim\nCOPY . /app")
    assert names(recipe) == ["app/model.json", "app/src/app.py"]
    with pytest.raises(BadDockerfile, match=r"line 2: \.env is not there"):
        read(folder, "FROM python:3.11-slim\nCOPY .env /")


def test_a_secret_is_found_in_any_layer_and_in_settings(folder: Path) -> None:
    removed = read(folder, "FROM python:3.11-slim\nCOPY . /app\nRUN rm /app/.env")
    assert [name for name, data in removed.contents() if b"very-secret" in data] == ["/app/.env"]
    told = read(folder, "FROM python:3.11-slim\nENV KEY=very-secret")
    assert [name for name, data in told.contents() if b"very-secret" in data] == ["ENV, LABEL or CMD"]
    passing = read(folder, "FROM python:3.11-slim\nARG KEY=very-secret\nRUN echo")
    assert [name for name, data in passing.contents() if b"very-secret" in data] == ["RUN"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("COPY . .", "line 1: the first instruction must be FROM"),
        ("FROM a\nFROM b", "line 2: a second FROM"),
        ("FROM a\nCOPY --from=b c d", "line 2: --from is not understood here"),
        ("FROM a\nADD https://x.example/y /", "no network"),
        ("FROM a\nCOPY ../x /", "outside of the folder"),
        ("FROM a\nCOPY one.txt /", "one.txt is not there"),
        ("FROM a\nCMD ['single']", "not valid JSON"),
        ("FROM a\nENV lonely=1 word", "write KEY=value"),
        ("FROM a\nRUN <<EOF\nls\nEOF", "here-documents"),
        ("FROM a\nMAINTAINER me", "MAINTAINER is not understood"),
        ("FROM a\nCOPY --chown=web . /", "--chown wants numbers"),
        ("FROM a\nEXPOSE http", "'http' is not a port"),
        ("FROM a\nUSER a b", "'a b' is not a user"),
        ("FROM a\n" + "RUN true\n" * 41, "more than 40 steps"),
        ("FROM a\nSTOPSIGNAL SIGSTOPIT", "SIGSTOPIT is no signal"),
        ("", "has no FROM"),
    ],
)
def test_what_is_not_understood_is_told(folder: Path, text: str, told: str) -> None:
    with pytest.raises(BadDockerfile) as raised:
        read(folder, text)
    assert told in str(raised.value)


def test_no_dockerfile_and_a_link_in_its_place(folder: Path) -> None:
    with pytest.raises(BadDockerfile, match="there is no Dockerfile"):
        Reader(folder).read()
    (folder / "Dockerfile").symlink_to("/etc/passwd")
    with pytest.raises(BadDockerfile, match="there is no Dockerfile"):
        Reader(folder).read()
