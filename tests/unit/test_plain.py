from __future__ import annotations

import enum
from typing import Any

import numpy as np
import pandas as pd
import pytest

from grader.inside.plain import NotPlain, plain


class Level(enum.IntEnum):
    HIGH = 3


class LoudText(str):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, True),
        (np.bool_(True), True),
        (np.int64(4), 4),
        (np.float32(0.5), 0.5),
        ((1, 2), [1, 2]),
        (np.arange(3), [0, 1, 2]),
        (pd.Series([1.5, 2.5]), [1.5, 2.5]),
        (pd.Index(["a"]), ["a"]),
        ({1: {"a": (1,)}}, {"1": {"a": [1]}}),
        (Level.HIGH, 3),
        (LoudText("x"), "x"),
    ],
)
def test_values_become_plain(value: Any, wanted: Any) -> None:
    got = plain(value)
    assert got == wanted
    assert type(got) is type(wanted)


@pytest.mark.parametrize(
    "value", [float("nan"), np.inf, object(), {object(): 1}, [float("-inf")], pd.Series([None, 1.0])]
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(NotPlain):
        plain(value)


def test_a_list_that_holds_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NotPlain, match="deeply"):
        plain(endless)
