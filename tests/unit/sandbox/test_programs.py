"""What a lab works with must be on this machine where the engine has no images, and what brings it is told."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.lab import Definition
from mlops_labs.session import Session
from sandbox import programs, services
from sandbox.errors import InfrastructureError


def lab(**more: Any) -> Definition:
    task = {"id": "t1", "title": "T", "points": 1}
    return Definition.model_validate(
        {
            "id": "a",
            "number": 1,
            "title": "A",
            "story": "s",
            "minutes": 1,
            "level": "open",
            "tasks": [task],
            **more,
        }
    )


class Engine:
    """Says what it was asked, and has nothing."""

    def __init__(self, isolates: bool) -> None:
        self.isolates = isolates
        self.asked: list[str] = []

    def prepare(self, image: str, _progress: Any) -> None:
        self.asked.append(image)

    def check_promises(self, _progress: Any) -> None:
        self.asked.append("promises")


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "search_path", lambda: str(tmp_path))


def session(engine: Engine) -> Session:
    made = Session(SimpleNamespace(), "auto", print)  # type: ignore[arg-type]
    made.__dict__["engine"] = engine
    return made


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize(
    ("needs", "told"),
    [
        (
            {"services": ["prometheus"]},
            r"Prometheus is not.*apt-get install prometheus && .*disable --now prometheus$",
        ),
        ({"services": ["mlflow", "traefik"]}, r"Traefik is not.*make \.venv/ops-ready"),
        ({"programs": ["promtool"]}, "promtool is not.*apt-get install prometheus"),
        ({"programs": ["rsync"]}, "rsync is not.*apt-get install rsync$"),
        ({"programs": ["act"]}, r"act is not.*Run: make \.venv/ops-ready$"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_prepared(needs: dict[str, Any], told: str) -> None:
    engine = Engine(isolates=False)
    with pytest.raises(InfrastructureError, match=told):
        session(engine).ready_engine(lab(**needs))
    assert not engine.asked


@pytest.mark.usefixtures("nothing_installed")
def test_an_engine_with_images_brings_everything_itself() -> None:
    engine = Engine(isolates=True)
    session(engine).ready_engine(lab(image="ops", services=["prometheus"], programs=["act"]))
    assert engine.asked == ["ops", "promises"]


def test_what_is_here_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "act").touch(mode=0o755)
    monkeypatch.setattr(programs, "search_path", lambda: str(tmp_path))
    session(Engine(isolates=False)).ready_engine(lab(programs=["act"], services=["mlflow"]))


def test_programs_beside_this_python_are_found_without_activating(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    programs.require("python", programs.search_path())


def test_every_programs_package_is_the_one_that_its_service_names() -> None:
    for name in services.names():
        service = services.find(name)
        if service.command[0] != "python" and not service.image:
            assert programs.PROGRAMS[service.command[0]] == service.package


def test_a_python_service_is_looked_for_as_a_package() -> None:
    written = {"title": "Odd", "command": ["python", "-m", "no_such_package.x"], "port": 1, "health": "/"}
    with pytest.raises(InfrastructureError, match=r"Odd is not installed.*ops-ready"):
        services.parse("odd", {**written, "memory_mb": 1}).require()
