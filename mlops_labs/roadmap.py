"""`curriculum/roadmap.toml`, parsed once: what there is to learn, where it is taught and what proves it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from grader.lab import Lab
from grader.written import Frozen, explain
from mlops_labs import catalogue
from sandbox.errors import UsageError


class Component(Frozen):
    """One of the seven components of MLOps."""

    id: str
    title: str
    about: str


class Step(Frozen):
    """One of the eight steps of a career."""

    id: str
    title: str
    about: str
    names: tuple[str, ...] = ()  # tools and places that it names


class Skill(Frozen):
    """Something that somebody can do afterwards."""

    id: str
    title: str
    component: str
    step: str
    needs: tuple[str, ...] = ()  # ids of skills
    taught_by: str = ""  # a lesson; "": planned
    proved_by: tuple[str, ...] = ()  # tasks, as "lab/task"; none: planned
    planned_in: str = ""  # the lab that will have it
    words: tuple[str, ...] = ()  # of job postings

    @property
    def state(self) -> Literal["proved", "taught", "planned"]:
        """How far it has come here."""
        if self.taught_by:
            return "proved" if self.proved_by else "taught"
        return "planned"


class Dated(Frozen):
    """What somebody looked up, and when."""

    source: str  # an address, or words
    secondary: bool = False  # not from the place that decides
    checked: date


class Domain(Frozen):
    """A part of an exam."""

    title: str
    weight: tuple[int, int]  # per cent, lowest and highest
    skills: tuple[str, ...] = ()  # ids of those that serve it


class Exam(Dated):
    """A certification."""

    id: str
    title: str
    provider: str
    status: Literal["current", "retired"]
    retired: date | None = None
    replaced_by: str = ""  # id of an exam
    guide: str = ""  # which edition the weights are from
    note: str = ""
    domains: tuple[Domain, ...] = ()


class Role(Frozen):
    """A job, by what it asks for."""

    id: str
    title: str
    about: str
    skills: tuple[str, ...]


class Fact(Dated):
    """Something that is true for a while."""

    id: str
    title: str
    text: str
    status: Literal["current", "changed"] = "current"


class Topic(Frozen):
    """What sources are sorted by."""

    id: str
    title: str


class Source(Frozen):
    """A place worth following."""

    topic: str
    title: str
    url: str
    good_for: str
    looked_at: date


class Track(Frozen):
    """Labs that tell one story, in their order."""

    id: str
    title: str
    labs: tuple[str, ...]


class Roadmap(Frozen):
    """All of it."""

    components: tuple[Component, ...]
    steps: tuple[Step, ...]
    skills: tuple[Skill, ...]
    tracks: tuple[Track, ...] = ()
    exams: tuple[Exam, ...] = ()
    roles: tuple[Role, ...] = ()
    facts: tuple[Fact, ...] = ()
    topics: tuple[Topic, ...] = ()
    sources: tuple[Source, ...] = ()

    def skill(self, name: str) -> Skill | None:
        """The skill of that id."""
        return next((skill for skill in self.skills if skill.id == name), None)


def parse(path: Path) -> Roadmap:
    """Read a roadmap. Raises UsageError: not TOML, an unknown key, a wrong value."""
    try:
        return Roadmap.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "correct that line") from None
    except ValidationError as error:
        raise explain(path, error, Roadmap) from None


@cache
def roadmap() -> Roadmap:
    """The curriculum's own."""
    return parse(catalogue.curriculum_folder() / "roadmap.toml")


@dataclass(frozen=True)
class Covered:
    """How much of an exam's domain is here."""

    exam: str
    domain: str
    weight: tuple[int, int]  # per cent
    skills: int  # of ours that serve it
    taught: int  # of them, those that a lesson teaches
    proved: int  # of them, those that a graded task shows


def coverage(found: Roadmap) -> tuple[Covered, ...]:
    """Every domain of every exam, in their order."""
    state = {skill.id: skill.state for skill in found.skills}
    rows = []
    for exam in found.exams:
        for domain in exam.domains:
            states = [state[name] for name in domain.skills]
            taught = sum(one != "planned" for one in states)
            rows.append(
                Covered(exam.id, domain.title, domain.weight, len(states), taught, states.count("proved"))
            )
    return tuple(rows)


@dataclass(frozen=True)
class Summary:
    """How many skills there are, and how far they have come."""

    skills: int
    taught: int  # by a lesson
    exercised: int  # by a task of a lab
    graded: int  # by a task that a program grades, and no mentor


def graded_tasks(skill: Skill, labs: Mapping[str, Lab]) -> tuple[str, ...]:
    """The tasks that prove a skill, as "lab/task", without those that only a mentor can mark."""
    written = {f"{lab.id}/{task.id}" for lab in labs.values() for task in lab.tasks if task.written}
    return tuple(task for task in skill.proved_by if task not in written)


def summary(found: Roadmap, labs: Mapping[str, Lab]) -> Summary:
    """Count the skills."""
    graded = {f"{lab.id}/{task.id}" for lab in labs.values() for task in lab.tasks if not task.written}
    return Summary(
        skills=len(found.skills),
        taught=sum(bool(skill.taught_by) for skill in found.skills),
        exercised=sum(bool(skill.proved_by) for skill in found.skills),
        graded=sum(not graded.isdisjoint(skill.proved_by) for skill in found.skills),
    )


