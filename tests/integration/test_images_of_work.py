"""A lab whose work is an image, through the whole way: built and asked on Docker, told to be blocked elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.grade import grade
from grader.lab import load_lab
from grader.release import Bundle, bundle
from mlops_labs.cases import read_cases
from mlops_labs.validate import validate
from sandbox.docker_api import LABEL
from sandbox.docker_engine import DockerEngine
from sandbox.engine import Engine
from sandbox.ownership import home_id


@pytest.fixture(scope="module")
def released(labs_for_tests: Path, platform_home: Path) -> Bundle:
    return bundle(load_lab(labs_for_tests / "tiny-image"), platform_home / "bundles", print)


def test_its_cases_come_out_as_they_say(engine: Engine, released: Bundle) -> None:
    rows = list(validate(engine, released, repeats=1, jobs=2, only=lambda _case: True))
    assert {row.case.name: row.differences for row in rows if row.differences} == {}
    assert len(rows) == 5
    if isinstance(engine, DockerEngine):
        mark = [f"{LABEL}.home={home_id(engine.home)}", f"{LABEL}.kind=image"]
        assert engine.docker.images(mark) == []
        assert engine.docker.containers(mark) == []


def test_without_an_engine_it_is_blocked_and_says_why(local_engine: Engine, released: Bundle) -> None:
    reference = next(case for case in read_cases(released) if case.kind == "reference")
    result = grade(local_engine, released, reference.submission()).result
    image = result.tasks[1]
    assert image.state == "blocked"
    assert "needs a container engine" in image.checks[0].saw
    assert result.earned == 2
