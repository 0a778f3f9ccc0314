from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.legible import legible, one_line
from mlops_labs import console


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\x00b", "a\\x00b"),
        ("bell\x07 back\x08", "bell\\x07 back\\x08"),
        ("overwritten\rthis", "overwritten\\x0dthis"),
        ("dos\r\nline", "dos\nline"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\ue0041"),
        ("no\u00a0break", "no break"),
        ("Zoë Ångström 👩\u200d🔬 नमस्ते", "Zoë Ångström 👩\u200d🔬 नमस्ते"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert legible(text) == shown


def test_piled_up_marks_do_not_cover_other_lines() -> None:
    shown = legible("a" + "\u0301" * 100)
    assert sum(bool(unicodedata.combining(char)) for char in shown) == 4


def test_what_is_left_out_is_told() -> None:
    assert legible("x" * 30, most=10) == "x" * 10 + " ... (20 more characters)"
    assert one_line("one\n two\r\nthree") == "one two three"
    assert one_line("x" * 30, 10) == "xxxxxxx..."


@given(st.text(alphabet=st.characters(), max_size=60))
def test_no_text_reaches_a_terminal_with_control_characters(text: str) -> None:
    shown = legible(text)
    assert not [
        char
        for char in shown
        if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") and char not in "\n\t"
    ]
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert "\n" not in one_line(text)


@pytest.mark.parametrize("terminal", [True, False])
def test_every_way_to_the_terminal_is_clean(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    console.out("out \x1b[2J\u202e")
    console.tell("tell \x1b[2J\u202e")
    console.error("error \x1b[2J\u202e")
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    assert "\u202e" not in told.out + told.err
    assert "\\x1b[2J" in told.out
