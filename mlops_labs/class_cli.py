"""The `mlops class` commands, for who runs a course."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mlops_labs import console
from mlops_labs.grade_cli import CourseOption, RevealOption
from mlops_labs.session import open_session
from mlops_labs.transcript_cli import UntilOption, expiry

app = typer.Typer(help="For operators: a course folder and who is in it.", no_args_is_help=True)


@app.command()
def init(
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="MLOPS_COURSE, else 'class' in the home.")
    ] = None,
    gradebook: Annotated[str, typer.Option(metavar="URL", help="Where nbgrader's gradebook is to be.")] = "",
    name: Annotated[str, typer.Option(help="What the class is called.")] = "",
) -> None:
    """Make a course folder. One that is there stays as it is."""
    from mlops_labs import classes, grading

    course, new = classes.init(
        grading.course_folder(open_session("auto", console.tell), path), gradebook, name
    )
    if not new:
        console.out(f"{course.root} is a course already; nothing was changed.")
        return
    console.out(f"Course made: {course.root}")
    console.out(f"Next: mlops class import ROSTER.csv --course {course.root}")


@app.command("import")
def import_roster(
    roster: Annotated[Path, typer.Argument(metavar="ROSTER.csv", help="CSV with a column 'id'.")],
    course: CourseOption = None,
) -> None:
    """Take a roster: from now on only those on it may hand in."""
    from mlops_labs import classes, grading

    found = grading.existing(open_session("auto", console.tell), course)
    taken = classes.import_roster(found, roster)
    console.out(f"{taken.learners} learners on the roster.")
    if taken.kept:
        console.out(
            f"{taken.kept} of them are not in the file, but have work here. To forget one: mlops class purge ID"
        )


@app.command()
def purge(
    learner: Annotated[str, typer.Argument(metavar="LEARNER", help="Id, name, e-mail address or opaque id.")],
    course: CourseOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a person: work, verdicts, marks, pages and their line in the roster. It cannot be undone."""
    from grader.legible import one_line
    from mlops_labs import classes, grading

    found = grading.existing(open_session("auto", console.tell), course)
    opaque = classes.whom(found, learner)
    if not yes:
        if not sys.stdin.isatty():
            console.error("purge asks first, and nobody is there to answer. Give --yes if it is meant")
            raise typer.Exit(2)
        who = opaque if one_line(learner) == opaque else f"{one_line(learner)} ({opaque})"
        typer.confirm(f"Forget {who} and all their work in {found.root}, for ever?", abort=True)
    purged = classes.forget(found, opaque)
    plural = "" if purged.attempts == 1 else "s"
    console.out(
        f"Forgotten, with {purged.attempts} attempt{plural}. Backups, exports and the folder that was"
    )
    console.out("graded are not touched: remove them there too, or the next run takes that work up again.")
    for path in purged.left:
        console.out(f"Still speaks of them, look at it yourself: {path}")
    raise typer.Exit(1 if purged.left else 0)


@app.command()
def codes(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new CSV file, which only you can read.")],
    course: CourseOption = None,
) -> None:
    """Write the code that each learner logs in to the class's hub with."""
    from mlops_labs import classes, grading

    found = grading.existing(open_session("auto", console.tell), course)
    count = classes.write_codes(found, file)
    console.out(f"{count} codes are in {file}: hand each out to its learner alone, then remove the file.")


@app.command()
def hub(
    lab: Annotated[str, typer.Argument(metavar="LAB", help="What the class works at.")],
    course: CourseOption = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="In place of hub.toml's, else 8000.")
    ] = None,
) -> None:
    """Run a JupyterHub on which every learner of the course has a stack of their own; until Ctrl-C."""
    from mlops_labs import grading
    from mlops_labs.hub import running

    session = open_session("docker", console.tell)
    running.run(session, grading.existing(session, course), lab, port)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, e.g. class.tar.gz.")],
    course: CourseOption = None,
) -> None:
    """Keep the whole course in one file, as it is at one moment."""
    from mlops_labs import classes, grading

    found = grading.existing(open_session("auto", console.tell), course)
    count = classes.backup(found, file)
    console.out(
        f"{count} files are in {file}, names and marks among them: keep it where only you can read it."
    )
    if found.config.gradebook and not found.config.gradebook.startswith("sqlite"):
        console.out(
            "The gradebook is a database elsewhere and is not in it: back that up with its own tools."
        )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `mlops class backup` wrote.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new or empty folder.")],
) -> None:
    """Make a course folder of a backup."""
    from mlops_labs import classes

    console.out(f"Course restored: {classes.restore(file, path).root}")


@app.command()
def key(
    name: Annotated[str, typer.Option(help="Who issues the badges: a school, a mentor.")] = "",
    url: Annotated[
        str, typer.Option(metavar="URL", help="The issuer's own https address, if there is one.")
    ] = "",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the public file, which others check with.")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Make the key that signs badges, once; give its public file. The private key stays in the course folder."""
    from grader.course import pages
    from mlops_labs import grading, issuing

    found = grading.existing(open_session("auto", console.tell), course)
    issuer, new = issuing.make_key(found, name, url)
    console.out(f"{'Key made' if new else 'The key'}: {issuer.name}, {issuer.thumbprint}")
    console.out(f"The private key is {issuing.key_file(found)}: keep it where only you can read it.")
    if to is None:
        console.out(
            "Next: mlops class key --to issuer.json, and give that file to whoever is to check badges"
        )
        return
    pages.write(to.absolute(), issuer.text())
    console.out(f"Public file: {to}")


@app.command()
def badges(
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="A folder outside of the course.")],
    course: CourseOption = None,
    reveal: RevealOption = False,
    until: UntilOption = None,
) -> None:
    """Sign a badge for every skill that a learner's verdicts show, with a transcript for each learner."""
    from mlops_labs import grading, issuing

    found = grading.existing(open_session("auto", console.tell), course)
    made = issuing.class_badges(found, to.absolute(), reveal=reveal, until=expiry(until))
    for one in made:
        count = len(one.skills)
        console.out(f"{one.learner}  {count} badge{'' if count == 1 else 's'}  {to}/{one.folder}")
    console.out(
        f"{len(made)} learner{'' if len(made) == 1 else 's'} with badges. Public file: {to}/issuer.json"
    )
    if reveal:
        console.tell("these files hold names; keep them to those who may know them")
