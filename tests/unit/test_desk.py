"""A submission from the command line, graded by the one who keeps the lab running."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from grader.dispatch import Grading
from grader.notebook import Rejected
from mlops_labs import desk
from mlops_labs.desk import Desk
from mlops_labs.home import Home
from sandbox.errors import InfrastructureError, UsageError
from tests.unit.test_scoring import _result

RESULT = _result(Grading())


@pytest.fixture
def home() -> Iterator[Home]:
    with TemporaryDirectory() as folder:  # short: a socket's path has a limit
        yield Home(Path(folder))


def _served(home: Home, grade: Callable[[bool], Any]) -> Desk:
    opened = Desk(home, "one-lab")
    threading.Thread(target=lambda: opened.serve(5, grade), daemon=True).start()
    return opened


def test_the_result_is_the_one_that_was_given(home: Home) -> None:
    asked: list[bool] = []
    opened = _served(home, lambda public: asked.append(public) or RESULT)
    assert desk.ask(home, "one-lab", public=True) == RESULT
    assert asked == [True]
    opened.close()
    assert desk.ask(home, "one-lab", public=True) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Rejected("it is no notebook", "save it again"), UsageError),
        (InfrastructureError("the engine is gone", "try again"), InfrastructureError),
    ],
)
def test_trouble_is_told_as_it_would_be_here(home: Home, error: Exception, kind: type[Exception]) -> None:
    def grade(_public: bool) -> Any:
        raise error

    opened = _served(home, grade)
    with pytest.raises(kind, match=str(error)):
        desk.ask(home, "one-lab", public=False)
    opened.close()


@pytest.mark.parametrize(
    "order", [b"\n", b"x" * 5000, b"[]\n", b'{"version": "0", "public": false}\n', b"{}\n"]
)
def test_what_is_no_order_of_this_version_is_left_unanswered(home: Home, order: bytes) -> None:
    opened = _served(home, lambda _public: pytest.fail("graded"))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(home.platform / "stacks" / "one-lab.desk"))
        connection.sendall(order)
        connection.shutdown(socket.SHUT_WR)
        assert connection.makefile("rb").read() == b""
    opened.close()


def test_nobody_there_is_no_answer(home: Home) -> None:
    assert desk.ask(home, "one-lab", public=False) is None
    Desk(home, "one-lab")._socket.close()  # type: ignore[union-attr]  # killed: the file is left
    assert desk.ask(home, "one-lab", public=False) is None


def test_a_home_too_deep_for_a_socket_has_no_desk(tmp_path: Path) -> None:
    deep = Home(tmp_path / ("d" * 90))
    opened = Desk(deep, "one-lab")
    assert opened.serve(0.01, lambda _public: pytest.fail("graded")) is False
    assert desk.ask(deep, "one-lab", public=False) is None
