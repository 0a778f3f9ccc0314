"""The pictures of benchmarks."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from benchmarks.drawing import draw
from benchmarks.measuring import Outcome, Sample


def _outcome(name: str, *seconds: float) -> Outcome:
    return Outcome(name, [Sample({"seconds": one}) for one in seconds])


def test_a_bar_for_each_candidate_with_its_median(tmp_path: Path) -> None:
    outcomes = [
        _outcome("nbgrader", 4.0, 8.0, 6.0),
        _outcome("mlops submit", 2.0),
        Outcome("broken", failure="no"),
    ]
    draw("submit", outcomes, tmp_path / "a.svg")
    draw("submit", outcomes, tmp_path / "b.svg")
    text = (tmp_path / "a.svg").read_text()
    words = {
        "".join(part.itertext()).strip()
        for part in ElementTree.fromstring(text).iter()
        if part.tag.endswith("text")
    }
    assert {"nbgrader", "mlops submit", "6.0", "2.0", "seconds from the command to the verdict"} <= words
    assert "broken" not in words
    assert text == (tmp_path / "b.svg").read_text()
