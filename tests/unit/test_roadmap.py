"""The roadmap is true of the labs and lessons that are there, and a misspelt one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.lab import find_labs
from mlops_labs import listing, roadmap
from mlops_labs.home import Home
from sandbox.errors import UsageError

ROOT = Path(__file__).parents[2]
FILE = ROOT / "curriculum" / "roadmap.toml"


def test_what_it_names_is_there() -> None:
    lessons = {path.stem for path in (ROOT / "curriculum" / "lessons").glob("*.py")}
    assert list(roadmap.gaps(roadmap.parse(FILE), find_labs(ROOT / "labs"), lessons)) == []


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "roadmap.toml"
    path.write_text(FILE.read_text().replace('taught_by = "defend-your-runs"', 'taught_by = "defend"'))
    found = list(roadmap.gaps(roadmap.parse(path), {}, set()))
    assert any("no lesson defend" in line for line in found)
    assert any("which a track names" in line for line in found)


def test_a_misspelt_key_is_told(tmp_path: Path) -> None:
    path = tmp_path / "roadmap.toml"
    path.write_text(FILE.read_text().replace("taught_by", "taugt_by", 1))
    with pytest.raises(UsageError, match=r"unknown key.*taugt_by.*did you mean 'taught_by'"):
        roadmap.parse(path)


def test_the_list_tells_the_track_what_waits_and_what_is_next(tmp_path: Path) -> None:
    text = listing.text(listing.rows(Home(tmp_path)))
    assert "From a notebook to a pipeline that resumes: 0 of" in text
    assert "(after " in text
    assert "Next: mlops start " in text
    assert "it comes first" in text
    assert "you will be able to: " in text
