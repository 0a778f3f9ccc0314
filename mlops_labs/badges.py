"""Open Badges 3.0: a skill that was shown, as a credential that its issuer signed. The one module that signs.

A badge is a compact JWS whose payload is the credential itself (VC-JWT): a verifier needs no network, only the issuer's
public file from a source that they trust. RS256 is the algorithm that every reader of Open Badges 3.0 has to know, and
the only one taken here, so no header can choose another. What a badge claims is said in docs/decisions/0018.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from grader import wire
from grader.legible import one_line
from mlops_labs.standing import Shown
from sandbox.errors import MlopsError, UsageError

ALGORITHM = "RS256"
CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
MAX_BYTES = 64 * 1024  # of a badge or of an issuer's file; ours have some 4 KB
_BITS, _FEWEST_BITS = 3072, 2048  # of an RSA key
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "mlops-labs")  # what our ids are made in
_TOKEN = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_HEADERS = {"alg", "typ", "jwk", "kid"}  # the standard allows no others


class BadgeRefused(MlopsError):
    """A badge that is not what it says, or that nobody whom we trust has signed."""

    exit_code = 1


def _refused(
    why: str, next_step: str = "do not rely on it; ask its issuer for the badge again"
) -> BadgeRefused:
    return BadgeRefused(f"this badge does not hold: {why}", next_step)


# --- who signs ---------------------------------------------------------------------------------------------------


class Issuer(BaseModel):
    """Who signs, as everybody may know it: the public file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["mlops-labs-issuer"] = "mlops-labs-issuer"
    version: Literal[1] = 1
    id: str = Field(min_length=1)  # a URI: the address, or the key itself (did:jwk)
    name: str = Field(min_length=1)
    url: str = ""
    jwk: dict[str, str]  # the public key, RFC 7517

    @property
    def thumbprint(self) -> str:
        """What tells this key from all others (RFC 7638)."""
        return _key(self.jwk).thumbprint()

    def text(self) -> str:
        """The file."""
        return json.dumps(self.model_dump(), indent=1) + "\n"


@dataclass(frozen=True)
class SigningKey:
    """An issuer with the private key."""

    issuer: Issuer
    jwk: Mapping[str, Any] = field(repr=False)

    @cached_property
    def private(self) -> RSAKey:
        """The key that signs."""
        return RSAKey.import_key(dict(self.jwk))

    def text(self) -> str:
        """The private file."""
        found = {"format": "mlops-labs-signing-key", "version": 1}
        return (
            json.dumps({**found, "issuer": self.issuer.model_dump(), "jwk": dict(self.jwk)}, indent=1) + "\n"
        )


def new_key(name: str, url: str = "") -> SigningKey:
    """Make a key pair for an issuer of that name, whose id is the address, or the public key where there is none."""
    key = RSAKey.generate_key(_BITS, {"alg": ALGORITHM, "use": "sig"})
    key.ensure_kid()
    public = {name: str(value) for name, value in key.as_dict(private=False).items()}
    did = f"did:jwk:{_base64(wire.dumps(public))}"
    return SigningKey(Issuer(id=url or did, name=name, url=url, jwk=public), dict(key.as_dict(private=True)))


def read_issuer(path: Path) -> Issuer:
    """An issuer's public file. Raises UsageError: it cannot be read, is none, or holds no fit key."""
    data = _read(path)
    try:
        issuer = Issuer.model_validate(wire.loads(data))
        _key(issuer.jwk)
    except (wire.WireError, ValidationError, _NoKey) as error:
        why = f" ({error})" if isinstance(error, _NoKey) else ""
        raise UsageError(
            f"{path} is no issuer's public file{why}",
            "ask the operator for what `mlops class key --to FILE` writes",
        ) from None
    return issuer


def read_signing_key(path: Path) -> SigningKey:
    """A private file. Raises UsageError: it cannot be read, is none, or others may read it."""
    data = _read(path)
    if path.stat().st_mode & 0o077:
        raise UsageError(f"others can read the signing key {path}", f"run: chmod 600 {path}")
    try:
        found = wire.loads(data)
        issuer, jwk = Issuer.model_validate(found["issuer"]), found["jwk"]
        key = RSAKey.import_key(jwk)
        if not key.is_private or key.thumbprint() != issuer.thumbprint:
            raise ValueError("another key")
    except (wire.WireError, ValidationError, JoseError, ValueError, KeyError, TypeError):
        raise UsageError(
            f"{path} is no whole signing key", "restore it from a backup of the course"
        ) from None
    return SigningKey(issuer, jwk)


