"""The roadmap is true of the labs and lessons that are there, and a misspelt one is told."""

from __future__ import annotations

from datetime import date
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


SMALL = """
[[components]]
id = "automation"
title = "Automation"
about = "Runs by itself."
[[steps]]
id = "devops"
title = "DevOps"
about = "Habits."
[[skills]]
id = "one"
title = "One"
component = "automation"
step = "devops"
planned_in = "later"
"""


def _told(tmp_path: Path, more: str) -> list[str]:
    path = tmp_path / "roadmap.toml"
    path.write_text(SMALL + more)
    found = list(roadmap.gaps(roadmap.parse(path), find_labs(ROOT / "labs"), set()))
    return [line for line in found if not line.startswith("lab ")]  # it knows no track and few skills


SKILL = """
[[skills]]
id = "{id}"
title = "T"
component = "automation"
step = "devops"
{more}
"""
EXAM = """
[[exams]]
id = "x"
title = "X"
provider = "P"
status = "current"
source = "s"
checked = 2026-01-01
{more}
"""
SOURCE = """
[[sources]]
topic = "t"
title = "S"
url = "{url}"
good_for = "g"
looked_at = 2026-01-01
"""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (SKILL.format(id="two", more=""), "skill two: no lesson or no task, and no planned_in"),
        (SKILL.format(id="two", more='planned_in = "honest-baseline"'), "which is there"),
        (SKILL.format(id="one", more='planned_in = "later"'), "skills: the id one is there 2 times"),
        (
            SKILL.format(id="two", more='planned_in = "a"\nneeds = ["three"]')
            + SKILL.format(id="three", more='planned_in = "a"\nneeds = ["two"]'),
            "skills need each other in a circle",
        ),
        (EXAM.format(more='replaced_by = "y"'), "exam x: replaced by y, which is no exam"),
        (
            EXAM.format(more='[[exams.domains]]\ntitle = "D"\nweight = [40, 50]'),
            "make 40 to 50 per cent, and not 100",
        ),
        (
            EXAM.format(more='[[exams.domains]]\ntitle = "D"\nweight = [100, 100]\nskills = ["z"]'),
            "exam x: no skill z",
        ),
        ('[[roles]]\nid = "r"\ntitle = "R"\nabout = "a"\nskills = ["z"]', "role r: no skill z"),
        (
            '[[sources]]\ntopic = "t"\ntitle = "S"\nurl = "u"\ngood_for = "g"\nlooked_at = 2026-01-01',
            "source S: no topic t",
        ),
        (SOURCE.format(url="http://x.org"), "source S: http://x.org is no https address"),
        (SOURCE.format(url="https://x.org") * 2, "sources: https://x.org is there 2 times"),
        ('[[topics]]\nid = "t"\ntitle = "T"', "topic t: no source"),
        (EXAM.format(more="").replace("current", "retired"), "exam x: retired, and no date"),
        (EXAM.format(more="retired = 2026-01-01"), "exam x: current, and retired on 2026-01-01"),
        (
            EXAM.format(more='[[exams.domains]]\ntitle = "D"\nweight = [100, 90]'),
            "exam x: D: 100 to 90 per cent is no range",
        ),
        (
            '[[facts]]\nid = "f"\ntitle = "F"\ntext = "t"\nsource = "s"\nchecked = 2026-01-01\n' * 2,
            "the id f",
        ),
    ],
)
def test_what_cannot_be_is_told(more: str, says: str, tmp_path: Path) -> None:
    assert any(says in line for line in _told(tmp_path, more)), _told(tmp_path, more)


def test_a_small_roadmap_has_no_gaps(tmp_path: Path) -> None:
    assert _told(tmp_path, "") == []


def test_old_facts_are_told_after_half_a_year(tmp_path: Path) -> None:
    path = tmp_path / "roadmap.toml"
    path.write_text(SMALL + EXAM.format(more=""))
    found = roadmap.parse(path)
    assert list(roadmap.stale(found, date(2026, 6, 30))) == []
    (line,) = roadmap.stale(found, date(2026, 7, 1))
    assert "exam x: looked at on 2026-01-01, 181 days ago" in line


def test_coverage_counts_what_is_taught_and_graded() -> None:
    rows = [row for row in roadmap.coverage(roadmap.parse(FILE)) if row.exam == "google-pmle"]
    assert sum(row.weight[0] for row in rows) == 100
    assert all(row.proved <= row.taught <= row.skills for row in rows)
    assert rows[0].skills == 0  # low-code solutions: nothing of ours


def test_facts_and_sources_grow_old_too() -> None:
    found = roadmap.parse(FILE)
    told = list(roadmap.stale(found, date(2036, 1, 1)))
    assert len(told) == len(found.exams) + len(found.facts) + len(found.sources)
    assert list(roadmap.stale(found, date(2026, 11, 23))) == []


@pytest.mark.parametrize(
    ("more", "state"),
    [("", "planned"), ('taught_by = "a"', "taught"), ('taught_by = "a"\nproved_by = ["a/t1"]', "proved")],
)
def test_a_skill_says_how_far_it_has_come(more: str, state: str, tmp_path: Path) -> None:
    path = tmp_path / "roadmap.toml"
    path.write_text(SMALL + SKILL.format(id="two", more=more))
    assert roadmap.parse(path).skills[1].state == state


def test_what_only_a_mentor_marks_is_exercised_and_not_graded(tmp_path: Path) -> None:
    lab = find_labs(ROOT / "labs")["honest-baseline"]
    first, second = lab.tasks[:2]
    lab.tasks = (first.model_copy(update={"written": True}), second)
    path = tmp_path / "roadmap.toml"
    proved = 'taught_by = "{0}"\nproved_by = ["{0}/{1}"]'
    path.write_text(
        SMALL
        + SKILL.format(id="two", more=proved.format(lab.id, first.id))
        + SKILL.format(id="three", more=proved.format(lab.id, second.id))
    )
    assert roadmap.summary(roadmap.parse(path), {lab.id: lab}) == roadmap.Summary(3, 2, 2, 1)


def test_every_tool_that_postings_ask_for_has_a_place() -> None:
    found = roadmap.parse(FILE)
    words = {word for skill in found.skills for word in skill.words}
    words |= {name for step in found.steps for name in step.names}
    asked = "Jenkins|Docker|AWS|Azure|Google Cloud|TFX|MLflow|Kubeflow|Travis CI|CircleCI|Apache Spark|ETL|Kubernetes"
    asked += "|Git|GitHub|Python|Go|Bash|SQL|Apache Airflow|Apache Kafka|Apache Flink|GitHub Actions|CML|Grafana|Terraform"
    assert set(asked.split("|")) <= words


def test_no_source_is_a_package_registry() -> None:
    registries = ("pypi.org", "npmjs.com", "hub.docker.com", "anaconda.org", "proxy.golang.org")
    assert not [one.url for one in roadmap.parse(FILE).sources if any(name in one.url for name in registries)]


def test_every_component_and_step_has_a_skill() -> None:
    found = roadmap.parse(FILE)
    assert {skill.component for skill in found.skills} == {one.id for one in found.components}
    assert {skill.step for skill in found.skills} == {one.id for one in found.steps}


def test_the_list_tells_the_track_what_waits_and_what_is_next(tmp_path: Path) -> None:
    text = listing.text(listing.rows(Home(tmp_path)))
    assert "From a notebook to a pipeline that resumes: 0 of" in text
    assert "(after " in text
    assert "Next: mlops start " in text
    assert "it comes first" in text
    assert "you will be able to: " in text
