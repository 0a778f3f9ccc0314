"""A transcript: what somebody has shown, as a page, as JSON, and as signed badges where an issuer signs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import pages
from mlops_labs.standing import Shown, Standing

if TYPE_CHECKING:
    from mlops_labs.badges import Issuer, SigningKey

FORMAT, VERSION = "mlops-labs-transcript", 1
OWN = "The gradings are from the learner's own history, on their own machine."
COURSE = "The gradings are from the ledger of the issuer's course, which the learner cannot write."
_TEMPLATES = Path(__file__).with_name("templates")
_UNSIGNED = (
    "Nobody has signed this: it is the learner's own account, made from the history on their own machine, and anybody "
    "can change it. Signed badges come from whoever runs a course, and say who that is."
)
_SIGNED = "Only the badges are signed; this page is not, and what it says beyond them is no more than an account of them. {}"


@dataclass(frozen=True)
class Badge:
    """A signed badge."""

    skill: Shown
    token: str

    @property
    def file(self) -> str:
        """Where it is, beside the page."""
        return f"badges/{self.skill.id}.jwt"


@dataclass(frozen=True)
class Transcript:
    """What somebody has shown."""

    standing: Standing
    name: str = ""  # of the learner, as it is to stand there; "": none
    issuer: Issuer | None = None  # who signed the badges
    source: str = OWN
    badges: tuple[Badge, ...] = ()

    @property
    def statement(self) -> str:
        """What it is worth."""
        return _SIGNED.format(self.source) if self.issuer else _UNSIGNED

    def to_json(self) -> dict[str, Any]:
        """For programs. Its version is raised when a reader would have to change."""
        signed = None
        if self.issuer:
            named = {"id": self.issuer.id, "name": self.issuer.name, "url": self.issuer.url}
            signed = {**named, "key": self.issuer.thumbprint}
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "statement": self.statement,
            "badges_signed_by": signed,
            "standing": self.standing.to_json(),
            "badges": [
                {"skill": badge.skill.id, "file": badge.file, "jwt": badge.token} for badge in self.badges
            ],
        }

    def html(self) -> str:
        """The page: needs nothing beside it, but for the badges that it links."""
        shown, begun = self.standing.having("shown"), self.standing.having("begun")
        page = {
            "name": self.name,
            "statement": self.statement,
            "issuer": self.issuer,
            "thumbprint": self.issuer.thumbprint if self.issuer else "",
            "shown": shown,
            "begun": begun,
            "ahead": len(self.standing.skills) - len(shown) - len(begun),
            "of": len(self.standing.skills),
            "badges": [{"file": badge.file, "title": badge.skill.title} for badge in self.badges],
        }
        return pages.environment(_TEMPLATES).get_template("transcript.html").render(page=page)


@dataclass(frozen=True)
class Learner:
    """Whose skills are signed."""

    shown_as: str  # an opaque id, or a name
    named: bool  # whether that is a name
    subject: str  # what tells them from others; never shown


def signed(
    standing: Standing, learner: Learner, key: SigningKey, source: str, until: datetime | None = None
) -> Transcript:
    """A transcript with a badge for every skill that is shown."""
    from mlops_labs import badges
    from mlops_labs.credential import Award

    made = []
    for skill in standing.having("shown"):
        award = Award(skill, learner.shown_as, learner.named, learner.subject, source, until)
        made.append(Badge(skill, badges.sign(award, key)))
    return Transcript(standing, learner.shown_as, key.issuer, source, tuple(made))


def write(made: Transcript, folder: Path, mode: int = 0o644) -> list[Path]:
    """Write page, JSON and badges into a folder, made when missing; nothing that is there is removed.

    Raises:
        DiskFull: it cannot be written.
    """
    written = [
        pages.write(folder / "transcript.html", made.html(), mode),
        pages.write(folder / "transcript.json", json.dumps(made.to_json(), indent=1) + "\n", mode),
    ]
    written += [pages.write(folder / badge.file, f"{badge.token}\n", mode) for badge in made.badges]
    return written