class _NoKey(ValueError):
    """What is there is no public key that may verify."""


def _key(jwk: Mapping[str, Any]) -> RSAKey:
    """A public RSA key. Raises _NoKey."""
    if jwk.get("kty") != "RSA" or jwk.get("alg", ALGORITHM) != ALGORITHM or jwk.get("use", "sig") != "sig":
        raise _NoKey("it is no RSA key for signatures")
    if _PRIVATE & set(jwk):
        raise _NoKey("it gives a private key away")
    try:
        with warnings.catch_warnings(action="ignore"):  # of weak keys: we refuse them ourselves
            key = RSAKey.import_key(dict(jwk))
        bits = key.public_key.key_size
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise _NoKey("the key is broken") from None
    if bits < _FEWEST_BITS:
        raise _NoKey(f"the key has {bits} bits, fewer than {_FEWEST_BITS}")
    return key


# --- what is signed ----------------------------------------------------------------------------------------------


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
    own = _id(
        "badge", subject, award.learner, skill.id, str(award.until), *(one.attempt for one in skill.evidence)
    )
    tasks = "; ".join(f"{one.lab_title}: {one.task_title}" for one in skill.evidence)
    profile = {"id": issuer.id, "type": ["Profile"], "name": issuer.name}
    found: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": own,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": skill.title,
        "issuer": {**profile, "url": issuer.url} if issuer.url else profile,
        "validFrom": _time(since),
        "credentialSubject": {
            "id": subject,
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": award.learner,
                    "identityType": "name" if award.named else "systemId",
                }
            ],
            "achievement": {
                "id": _id("skill", skill.id),
                "type": ["Achievement"],
                "achievementType": "Competency",
                "humanCode": skill.id,
                "name": skill.title,
                "description": f"{skill.title}. A skill of the roadmap of MLOps Labs ({skill.level_title}).",
                "criteria": {
                    "narrative": "Every task that proves this skill and that a program grades was passed: "
                    f"{tasks}. {award.source}"
                },
            },
        },
        "evidence": [
            {
                "type": ["Evidence"],
                "name": f"{one.lab_title}: {one.task_title}",
                "narrative": f"Task {one.task} of the lab {one.lab} was passed in grading {one.attempt} on {one.date}.",
                "genre": "Graded task",
            }
            for one in skill.evidence
        ],
        "iss": issuer.id,
        "sub": subject,
        "jti": own,
        "nbf": int(since.timestamp()),
    }
    if award.until is not None:
        until = award.until.astimezone(UTC).replace(microsecond=0)
        found |= {"validUntil": _time(until), "exp": int(until.timestamp())}
    return found


def _id(*parts: str) -> str:
    return uuid.uuid5(_NAMES, "\0".join(parts)).urn


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


# --- signing and verifying ---------------------------------------------------------------------------------------


class _Registry(jws.JWSRegistry):
    """The library's own limits are below what a header with an RSA key needs; the file's size is bounded already."""

    max_header_length = MAX_BYTES
    max_payload_length = MAX_BYTES
    max_signature_length = MAX_BYTES


def sign(award: Award, key: SigningKey) -> str:
    """A badge: a compact JWS."""
    payload = credential(award, key.issuer)
    Credential.model_validate(payload)
    header = {"alg": ALGORITHM, "typ": "JWT", "jwk": dict(key.issuer.jwk)}
    registry = _Registry(algorithms=[ALGORITHM])
    return jws.serialize_compact(header, wire.dumps(payload), key.private, registry=registry)


def read_badge(path: Path) -> bytes:
    """A badge's file. Raises UsageError: it cannot be read, is too large, or has not the form of one."""
    token = _read(path).strip()
    if not _TOKEN.fullmatch(token):
        raise UsageError(f"{path} is no badge", "name a file that ends in .jwt, as it was issued")
    return token


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise FileNotFoundError(2, "no such file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})", "name a file of yours") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 1024} KB", "name the file as it was issued")
    return data


