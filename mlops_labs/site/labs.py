"""The track and each lab's brief as Markdown pages, from lab.toml and the notebook that learners get."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from grader.lab import Lab
from grader.release import Bundle
from mlops_labs.roadmap import Roadmap
from mlops_labs.site.lessons import Facts

_HEADING = re.compile(r"^(#+) ", re.M)
_FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)


def brief(bundle: Bundle, known: Roadmap, lesson: Facts | None) -> str:
    """The page of a lab: what it is for, what it asks, how it is graded, and the notebook as it is handed out."""
    lab = bundle.lab
    definition = lab.definition
    parts = [
        f"---\ntitle: {json.dumps(definition.title)}\ndescription: {json.dumps('Lab: ' + definition.title)}\n---",
        f"# {definition.title}",
        " ".join(definition.story.split()),
        _facts(lab, lesson),
        "## What you will be able to do",
        "\n".join(
            f"- [{skill.title}](../roadmap.md#skill-{skill.id})"
            for name in definition.skills
            if (skill := known.skill(name))
        ),
        "## What it asks",
        _tasks(lab),
        "## How it is graded",
        _grading(bundle),
        "## The notebook as you get it",
        f"Start it with `mlops start {lab.id}`. The cells that say `YOUR CODE HERE` are yours.",
        *_cells(bundle),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(lab: Lab, lesson: Facts | None) -> str:
    definition = lab.definition
    needs = ", ".join(f"[{need}]({need}.md)" for need in definition.needs) or "no other lab"
    rows = [
        ("Minutes", f"about {definition.minutes}"),
        ("Points", str(lab.points)),
        ("Level", definition.level),
        ("Do first", needs),
    ]
    if lesson:
        rows.insert(0, ("Lesson", f"[{lesson.title}](../lessons/{lesson.lab}.md), {lesson.minutes} minutes"))
    return "| fact | this lab |\n|---|---|\n" + "\n".join(f"| **{name}** | {value} |" for name, value in rows)


def _tasks(lab: Lab) -> str:
    rows = [f"| {task.id} | {task.title} | {task.points} |" for task in lab.tasks]
    return "| task | what | points |\n|---|---|---:|\n" + "\n".join(rows)


def _grading(bundle: Bundle) -> str:
    limits = bundle.lab.definition.limits
    practice = "\n".join(f"- {check.title}" for check in bundle.practice)
    return (
        f"`lab.check()` runs {len(bundle.practice)} public checks in your notebook, as often as you like:\n\n{practice}\n\n"
        f"`lab.submit()` runs {len(bundle.checks)} graded checks on data you have not seen. They ask what your work does and "
        f"never look at its text; [how grading stays fair](../explanation/fair-grading.md) says where they run. A grading may "
        f"take {limits.seconds} seconds and {limits.memory_mb} MiB."
    )


def _cells(bundle: Bundle) -> Iterable[str]:
    headings = Headings(under=2)
    for cell in bundle.master["cells"]:
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        if cell["cell_type"] == "code":
            yield f"```python\n{source.strip()}\n```"
        else:
            yield headings.lowered(source.strip().removeprefix(f"# {bundle.lab.definition.title}").strip())


class Headings:
    """Takes the headings of one notebook below those of a page, so that no level is left out on the way."""

    def __init__(self, under: int) -> None:
        self._under = self._last = under

    def lowered(self, text: str) -> str:
        """The text with its headings lowered; what is in code blocks stays."""
        parts = _FENCE.split(text)
        return "".join(part if part.startswith("```") else _HEADING.sub(self._lower, part) for part in parts)

    def _lower(self, found: re.Match[str]) -> str:
        wanted = max(len(found.group(1)) + 1, self._under + 1)
        self._last = min(wanted, self._last + 1, 6)
        return f"{'#' * self._last} "


def track(labs: dict[str, Lab], known: Roadmap, lessons: dict[str, Facts]) -> str:
    """The page of all labs in their order."""
    parts = [
        "# The track",
        "One story from the first lab to the last: a service that says which flights out of New York will be late. Each "
        "lab has a lesson before it. Take them in order, or begin with any whose needs you meet: the data and the code that a "
        "lab builds on come with it.",
    ]
    for one in known.tracks:
        hours = sum(labs[name].definition.minutes for name in one.labs) / 60
        read = sum(lessons[name].minutes for name in one.labs if name in lessons) / 60
        parts += [
            f"## {one.title}",
            f"{len(one.labs)} labs, {hours:.0f} hours of work and {read:.0f} of lessons.",
        ]
        for name in one.labs:
            lab = labs[name]
            definition = lab.definition
            taught = lessons.get(name)
            lesson = f"Lesson: [{taught.title}](lessons/{name}.md), {taught.minutes} min. " if taught else ""
            parts += [
                f"### {definition.number}. {definition.title}",
                " ".join(definition.story.split()),
                f"{lesson}Lab: [{name}](labs/{name}.md), {definition.minutes} min, {lab.points} points.",
            ]
    return "\n\n".join(parts) + "\n"
