"""Between the look at a port and its use somebody else may take it."""

from __future__ import annotations

import socket

import pytest

from sandbox import web
from sandbox.engine import RunningStack
from sandbox.errors import InfrastructureError, PortTaken


def _running(port: int) -> RunningStack:
    return RunningStack("x", "local", "", None, port, "", "")


def test_another_port_is_tried_when_nobody_asked_for_that_one() -> None:
    tried: list[int] = []
    with socket.socket() as other:

        def start(port: int) -> RunningStack:
            tried.append(port)
            if len(tried) == 1:
                other.bind(("127.0.0.1", port))
                other.listen()
                raise InfrastructureError("the port is taken", "")
            return _running(port)

        assert web.on_a_port(None, start).port == tried[1] != tried[0]


def test_a_port_that_was_asked_for_is_not_exchanged() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken):
            web.on_a_port(other.getsockname()[1], _running)


def test_other_trouble_is_not_tried_again() -> None:
    tried: list[int] = []

    def start(port: int) -> RunningStack:
        tried.append(port)
        raise InfrastructureError("the engine is gone", "")

    with pytest.raises(InfrastructureError):
        web.on_a_port(None, start)
    assert len(tried) == 1
