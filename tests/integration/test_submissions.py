"""Every submission of the collections gets exactly the verdict written beside it, through the real path."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.grade import grade
from grader.release import Bundle
from sandbox.engine import Engine
from tests.submissions import HERE, assert_verdict, collect, submission, verdict


@pytest.mark.parametrize("folder", collect(), ids=lambda folder: str(folder.relative_to(HERE)))
def test_verdict(folder: Path, engine: Engine, tiny: Bundle) -> None:
    graded = grade(engine, tiny, submission(folder, tiny))
    assert_verdict(graded.result, verdict(folder))


def test_there_are_cases() -> None:
    assert len(collect()) >= 25
