"""`curriculum/roadmap.toml`, parsed once: what there is to learn, where it is taught and what proves it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from grader.lab import Lab
from grader.written import Frozen, explain
from mlops_labs import catalogue
from sandbox.errors import UsageError


class Named(Frozen):
    """A component of MLOps or a step of a career."""

    id: str
    title: str


class Skill(Frozen):
    """Something that somebody can do afterwards."""

    id: str
    title: str
    component: str
    step: str
    needs: tuple[str, ...] = ()  # ids of skills
    taught_by: str  # a lesson
    proved_by: tuple[str, ...]  # tasks, as "lab/task"


class Track(Frozen):
    """Labs that tell one story, in their order."""

    id: str
    title: str
    labs: tuple[str, ...]


class Roadmap(Frozen):
    """All of it."""

    components: tuple[Named, ...]
    steps: tuple[Named, ...]
    skills: tuple[Skill, ...]
    tracks: tuple[Track, ...] = ()

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


def gaps(found: Roadmap, labs: Mapping[str, Lab], lessons: set[str]) -> Iterator[str]:
    """What names something that is not there, a line each; a true roadmap gives none."""
    tasks = {f"{lab.id}/{task.id}" for lab in labs.values() for task in lab.tasks}
    skills = {skill.id for skill in found.skills}
    known = {
        "component": {one.id for one in found.components},
        "step": {one.id for one in found.steps},
    }
    for skill in found.skills:
        for kind, ids in known.items():
            if getattr(skill, kind) not in ids:
                yield f"skill {skill.id}: no {kind} {getattr(skill, kind)}"
        yield from (
            f"skill {skill.id}: needs {need}, which is no skill" for need in set(skill.needs) - skills
        )
        if skill.taught_by not in lessons:
            yield f"skill {skill.id}: no lesson {skill.taught_by}"
        yield from (f"skill {skill.id}: no task {task}" for task in set(skill.proved_by) - tasks)
    tracked = [lab for track in found.tracks for lab in track.labs]
    yield from (f"no lab {lab}, which a track names" for lab in set(tracked) - set(labs))
    yield from (f"lab {lab} is in no track" for lab in set(labs) - set(tracked))
    for lab in labs.values():
        yield from (f"lab {lab.id}: no skill {skill}" for skill in set(lab.definition.skills) - skills)
        yield from (
            f"lab {lab.id}: needs {need}, which is no lab" for need in set(lab.definition.needs) - set(labs)
        )
