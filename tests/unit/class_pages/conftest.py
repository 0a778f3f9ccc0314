from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import Markup

from grader.course import charts
from grader.course.roster import Learner
from tests.graded import Class, empty_class, hostile_class

PEOPLE = [
    Learner(id="s01", name="Ada Byron", email="ada@example.org", lms_id="4001", login="ada", section="A"),
    Learner(
        id="s02", name="Grace Murray", email="grace@example.org", lms_id="4002", login="grace", section="A"
    ),
    Learner(id="s03", name="Mary Sears", email="mary@example.org", lms_id="4003", login="mary", section="B"),
    Learner(id="s04", name="Zoë Ångström", email="zoe@example.org", lms_id="4004", login="zoe", section="B"),
]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Class]:
    """A class of four who have handed in nothing yet."""
    made = empty_class(tmp_path / "class", PEOPLE)
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """A class whose every word is hostile; for reading only."""
    made = hostile_class(tmp_path_factory.mktemp("hostile") / "class")
    yield made
    made.ledger.close()


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports without the pictures, which take most of their time."""

    def quick(_name: str, title: str, alt: str, *_args: object, **_kwargs: object) -> charts.Chart:
        return charts.Chart(title, alt, Markup("<svg></svg>"))

    monkeypatch.setattr(charts, "_chart", quick)
