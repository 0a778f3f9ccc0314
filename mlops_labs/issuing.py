"""A course's signing key, and the badges of its class: from the verdicts in the ledger, never from a learner's word."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.course import pages
from grader.course.folder import Course
from grader.course.ledger import Ledger, Verdict
from grader.course.marks import Marks
from mlops_labs import badges, catalogue, grading, publishing, standing, transcript
from mlops_labs.badges import Issuer, SigningKey
from mlops_labs.roadmap import roadmap
from mlops_labs.standing import Standing
from sandbox.errors import DiskFull, UsageError


def key_file(course: Course) -> Path:
    """Where the course's private key is; only its owner can read it."""
    return course.platform / "signing-key.json"


def make_key(course: Course, name: str, url: str) -> tuple[Issuer, bool]:
    """Make the course's key, once; return its issuer and whether it is new.

    Raises:
        UsageError: no name, an address that is none, or a key that is there under another name or address.
    """
    path = key_file(course)
    if not path.exists():
        if not name.strip():
            raise UsageError(
                "the issuer needs a name, which every badge bears", 'give it: --name "Our school"'
            )
        if url and not (url.startswith("https://") and url.isprintable() and " " not in url):
            raise UsageError("the issuer's address has to be a https address", "give it: --url https://...")
        made = badges.new_key(name.strip(), url)
        if _write_new(path, made.text()):
            return made.issuer, True
    issuer = badges.read_signing_key(path).issuer
    if (name and name.strip() != issuer.name) or (url and url != issuer.url):
        raise UsageError(
            f"{course.root} has a key already, of '{issuer.name}'; it is never replaced, for that would take the "
            "badges that it signed away",
            "leave --name and --url out, or make another course for another issuer",
        )
    return issuer, False


def _write_new(path: Path, text: str) -> bool:
    """Make a file that only its owner reads, whole or not at all; False when it is there already."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.link(draft, path)  # unlike a rename, it cannot take another's place
    except FileExistsError:
        return False
    except OSError as error:
        raise DiskFull(
            f"{path} cannot be written ({error.strerror})", "free some space, then try again"
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    return True


def signing_key(course: Course) -> SigningKey:
    """The course's key. Raises UsageError: there is none yet, or it cannot be used."""
    path = key_file(course)
    if not path.exists():
        raise UsageError(
            f"{course.root} has no key to sign with",
            f'make one with: mlops class key --name "Our school" --course {course.root}',
        )
    return badges.read_signing_key(path)


@dataclass(frozen=True)
class Signed:
    """What a learner of a class was given."""

    learner: str  # as they are shown
    folder: str
    skills: tuple[str, ...]


def class_badges(
    course: Course, folder: Path, *, reveal: bool, until: datetime | None = None
) -> list[Signed]:
    """Write a transcript with signed badges for every learner who has shown a skill.

    Args:
        course: whose ledger and key.
        folder: gets `issuer.json`, `badges.json`, and a folder for each learner by opaque id.
        reveal: whether badges and pages bear names in place of opaque ids; then only their owner can read the files.
        until: when the badges expire; None: never.

    Raises:
        UsageError: no key; a folder in the course itself.
    """
    if folder.resolve().is_relative_to(course.root.resolve()):
        raise UsageError(f"{folder} is in the course itself", "name a folder elsewhere with --to")
    key = signing_key(course)
    shown = grading.names(course, reveal)
    made = []
    with publishing.reading(course) as ledger:
        found = standings(course, ledger)
    for opaque, one in found.items():
        if not one.having("shown"):
            continue
        learner = transcript.Learner(shown(opaque), reveal, opaque)
        written = transcript.signed(one, learner, key, transcript.COURSE, until)
        transcript.write(written, folder / opaque, 0o600 if reveal else 0o644)
        made.append(Signed(shown(opaque), opaque, tuple(badge.skill.id for badge in written.badges)))
    pages.write(folder / "issuer.json", key.issuer.text())
    pages.write(
        folder / "badges.json", json.dumps([one.__dict__ for one in made], indent=1) + "\n", mode=0o600
    )
    return made


def standings(course: Course, ledger: Ledger) -> dict[str, Standing]:
    """Where each learner of a class stands, by opaque id: of each lab the verdict that counts, which is the last."""
    labs = catalogue.labs()
    counted: dict[str, list[Verdict]] = {}
    for lab in ledger.labs():
        if lab not in labs:
            continue
        marks = publishing.marks_of(course, ledger, lab)
        for learner, verdict in ledger.latest(lab).items():
            counted.setdefault(learner, []).append(_as_marked(verdict, marks.get(learner)))
    return {
        learner: standing.derive(roadmap(), labs, standing.passed(one.result for one in verdicts))
        for learner, verdicts in sorted(counted.items())
    }


def _as_marked(verdict: Verdict, marks: Marks | None) -> Verdict:
    """The verdict without the tasks from which the mentor took points: a badge must not say more than the mark."""
    less = {
        mark.check
        for mark in (marks.checks if marks else ())
        if mark.manual is not None and mark.manual < (mark.auto or 0.0)
    }
    kept = tuple(
        task
        for task in verdict.result.tasks
        if task.id not in less and not any(check.id in less for check in task.checks)
    )
    result = verdict.result.model_copy(update={"tasks": kept})
    return Verdict(verdict.number, verdict.key, verdict.round, result)
