"""Whatever a sandbox writes is an answer or a lost run; and what is let through also reaches the checker."""

from __future__ import annotations

import json
import socket
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import wire
from grader.checking import Channel, Remote
from grader.dispatch import Grading
from grader.grade import _outcome, _score
from grader.lab import LimitsTable, Task
from grader.learner_run import _cells, _megabytes, _message, _part, _valid_answer
from grader.rebuild import Rebuilt
from grader.release import DeclaredCheck
from grader.result import Outcome, Result
from sandbox.channel import Lines
from tests.unit.test_dispatch import STARTED, _run

texts = st.text(st.characters(codec=None), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            texts | st.sampled_from(["id", "state", "error", "message", "ok", "raised", "type"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
bodies = values | st.fixed_dictionaries(
    {},
    optional={
        "started": values,
        "ready": values
        | st.fixed_dictionaries({}, optional={"cells": values, "notebook": values, "memory_mb": values}),
        "ended": values
        | st.fixed_dictionaries({}, optional={"died": st.sampled_from(["output", "disk"]) | values}),
        "id": st.integers(0, 3) | values,
        "ok": values,
        "raised": values | st.fixed_dictionaries({}, optional={"type": values, "message": values}),
        "report": values,
    },
)
lines = st.builds(
    lambda kind, body: kind + json.dumps(body).encode(), st.sampled_from([b"R ", b"K ", b"X ", b""]), bodies
)
LOST = {"time", "memory", "output", "processes", "disk", "died"}


@given(st.lists(lines | st.binary(max_size=30), max_size=6))
def test_any_lines_are_an_answer_or_a_lost_run(found: list[bytes]) -> None:
    run = _run(STARTED, *found)
    answer = run.ask({"op": "call", "seconds": 1})
    assert set(answer) in ({"ok"}, {"raised"}, {"lost"})
    assert answer.get("lost", "died") in LOST
    assert run.git_head == "abc"
    assert isinstance(run.memory_mb, int)
    wire.loads(wire.dumps(answer), room=10)


@given(st.binary(max_size=60) | lines)
def test_parts_of_any_line(line: bytes) -> None:
    message = _message(line)
    assert isinstance(message, dict)
    for key in ("started", "ready", "ended"):
        assert isinstance(_part(message, key), dict)
    answer = _valid_answer(message)
    assert set(answer) in ({"ok"}, {"raised"})
    assert 0 <= _megabytes(message.get("memory_mb")) < 2**20


def _bundle() -> Any:
    tasks = (Task(id="t1", title="One", points=3), Task(id="t2", title="Two", points=2))
    definition = SimpleNamespace(title="Lab", number=1, limits=LimitsTable())
    lab = SimpleNamespace(id="x", version="v", tasks=tasks, points=5, definition=definition)
    checks = (DeclaredCheck("t1/a", "t1", "A", 3), DeclaredCheck("t2/b", "t2", "B", 2))
    return SimpleNamespace(lab=lab, checks=checks, practice=checks)


@given(
    values | st.lists(st.fixed_dictionaries({"id": st.just("answer-t1"), "state": values, "error": values}))
)
def test_whatever_is_claimed_of_cells_the_result_can_be_kept(claimed: Any) -> None:
    cells = _cells(claimed)
    sources = [{"id": "answer-t1", "source": "x"}, {"id": "answer-t2", "source": "y"}]
    tasks = {"answer-t1": "t1", "answer-t2": "t2"}
    rebuilt = Rebuilt({"cells": sources}, (), frozenset(tasks), tasks, ())
    grading = Grading(cells=cells)
    result = _score(_bundle(), rebuilt, grading, _outcome(_bundle(), rebuilt, grading), public=False)
    assert result.outcome in (Outcome.GRADED, Outcome.INCOMPLETE)
    assert Result.model_validate_json(result.model_dump_json()) == result
    assert all("\n" not in note and note.isprintable() for note in result.notes)


@pytest.mark.parametrize(
    "value",
    [
        "[" * 99 + "]" * 99,
        '{"a":' * 98 + "[]" + "}" * 98,
        "[" + "[]," * (wire.MAX_CONTAINERS - 3) + "[]]",
        "[" + "0," * (wire.MAX_ITEMS - 1) + "0]",
    ],
    ids=["deep", "deep objects", "many lists", "many numbers"],
)
def test_an_answer_at_the_limits_reaches_the_checker(
    value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Else a learner could break the checks, which would be told as their author's fault."""
    answer = _valid_answer(_message(b'K {"id": 1, "ok": ' + value.encode() + b"}"))
    assert "ok" in answer
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)
        monkeypatch.setenv("MLOPS_CHANNEL", str(path))

        def reply() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                asked = json.loads(stream.readline())
                stream.write(wire.dumps({"id": asked["id"], "answer": answer}) + b"\n")

        thread = threading.Thread(target=reply)
        thread.start()
        assert Remote(Channel(), "main").ask({"op": "value"}) == answer
        thread.join()


@given(st.lists(st.binary(max_size=12), max_size=12), st.integers(1, 8))
def test_lines_are_cut_as_a_whole_text_would_be(chunks: list[bytes], most: int) -> None:
    taken, text = Lines(), b"".join(chunks)
    wanted = text.split(b"\n")[:-1]
    found: list[bytes] = []
    try:
        for chunk in chunks:
            taken.feed(chunk)
            while (line := taken.take(most)) is not None:
                found.append(line)
    except ValueError:
        assert any(len(line) > most for line in text.split(b"\n"))
        assert found == wanted[: len(found)]
        return
    assert found == wanted


def test_a_flood_of_short_lines_costs_its_bytes() -> None:
    import tracemalloc

    taken = Lines()
    tracemalloc.start()
    try:
        for _ in range(64):
            taken.feed(b"xx\n" * (2**17 // 3))
        assert tracemalloc.get_traced_memory()[1] < 4 * 64 * 2**17
    finally:
        tracemalloc.stop()
    assert taken.take(10) == b"xx"
