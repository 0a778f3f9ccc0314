"""The `mlops` command. Each command is a few lines; errors are caught and told in one place, `main`."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlops_labs import class_cli, console, grade_cli, publish_cli, transcript_cli
from mlops_labs.session import EngineName, Session, open_session
from sandbox.errors import MlopsError, UsageError

if TYPE_CHECKING:
    from grader.result import Result

app = typer.Typer(
    help="MLOps Labs: hands-on labs, worked in a sandbox, graded by what the work does.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
lab_app = typer.Typer(help="For authors: check and release labs.", no_args_is_help=True)
images_app = typer.Typer(help="The images that sandboxes run.", no_args_is_help=True)
grade_cli.app.add_typer(publish_cli.app)
app.add_typer(grade_cli.app, name="grade")
app.add_typer(class_cli.app, name="class")
app.add_typer(transcript_cli.app, name="transcript")
app.add_typer(lab_app, name="lab")
app.add_typer(images_app, name="images")

LabArgument = Annotated[str, typer.Argument(metavar="LAB", help="A lab's name, as `mlops list` shows it.")]
EngineOption = Annotated[EngineName, typer.Option("--engine", envvar="MLOPS_ENGINE", help="Where to run.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def _session(engine: EngineName = "auto", room: bool = True) -> Session:
    return open_session(engine, console.tell, room)


@app.command()
def doctor(engine: EngineOption = "auto", as_json: JsonOption = False) -> None:
    """Tell what this machine has, what is missing, and the one command that mends it."""
    from mlops_labs.doctor import examine

    findings = examine(engine)
    if as_json:
        console.out(json.dumps([finding.__dict__ for finding in findings], indent=1))
    else:
        for finding in findings:
            console.out(finding.line())
    raise typer.Exit(0 if all(finding.ok or not finding.needed for finding in findings) else 2)


@app.command("list")
def list_labs(as_json: JsonOption = False) -> None:
    """List the labs: minutes, points, what is done, what is next."""
    from mlops_labs import listing

    session = _session(room=False)
    rows = listing.rows(session.home)
    console.out(json.dumps([row.__dict__ for row in rows], indent=1) if as_json else listing.text(rows))


@app.command()
def start(
    lab: LabArgument,
    detach: Annotated[bool, typer.Option(help="Leave it running and return.")] = False,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    port: Annotated[int | None, typer.Option(min=1024, max=65535, help="Port on 127.0.0.1.")] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="SERVICE", help="A service that the lab offers; may be repeated."),
    ] = None,
    engine: EngineOption = "auto",
) -> None:
    """Start a lab: JupyterLab with its notebook open, and the services beside it."""
    from mlops_labs.stacks import Wish, start_lab

    wish = Wish(detach=detach, browser=browser, port=port, beside=tuple(beside or ()))
    start_lab(_session(engine), lab, wish)


@app.command()
def stop(
    lab: Annotated[str | None, typer.Argument(metavar="LAB", help="All labs if left out.")] = None,
) -> None:
    """Stop a running lab, or all of them. The work stays where it is."""
    from mlops_labs.stacks import stop_labs

    stop_labs(_session(room=False), lab)


def _graded(session: Session, lab: str, engine: EngineName, *, public: bool) -> Result:
    """Graded by the one who keeps the lab running, else here; here as well where an engine was asked for."""
    from mlops_labs import catalogue, desk

    if engine == "auto" and (found := desk.ask(session.home, catalogue.lab(lab).id, public=public)):
        return found
    return session.submit(lab, public=public)


@app.command()
def check(
    lab: LabArgument,
    task: Annotated[str | None, typer.Argument(metavar="TASK", help="Only this task.")] = None,
    engine: EngineOption = "auto",
) -> None:
    """Run the public checks on the saved notebook, in a fresh sandbox."""
    from mlops_labs import catalogue, progress

    if task is not None:
        catalogue.lab(lab).task(task)
    session = _session(engine)
    result = _graded(session, lab, engine, public=True)
    picture = progress.picture(result, only=task, more_checks=len(session.bundle(lab).checks))
    console.picture(picture)
    raise typer.Exit(0 if picture.done else 1)


@app.command()
def hint(lab: LabArgument, task: Annotated[str, typer.Argument(metavar="TASK")]) -> None:
    """Show the next hint for a task."""
    from mlops_labs import catalogue, workspace

    session = _session()
    chosen = catalogue.lab(lab)
    console.out(str(workspace.next_hint(session.home, chosen, task)))


@app.command()
def submit(lab: LabArgument, engine: EngineOption = "auto", as_json: JsonOption = False) -> None:
    """Grade the saved notebook of a lab in a fresh sandbox and show the result."""
    from mlops_labs import progress

    result = _graded(_session(engine), lab, engine, public=False)
    if as_json:
        console.out(result.model_dump_json(indent=1))
    else:
        console.picture(progress.picture(result))
    raise typer.Exit(2 if result.fault == "author" else 0 if result.passed else 1)


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Tell which labs run, where, what has been earned, and which skills your graded work shows."""
    from mlops_labs import listing, standing
    from mlops_labs.stacks import running_labs

    session = _session(room=False)
    running = running_labs(session)
    skills = standing.read(session.home)
    if as_json:
        stacks = [{"lab": stack.lab, "engine": stack.engine, "url": stack.url} for stack in running]
        rows = [row.__dict__ for row in listing.rows(session.home)]
        console.out(json.dumps({"running": stacks, "labs": rows, "standing": skills.to_json()}, indent=1))
        return
    for stack in running:
        console.out(f"{stack.lab} runs on {stack.engine}: {stack.url}")
    if not running:
        console.out("No lab is running.")
    console.out(listing.text(listing.rows(session.home)))
    console.out(f"\n{skills.text()}")


