from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlops_labs.home import Home
from mlops_labs.supervise import MAILBOX, Supervisor
from sandbox.errors import InfrastructureError

REQUEST = "0123456789abcdef"


class Session:
    def __init__(self, home: Home, trouble: Exception | None = None) -> None:
        self.home = home
        self.trouble = trouble
        self.engine_name = "auto"
        self.graded: list[str] = []
        self.warmed: list[str] = []

    def keep_warm(self, lab: str) -> None:
        self.warmed.append(lab)
        if self.trouble:
            raise self.trouble

    def submit(self, lab: str) -> Any:
        self.graded.append(lab)
        if self.trouble:
            raise self.trouble
        return SimpleNamespace(notebook=True)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(
        "mlops_labs.supervise.progress.picture",
        lambda _result: SimpleNamespace(text=lambda notebook: "graded"),
    )
    folder = tmp_path / "one-lab"
    (folder / MAILBOX).mkdir(parents=True)
    return folder


def _supervisor(work: Path, trouble: Exception | None = None) -> tuple[Supervisor, Session]:
    session = Session(Home(work.parent), trouble)
    return Supervisor(session, "one-lab"), session  # type: ignore[arg-type]


def test_a_request_is_graded_once_and_answered(work: Path) -> None:
    supervisor, session = _supervisor(work)
    (work / MAILBOX / "request.json").write_text(json.dumps({"submit": REQUEST}))
    supervisor.step()
    supervisor.step()
    assert session.graded == ["one-lab"]
    assert (work / MAILBOX / f"{REQUEST}.txt").read_text() == "graded\n"
    assert (work / MAILBOX / "alive").exists()


def test_our_trouble_is_told_and_gives_no_mark(work: Path) -> None:
    supervisor, _ = _supervisor(work, InfrastructureError("the engine is gone", "try again"))
    (work / MAILBOX / "request.json").write_text(json.dumps({"submit": REQUEST}))
    supervisor.step()
    text = (work / MAILBOX / f"{REQUEST}.txt").read_text()
    assert "the engine is gone" in text
    assert "No mark was given" in text


@pytest.mark.parametrize(
    "content",
    ['{"submit": "../../../etc/x"}', '{"submit": 3}', "[]", "no json", "x" * 5000, '{"lab": "other"}', ""],
)
def test_what_is_no_request_is_thrown_away(work: Path, content: str) -> None:
    supervisor, session = _supervisor(work)
    (work / MAILBOX / "request.json").write_text(content)
    supervisor.step()
    assert session.graded == []
    assert sorted(path.name for path in (work / MAILBOX).iterdir()) == ["alive"]


def test_a_mailbox_that_became_a_link_is_not_followed(work: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (work / MAILBOX).rmdir()
    (work / MAILBOX).symlink_to(outside)
    supervisor, session = _supervisor(work)
    (outside / "request.json").write_text(json.dumps({"submit": REQUEST}))
    supervisor._session.home.platform.mkdir(exist_ok=True)
    supervisor.step_safely()
    assert session.graded == []
    assert [path.name for path in outside.iterdir()] == ["request.json"]
