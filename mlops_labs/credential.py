"""What a badge says: a credential of Open Badges 3.0, made of a skill that was shown, and what one has to have."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from mlops_labs.standing import Evidence, Shown

if TYPE_CHECKING:
    from mlops_labs.badges import Issuer

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "mlops-labs")  # what our ids are made in


def _including(*wanted: str) -> AfterValidator:
    def check(value: tuple[str, ...]) -> tuple[str, ...]:
        if not set(wanted) & set(value):
            raise ValueError(f"'{wanted[0]}' is missing")
        return value

    return AfterValidator(check)


def _uri(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", value):
        raise ValueError("no URI")
    return value


def _written(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("no date and time")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
Seconds = Annotated[int, Field(strict=True)]
Uri = Annotated[str, AfterValidator(_uri)]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    """A part of a credential. What it has beyond these fields is signed too, and not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Profile(_Part):
    """Who issued it."""

    id: Uri
    type: Annotated[tuple[str, ...], _including("Profile")]
    name: Text


class Criteria(_Part):
    """How it is earned."""

    narrative: Text


class Achievement(_Part):
    """What was achieved: a skill."""

    id: Uri
    type: Annotated[tuple[str, ...], _including("Achievement")]
    name: Text
    description: Text
    criteria: Criteria
    humanCode: str = ""  # the skill's id on the roadmap


class Identity(_Part):
    """How the learner is called."""

    type: Literal["IdentityObject"]
    hashed: bool
    identityHash: Text
    identityType: Text


class Subject(_Part):
    """Who achieved it."""

    id: Uri
    type: Annotated[tuple[str, ...], _including("AchievementSubject")]
    achievement: Achievement
    identifier: tuple[Identity, ...] = ()


class Proof(_Part):
    """A piece of evidence: a task that was passed."""

    type: Annotated[tuple[str, ...], _including("Evidence")]
    name: Text
    narrative: Text


def _contexts(value: tuple[str, ...]) -> tuple[str, ...]:
    if value[:2] != CONTEXT:
        raise ValueError("not the two of Open Badges 3.0")
    return value


class Credential(_Part):
    """An Open Badges 3.0 credential as it is issued here, with the claims that its JWT repeats."""

    context: Annotated[tuple[str, ...], AfterValidator(_contexts), Field(alias="@context")]
    id: Uri
    type: Annotated[
        tuple[str, ...],
        _including("VerifiableCredential"),
        _including("OpenBadgeCredential", "AchievementCredential"),
    ]
    name: Text
    issuer: Profile
    validFrom: Moment
    validUntil: Moment | None = None
    credentialSubject: Subject
    evidence: Annotated[tuple[Proof, ...], Field(min_length=1)]
    iss: str
    sub: str
    jti: str
    nbf: Seconds
    exp: Seconds | None = None

    @property
    def learner(self) -> str:
        """How the learner is called in it."""
        names = [one.identityHash for one in self.credentialSubject.identifier]
        return names[0] if names else self.credentialSubject.id


@dataclass(frozen=True)
class Award:
    """What a badge is to say."""

    skill: Shown  # with its evidence
    learner: str  # an opaque id, or a name
    named: bool  # whether it is a name
    subject: str  # what tells the learner from others; never shown
    source: str  # a sentence: where the evidence is from
    until: datetime | None = None


def credential(award: Award, issuer: Issuer) -> dict[str, Any]:
    """The credential and its claims. The same award by the same issuer gives the same one, to the byte."""
    skill = award.skill
    since = max(one.graded for one in skill.evidence).astimezone(UTC).replace(microsecond=0)
    subject = _id("learner", issuer.thumbprint, award.subject)
    gradings = [one.attempt for one in skill.evidence]
    own = _id("badge", subject, award.learner, skill.id, str(award.until), *gradings)
    profile = {"id": issuer.id, "type": ["Profile"], "name": issuer.name}
    found: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": own,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": skill.title,
        "issuer": {**profile, "url": issuer.url} if issuer.url else profile,
        "validFrom": timestamp(since),
        "credentialSubject": _subject(award, subject),
        "evidence": [_proof(one) for one in skill.evidence],
        "iss": issuer.id,
        "sub": subject,
        "jti": own,
        "nbf": int(since.timestamp()),
    }
    if award.until is not None:
        until = award.until.astimezone(UTC).replace(microsecond=0)
        found |= {"validUntil": timestamp(until), "exp": int(until.timestamp())}
    return found


def _subject(award: Award, subject: str) -> dict[str, Any]:
    skill = award.skill
    tasks = "; ".join(f"{one.lab_title}: {one.task_title}" for one in skill.evidence)
    how = f"Every task that proves this skill and that a program grades was passed: {tasks}. {award.source}"
    called = {"identityHash": award.learner, "identityType": "name" if award.named else "systemId"}
    return {
        "id": subject,
        "type": ["AchievementSubject"],
        "identifier": [{"type": "IdentityObject", "hashed": False, **called}],
        "achievement": {
            "id": _id("skill", skill.id),
            "type": ["Achievement"],
            "achievementType": "Competency",
            "humanCode": skill.id,
            "name": skill.title,
            "description": f"{skill.title}. A skill of the roadmap of MLOps Labs ({skill.level_title}).",
            "criteria": {"narrative": how},
        },
    }


def _proof(one: Evidence) -> dict[str, Any]:
    return {
        "type": ["Evidence"],
        "name": f"{one.lab_title}: {one.task_title}",
        "narrative": f"Task {one.task} of the lab {one.lab} was passed in grading {one.attempt} on {one.date}.",
        "genre": "Graded task",
    }


def _id(*parts: str) -> str:
    return uuid.uuid5(_NAMES, "\0".join(parts)).urn


def timestamp(moment: datetime) -> str:
    """As credentials write a moment."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
