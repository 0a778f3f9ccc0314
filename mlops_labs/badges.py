"""Open Badges 3.0: a skill that was shown, as a credential that its issuer signed. The one module that signs.

A badge is a compact JWS whose payload is the credential itself (VC-JWT): a verifier needs no network, only the issuer's
public file from a source that they trust. RS256 is the algorithm that every reader of Open Badges 3.0 has to know, and
the only one taken here, so no header can choose another. What a badge claims is said in docs/decisions/0018.
"""

from __future__ import annotations

import base64
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader import wire
from grader.legible import one_line
from mlops_labs.credential import Award, Credential, credential, timestamp
from sandbox.errors import MlopsError, UsageError

ALGORITHM = "RS256"
MAX_BYTES = 64 * 1024  # of a badge or of an issuer's file; ours have some 4 KB
_BITS, _FEWEST_BITS = 3072, 2048  # of an RSA key
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
            f"it is not valid before {timestamp(found.validFrom)}", "look at this machine's clock, or wait"
        )
    if found.validUntil is not None and found.validUntil <= now:
        raise _refused(f"it expired on {timestamp(found.validUntil)}", "ask its issuer for a new one")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
