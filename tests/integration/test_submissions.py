"""Harmless submissions of the collections get the verdict written beside them on one's own machine too.

The whole collection is graded by tests/integration/test_hostile_batch.py, in sandboxes.
"""

from __future__ import annotations

import pytest

from grader.grade import grade
from grader.release import Bundle
from sandbox.engine import Engine
from tests.submissions import Case, cases, wrong

HARMLESS = [case for case in cases() if case.verdict.local]


@pytest.mark.parametrize("case", HARMLESS, ids=lambda case: case.name)
def test_verdict(case: Case, local_engine: Engine, tiny: Bundle) -> None:
    assert not wrong(grade(local_engine, tiny, case.submission(tiny)).result, case.verdict)


def test_there_are_cases() -> None:
    assert len(HARMLESS) >= 10
