"""The `mlops grade` commands that give out what was graded: feedback, report, audit, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mlops_labs import console
from mlops_labs.grade_cli import CourseOption, JsonOption, LabArgument, RevealOption
from mlops_labs.session import open_session

if TYPE_CHECKING:
    from grader.course.folder import Course

app = typer.Typer()


def _course(named: Path | None) -> Course:
    from mlops_labs import grading

    return grading.existing(open_session("auto", console.tell), named)


@app.command()
def feedback(lab: LabArgument, course: CourseOption = None) -> None:
    """Write a page for each learner, where nbgrader looks for feedback."""
    from mlops_labs import catalogue, publishing

    name = catalogue.lab(lab).id
    found = _course(course)
    written = publishing.feedback(open_session("auto", console.tell), found, name)
    plural = "" if len(written) == 1 else "s"
    console.out(f"{len(written)} feedback page{plural}: {found.root}/feedback/<opaque id>/{name}/{name}.html")


@app.command()
def report(
    lab: LabArgument, course: CourseOption = None, reveal: RevealOption = False, as_json: JsonOption = False
) -> None:
    """Show the class: points, the task most are stuck on, messages most seen, odd verdicts."""
    from grader.course import report_page
    from mlops_labs import catalogue, grading, publishing

    name = catalogue.lab(lab).id
    found = _course(course)
    made, written = publishing.report(found, name, reveal=reveal)
    if as_json:
        console.out(json.dumps(publishing.report_json(found, made, reveal=reveal), indent=1))
        return
    console.out(report_page.text(made, grading.names(found, reveal)))
    console.out(f"Page: {written.page}")


@app.command()
def audit(
    lab: LabArgument,
    learner: Annotated[str, typer.Argument(metavar="LEARNER", help="Opaque id, id or name.")],
    course: CourseOption = None,
    reveal: RevealOption = False,
) -> None:
    """Write a page, for your eyes only, with all that was asked and answered in a learner's last grading."""
    from mlops_labs import catalogue, publishing

    name = catalogue.lab(lab).id
    console.out(f"Page: {publishing.audit_page(_course(course), name, learner, reveal=reveal)}")


@app.command()
def export(
    lab: LabArgument,
    to: Annotated[Literal["csv", "canvas", "moodle"], typer.Option("--to", help="For which system.")] = "csv",
    worksheet: Annotated[
        Path | None, typer.Option(help="Moodle's offline grading worksheet, as it was downloaded.")
    ] = None,
    assignment: Annotated[
        str | None, typer.Option(help="Canvas's id of the assignment, or its column's whole name.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write, in place of stdout.")] = None,
    course: CourseOption = None,
    reveal: RevealOption = False,
) -> None:
    """Give the marks to a table, Canvas or Moodle. What waits for a mentor is left blank."""
    from mlops_labs import catalogue, publishing

    name = catalogue.lab(lab).id
    wanted = publishing.Wanted(to, reveal, worksheet, assignment)
    made = publishing.exported(_course(course), name, wanted)
    publishing.put(made.text, output)
    for line in made.warnings:
        console.tell(f"{name}: {line}")
    if reveal or to != "csv":
        console.tell(f"{name}: this file holds names and real ids; keep it to those who may know them")
    if output is not None:
        console.out(f"Written: {output}")
