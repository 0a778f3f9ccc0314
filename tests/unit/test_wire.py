from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import wire

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_sent_arrives(value: Any) -> None:
    assert wire.loads(wire.dumps(value)) == value


@given(st.binary(max_size=300))
def test_any_bytes_are_a_value_or_one_error(data: bytes) -> None:
    with contextlib.suppress(wire.WireError):
        wire.loads(data)


@pytest.mark.parametrize(
    "data",
    [
        b"NaN",
        b"[Infinity]",
        b"1e999",
        b"-1e999",
        b'{"a": 1, "a": 2}',
        b"[" * 200_000,
        b"[" * 200 + b"]" * 200,
        b'{"a":' * 300 + b"1" + b"}" * 300,
        b"\xff\xfe",
        b"",
        b"{} {}",
        b"1" * 5000,
        b"[" + b"0," * 2_000_001 + b"0]",
        b"[" + b"[]," * 500_000 + b"[]]",
        b"[" + (b"[" * 90 + b"]" * 90 + b",") * 6_000 + b"0]",
        b"[" + b'{"":0},' * 500_000 + b"0]",
    ],
)
def test_what_is_not_strict_is_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.loads(data)


def test_brackets_inside_text_do_not_count_as_nesting() -> None:
    assert wire.loads(json.dumps("[" * 500).encode()) == "[" * 500
    assert wire.loads(json.dumps(['\\"[' * 200]).encode()) == ['\\"[' * 200]


def test_marks_inside_text_do_not_count_as_values() -> None:
    long = "[{" * 600_000 + '\\",' * 1_000_000
    assert wire.loads(json.dumps([[], long]).encode()) == [[], long]


@pytest.mark.parametrize(
    "data", [b'["' + b'\\"' * 2_000_000, b'[["' * 200, b"[" * 101 + b'"' + b"\\" * 10**6]
)
def test_a_text_without_an_end_is_refused_in_no_time(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(wire.WireError):
        wire.loads(data)
    assert time.process_time() - started < 5


def test_nan_is_never_sent() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        wire.dumps(float("nan"))
