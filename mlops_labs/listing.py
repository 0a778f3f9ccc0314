"""The list of labs: minutes, points, what is done, what is next and why."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_labs import catalogue, progress
from mlops_labs.home import Home


@dataclass(frozen=True)
class Row:
    """One lab as it is listed."""

    number: int
    id: str
    title: str
    minutes: int
    points: int
    earned: int | None  # by the best attempt; None before the first
    state: str
    next: str = ""  # why it is the one to do next


def rows(home: Home) -> list[Row]:
    """Every lab in the order of the track."""
    labs = catalogue.labs()
    following = progress.next_lab(home, labs)
    found = []
    for lab in labs.values():
        best = progress.best(home, lab.id)
        begun = home.work(lab.id).exists()
        state = "done" if best and best.passed else "begun" if best or begun else "new"
        why = following[1] if following and following[0].id == lab.id else ""
        definition = lab.definition
        found.append(
            Row(
                definition.number,
                lab.id,
                definition.title,
                definition.minutes,
                lab.points,
                best.earned if best else None,
                state,
                why,
            )
        )
    return found


def text(listed: list[Row]) -> str:
    """The list in plain text."""
    width = max((len(row.id) for row in listed), default=0)
    lines = []
    for row in listed:
        earned = "-" if row.earned is None else str(row.earned)
        lines.append(
            f"{row.number:02d}  {row.id:<{width}}  {row.minutes:>3} min  {earned:>2}/{row.points} points  "
            f"{row.state:<5}  {row.title}"
        )
        if row.next:
            lines.append(f"    next ({row.next}): mlops start {row.id}")
    return "\n".join(lines or ["No labs found."])
