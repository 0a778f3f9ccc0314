"""The labs are fair: their cases come out as they say, through the real path.

A sample of each lab's cases, since all of them take minutes a lab: on Docker the reference and the blank of each; of
the labs whose turn it is (a third of them where MLOPS_THIRD names one, another each day) one of the right answers and
one of the wrong ones as well, and the reference and the blank as local processes. `make validate` runs all of them.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from grader.lab import find_labs, load_lab
from grader.release import Bundle, bundle
from mlops_labs import new_lab
from mlops_labs.cases import read_cases
from mlops_labs.validate import gaps, validate
from sandbox.engine import Engine

LABS = find_labs(Path(__file__).parents[2] / "labs")


THIRD = os.environ.get("MLOPS_THIRD", "")
SAMPLE = {"right": 1, "wrong": 1}


def _its_turn(name: str) -> bool:
    return not THIRD or (list(LABS).index(name) + int(THIRD)) % 3 == 0


def _chosen(released: Bundle, isolated: bool) -> set[str]:
    """The names of the cases that are run here."""
    cases = list(read_cases(released))
    chosen = {case.name for case in cases if case.kind not in SAMPLE}
    draw = random.Random(f"{released.lab.version} {THIRD}")
    for kind, count in SAMPLE.items() if isolated and _its_turn(released.lab.id) else ():
        names = sorted(case.name for case in cases if case.kind == kind)
        chosen |= set(draw.sample(names, min(count, len(names))))
    return chosen


@pytest.mark.engine
@pytest.mark.parametrize("name", list(LABS))
def test_cases_come_out_as_they_say(name: str, docker_engine: Engine, platform_home: Path) -> None:
    _validate(name, docker_engine, platform_home)


def _local(name: str) -> ParameterSet:
    """A lab as a parameter; what it needs of Debian must be here to run it as plain processes."""
    definition = LABS[name].definition
    return pytest.param(name, marks=[pytest.mark.production] if definition.programs else [])


@pytest.mark.parametrize("name", [_local(name) for name in LABS if _its_turn(name)])
def test_reference_and_blank_come_out_as_plain_processes(
    name: str, local_engine: Engine, platform_home: Path
) -> None:
    _validate(name, local_engine, platform_home)


def _validate(name: str, engine: Engine, platform_home: Path) -> None:
    released = bundle(LABS[name], platform_home / "bundles", print)
    engine.prepare(released.lab.definition.image, print)
    chosen = _chosen(released, engine.isolates)
    rows = list(validate(engine, released, repeats=1, jobs=2, only=lambda case: case.name in chosen))
    assert {row.case.name: row.differences for row in rows if row.differences} == {}
    assert len(rows) == len(chosen)
    assert gaps(released) == []


@pytest.mark.parametrize("name", list(LABS))
def test_two_right_answers_are_written_from_the_brief_alone(name: str) -> None:
    texts = [path.read_text() for path in (LABS[name].folder / "cases").glob("*/case.toml")]
    assert sum('written_from = "learner"' in text for text in texts) >= 2


def test_a_new_lab_is_valid_at_once(local_engine: Engine, tmp_path: Path) -> None:
    released = bundle(load_lab(new_lab.make("read-the-logs", tmp_path)), tmp_path / "bundles", print)
    rows = list(validate(local_engine, released, repeats=1, jobs=2, only=lambda _case: True))
    assert {row.case.name: row.differences for row in rows if row.differences} == {}
    assert len(rows) == 7
    assert gaps(released) == []
