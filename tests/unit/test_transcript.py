"""Transcripts and a class's badges: what they say is what was graded, and who signed."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.course.folder import Course
from grader.course.ledger import Key
from grader.course.marks import CheckMark, Marks
from grader.course.roster import Learner
from grader.result import Result
from mlops_labs import badges, issuing, standing, transcript
from mlops_labs.roadmap import roadmap
from mlops_labs.standing import Evidence, Shown, Standing
from sandbox.errors import UsageError
from tests.graded import CANARY, PAYLOADS, Class, empty_class, graded

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LAB = "promote-with-a-reason"


def _standing(words: str = "Do it") -> Standing:
    one = Evidence("one-lab", f"Lab {words}", "t1", f"Task {words}", "a1", datetime(2026, 3, 1, tzinfo=UTC))
    return Standing(
        (
            Shown("first", f"Skill {words}", "Step", "shown", (one, replace(one, task="t2"))),
            Shown("second", "Half of it", "Step", "begun", (one,)),
            Shown("third", "Nothing yet", "Step", "ahead"),
        )
    )


class _Seen(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_an_unsigned_transcript_says_that_nobody_has_signed_it(tmp_path: Path) -> None:
    made = transcript.Transcript(_standing(), "Ada L.")
    written = transcript.write(made, tmp_path / "out")
    assert [path.name for path in written] == ["transcript.html", "transcript.json"]
    page = written[0].read_text()
    assert "Nobody has signed this" in page
    assert "What Ada L. has shown" in page
    assert "<a " not in page
    said = json.loads(written[1].read_text())
    assert (said["format"], said["version"]) == ("mlops-labs-transcript", 1)
    assert (said["badges_signed_by"], said["badges"]) == (None, [])
    assert "Nobody has signed this" in said["statement"]
    assert said["standing"] == _standing().to_json()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_words_on_the_page_are_only_words(payload: str) -> None:
    page = transcript.Transcript(_standing(payload), payload).html()
    tags = _Seen(page).tags
    assert not {"script", "img", "iframe", "svg", "link", "base", "a"} & {tag for tag, _ in tags}
    assert not [name for _, found in tags for name in found if name.startswith("on")]
    assert f"<script>{CANARY}" not in page


def _key(one: Class, name: str = "Our school") -> badges.Issuer:
    return issuing.make_key(one.course, name, "")[0]


def _hand_in(one: Class, learner: str, result: Result) -> None:
    key = Key(one.opaque(learner), result.lab, result.attempt, "v", "lab:1")
    assert one.ledger.commit(key, result)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Class]:
    """Ada has shown a skill, Ben had and handed in something worse, Cem has begun nothing."""
    people = [Learner(id=name.lower(), name=name) for name in ("Ada", "Ben", "Cem")]
    one = empty_class(tmp_path / "class", people)
    _hand_in(one, "ada", graded(LAB, "a1", 1, t1="fail", t3="pass"))
    _hand_in(one, "ben", graded(LAB, "b1", 1, t3="pass"))
    _hand_in(one, "ben", graded(LAB, "b2", 2, t3="fail"))
    _hand_in(one, "cem", graded(LAB, "c1", 1, t3="fail"))
    yield one
    one.ledger.close()


def test_a_class_gets_badges_for_what_its_last_verdicts_show_and_blind(school: Class, tmp_path: Path) -> None:
    issuer = _key(school)
    out = tmp_path / "out"
    made = issuing.class_badges(school.course, out, reveal=False)
    ada = school.opaque("ada")
    assert [(one.learner, one.folder, one.skills) for one in made] == [(ada, ada, ("rollback",))]
    assert {path.name for path in out.iterdir()} == {ada, "issuer.json", "badges.json"}
    token = badges.read_badge(out / ada / "badges" / "rollback.jwt")
    found = badges.verify(token, badges.read_issuer(out / "issuer.json"), NOW)
    assert (found.learner, found.issuer.name) == (ada, "Our school")
    assert "grading a1 " in found.evidence[0].narrative
    assert transcript.COURSE in found.credentialSubject.achievement.criteria.narrative
    assert badges.read_issuer(out / "issuer.json") == issuer
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    payload = json.dumps(found.model_dump(mode="json"))
    assert b"Ada" not in everything and "Ada" not in payload


def test_names_stand_where_they_are_asked_for(school: Class, tmp_path: Path) -> None:
    issuer = _key(school)
    made = issuing.class_badges(school.course, tmp_path / "out", reveal=True)
    assert [one.learner for one in made] == ["Ada"]
    folder = tmp_path / "out" / school.opaque("ada")
    found = badges.verify(badges.read_badge(folder / "badges" / "rollback.jwt"), issuer, NOW)
    assert (found.learner, found.credentialSubject.identifier[0].identityType) == ("Ada", "name")
    page = (folder / "transcript.html").read_text()
    assert "What Ada has shown" in page
    assert ("a", {"href": "badges/rollback.jwt"}) in _Seen(page).tags
    assert "Badges signed by Our school" in page
    named = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.name != "issuer.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in named} == {0o600}


def test_signing_again_changes_nothing(school: Class, tmp_path: Path) -> None:
    _key(school)
    for name in ("one", "two"):
        issuing.class_badges(school.course, tmp_path / name, reveal=False)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.jwt")}
        for name in ("one", "two")
    )
    assert one == two and one


@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        (CheckMark("t3/a", 1, 1.0, manual=0.0), False),
        (CheckMark("t3/a", 1, 1.0, manual=0.5), False),
        (CheckMark("t3/a", 1, 1.0, manual=1.0), True),
        (CheckMark("t3/a", 1, 1.0, manual=None), True),
        (CheckMark("t1/a", 1, 1.0, manual=0.0), True),
    ],
)
def test_a_badge_says_no_more_than_the_mentors_mark(
    school: Class, monkeypatch: pytest.MonkeyPatch, mark: CheckMark, shown: bool
) -> None:
    ada = school.opaque("ada")
    marks = {ada: Marks(ada, LAB, (mark,))}
    monkeypatch.setattr("mlops_labs.publishing.gradebook.read_marks", lambda *_: marks)
    found = issuing.standings(school.course, school.ledger)[ada]
    assert bool(found.having("shown")) is shown


def test_a_key_is_made_once_private_and_never_replaced(school: Class) -> None:
    issuer, new = issuing.make_key(school.course, "Our school", "https://school.example")
    assert new
    path = issuing.key_file(school.course)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert issuing.make_key(school.course, "", "") == (issuer, False)
    assert issuing.make_key(school.course, "Our school", "https://school.example") == (issuer, False)
    for name, url in (("Another", ""), ("", "https://another.example")):
        with pytest.raises(UsageError, match="has a key already"):
            issuing.make_key(school.course, name, url)
    assert issuing._write_new(path, "another") is False
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.glob("*signing-key*")] == ["signing-key.json"]


@pytest.mark.parametrize(
    ("name", "url", "why"),
    [
        ("", "", "needs a name"),
        ("  ", "", "needs a name"),
        ("A", "ftp://a", "https"),
        ("A", "https://a b", "https"),
    ],
)
def test_an_issuer_needs_a_name_and_a_fit_address(school: Class, name: str, url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        issuing.make_key(school.course, name, url)
    assert not issuing.key_file(school.course).exists()


def test_without_a_key_or_into_the_course_nothing_is_written(school: Class, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no key"):
        issuing.class_badges(school.course, tmp_path / "out", reveal=False)
    _key(school)
    with pytest.raises(UsageError, match="in the course itself"):
        issuing.class_badges(school.course, school.course.root / "badges", reveal=False)
    assert not (tmp_path / "out").exists()
    assert not (school.course.root / "badges").exists()


def _own_course(tmp_path: Path) -> Course:
    from grader.course.folder import create_course

    return create_course(tmp_path / "own")


def test_who_learns_alone_may_sign_and_the_badge_says_so(tmp_path: Path) -> None:
    course = _own_course(tmp_path)
    issuing.make_key(course, "Ada, by herself", "")
    key = issuing.signing_key(course)
    found = standing.derive(
        roadmap(), issuing.catalogue.labs(), standing.passed([graded(LAB, "a1", t3="pass")])
    )
    made = transcript.signed(found, transcript.Learner("Ada", True, "own"), key, transcript.OWN)
    transcript.write(made, tmp_path / "out")
    token = badges.read_badge(tmp_path / "out" / "badges" / "rollback.jwt")
    said = badges.verify(token, key.issuer, NOW)
    assert said.issuer.name == "Ada, by herself"
    assert "learner's own history" in said.credentialSubject.achievement.criteria.narrative


def test_writing_removes_nothing_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "badges").mkdir()
    (tmp_path / "badges" / "of-a-school.jwt").write_text("x")
    transcript.write(transcript.Transcript(_standing()), tmp_path)
    assert (tmp_path / "badges" / "of-a-school.jwt").exists()
