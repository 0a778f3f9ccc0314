"""The list of labs: the track, minutes, points, what is done, what is next and why."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_labs import catalogue, progress
from mlops_labs.home import Home
from mlops_labs.roadmap import roadmap


@dataclass(frozen=True)
class Row:
    """One lab as it is listed."""

    number: int
    id: str
    title: str
    minutes: int
    points: int
    earned: int | None  # by the best attempt; None before the first
    state: str  # new, begun or done
    track: str = ""
    waits_for: tuple[str, ...] = ()  # labs that should come before and are not done
    skills: tuple[str, ...] = ()  # what it teaches, in words
    next: str = ""  # why it is the one to do next


def rows(home: Home) -> list[Row]:
    """Every lab in the order of the track."""
    labs = catalogue.labs()
    following = progress.next_lab(home, labs)
    best = {name: progress.best(home, name) for name in labs}
    done = {name for name, found in best.items() if found is not None and found.passed}
    track_of = {lab: track.title for track in roadmap().tracks for lab in track.labs}
    found = []
    for lab in labs.values():
        definition, result = lab.definition, best[lab.id]
        begun = result is not None or home.work(lab.id).exists()
        skills = [skill.title for name in definition.skills if (skill := roadmap().skill(name))]
        found.append(
            Row(
                definition.number,
                lab.id,
                definition.title,
                definition.minutes,
                lab.points,
                result.earned if result else None,
                "done" if lab.id in done else "begun" if begun else "new",
                track_of.get(lab.id, ""),
                () if lab.id in done else tuple(need for need in definition.needs if need not in done),
                tuple(skills),
                following[1] if following and following[0].id == lab.id else "",
            )
        )
    return found


def text(listed: list[Row]) -> str:
    """The list in plain text."""
    width = max((len(row.id) for row in listed), default=0)
    lines: list[str] = []
    track: str | None = None
    for row in listed:
        if row.track != track:
            track = row.track
            lines += [
                *([""] if lines else []),
                _heading(track, [one for one in listed if one.track == track]),
            ]
        earned = "-" if row.earned is None else str(row.earned)
        waits = f"  (after {', '.join(row.waits_for)})" if row.waits_for else ""
        lines.append(
            f"{row.number:02d}  {row.id:<{width}}  {row.minutes:>3} min  {earned:>2}/{row.points} points  "
            f"{row.state:<5}  {row.title}{waits}"
        )
    lines += [line for row in listed if row.next for line in _next(row)]
    if listed and all(row.state == "done" for row in listed):
        lines += ["", "All labs are done."]
    return "\n".join(lines or ["No labs found."])


def _heading(track: str, listed: list[Row]) -> str:
    done = sum(row.state == "done" for row in listed)
    earned, points = sum(row.earned or 0 for row in listed), sum(row.points for row in listed)
    return f"{track or 'Other labs'}: {done} of {len(listed)} done, {earned} of {points} points"


def _next(row: Row) -> list[str]:
    lines = ["", f"Next: mlops start {row.id}", f"      {row.next}"]
    if row.skills:
        lines.append(f"      you will be able to: {'; '.join(row.skills)}")
    return lines
