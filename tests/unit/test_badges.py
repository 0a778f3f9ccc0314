"""Badges that hold, and everything that must not: forged, edited, signed by others, of another shape or time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import RSAKey
from openbadgeslib import ob3
from openbadgeslib.ob3 import Achievement, OB3Signer, OB3VerificationError, OB3Verifier, OpenBadgeCredential

from mlops_labs import badges, credential
from mlops_labs.badges import BadgeRefused, Issuer, SigningKey
from mlops_labs.standing import Evidence, Shown
from sandbox.errors import MlopsError, UsageError

WHEN = datetime(2026, 3, 1, 10, 0, 0, 500_000, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SKILL = Shown(
    "rollback",
    "Bring the model before back in one step",
    "Learn DevOps practices",
    "shown",
    (
        Evidence("one-lab", "One lab", "t1", "The first", "a00001", WHEN),
        Evidence("one-lab", "One lab", "t3", "The third", "a00002", WHEN - timedelta(days=3)),
    ),
)
AWARD = credential.Award(SKILL, "l-0123456789", False, "l-0123456789", "The gradings are from the ledger.")
KEY = badges.new_key("Our school", "https://school.example/mlops")
OTHER = badges.new_key("Our school", "https://school.example/mlops")
TOKEN = badges.sign(AWARD, KEY)


def _decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


def _encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signed(payload: Any, key: SigningKey = KEY, **header: Any) -> bytes:
    """A token with any payload and header, signed well."""
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    whole = {"alg": "RS256", "typ": "JWT", "jwk": dict(key.issuer.jwk)} | header
    found = {name: value for name, value in whole.items() if value is not None}
    registry = badges._Registry(algorithms=["RS256"], strict_check_header=False)
    return jws.serialize_compact(found, data, RSAKey.import_key(dict(key.jwk)), registry=registry).encode()


def _verify(
    token: bytes | str, trusted: Issuer | None = KEY.issuer, now: datetime = NOW
) -> credential.Credential:
    return badges.verify(token if isinstance(token, bytes) else token.encode(), trusted, now)


def test_a_badge_holds_and_says_what_was_awarded() -> None:
    found = _verify(TOKEN)
    assert found.credentialSubject.achievement.humanCode == "rollback"
    assert found.learner == "l-0123456789"
    assert found.issuer.name == "Our school"
    assert [proof.name for proof in found.evidence] == ["One lab: The first", "One lab: The third"]
    assert "grading a00002 on 2026-02-26" in found.evidence[1].narrative


def test_it_is_an_open_badge_in_the_standards_own_form() -> None:
    header, payload, signature = TOKEN.split(".")
    assert set(_decoded(header)) == {"alg", "typ", "jwk"}
    assert (_decoded(header)["alg"], _decoded(header)["typ"]) == ("RS256", "JWT")
    assert set(_decoded(header)["jwk"]) == {"kty", "n", "e", "alg", "use", "kid"}
    said = _decoded(payload)
    assert said["@context"] == list(credential.CONTEXT)
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert "vc" not in said and "proof" not in said  # the payload itself is the credential
    assert said["validFrom"] == "2026-03-01T10:00:00Z"
    assert (said["iss"], said["jti"], said["sub"]) == (
        said["issuer"]["id"],
        said["id"],
        said["credentialSubject"]["id"],
    )
    assert said["nbf"] == int(WHEN.timestamp())
    assert "exp" not in said and "validUntil" not in said
    assert said["issuer"] == {
        "id": "https://school.example/mlops",
        "type": ["Profile"],
        "name": "Our school",
        "url": "https://school.example/mlops",
    }
    assert said["id"].startswith("urn:uuid:")
    assert len(signature) == 512


def test_another_implementation_of_the_standard_reads_it_to_the_same_end() -> None:
    pem = RSAKey.import_key(dict(KEY.issuer.jwk)).as_pem(private=False)
    found = OB3Verifier(pubkey_pem=pem).verify(TOKEN)
    ours = _verify(TOKEN)
    assert (found.id, found.issuer.name, found.recipient_id) == (
        ours.id,
        "Our school",
        ours.credentialSubject.id,
    )
    assert found.achievement.name == SKILL.title
    assert found.achievement.criteria_narrative == ours.credentialSubject.achievement.criteria.narrative
    assert [one.name for one in found.evidence] == ["One lab: The first", "One lab: The third"]
    assert found.identifiers[0].identity_hash == "l-0123456789"
    with pytest.raises(OB3VerificationError):
        OB3Verifier(pubkey_pem=pem).verify(badges.sign(AWARD, OTHER))


def test_what_another_implementation_signs_with_our_key_holds_here() -> None:
    private = RSAKey.import_key(dict(KEY.jwk)).as_pem(private=True)
    achievement = Achievement("https://school.example/a", "Teamwork", "They work together.", "Work together.")
    issuer = ob3.Issuer(id=KEY.issuer.id, name=KEY.issuer.name)
    theirs = OpenBadgeCredential(
        issuer=issuer,
        recipient_id="urn:uuid:1e0876b9-d869-529d-9ffb-221df573cd7f",
        achievement=achievement,
        issuance_date=WHEN.replace(microsecond=0),
        evidence=[ob3.Evidence(name="A task", narrative="It was passed.")],
    )
    found = _verify(OB3Signer(privkey_pem=private, algorithm="RS256").sign(theirs))
    assert found.credentialSubject.achievement.name == "Teamwork"


def test_the_same_award_is_the_same_badge_and_another_is_another() -> None:
    assert badges.sign(AWARD, KEY) == TOKEN
    ids = {
        credential.credential(award, KEY.issuer)["id"]
        for award in (
            AWARD,
            replace(AWARD, subject="l-2"),
            replace(AWARD, learner="Ada", named=True),
            replace(AWARD, until=NOW),
            replace(AWARD, skill=replace(SKILL, evidence=SKILL.evidence[:1])),
        )
    }
    assert len(ids) == 5


def test_an_issuer_without_an_address_is_known_by_the_key_itself() -> None:
    key = badges.new_key("Ada, by herself")
    assert key.issuer.id.startswith("did:jwk:")
    assert _decoded(key.issuer.id.removeprefix("did:jwk:")) == key.issuer.jwk
    assert _verify(badges.sign(AWARD, key), key.issuer).issuer.name == "Ada, by herself"


def test_without_a_trusted_key_a_good_signature_is_no_pass() -> None:
    with pytest.raises(BadgeRefused, match="proves nothing about who signed") as caught:
        _verify(TOKEN, None)
    assert caught.value.exit_code == 1
    with pytest.raises(BadgeRefused, match="changed after it was signed"):
        _verify(TOKEN[:-20] + "A" * 20, None)


def _edited(change: Callable[[dict[str, Any]], Any]) -> str:
    header, payload, signature = TOKEN.split(".")
    said = _decoded(payload)
    change(said)
    return f"{header}.{_encoded(said)}.{signature}"


def _public_as_secret() -> list[bytes]:
    pem = RSAKey.import_key(dict(KEY.issuer.jwk)).as_pem(private=False)
    return [pem, pem.strip(), json.dumps(KEY.issuer.jwk).encode(), KEY.issuer.text().encode()]


def _confused(secret: bytes) -> str:
    said = f"{_encoded({'alg': 'HS256', 'typ': 'JWT', 'jwk': KEY.issuer.jwk})}.{TOKEN.split('.')[1]}"
    return f"{said}.{_encoded(hmac.digest(secret, said.encode(), hashlib.sha256))}"


PAYLOAD = _decoded(TOKEN.split(".")[1])
HEADER = _decoded(TOKEN.split(".")[0])
REST = TOKEN.split(".", 1)[1]
TWICE = json.dumps(PAYLOAD).replace('"name": "Bring', '"name": "Fly to the moon", "name": "Bring', 1).encode()
ALG_TWICE = json.dumps(HEADER).replace("{", '{"alg": "none", ', 1).encode()
FORGED: dict[str, tuple[str | bytes, str]] = {
    "another skill": (
        _edited(lambda said: said["credentialSubject"]["achievement"].update(name="All")),
        "changed",
    ),
    "another learner": (
        _edited(lambda said: said["credentialSubject"]["identifier"][0].update(identityHash="Eve")),
        "changed",
    ),
    "another date": (_edited(lambda said: said.update(validFrom="2020-01-01T00:00:00Z")), "changed"),
    "another signature": (f"{TOKEN.rsplit('.', 1)[0]}.{_encoded(bytes(384))}", "changed"),
    "signed with another key": (badges.sign(AWARD, OTHER), "another key than the one you trust"),
    "another key's signature under the trusted key's name": (
        _signed(PAYLOAD, OTHER, jwk=dict(KEY.issuer.jwk)),
        "changed",
    ),
    "another key that goes by the trusted one's kid": (
        _signed(PAYLOAD, OTHER, jwk={**OTHER.issuer.jwk, "kid": KEY.issuer.jwk["kid"]}),
        "another key's name",
    ),
    "a wrong kid": (
        _signed(PAYLOAD, kid="https://elsewhere.example/key"),
        "another key than the one you trust",
    ),
    "a wrong kid and no key": (_signed(PAYLOAD, jwk=None, kid="k1"), "another key than the one you trust"),
    "no key at all": (_signed(PAYLOAD, jwk=None), "names no key"),
    "a key that is none": (_signed(PAYLOAD, jwk={"kty": "RSA", "n": "AQAB", "e": "AQAB"}), "cannot be used"),
    "a private key in the header": (
        f"{_encoded({**HEADER, 'jwk': dict(KEY.jwk)})}.{REST}",
        "gives a private key away",
    ),
    "alg none": (f"{_encoded({'alg': 'none'})}.{TOKEN.split('.')[1]}.AAAA", "algorithm none"),
    "alg None with capitals": (f"{_encoded({**HEADER, 'alg': 'nOnE'})}.{REST}", "algorithm nOnE"),
    "alg is a list": (f"{_encoded({**HEADER, 'alg': ['RS256']})}.{REST}", "only RS256 counts"),
    "no alg": (f"{_encoded({'typ': 'JWT', 'jwk': KEY.issuer.jwk})}.{REST}", "only RS256 counts"),
    "RS512": (f"{_encoded({**HEADER, 'alg': 'RS512'})}.{REST}", "only RS256 counts"),
    **{
        f"HS256 with the public key as secret {n}": (_confused(secret), "only RS256 counts")
        for n, secret in enumerate(_public_as_secret())
    },
    "a header twice": (f"{_encoded(ALG_TWICE)}.{REST}", "decoded"),
    "a claim twice": (_signed(TWICE), "cannot be read"),
    "a header of a foreign kind": (
        _signed(PAYLOAD, jku="https://elsewhere.example/keys"),
        "holds what no badge's does",
    ),
    "a critical header": (
        f"{_encoded({**HEADER, 'crit': ['b64'], 'b64': False})}.{REST}",
        "holds what no badge's does",
    ),
    "another type": (_signed(PAYLOAD, typ="at+jwt"), "another type"),
    "a header that is no object": (f"{_encoded([])}.{REST}", "header"),
    "a header that is no JSON": (f"{_encoded(b'{half')}.{REST}", "decoded"),
    "bits that mean nothing": (f"{TOKEN.split('.')[0]}.{TOKEN.split('.')[1]}.AB", "not written as"),
    "a part of impossible length": (f"{TOKEN}AAAAA", "decoded"),
    "NaN": (_signed(json.dumps(PAYLOAD).replace(str(PAYLOAD["nbf"]), "NaN").encode()), "cannot be read"),
    "no JSON": (_signed(b"hello"), "cannot be read"),
    "a list": (_signed([PAYLOAD]), "no Open Badge 3.0"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_badge_is_refused_with_one_line(name: str) -> None:
    token, why = FORGED[name]
    with pytest.raises(BadgeRefused, match=why) as caught:
        _verify(token)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1


def _without(*path: str) -> dict[str, Any]:
    said: Any = json.loads(json.dumps(PAYLOAD))
    inner = said
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return dict(said)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (_without("@context"), "@context"),
        (PAYLOAD | {"@context": list(reversed(credential.CONTEXT))}, "@context"),
        (PAYLOAD | {"type": ["VerifiableCredential"]}, "OpenBadgeCredential"),
        (PAYLOAD | {"type": ["OpenBadgeCredential"]}, "VerifiableCredential"),
        (PAYLOAD | {"id": "no uri"}, "id"),
        (_without("issuer"), "issuer"),
        (_without("validFrom"), "validFrom"),
        (PAYLOAD | {"validFrom": "2026-03-01T10:00:00"}, "validFrom"),
        (PAYLOAD | {"validFrom": PAYLOAD["nbf"]}, "validFrom"),
        (_without("credentialSubject", "achievement"), "achievement"),
        (_without("credentialSubject", "achievement", "criteria"), "criteria"),
        (_without("credentialSubject", "id"), "credentialSubject.id"),
        (PAYLOAD | {"evidence": []}, "evidence"),
        (_without("nbf"), "nbf"),
        (PAYLOAD | {"nbf": str(PAYLOAD["nbf"])}, "nbf"),
        (PAYLOAD | {"nbf": PAYLOAD["nbf"] + 1}, "claim nbf"),
        (PAYLOAD | {"iss": "https://elsewhere.example"}, "claim iss"),
        (PAYLOAD | {"sub": "urn:x:y"}, "claim sub"),
        (PAYLOAD | {"jti": "urn:x:y"}, "claim jti"),
        (PAYLOAD | {"exp": int(NOW.timestamp()) + 5}, "claim exp"),
        (PAYLOAD | {"validUntil": "2030-01-01T00:00:00Z"}, "claim exp"),
        (PAYLOAD | {"issuer": {**PAYLOAD["issuer"], "name": "Another school"}}, "Another school"),
        (
            PAYLOAD
            | {"iss": "https://b.example", "issuer": {**PAYLOAD["issuer"], "id": "https://b.example"}},
            "issued it, and the key is that of",
        ),
    ],
)
def test_a_shape_that_is_not_a_badges_is_refused_though_it_is_signed(payload: Any, why: str) -> None:
    with pytest.raises(BadgeRefused, match=why):
        _verify(_signed(payload))


def test_what_a_badge_has_beyond_our_fields_does_not_matter() -> None:
    assert _verify(_signed(PAYLOAD | {"image": {"id": "https://a.example/b.png", "type": "Image"}}))


def test_dates() -> None:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    token = badges.sign(replace(AWARD, until=until), KEY)
    assert _verify(token).validUntil == until
    assert _verify(token, now=until - timedelta(seconds=1))
    with pytest.raises(BadgeRefused, match="expired on 2026-12-01"):
        _verify(token, now=until)
    with pytest.raises(BadgeRefused, match="not valid before 2026-03-01"):
        _verify(token, now=WHEN - timedelta(days=1))


@given(st.integers(0, len(TOKEN) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, flip: int) -> None:
    changed = bytearray(TOKEN.encode())
    changed[place] ^= flip
    with pytest.raises(MlopsError) as caught:
        # As the command does: what has not the form of a badge is not read, the rest is not believed.
        if not badges._TOKEN.fullmatch(bytes(changed)):
            raise UsageError("no badge", "")
        _verify(bytes(changed))
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200), st.integers(0, 2))
def test_no_part_can_be_replaced(part: bytes, which: int) -> None:
    parts = TOKEN.split(".")
    parts[which] = _encoded(part) or "AA"
    with pytest.raises(BadgeRefused):
        _verify(".".join(parts))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no badge"),
        (b"one.two", "is no badge"),
        (TOKEN.replace(".", "!", 1).encode(), "is no badge"),
        (TOKEN.encode() + b".more", "is no badge"),
        ("gr\u00fcn.gr\u00fcn.gr\u00fcn".encode(), "is no badge"),
        (b"\x00" * 500, "is no badge"),
        (b"a" * (badges.MAX_BYTES + 1), "larger than 64 KB"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_file_of_a_badge_cannot_be_read(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "badge.jwt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=why) as caught:
        badges.read_badge(path)
    assert caught.value.exit_code == 2


def test_a_pipe_or_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            badges.read_badge(path)


def test_a_file_may_end_in_a_newline(tmp_path: Path) -> None:
    (tmp_path / "b.jwt").write_text(f"{TOKEN}\n")
    assert badges.read_badge(tmp_path / "b.jwt") == TOKEN.encode()


def test_the_public_file_holds_no_private_part_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "issuer.json"
    path.write_text(KEY.issuer.text())
    assert badges.read_issuer(path) == KEY.issuer
    assert not badges._PRIVATE & set(KEY.issuer.jwk)
    assert "jwk" not in repr(KEY).replace(repr(KEY.issuer), "")


with warnings.catch_warnings(action="ignore"):  # the library's own: this key is weak
    SMALL = RSAKey.generate_key(1024).as_dict(private=False)


NO_ISSUER: dict[str, dict[str, Any]] = {
    "private": {"jwk": dict(KEY.jwk)},
    "a secret": {"jwk": {"kty": "oct", "k": "AAAA"}},
    "tiny": {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
    "weak": {"jwk": {name: str(value) for name, value in SMALL.items()}},
    "another algorithm": {"jwk": {**KEY.issuer.jwk, "alg": "HS256"}},
    "another use": {"jwk": {**KEY.issuer.jwk, "use": "enc"}},
    "broken": {"jwk": {**KEY.issuer.jwk, "n": "!!"}},
    "a later version": {"version": 2},
    "another format": {"format": "mlops-labs-progress"},
    "no name": {"name": ""},
    "more": {"more": 1},
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("change", NO_ISSUER)
def test_a_public_file_that_is_none_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "issuer.json"
    path.write_text(json.dumps({**KEY.issuer.model_dump(), **NO_ISSUER[change]}))
    with pytest.raises(UsageError, match="is no issuer's public file"):
        badges.read_issuer(path)


def test_a_private_file_reads_back_only_where_nobody_else_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(KEY.text())
    path.chmod(0o600)
    assert badges.sign(AWARD, badges.read_signing_key(path)) == TOKEN
    path.chmod(0o640)
    with pytest.raises(UsageError, match="others can read"):
        badges.read_signing_key(path)
    path.chmod(0o600)
    path.write_text(KEY.text().replace(str(KEY.jwk["d"])[:20], "A" * 20))
    mixed = json.loads(KEY.text()) | {"issuer": OTHER.issuer.model_dump()}
    for text in (
        "{}",
        "{half",
        json.dumps(mixed),
        json.dumps({"issuer": KEY.issuer.model_dump(), "jwk": KEY.issuer.jwk}),
    ):
        path.write_text(text)
        with pytest.raises(UsageError, match="no whole signing key"):
            badges.read_signing_key(path)
