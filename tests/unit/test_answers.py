"""What the learner's side answers, before it goes over the boundary."""

from __future__ import annotations

from grader import wire
from grader.inside import agent


def test_an_answer_that_is_too_large_is_said_to_be_and_the_run_goes_on() -> None:
    line = agent._line(7, {"ok": "x" * wire.MAX_ANSWER})
    assert len(line) < 1000
    reply = wire.loads(line)
    assert reply["id"] == 7
    assert reply["raised"] == {"type": "AnswerTooLarge", "message": "an answer of 4 MB; 4 MB can be taken"}


def test_an_answer_that_fits_is_sent_as_it_is() -> None:
    assert wire.loads(agent._line(1, {"ok": [1, 2]})) == {"id": 1, "ok": [1, 2]}
