"""The `mlops transcript` commands: what a learner has shown, for others to read and to check."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlops_labs import console
from mlops_labs.session import open_session

if TYPE_CHECKING:
    from mlops_labs.standing import Standing
    from mlops_labs.transcript import Transcript

app = typer.Typer(help="What you have shown, for others to read and to check.", invoke_without_command=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
UntilOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day from which the badges no longer hold.")
]


@app.callback()
def transcript(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write page, JSON and badges there.")
    ] = None,
    name: Annotated[str, typer.Option(help="Your name, as it is to stand there.")] = "",
    sign: Annotated[
        Path | None, typer.Option(metavar="COURSE", help="Sign badges with the key of this course of yours.")
    ] = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what your graded work proves; write it as a page, as JSON and, signed, as Open Badges."""
    if context.invoked_subcommand is not None:
        return
    from mlops_labs import standing
    from mlops_labs.transcript import write

    found = standing.read(open_session("auto", console.tell, room=False).home)
    made = _made(found, name.strip(), sign, until)
    written = write(made, to.absolute()) if to else []
    if as_json:
        console.out(json.dumps(made.to_json(), indent=1))
        return
    if to is None:
        console.out(found.text())
    else:
        count = len(made.badges)
        console.out(f"Written: {written[0]}")
        console.out(
            f"{count} badge{'' if count == 1 else 's'} beside it in badges/"
            if sign
            else "No badges: nobody signed."
        )
    console.out(made.statement)


def _made(found: Standing, name: str, sign: Path | None, until: datetime | None) -> Transcript:
    from mlops_labs import transcript as making

    if sign is None:
        return making.Transcript(found, name)
    from grader.course.folder import open_course
    from mlops_labs import issuing

    key = issuing.signing_key(open_course(sign))
    learner = making.Learner(name or "the learner", bool(name), "own history")
    return making.signed(found, learner, key, making.OWN, expiry(until))


def expiry(day: datetime | None) -> datetime | None:
    """The moment that an option's day begins."""
    return None if day is None else day.replace(tzinfo=UTC)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A badge: a file that ends in .jwt.")],
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", metavar="ISSUER.json", help="The public file of whom you trust, from themselves."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a badge, without a network: who signed it, that nothing was changed, what it says, its dates."""
    from grader.legible import one_line
    from mlops_labs import badges

    token = badges.read_badge(file)
    trusted = badges.read_issuer(key) if key else None
    found = badges.verify(token, trusted, datetime.now(UTC))
    if as_json:
        said = found.model_dump(mode="json", by_alias=True, exclude={"iss", "sub", "jti", "nbf", "exp"})
        console.out(json.dumps({"holds": True, "credential": said}, indent=1))
        return
    achieved = found.credentialSubject.achievement
    until = f", until: {found.validUntil:%Y-%m-%d}" if found.validUntil else ""
    lines = [
        f"Holds: {achieved.name}",
        f"For: {found.learner}",
        f"Signed by: {found.issuer.name}, with the key in {key}",
        f"Since: {found.validFrom:%Y-%m-%d}{until}",
        f"Criteria: {achieved.criteria.narrative}",
        *(f"Evidence: {proof.narrative}" for proof in found.evidence),
    ]
    console.out("\n".join(one_line(line) for line in lines))
