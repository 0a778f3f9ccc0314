"""The code that a learner of a class logs in with: made from the course's key, kept nowhere."""

from __future__ import annotations

import base64
import csv
import hmac
import io

from grader.course.folder import Course
from grader.course.roster import Roster, clean
from mlops_labs import publishing
from mlops_labs.hub.settings import read_settings

_BYTES = 10  # 80 bits: nobody guesses one


def code_of(key: bytes, series: int, opaque: str) -> str:
    """Return a learner's code, e.g. "k3m5-x2qd-7hta-9fle"."""
    # No id on a roster holds a NUL, so that this digest is nobody's opaque id.
    digest = hmac.new(key, f"hub\0{series}\0{opaque}".encode(), "sha256").digest()[:_BYTES]
    text = base64.b32encode(digest).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def whose(course: Course, said: str, code: str) -> str | None:
    """Return the opaque id of who logs in with this id and code; None for anybody else.

    The roster and `hub.toml` are read each time: who was taken off or has a new code is out at once.
    """
    opaque = learner_of(publishing.roster_of(course), said)
    # Also for nobody, so that the time tells nothing.
    expected = code_of(course.key, read_settings(course).code_series, opaque or "")
    given = "".join(code.split()).lower().encode()
    return opaque if hmac.compare_digest(expected.encode(), given) else None


def learner_of(roster: Roster, name: str) -> str | None:
    """Return the opaque id that a name at the hub stands for: the id itself, or a school's id; None for no one's."""
    if roster.reveal(name) is not None:
        return name
    return roster.opaque(name) if roster.find(clean(name)) is not None else None


def table(course: Course) -> tuple[str, int]:
    """Return CSV (id, name, code, opaque id, which the hub's log has) for handing out, and how many learners are in it."""
    roster, series = publishing.roster_of(course), read_settings(course).code_series
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(("id", "name", "code", "opaque"))
    for learner in roster:
        opaque = roster.opaque(learner.id)
        writer.writerow((learner.id, learner.name, code_of(course.key, series, opaque), opaque))
    return target.getvalue(), len(roster)