@app.command("progress")
def export_progress(
    to: Annotated[Path | None, typer.Option(help="Write into this file instead of printing.")] = None,
) -> None:
    """Give your graded progress as JSON, for the roadmap page or another program."""
    from mlops_labs import catalogue, progress

    text = json.dumps(progress.export(_session(room=False).home, catalogue.labs()), indent=1)
    if to is None:
        console.out(text)
        return
    try:
        to.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{to} cannot be written ({error.strerror})", "name another file with --to"
        ) from None
    console.out(f"Written to {to}. The roadmap page of the site takes it over.")


@app.command()
def reset(
    lab: LabArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Set the work of a lab aside and begin anew. Nothing is deleted."""
    from mlops_labs import catalogue, workspace
    from mlops_labs.stacks import stop_labs

    session = _session()
    chosen = catalogue.lab(lab)
    workspace.find(session.home, chosen.id)
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Set your work on {lab} aside and begin anew?", abort=True)
    stop_labs(session, lab, quiet=True)
    kept = workspace.reset(session.home, lab)
    console.out(f"Your work is kept in {kept}. Begin anew with: mlops start {lab}")


@lab_app.command("new")
def lab_new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="In small letters with hyphens: read-the-logs.")
    ],
    to: Annotated[Path | None, typer.Option(help="Folder of labs; the one in use if left out.")] = None,
) -> None:
    """Make a small, complete lab that validates at once, to be changed into your own."""
    from mlops_labs import catalogue, new_lab

    made = new_lab.make(name, to or catalogue.labs_folder())
    elsewhere = f"MLOPS_LABS={to} " if to else ""
    console.out(f"Made {made}. Change it file by file; CONTRIBUTING.md walks through them.")
    console.out(f"See whether it is fair: {elsewhere}mlops lab validate {name}")


@lab_app.command("validate")
def lab_validate(
    lab: Annotated[str | None, typer.Argument(metavar="LAB", help="All labs if left out.")] = None,
    case: Annotated[
        list[str] | None, typer.Option(help="Only the case of this name; may be repeated.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Gradings of the reference.")] = 3,
    jobs: Annotated[int, typer.Option(min=1, help="Gradings at a time.")] = 1,
    engine: EngineOption = "auto",
) -> None:
    """Show whether a lab is fair: every case must get the outcome it says, through the real grading path."""
    from mlops_labs import catalogue
    from mlops_labs.validating import validate_lab

    session = _session(engine)
    names = [catalogue.lab(lab).id] if lab else list(catalogue.labs())
    fair = [validate_lab(session, name, case or [], repeats, jobs) for name in names]
    raise typer.Exit(0 if all(fair) else 1)


@lab_app.command("release")
def lab_release(
    lab: LabArgument,
    to: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("release"),
) -> None:
    """Write what learners get, and the notebook with answers for an nbgrader course, into a folder."""
    from mlops_labs.validating import release_lab

    console.out(f"Released to {release_lab(_session(), lab, to)}")


@images_app.command("build")
def images_build(
    name: Annotated[str, typer.Argument(help="lab, or ops for the labs on production.")] = "lab",
    base: Annotated[
        str, typer.Option(help="auto, registry (python:3.11-slim) or debian (bootstrapped here).")
    ] = "auto",
) -> None:
    """Build an image and whatever it stands on."""
    from mlops_labs.stacks import build_image

    build_image(name, base)


@images_app.command("list")
def images_list(as_json: JsonOption = False) -> None:
    """List the images and whether they are built."""
    from mlops_labs.stacks import list_built_images

    list_built_images(as_json)


_INTERRUPTED = 130  # what typer makes of Ctrl-C


def _unexpected(error: BaseException) -> str:
    """What to tell of an error that nobody foresaw: its traceback is kept in a file, unless the disk is full."""
    full = os.strerror(errno.ENOSPC)
    if full in str(error):  # whatever was being written: shutil, for one, wraps the error into its own
        return (
            f"no room is left on the disk ({full}). Your work is as it was; free some space, then try again"
        )
    with tempfile.NamedTemporaryFile(
        "w", prefix="mlops-error-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return f"unexpected error ({what}). Your work is as it was; please report it with the file {file.name}"


def main() -> None:
    """Run the command; every error is one line and an exit code: 0 fine, 1 checks failed, 2 usage or environment."""
    # Set on some machines; it makes every interpreter that we start compile everything again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # A closed terminal or a polite kill ends a command as Ctrl-C does: what it started is tidied up.
    # SIGINT too: it is ignored where a script has put us into the background.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        # Without standalone mode, click hands back the code of a typer.Exit.
        code = app(standalone_mode=False)
        if code == _INTERRUPTED:
            raise KeyboardInterrupt
        sys.exit(code if isinstance(code, int) else 0)
    except typer.Abort:
        console.error("stopped before it was finished. Nothing was changed")
        sys.exit(2)
    except MlopsError as error:
        console.error(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        console.error("interrupted. Nothing was left running; run the same command again")
        sys.exit(2)
    except Exception as error:  # noqa: BLE001  # the one place where nothing may get past
        if hasattr(error, "format_message"):  # click's own: a wrong option or argument
            console.error(f"{error.format_message().rstrip('.')}. See: mlops --help")
        else:
            console.error(_unexpected(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
