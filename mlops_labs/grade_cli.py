"""The `mlops grade` commands, for mentors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from mlops_labs import console
from mlops_labs.session import EngineName, open_session

if TYPE_CHECKING:
    from grader.course.batch import Counts

app = typer.Typer(help="For mentors: grade a class.", no_args_is_help=True)

LabArgument = Annotated[str, typer.Argument(metavar="LAB", help="A lab's name, as `mlops list` shows it.")]
CourseOption = Annotated[
    Path | None, typer.Option("--course", help="The course folder (MLOPS_COURSE, else 'class' in the home).")
]
RevealOption = Annotated[bool, typer.Option("--reveal", help="Show names in place of opaque ids.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
EngineOption = Annotated[EngineName, typer.Option("--engine", envvar="MLOPS_ENGINE", help="Where to run.")]
JobsOption = Annotated[int | None, typer.Option("--jobs", min=1, help="Gradings at a time, at most.")]
MemoryOption = Annotated[int | None, typer.Option("--memory", min=512, help="MiB that may be used.")]
CpusOption = Annotated[float | None, typer.Option("--cpus", min=1, help="CPUs that may be used.")]


@app.command()
def run(
    lab: LabArgument,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What the class handed in.")],
    course: CourseOption = None,
    roster: Annotated[Path | None, typer.Option(help="CSV with a column 'id': who is in the class.")] = None,
    jobs: JobsOption = None,
    memory: MemoryOption = None,
    cpus: CpusOption = None,
    engine: EngineOption = "auto",
) -> None:
    """Grade everything in FOLDER that has no verdict yet; safe to stop and to repeat."""
    from mlops_labs import grading

    session = open_session(engine, console.tell)
    at = grading.course_folder(session, course)
    budget = grading.Budgeted(jobs, memory, cpus)
    _told(lab, grading.run(session, lab, grading.HandedIn(folder, roster), at, budget))


@app.command()
def retry(
    lab: LabArgument,
    course: CourseOption = None,
    jobs: JobsOption = None,
    memory: MemoryOption = None,
    cpus: CpusOption = None,
    engine: EngineOption = "auto",
) -> None:
    """Grade what has no verdict yet, in the folder that was graded last."""
    from mlops_labs import grading

    session = open_session(engine, console.tell)
    found = grading.existing(session, course)
    _told(lab, grading.retry(session, lab, found, grading.Budgeted(jobs, memory, cpus)))


@app.command()
def regrade(
    lab: LabArgument,
    learners: Annotated[
        list[str] | None, typer.Argument(metavar="[LEARNER]...", help="Everybody if left out.")
    ] = None,
    course: CourseOption = None,
    jobs: JobsOption = None,
    memory: MemoryOption = None,
    cpus: CpusOption = None,
    engine: EngineOption = "auto",
) -> None:
    """Grade again what was handed in last; earlier verdicts and a mentor's marks are kept."""
    from mlops_labs import grading

    session = open_session(engine, console.tell)
    found = grading.existing(session, course)
    budget = grading.Budgeted(jobs, memory, cpus)
    _told(lab, grading.regrade(session, lab, found, learners or [], budget))


def _told(lab: str, counts: Counts) -> NoReturn:
    console.out(f"{lab}: {counts.line()}")
    if counts.error:
        console.out(f"{counts.error} without a verdict, through no fault of theirs: mlops grade status {lab}")
    raise typer.Exit(2 if counts.error else 0)


@app.command()
def status(
    lab: LabArgument, course: CourseOption = None, reveal: RevealOption = False, as_json: JsonOption = False
) -> None:
    """Show who has which verdict, and what has none and why."""
    from mlops_labs import catalogue, grading

    name = catalogue.lab(lab).id
    found = grading.existing(open_session("auto", console.tell), course)
    shown = grading.names(found, reveal)
    rows = grading.status(found, name)
    if as_json:
        console.out(json.dumps([{**row.__dict__, "learner": shown(row.learner)} for row in rows], indent=1))
        return
    width = max([14, *(len(shown(row.learner)) for row in rows)])
    for row in rows:
        score = "  -/-" if row.earned is None else f"{row.earned:>3}/{row.points}"
        tries = f"{row.attempts} attempt{'s' if row.attempts != 1 else ''}"
        console.out(
            f"{shown(row.learner):<{width}} {score:<7} {row.outcome:<14} {tries:<12} {row.message}".rstrip()
        )
    if not rows:
        console.out(f"Nothing of {name} has been graded yet.")


@app.command()
def review(
    lab: LabArgument,
    course: CourseOption = None,
    detach: Annotated[bool, typer.Option(help="Leave it running and return.")] = False,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    port: Annotated[int | None, typer.Option(min=1024, max=65535, help="Port on 127.0.0.1.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the one that runs.")] = False,
) -> None:
    """Open nbgrader's formgrader: mark what is written, change marks, comment."""
    from mlops_labs import catalogue, grading, reviewing

    name = catalogue.lab(lab).id
    found = grading.existing(open_session("auto", console.tell), course)
    if stop:
        console.out("Stopped." if reviewing.stop(found) else "It is not running.")
        return
    reviewing.review(found, name, detach=detach, browser=browser, port=port)
