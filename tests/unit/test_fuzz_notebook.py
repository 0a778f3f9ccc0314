"""Whatever is handed in is a rebuilt notebook or one clear refusal."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import wire
from grader.lab import load_lab
from grader.learner_run import start_message
from grader.notebook import Rejected, Submission, parse
from grader.rebuild import Rebuilt, rebuild, with_answering_cell
from grader.release import source_notebook
from tests.submissions import HERE

MASTER = source_notebook(load_lab(HERE / "labs" / "tiny-sums"))
WHOLE = json.dumps(MASTER).encode()
MOST_MB = 16.0  # for a quarter of one handed in: some 60 bytes for each

texts = st.text(st.characters(codec=None), max_size=20)  # half characters too
ids = st.sampled_from([cell["id"] for cell in MASTER["cells"]] + ["mine", "", "answering"])
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
metadata = odd | st.fixed_dictionaries(
    {},
    optional={
        "nbgrader": odd | st.fixed_dictionaries({"grade_id": ids | odd}),
        "mlops_labs": odd,
        "tags": odd,
    },
)
cells = odd | st.fixed_dictionaries(
    {},
    optional={
        "id": ids | odd,
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | odd,
        "source": texts | st.lists(texts | odd, max_size=3) | odd,
        "metadata": metadata,
        "outputs": odd,
    },
)
notebooks = st.fixed_dictionaries(
    {"cells": st.lists(cells, max_size=6) | odd, "nbformat": st.just(4) | odd}, optional={"metadata": odd}
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The lab's own notebook with some bytes cut, doubled or replaced."""
    data = WHOLE
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        middle = draw(st.binary(max_size=6) | st.just(data[start:end] * 2) | st.sampled_from([b"[" * 150]))
        data = data[:start] + middle + data[end:]
    return data


def _rebuilt(data: bytes) -> tuple[Submission, Rebuilt] | None:
    try:
        submission = parse(data)
        return submission, rebuild(submission, MASTER, "tiny-sums")
    except Rejected as reason:
        assert reason.next_step
        assert "\n" not in str(reason)
        str(reason).encode()  # it will be kept in a database
        return None


def _holds(data: bytes) -> None:
    """Given cells are the master's, ids are unique, and it can be sent."""
    found = _rebuilt(data)
    if found is None:
        return
    submission, rebuilt = found
    assert submission.data == data
    by_id = {cell["id"]: cell for cell in rebuilt.notebook["cells"]}
    assert len(by_id) == len(rebuilt.notebook["cells"])
    for given_cell in MASTER["cells"]:
        if given_cell["cell_type"] == "code" and given_cell["id"].startswith("given"):
            assert by_id[given_cell["id"]]["source"] == given_cell["source"]
    assert not any(cell_id.startswith("check-") for cell_id in by_id)
    assert all(set(cell["metadata"]) == {"tags"} for cell in by_id.values())
    message = start_message(with_answering_cell(rebuilt.notebook), {}, {}, git=False)
    assert wire.loads(message)["notebook"]["cells"][-1]["id"] == "answering"


@given(notebooks)
def test_odd_notebooks(content: Any) -> None:
    _holds(json.dumps(content).encode())


@given(damaged())
def test_damaged_notebooks(data: bytes) -> None:
    _holds(data)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    _holds(data)


@given(st.lists(st.tuples(st.sampled_from(range(len(MASTER["cells"]))), cells), max_size=5))
def test_cells_of_the_lab_mixed_with_others(mixed: list[tuple[int, Any]]) -> None:
    found: list[Any] = []
    for place, other in mixed:
        found += [MASTER["cells"][place], other]
    _holds(json.dumps({"cells": found, "nbformat": 4}).encode())


FLOODS = {
    "lists": b"[],",
    "deep lists": b"[" * 90 + b"]" * 90 + b",",
    "objects": b'{"":0},',
    "deep objects": b'{"":' * 90 + b"0" + b"}" * 90 + b",",
    "numbers": b"0.5,",
    "texts": b'"",',
    "quotes": b'\\"',
    "cells": b'{"id":"answer-t1"},',
}


@pytest.mark.parametrize("unit", FLOODS.values(), ids=FLOODS)
def test_a_flood_costs_a_bounded_amount_of_memory(unit: bytes) -> None:
    opening = b'"' if unit == b'\\"' else b""
    data = b'{"nbformat": 4, "cells": [' + opening + unit * (2**18 // len(unit)) + opening + b"0]}"
    tracemalloc.start()
    try:
        with contextlib.suppress(Rejected):
            rebuild(parse(data), MASTER, "tiny-sums")
        assert tracemalloc.get_traced_memory()[1] / 2**20 < MOST_MB
    finally:
        tracemalloc.stop()