def verify(token: bytes, trusted: Issuer | None, now: datetime) -> Credential:
    """The credential of a badge that holds.

    Args:
        token: as `read_badge` gives it.
        trusted: whose signature counts. None: nobody's, so nothing passes; what is wrong is told all the same.
        now: with a time zone.

    Raises:
        BadgeRefused: why it does not hold, or that nothing says who signed.
    """
    header = _header(token)
    key = _signer(header, trusted)
    try:
        payload = jws.deserialize_compact(token, key, registry=_Registry(algorithms=[ALGORITHM])).payload
    except (JoseError, ValueError, TypeError):
        raise _refused("it was changed after it was signed, or signed by somebody else") from None
    found = _content(payload)
    _check_claims(found)
    _check_time(found, now)
    if trusted is None:
        raise BadgeRefused(
            "the signature holds under the key that the badge itself carries: nothing was changed since. "
            "That proves nothing about who signed it, for anybody can make such a key",
            "get the issuer's public file from them and give it with --key",
        )
    if (found.issuer.id, found.issuer.name) != (trusted.id, trusted.name):
        raise _refused(
            f"it says that '{one_line(found.issuer.name, 60)}' issued it, and the key is that of '{trusted.name}'"
        )
    return found


def _header(token: bytes) -> dict[str, Any]:
    try:
        parts = [base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)) for part in token.split(b".")]
        header = wire.loads(parts[0])
    except (ValueError, wire.WireError) as error:
        raise _refused(f"it cannot be decoded ({error})") from None
    if [_base64(part).encode() for part in parts] != token.split(b"."):
        raise _refused("it is not written as a signed badge is")
    if not isinstance(header, dict) or not set(header) <= _HEADERS:
        raise _refused("its header holds what no badge's does")
    if header.get("alg") != ALGORITHM:
        raise _refused(
            f"it asks for the algorithm {one_line(str(header.get('alg')), 30)}, and only RS256 counts"
        )
    if header.get("typ", "JWT") != "JWT":
        raise _refused("it is of another type")
    return header


def _signer(header: dict[str, Any], trusted: Issuer | None) -> RSAKey:
    """The key to verify with: the trusted one, which the header must mean; without one, the header's."""
    carried = _carried(header)
    if carried is None and "kid" not in header:
        raise _refused("it names no key")
    if trusted is None:
        if carried is None:
            raise BadgeRefused(
                "this badge carries no key, so nothing can be checked",
                "give the issuer's public file with --key",
            )
        return carried
    key = _key(trusted.jwk)
    other = "it was signed with another key than the one you trust"
    if carried is not None and carried.thumbprint() != key.thumbprint():
        raise _refused(other)
    if "kid" in header and header["kid"] != trusted.jwk.get("kid"):
        raise _refused(other)
    return key


def _carried(header: dict[str, Any]) -> RSAKey | None:
    jwk = header.get("jwk")
    if jwk is None:
        return None
    try:
        if not isinstance(jwk, dict):
            raise _NoKey("it is none")
        key = _key(jwk)
    except _NoKey as error:
        raise _refused(f"the key in it cannot be used: {error}") from None
    if jwk.get("kid", key.thumbprint()) != key.thumbprint() and jwk["kid"] != header.get("kid"):
        raise _refused("the key in it goes by another key's name")
    return key


def _content(payload: bytes) -> Credential:
    try:
        return Credential.model_validate(wire.loads(payload))
    except wire.WireError as error:
        raise _refused(f"its content cannot be read ({error})") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "content"
        raise _refused(
            f"it is no Open Badge 3.0 ({one_line(where, 60)}: {one_line(first['msg'], 80)})"
        ) from None


def _check_claims(found: Credential) -> None:
    """What the JWT repeats must be what the credential says."""
    until = None if found.validUntil is None else found.validUntil.timestamp()
    pairs = {
        "iss": (found.iss, found.issuer.id),
        "sub": (found.sub, found.credentialSubject.id),
        "jti": (found.jti, found.id),
        "nbf": (found.nbf, found.validFrom.timestamp()),
        "exp": (found.exp, until),
    }
    for name, (claim, said) in pairs.items():
        if claim != said:
            raise _refused(f"its claim {name} and its content differ")


def _check_time(found: Credential, now: datetime) -> None:
    if found.validFrom > now:
        raise _refused(
            f"it is not valid before {_time(found.validFrom)}", "look at this machine's clock, or wait"
        )
    if found.validUntil is not None and found.validUntil <= now:
        raise _refused(f"it expired on {_time(found.validUntil)}", "ask its issuer for a new one")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
