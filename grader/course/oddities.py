"""Which verdicts a mentor should look at: those that may say more of us, or of mischief, than of the work."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from grader.course.ledger import Trouble, Verdict
from grader.result import Fault, Outcome

_FEWEST = 3  # learners that a check must have failed before it is suspected
_ENDINGS = {
    Outcome.TIME: "took too long",
    Outcome.MEMORY: "used too much memory",
    Outcome.OUTPUT: "printed too much",
    Outcome.REJECTED: "could not be read as a notebook of this lab",
    Outcome.INCOMPLETE: "ended before its end",
}


@dataclass(frozen=True)
class Odd:
    """Something to look at."""

    kind: str
    learner: str  # opaque id; "" when it is about the lab
    what: str  # one sentence without a full stop
    told: str = ""  # in the learner's message; may be the learner's own words
    todo: str = ""  # a command, or what to do


def odd_verdicts(history: list[Verdict], troubles: list[Trouble]) -> list[Odd]:
    """Everything odd about a lab's verdicts: about the lab first, then by learner.

    Args:
        history: the lab's verdicts in the order of commitment.
        troubles: the lab's submissions without one.
    """
    latest = {verdict.key.learner: verdict for verdict in history}
    ordered = [latest[learner] for learner in sorted(latest)]
    found = [*_of_lab(ordered)]
    for trouble in troubles:
        what = f"has no verdict because of us (tries: {trouble.times})"
        found.append(
            Odd(
                "infrastructure",
                trouble.key.learner,
                what,
                trouble.message,
                f"mlops grade retry {trouble.key.lab}",
            )
        )
    best: dict[str, int] = defaultdict(int)
    for verdict in history:
        best[verdict.key.learner] = max(best[verdict.key.learner], verdict.result.earned)
    for verdict in ordered:
        found += _of_learner(verdict, best[verdict.key.learner])
    return found


def _of_lab(latest: list[Verdict]) -> list[Odd]:
    """Checks that nobody passes, checks that broke, verdicts by different versions of the lab."""
    found = []
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in latest:
        for task in verdict.result.tasks:
            for check in task.checks:
                states[check.id][check.state] += verdict.result.outcome is Outcome.GRADED
    for id, counts in states.items():
        if counts["fail"] >= _FEWEST and not counts["pass"]:
            what = f"{id}: all {counts['fail']} who came to it fail"
            found.append(
                Odd(
                    "nobody passes",
                    "",
                    what,
                    todo="look whether the check is right, then: mlops grade regrade",
                )
            )
    versions = Counter(verdict.key.lab_version for verdict in latest)
    if len(versions) > 1:
        newest = max(latest, key=lambda verdict: verdict.number).key
        older = sum(count for version, count in versions.items() if version != newest.lab_version)
        what = f"{older} of {len(latest)} were graded by an earlier version of the lab"
        found.append(Odd("versions", "", what, todo=f"mlops grade regrade {newest.lab}"))
    return found


def _of_learner(verdict: Verdict, best: int) -> list[Odd]:
    result, learner = verdict.result, verdict.key.learner
    audit = f"mlops grade audit {result.lab} {learner}"
    found = []
    if result.outcome in _ENDINGS:
        found.append(Odd(str(result.outcome), learner, _ENDINGS[result.outcome], result.message, audit))
    if result.fault is Fault.AUTHOR:
        broken = [check.id for task in result.tasks for check in task.checks if check.state == "error"]
        what = f"a check of ours broke: {', '.join(broken)}"
        found.append(
            Odd(
                "author",
                learner,
                what,
                todo=f"mend the lab, then: mlops grade regrade {result.lab} {learner}",
            )
        )
    if result.earned < best and not found:
        what = f"earned {result.earned} with the last attempt and {best} with an earlier one"
        found.append(Odd("less than before", learner, what, todo=audit))
    return found
