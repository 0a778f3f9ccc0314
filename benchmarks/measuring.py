"""Candidates, run in turn: every round each of them once, so that a machine's moods meet them all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

SETTLE_SECONDS = 1.5  # between two samples, for what the last one left to end

Tell = Callable[[str], None]


class Failed(Exception):
    """A candidate did not do what is measured; told in the table, the others go on."""


@dataclass(frozen=True)
class Sample:
    """One run of a candidate."""

    figures: dict[str, float]
    score: str = ""


@dataclass(frozen=True)
class Candidate:
    """Something that is measured."""

    name: str
    once: Callable[[], Sample]


@dataclass
class Outcome:
    """Every sample of a candidate, or why there are none."""

    name: str
    samples: list[Sample] = field(default_factory=list)
    failure: str = ""

    def median(self, figure: str) -> float | None:
        """The median of a figure, None where there is none."""
        values = [sample.figures[figure] for sample in self.samples if figure in sample.figures]
        return statistics.median(values) if values else None

    @property
    def score(self) -> str:
        """The scores it gave, each once."""
        return ", ".join(dict.fromkeys(sample.score for sample in self.samples if sample.score))


def round_robin(
    candidates: Sequence[Candidate], repeats: int, tell: Tell, *, warm_up: bool = True
) -> list[Outcome]:
    """Run every candidate `repeats` times, interleaved, after one round that does not count.

    The uncounted round fills caches (byte code, the page cache) for all alike. The order moves on by one
    each round, so that nobody always comes after the same neighbour.
    """
    outcomes = {candidate.name: Outcome(candidate.name) for candidate in candidates}
    for number in range(0 if warm_up else 1, repeats + 1):
        first = number % len(candidates)
        for candidate in (*candidates[first:], *candidates[:first]):
            outcome = outcomes[candidate.name]
            if not outcome.failure:
                label = f"round {number} of {repeats}" if number else "warming up"
                _run(candidate, outcome, label, counts=number > 0, tell=tell)
    return list(outcomes.values())


def _run(candidate: Candidate, outcome: Outcome, label: str, *, counts: bool, tell: Tell) -> None:
    time.sleep(SETTLE_SECONDS)
    try:
        sample = candidate.once()
    except Failed as error:
        outcome.failure = str(error)
        tell(f"{label}: {candidate.name}: FAILED: {error}")
        return
    if counts:
        outcome.samples.append(sample)
    seen = ", ".join(f"{name} {value:.2f}" for name, value in sample.figures.items())
    tell(f"{label}: {candidate.name}: {seen}{' score ' + sample.score if sample.score else ''}")
