"""Where a learner stands: which skills of the roadmap their graded work shows, and by which attempts.

A skill is *shown* when every task that proves it on the roadmap and that a program grades has been passed in a
graded attempt; the tasks may have been passed in different attempts, and a later failure takes nothing back. It is
*begun* when some of those tasks have been passed, and otherwise *ahead*. Public checks and what only a mentor can
mark show nothing, so a skill without a graded task cannot be shown. The roadmap's page counts in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from grader.lab import Lab
from grader.result import Result
from mlops_labs import catalogue, progress
from mlops_labs.home import Home
from mlops_labs.roadmap import Roadmap, Skill, graded_tasks, roadmap

FORMAT = 1
State = Literal["shown", "begun", "ahead"]


@dataclass(frozen=True)
class Evidence:
    """A task that was passed, and the first attempt that passed it."""

    lab: str
    lab_title: str
    task: str
    task_title: str
    attempt: str  # id of the grading
    graded: datetime

    @property
    def date(self) -> str:
        """The day of the grading."""
        return self.graded.date().isoformat()


@dataclass(frozen=True)
class Shown:
    """One skill and what there is to show for it."""

    id: str
    title: str
    level_title: str  # the step of a career that it belongs to
    state: State
    evidence: tuple[Evidence, ...] = ()  # in the roadmap's order of tasks


@dataclass(frozen=True)
class Standing:
    """Every skill of the roadmap, in its order."""

    skills: tuple[Shown, ...]

    def having(self, state: State) -> tuple[Shown, ...]:
        """The skills in that state."""
        return tuple(skill for skill in self.skills if skill.state == state)

    def to_json(self) -> dict[str, Any]:
        """For programs: format 1."""
        return {
            "format": FORMAT,
            "skills": [_skill_json(skill) for skill in self.skills],
            "shown": len(self.having("shown")),
            "of": len(self.skills),
        }

    def text(self) -> str:
        """A line for each skill that has evidence; the rest is counted."""
        shown, begun = self.having("shown"), self.having("begun")
        ahead = len(self.skills) - len(shown) - len(begun)
        head = f"Skills: {len(shown)} of {len(self.skills)} shown, {len(begun)} begun, {ahead} ahead"
        width = max((len(skill.title) for skill in (*shown, *begun)), default=0)
        return "\n".join([head, *(_line(skill, width) for skill in (*shown, *begun))])


def _skill_json(skill: Shown) -> dict[str, Any]:
    evidence = [
        {
            "lab": one.lab,
            "lab_title": one.lab_title,
            "task": one.task,
            "task_title": one.task_title,
            "attempt": one.attempt,
            "date": one.date,
        }
        for one in skill.evidence
    ]
    return {
        "id": skill.id,
        "title": skill.title,
        "level_title": skill.level_title,
        "state": skill.state,
        "evidence": evidence,
    }


def _line(skill: Shown, width: int) -> str:
    last = max(skill.evidence, key=lambda one: one.graded)
    tasks = ", ".join(f"{one.lab}/{one.task}" for one in skill.evidence)
    return f"{skill.state}  {skill.title:<{width}}  {tasks}  attempt {last.attempt}  {last.date}"


def passed(results: Iterable[Result]) -> dict[str, tuple[str, datetime]]:
    """The tasks that were passed: "lab/task" -> the attempt that was the first to pass it, and when it was graded."""
    found: dict[str, tuple[str, datetime]] = {}
    for result in sorted(results, key=lambda result: result.finished):
        if result.public:
            continue
        for task in result.tasks:
            if task.state == "pass":
                found.setdefault(f"{result.lab}/{task.id}", (result.attempt, result.finished))
    return found


def derive(known: Roadmap, labs: Mapping[str, Lab], found: Mapping[str, tuple[str, datetime]]) -> Standing:
    """Work a standing out.

    Args:
        known: the roadmap.
        labs: by id.
        found: the tasks that were passed, as `passed` gives them.
    """
    steps = {step.id: step.title for step in known.steps}
    return Standing(tuple(_derived(skill, steps.get(skill.step, ""), labs, found) for skill in known.skills))


def _derived(
    skill: Skill, level: str, labs: Mapping[str, Lab], found: Mapping[str, tuple[str, datetime]]
) -> Shown:
    graded, evidence = graded_tasks(skill, labs), []
    for name in graded:
        lab = labs.get(name.partition("/")[0])
        task = next((task for task in lab.tasks if f"{lab.id}/{task.id}" == name), None) if lab else None
        if lab is None or task is None or name not in found:
            continue
        attempt, when = found[name]
        evidence.append(Evidence(lab.id, lab.definition.title, task.id, task.title, attempt, when))
    state: State = "ahead" if not evidence else "shown" if len(evidence) == len(graded) else "begun"
    return Shown(skill.id, skill.title, level, state, tuple(evidence))


def read(home: Home) -> Standing:
    """The standing of the learner whose home it is."""
    labs = catalogue.labs()
    results = [result for lab in labs for result in progress.attempts(home, lab)]
    return derive(roadmap(), labs, passed(results))
