"""The roadmap as one page: a map, the same as a list, exams, roles and dated facts. Readable without a script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader.lab import Lab
from mlops_labs.roadmap import Exam, Roadmap, Skill, coverage, graded_tasks, summary
from mlops_labs.site.lessons import Facts

OLD = 180  # days after which a fact has to be looked at again
STATES = {"proved": "taught and graded", "taught": "taught, not yet graded", "planned": "planned"}
NODE_WIDTH, NODE_HEIGHT, COLUMN, ROW, LANE_HEAD = 172, 30, 196, 38, 34

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


@dataclass(frozen=True)
class Node:
    """A skill on the map, in pixels."""

    id: str
    title: str
    label: str
    state: str
    component: str
    x: int
    y: int


def page(known: Roadmap, labs: dict[str, Lab], lessons: dict[str, Facts], today: date) -> str:
    """The whole page as Markdown.

    Args:
        known: the roadmap.
        labs: by id.
        lessons: by id.
        today: to tell which facts are old.
    """
    count = summary(known, labs)
    parts = [
        "---\ntitle: Roadmap\ndescription: What an MLOps engineer can do, where it is taught here and what proves it\n"
        "hide:\n  - navigation\n---",
        "# The roadmap",
        "What somebody who runs models can do, in the eight steps of a career and across the seven components of MLOps; which "
        "lesson teaches it, and which task of which lab proves it. What is not built yet is shown as planned.",
        f"Of {count.skills} skills {count.taught} have a lesson, {count.exercised} are exercised in a lab and "
        f"{count.graded} are graded by what the work does; {count.skills - count.taught} are planned.",
        '<div id="roadmap-tools" class="no-print"></div>',
        "## The map",
        "Each box is a skill and leads to its entry in the list. A line goes from a skill to what builds on it. "
        "A full frame: taught and graded. A dashed frame: planned.",
        _map(known),
        *_components(known),
        "## The list",
        *_steps(known, labs, lessons),
        "## Roles",
        "What people in these roles are asked for, of the skills above. Titles differ from one employer to the next.",
        *_roles(known),
        "## Exams",
        *_exams(known, today),
        "## Dated facts",
        *_facts(known, today),
    ]
    return "\n\n".join(parts) + "\n"


def _components(known: Roadmap) -> list[str]:
    rows = []
    for component in known.components:
        own = [skill for skill in known.skills if skill.component == component.id]
        done = sum(skill.state == "proved" for skill in own)
        rows.append(f"| {component.title} | {component.about} | {done} of {len(own)} |")
    head = "| component | what it is | skills graded |\n|---|---|---:|\n"
    return ["## The seven components", head + "\n".join(rows)]


def _steps(known: Roadmap, labs: dict[str, Lab], lessons: dict[str, Facts]) -> list[str]:
    parts = []
    for number, step in enumerate(known.steps, 1):
        own = [skill for skill in known.skills if skill.step == step.id]
        names = f" Names to know: {', '.join(step.names)}." if step.names else ""
        parts += [f"### {number}. {step.title}", f"{step.about}{names}", _list(known, own, labs, lessons)]
    return parts


def _list(known: Roadmap, skills: list[Skill], labs: dict[str, Lab], lessons: dict[str, Facts]) -> str:
    proofs = {skill.id: _proofs(skill) for skill in skills}
    text = _templates.get_template("skills.html.j2").render(
        skills=skills,
        states=STATES,
        components={one.id: one.title for one in known.components},
        titles={one.id: one.title for one in known.skills},
        labs={name: lab.definition.title for name, lab in labs.items()},
        lessons={name: facts.title for name, facts in lessons.items()},
        proofs=proofs,
        graded={skill.id: graded_tasks(skill, labs) for skill in skills},
        ending="html",
    )
    return text.strip()


def _proofs(skill: Skill) -> dict[str, str]:
    """The tasks that prove a skill, by lab, in words."""
    pairs = [task.split("/") for task in skill.proved_by]
    found = {lab: [task for _, task in group] for lab, group in groupby(pairs, key=lambda pair: pair[0])}
    return {lab: f"task{'s' if len(tasks) > 1 else ''} {', '.join(tasks)}" for lab, tasks in found.items()}


def _roles(known: Roadmap) -> list[str]:
    titles = {skill.id: skill for skill in known.skills}
    parts = []
    for role in known.roles:
        links = "\n".join(
            f"- [{titles[name].title}](#skill-{name}) ({STATES[titles[name].state]})" for name in role.skills
        )
        parts += [f"### {role.title}", role.about, links]
    return parts


def _exams(known: Roadmap, today: date) -> list[str]:
    parts = [
        "Domains with their weights, and how much of each our labs prove: of the skills here that serve the domain, those "
        "that a graded task shows. A domain without a skill is not covered at all. No lab replaces an exam's own guide."
    ]
    for exam in known.exams:
        rows = [
            f"| {row.domain} | {_weight(row.weight)} | {row.skills} | {row.proved} |"
            for row in coverage(known)
            if row.exam == exam.id
        ]
        table = "| domain | weight, % | our skills | of them graded |\n|---|---:|---:|---:|\n" + "\n".join(
            rows
        )
        parts += [f"### {exam.title}", _exam(exam, known, today), *([table] if rows else [])]
    return parts


def _exam(exam: Exam, known: Roadmap, today: date) -> str:
    words = [f"{exam.provider}. Guide: {exam.guide}." if exam.guide else f"{exam.provider}."]
    if exam.status == "retired":
        after = next((one.title for one in known.exams if one.id == exam.replaced_by), "")
        when = f" on {exam.retired:%d %B %Y}" if exam.retired else ""
        words.append(f"**Retired{when}.**" + (f" Its place was taken by {after}." if after else ""))
    words += [exam.note, _checked(exam.source, exam.secondary, exam.checked, today)]
    return " ".join(word for word in words if word)


def _facts(known: Roadmap, today: date) -> list[str]:
    rows = [
        f"- **{fact.title}** {fact.text} {_checked(fact.source, fact.secondary, fact.checked, today)}"
        for fact in known.facts
    ]
    return ["\n".join(rows)] if rows else []


def _checked(source: str, secondary: bool, checked: date, today: date) -> str:
    kind = "secondary source" if secondary else "source"
    named = f"<{source}>" if source.startswith("https://") else source
    old = (
        f" **Older than {OLD} days: look before you rely on it.**" if today - checked > timedelta(OLD) else ""
    )
    return f"({kind}: {named}; checked on {checked:%d %B %Y}.){old}"


def _weight(weight: tuple[int, int]) -> str:
    low, high = weight
    return str(low) if low == high else f"{low}-{high}"


def _map(known: Roadmap) -> str:
    """The skills in lanes, one for each step, further to the right the more they build on."""
    depth = _depths(known)
    nodes: dict[str, Node] = {}
    lanes = []
    top = 8
    for step in known.steps:
        filled: dict[int, int] = {}
        for skill in (one for one in known.skills if one.step == step.id):
            row = filled.get(depth[skill.id], 0)
            filled[depth[skill.id]] = row + 1
            x, y = 12 + depth[skill.id] * COLUMN, top + LANE_HEAD + row * ROW
            label = skill.id.replace("-", " ")
            nodes[skill.id] = Node(skill.id, skill.title, label, skill.state, skill.component, x, y)
        height = LANE_HEAD + max(1, *filled.values(), 0) * ROW + 6
        lanes.append({"title": step.title, "top": top, "height": height})
        top += height + 8
    edges = [
        {"source": need, "target": skill.id, "path": _curve(nodes[need], nodes[skill.id])}
        for skill in known.skills
        for need in skill.needs
    ]
    return _templates.get_template("map.svg.j2").render(
        width=12 + (max(depth.values(), default=0) + 1) * COLUMN,
        height=top,
        lanes=lanes,
        nodes=nodes.values(),
        edges=edges,
        node_width=NODE_WIDTH,
        node_height=NODE_HEIGHT,
        states=STATES,
    )


def _depths(known: Roadmap) -> dict[str, int]:
    """How many skills each one builds on in a row."""
    found: dict[str, int] = {}
    needs = {skill.id: skill.needs for skill in known.skills}

    def depth(name: str) -> int:
        if name not in found:
            found[name] = max((depth(need) + 1 for need in needs[name]), default=0)
        return found[name]

    for name in needs:
        depth(name)
    return found


def _curve(source: Node, target: Node) -> str:
    x1, y1 = source.x + NODE_WIDTH, source.y + NODE_HEIGHT // 2
    x2, y2 = target.x, target.y + NODE_HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
