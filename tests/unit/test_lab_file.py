from __future__ import annotations

from pathlib import Path

import pytest

from grader.lab import find_labs, load_lab, pick_lab
from sandbox.errors import UsageError

GOOD = """
id = "one-lab"
number = 1
title = "One"
story = "A story."
minutes = 5
level = "open"
[[tasks]]
id = "t1"
title = "First"
points = 2
"""


def _lab(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "one-lab"
    folder.mkdir(exist_ok=True)
    (folder / "lab.toml").write_text(text)
    return folder


def test_a_good_file_is_read(tmp_path: Path) -> None:
    lab = load_lab(_lab(tmp_path, GOOD))
    assert (lab.id, lab.points) == ("one-lab", 2)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("minutes = 5", "minuets = 5", r"lab\.toml: unknown key 'minuets'.*did you mean 'minutes'"),
        ("points = 2", "points = 2\npoint = 3", r"unknown key 'tasks\.0\.point'.*did you mean 'points'"),
        ("points = 2", "points = 0", "points"),
        ('level = "open"', 'level = "hard"', "level"),
        ('id = "one-lab"', 'id = "other-lab"', "differs from the folder"),
        (
            "minutes = 5",
            'minutes = 5\nprograms = ["promtol"]',
            "no program 'promtol'.*did you mean 'promtool'",
        ),
        ("minutes = 5", 'minutes = 5\nservices = ["traefk"]', "no service 'traefk'.*did you mean 'traefik'"),
        ("number = 1", "number = ", "not valid TOML"),
        (
            "[[tasks]]",
            "[limits]\nsecond = 3\n[[tasks]]",
            r"unknown key 'limits\.second'.*did you mean 'seconds'",
        ),
    ],
)
def test_a_bad_file_names_file_key_and_nearest(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        load_lab(_lab(tmp_path, GOOD.replace(old, new)))


def test_the_version_follows_the_lab_but_not_its_cases(tmp_path: Path) -> None:
    folder = _lab(tmp_path, GOOD)
    before = load_lab(folder).version
    (folder / "cases").mkdir()
    (folder / "cases" / "x.py").write_text("1")
    assert load_lab(folder).version == before
    (folder / "checks.py").write_text("1")
    assert load_lab(folder).version != before


def test_an_unknown_lab_suggests_the_nearest(tmp_path: Path) -> None:
    _lab(tmp_path, GOOD)
    labs = find_labs(tmp_path)
    with pytest.raises(UsageError, match="did you mean 'one-lab'"):
        pick_lab(labs, "one-lob")
    with pytest.raises(UsageError, match="no lab"):
        pick_lab(labs, "zzz")
    with pytest.raises(UsageError, match="has no task 't2'"):
        labs["one-lab"].task("t2")
