"""Pages made from data: lessons with their output, questions, the track, the feed, and what is out of date."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mlops_labs import catalogue
from mlops_labs.roadmap import roadmap
from mlops_labs.site import build, labs, lessons, news, roadmap_page
from sandbox.errors import UsageError

LESSON = """# %% [markdown]
# ---
# title: A small lesson
# lab: tiny-sums
# minutes: 5
# objectives:
#   - Add
# ---
#
# # A small lesson
#
# Some text.
#
# *The picture: a line that rises. It ends at ten.*

# %%
print(1 + 1)

# %% [markdown]
# ## Check yourself
#
# ### 1. A sum
#
# What is `1 + 1`?
#
# <details><summary>A. **Two**,
# of course</summary>
# Right. It is `2`.
# </details>
# <details><summary>B. Three</summary>
# No.
# </details>
#
# That was all.
"""
PICTURE = "iVBORw0KGgo="


def _lesson(folder: Path, text: str = LESSON, outputs: list[dict[str, Any]] | None = None) -> lessons.Page:
    import jupytext

    source = folder / "small.py"
    source.write_text(text, encoding="utf-8")
    notebook = jupytext.read(source)
    shown = {"output_type": "stream", "name": "stdout", "text": "\x1b[31m2\x1b[0m\n"}
    notebook["cells"][1]["outputs"] = [shown] if outputs is None else outputs
    return lessons.page(source, notebook)


def test_a_lesson_shows_its_facts_code_and_output(tmp_path: Path) -> None:
    text = _lesson(tmp_path).markdown
    assert "A lesson of 5 minutes, before the lab [tiny-sums](../labs/tiny-sums.md)." in text
    assert "- Add" in text
    assert text.count("# A small lesson") == 1
    assert "```python\nprint(1 + 1)\n```\n\n```{ .text .output }\n2\n```" in text


def test_a_question_says_which_answer_is_right_to_the_page_only(tmp_path: Path) -> None:
    text = _lesson(tmp_path).markdown
    assert '<div class="question" markdown="1" data-question="small/1">' in text
    assert text.count("data-right") == 1
    assert (
        '<details class="choice" markdown="1" data-right>\n<summary markdown="span">A. **Two**, of course'
        in text
    )
    assert text.index("</div>") < text.index("That was all.")


def test_a_plot_takes_its_alternative_text_from_the_description(tmp_path: Path) -> None:
    page = _lesson(tmp_path, outputs=[{"output_type": "display_data", "data": {"image/png": PICTURE}}])
    assert "![a line that rises; described in the text beside it](small-1.png)" in page.markdown
    assert list(page.pictures) == ["small-1.png"]


def test_a_plot_without_a_description_is_refused(tmp_path: Path) -> None:
    text = LESSON.replace("*The picture: a line that rises. It ends at ten.*", "")
    with pytest.raises(UsageError, match="does not describe"):
        _lesson(tmp_path, text, [{"output_type": "display_data", "data": {"image/png": PICTURE}}])


def test_a_lesson_that_does_not_run_is_refused_with_its_error(tmp_path: Path) -> None:
    source = tmp_path / "small.py"
    source.write_text(LESSON.replace("print(1 + 1)", "1 / 0"), encoding="utf-8")
    with pytest.raises(UsageError, match="ZeroDivisionError"):
        lessons.executed(source, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.ipynb"))


def test_headings_of_a_notebook_go_below_the_pages_own_and_code_stays() -> None:
    headings = labs.Headings(under=2)
    assert (
        headings.lowered("### Rules\n\n```python\n# a comment\n```\n")
        == "### Rules\n\n```python\n# a comment\n```\n"
    )
    assert headings.lowered("## Task\n\n### Part\n\n##### Deep") == "### Task\n\n#### Part\n\n##### Deep"


@pytest.mark.parametrize("source", build.lesson_sources().values(), ids=lambda path: path.stem)
def test_every_question_has_one_right_answer_and_every_answer_an_explanation(source: Path) -> None:
    text = "\n".join(line.removeprefix("# ") for line in source.read_text().splitlines())
    converted = lessons._questions(text[text.index("## Check yourself") :], source.stem)
    questions = converted.split('<div class="question"')[1:]
    assert 3 <= len(questions) <= 5
    for question in questions:
        assert question.count("data-right") == 1, question[:200]
        assert question.count("<details") >= 3


def test_the_track_leads_to_every_lab_and_lesson() -> None:
    facts = {name: lessons.read_facts(source) for name, source in build.lesson_sources().items()}
    text = labs.track(catalogue.labs(), roadmap(), facts)
    for lab in catalogue.labs():
        assert f"(labs/{lab}.md)" in text
        assert f"(lessons/{lab}.md)" in text


def test_the_roadmap_shows_every_skill_in_the_map_and_in_the_list() -> None:
    facts = {name: lessons.read_facts(source) for name, source in build.lesson_sources().items()}
    text = roadmap_page.page(roadmap(), catalogue.labs(), facts, date(2026, 11, 23))
    for skill in roadmap().skills:
        assert text.count(f'<li id="skill-{skill.id}"') == 1
        assert text.count(f'href="#skill-{skill.id}" class="node"') == 1
    assert "Older than" not in text
    assert "Older than 180 days" in roadmap_page.page(roadmap(), catalogue.labs(), facts, date(2028, 1, 1))


CHANGES = "# Changes\n\n## 2026-11-23: New & old\n\nText <b>.\n\n## 2026-11-20: First\n\nMore.\n"


def test_the_feed_has_every_change_and_leads_to_it() -> None:
    root = ElementTree.fromstring(news.feed(CHANGES))
    names = {"a": "http://www.w3.org/2005/Atom"}
    entries = root.findall("a:entry", names)
    assert [entry.findtext("a:title", namespaces=names) for entry in entries] == ["New & old", "First"]
    links = [entry.find("a:link", names).get("href") for entry in entries]  # type: ignore[union-attr]
    assert links == ["curriculum-changes.html#2026-11-23-new-old", "curriculum-changes.html#2026-11-20-first"]
    assert "{ #2026-11-23-new-old }" in news.changes_page(CHANGES)


def test_a_changelog_out_of_order_is_refused() -> None:
    with pytest.raises(UsageError, match="newest first"):
        list(news.changes("## 2026-11-20: First\n\nx\n\n## 2026-11-23: Later\n\ny\n"))


def test_the_reference_is_what_the_code_gives_and_every_lab_is_listed() -> None:
    assert list(build.drift()) == []
    assert list(build.missing_from_navigation()) == []


def test_a_page_that_is_out_of_date_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "GENERATED", {"reference/checks.md": lambda: "other"})
    assert list(build.drift()) == ["docs/reference/checks.md is out of date; run: make reference"]
