from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.notebook import Cell, Rejected, Submission
from grader.rebuild import rebuild, with_answering_cell


def _master() -> dict[str, Any]:
    def cell(cell_id: str, source: str, **ours: Any) -> dict[str, Any]:
        metadata = {"mlops_labs": ours, "nbgrader": {"grade_id": cell_id}, "tags": ours.pop("tags", [])}
        return {"id": cell_id, "cell_type": "code", "source": source, "metadata": metadata}

    cells = [
        cell("given-00", "import os"),
        cell("given-01", "FACTOR = 2", tags=["parameters"]),
        cell("answer-t1", "stub one", task="t1"),
        cell("check-t1", "lab.check()", check="t1"),
        cell("answer-t2", "stub two", task="t2"),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _submission(*cells: Cell) -> Submission:
    return Submission(cells, b"")


def _code(cell_id: str, source: str, grade_id: str = "") -> Cell:
    return Cell(cell_id, grade_id, "code", source)


def _sources(notebook: dict[str, Any]) -> list[str]:
    return [cell["source"] for cell in notebook["cells"]]


def test_answers_go_into_the_masters_order_and_given_cells_stay() -> None:
    built = rebuild(
        _submission(_code("answer-t2", "two"), _code("given-01", "FACTOR = 9"), _code("answer-t1", "one")),
        _master(),
        "x",
    )
    assert _sources(built.notebook) == ["import os", "FACTOR = 2", "one", "two"]
    assert built.not_attempted == ()


def test_the_parameters_tag_is_kept_and_every_cell_may_raise() -> None:
    built = rebuild(_submission(_code("answer-t1", "one")), _master(), "x")
    tags = {cell["id"]: cell["metadata"]["tags"] for cell in built.notebook["cells"]}
    assert tags["given-01"] == ["parameters", "raises-exception"]
    assert all("raises-exception" in found for found in tags.values())


def test_own_cells_travel_with_the_cell_before_them() -> None:
    built = rebuild(
        _submission(
            _code("mine-0", "first"),
            _code("answer-t1", "one"),
            _code("mine-1", "helper"),
            _code("answer-t2", "two"),
        ),
        _master(),
        "x",
    )
    assert _sources(built.notebook) == ["first", "import os", "FACTOR = 2", "one", "helper", "two"]


def test_a_split_answer_is_put_together_again() -> None:
    parts = [
        _code("new-id", "helper = 1", grade_id="answer-t1"),
        _code("answer-t1", "one", grade_id="answer-t1"),
    ]
    built = rebuild(_submission(*parts), _master(), "x")
    assert "helper = 1\n\none" in _sources(built.notebook)
    assert built.notes == ("The answer cell of t2 is missing: it counts as not attempted.",)


def test_whitespace_alone_is_no_attempt() -> None:
    built = rebuild(
        _submission(_code("answer-t1", " stub   one\n\n"), _code("answer-t2", "two")), _master(), "x"
    )
    assert built.not_attempted == ("t1",)


def test_grade_ids_find_cells_that_lost_their_id() -> None:
    built = rebuild(_submission(_code("", "one", grade_id="answer-t1")), _master(), "x")
    assert "one" in _sources(built.notebook)


def test_another_labs_notebook_is_rejected_with_a_next_step() -> None:
    with pytest.raises(Rejected, match="none of the answer cells") as caught:
        rebuild(_submission(_code("answer-t9", "one")), _master(), "x")
    assert "mlops start x" in caught.value.next_step


def test_a_flood_of_own_cells_is_rejected() -> None:
    flood = [_code(f"mine-{n}", "1") for n in range(500)]
    with pytest.raises(Rejected, match="cells of your own"):
        rebuild(_submission(_code("answer-t1", "one"), *flood), _master(), "x")


def test_the_answering_cell_comes_last_and_only_in_the_copy() -> None:
    built = rebuild(_submission(_code("answer-t1", "one")), _master(), "x")
    assert with_answering_cell(built.notebook)["cells"][-1]["id"] == "answering"
    assert all(cell["id"] != "answering" for cell in built.notebook["cells"])


cell_ids = st.sampled_from(["answer-t1", "answer-t2", "given-01", "check-t1", "mine", "", "answering"])
cells = st.builds(
    Cell, cell_ids, cell_ids, st.sampled_from(["code", "markdown", "raw", ""]), st.text(max_size=10)
)


@given(st.lists(cells, max_size=8))
def test_whatever_the_cells_are_given_code_is_the_masters(found: list[Cell]) -> None:
    try:
        built = rebuild(_submission(*found), _master(), "x")
    except Rejected:
        return
    by_id = {cell["id"]: cell for cell in built.notebook["cells"]}
    assert len(by_id) == len(built.notebook["cells"])
    assert by_id["given-01"]["source"] == "FACTOR = 2"
    assert "check-t1" not in by_id
    json.dumps(built.notebook)
