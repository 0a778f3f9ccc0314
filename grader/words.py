"""What a state is called wherever a person reads it: notebook, terminal, feedback, reports.

State is told in words as well as in colour. Learners' kernels import this too, so it needs only the standard
library.
"""

from __future__ import annotations

TO_MARK: str = "to_mark"  # an answer in prose, which waits for a mentor
WORDS = {
    "pass": "PASS",
    "fail": "FAIL",
    "not_attempted": "TODO",
    "blocked": "WAIT",
    "error": "OURS",
    TO_MARK: "WAIT",
}
COLOURS = {
    "pass": "#176b2c",
    "fail": "#a4161a",
    "not_attempted": "#57606a",
    "blocked": "#6f4e00",
    "error": "#5a3d9a",
    TO_MARK: "#6f4e00",
}
MEANING = {
    "not_attempted": "Not attempted yet.",
    "error": "A check of ours broke. It is not your fault and costs you nothing: submit again later.",
    TO_MARK: "Waits for your mentor, who marks what you wrote.",
}
PLAIN = {
    "pass": "passed",
    "fail": "failed",
    "not_attempted": "not attempted",
    "blocked": "waits for an earlier task",
    "error": "our check broke",
    TO_MARK: "waits for a mentor",
}


def word(state: str) -> str:
    """The state's short word; a state that this version does not know is told as it is called."""
    return WORDS.get(state, state.replace("_", " ").upper())


def plain(state: str) -> str:
    """The state in plain words, for tables and charts."""
    return PLAIN.get(state, state.replace("_", " "))