def stale(found: Roadmap, today: date, days: int = 180) -> Iterator[str]:
    """What nobody has looked at for longer than that, a line each."""
    looked = [(f"exam {one.id}", one.checked, "checked") for one in found.exams]
    looked += [(f"fact {one.id}", one.checked, "checked") for one in found.facts]
    looked += [(f"source {one.title}", one.looked_at, "looked_at") for one in found.sources]
    for name, day, key in looked:
        if (age := (today - day).days) > days:
            yield f"{name}: looked at on {day}, {age} days ago; look again and set `{key}` in roadmap.toml"


def gaps(found: Roadmap, labs: Mapping[str, Lab], lessons: set[str]) -> Iterator[str]:
    """What is not true or names something that is not there, a line each; a true roadmap gives none."""
    yield from _repeated(found)
    for skill in found.skills:
        yield from _skill_gaps(skill, found, labs, lessons)
    if cycle := _cycle(found):
        yield f"skills need each other in a circle: {' -> '.join(cycle)}"
    yield from _named_gaps(found)
    yield from _lab_gaps(found, labs)


def _repeated(found: Roadmap) -> Iterator[str]:
    for kind in ("components", "steps", "skills", "tracks", "exams", "roles", "facts", "topics"):
        counted = Counter(one.id for one in getattr(found, kind))
        yield from (
            f"{kind}: the id {name} is there {count} times" for name, count in counted.items() if count > 1
        )


def _skill_gaps(skill: Skill, found: Roadmap, labs: Mapping[str, Lab], lessons: set[str]) -> Iterator[str]:
    tasks = {f"{lab.id}/{task.id}" for lab in labs.values() for task in lab.tasks}
    if skill.component not in {one.id for one in found.components}:
        yield f"skill {skill.id}: no component {skill.component}"
    if skill.step not in {one.id for one in found.steps}:
        yield f"skill {skill.id}: no step {skill.step}"
    known = {one.id for one in found.skills}
    yield from (f"skill {skill.id}: needs {need}, which is no skill" for need in set(skill.needs) - known)
    if skill.taught_by and skill.taught_by not in lessons:
        yield f"skill {skill.id}: no lesson {skill.taught_by}"
    yield from (f"skill {skill.id}: no task {task}" for task in set(skill.proved_by) - tasks)
    if skill.state != "proved" and not skill.planned_in:
        yield f"skill {skill.id}: no lesson or no task, and no planned_in"
    if skill.planned_in in labs:
        yield f"skill {skill.id}: planned in {skill.planned_in}, which is there: name its lesson and tasks"


def _cycle(found: Roadmap) -> list[str]:
    """Skills that need each other in a circle, if there are any."""
    known = {skill.id for skill in found.skills}
    graph = {skill.id: [need for need in skill.needs if need in known] for skill in found.skills}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


def _named_gaps(found: Roadmap) -> Iterator[str]:
    """Exams, roles and sources that name what is not there, and weights that cannot be."""
    skills, exams = {one.id for one in found.skills}, {one.id for one in found.exams}
    for role in found.roles:
        yield from (f"role {role.id}: no skill {name}" for name in set(role.skills) - skills)
    for exam in found.exams:
        yield from _date_gaps(exam)
        if exam.replaced_by and exam.replaced_by not in exams:
            yield f"exam {exam.id}: replaced by {exam.replaced_by}, which is no exam"
        for domain in exam.domains:
            yield from (f"exam {exam.id}: no skill {name}" for name in set(domain.skills) - skills)
        low, high = (sum(domain.weight[end] for domain in exam.domains) for end in (0, 1))
        if exam.domains and not low <= 100 <= high:
            yield f"exam {exam.id}: its weights make {low} to {high} per cent, and not 100"
    yield from _source_gaps(found)


def _date_gaps(exam: Exam) -> Iterator[str]:
    if exam.status == "retired" and exam.retired is None:
        yield f"exam {exam.id}: retired, and no date in `retired`"
    if exam.status == "current" and exam.retired is not None:
        yield f"exam {exam.id}: current, and retired on {exam.retired}"
    for domain in exam.domains:
        low, high = domain.weight
        if not 0 <= low <= high:
            yield f"exam {exam.id}: {domain.title}: {low} to {high} per cent is no range"


def _source_gaps(found: Roadmap) -> Iterator[str]:
    topics, used = {one.id for one in found.topics}, {one.topic for one in found.sources}
    for source in found.sources:
        if source.topic not in topics:
            yield f"source {source.title}: no topic {source.topic}"
        if not source.url.startswith("https://"):
            yield f"source {source.title}: {source.url} is no https address"
    yield from (f"topic {one.id}: no source" for one in found.topics if one.id not in used)
    counted = Counter(one.url for one in found.sources)
    yield from (f"sources: {url} is there {count} times" for url, count in counted.items() if count > 1)


def _lab_gaps(found: Roadmap, labs: Mapping[str, Lab]) -> Iterator[str]:
    skills = {skill.id for skill in found.skills}
    tracked = [lab for track in found.tracks for lab in track.labs]
    yield from (f"no lab {lab}, which a track names" for lab in set(tracked) - set(labs))
    yield from (f"lab {lab} is in no track" for lab in set(labs) - set(tracked))
    for lab in labs.values():
        yield from (f"lab {lab.id}: no skill {skill}" for skill in set(lab.definition.skills) - skills)
        needs = set(lab.definition.needs) - set(labs)
        yield from (f"lab {lab.id}: needs {need}, which is no lab" for need in needs)
