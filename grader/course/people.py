"""Finds who is meant by what a mentor types: an opaque id, a school's id, a name, an e-mail address."""

from __future__ import annotations

import re

from grader.course.roster import Learner, Roster, clean
from grader.legible import one_line
from sandbox.errors import UsageError

_OPAQUE = re.compile(r"l-[0-9a-f]{10}")


def who(roster: Roster, said: str) -> str:
    """The opaque id of the learner who is meant.

    An opaque id is taken as it is, so that what is kept of somebody who is on no roster can be found too.

    Raises:
        UsageError: nobody, or more than one.
    """
    wanted = clean(said)
    if _OPAQUE.fullmatch(wanted):
        return wanted
    if roster.find(wanted) is not None:
        return roster.opaque(wanted)

    def fits(learner: Learner) -> bool:
        known = {learner.name, learner.email, learner.login, learner.lms_id} - {""}
        return wanted.casefold() in {value.casefold() for value in known}

    found = [roster.opaque(learner.id) for learner in roster if fits(learner)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"'{one_line(said, 60)}' fits {len(found)} learners", f"say which one: {', '.join(found[:5])}"
        )
    raise UsageError(
        f"nobody on the roster is called '{one_line(said, 60)}'",
        "name them by their id, or by their opaque id",
    )
