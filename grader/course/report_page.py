"""Writes a class report: a page for people and JSON for programs; and says it in a few lines for a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course import charts, pages
from grader.course.folder import Course
from grader.course.pages import number
from grader.course.report import Report
from grader.legible import one_line

Names = Callable[[str], str]
_WIDTH = 30  # of a bar on a terminal
_MOST_LINES = 8  # of odd verdicts on a terminal


@dataclass(frozen=True)
class Written:
    """Where a report is."""

    page: Path
    data: Path


def reports_folder(course: Course, *, revealed: bool) -> Path:
    """Where reports are; those with names are in the course's own folder, which only its owner reads."""
    return course.platform / "reports" if revealed else course.root / "reports"


def write_report(course: Course, report: Report, shown: Names, *, revealed: bool = False) -> Written:
    """Write page and JSON.

    Args:
        course: whose folder to write to.
        report: what to write.
        shown: what to call a learner, by opaque id.
        revealed: whether that is their name.

    Raises:
        DiskFull: they cannot be written.
    """
    folder = reports_folder(course, revealed=revealed)
    mode = 0o600 if revealed else 0o644
    drawn = {
        "scores": charts.scores_chart(report) if report.graded else None,
        "tasks": charts.tasks_chart(report) if report.tasks else None,
        "seconds": charts.seconds_chart(report) if report.seconds else None,
        "memory": charts.memory_chart(report) if report.memory_mb else None,
    }
    html = pages.render("report.html", report=report, charts=drawn, shown=shown, revealed=revealed)
    data = json.dumps(as_json(report, shown), indent=1) + "\n"
    return Written(
        pages.write(folder / f"{report.lab}.html", html, mode),
        pages.write(folder / f"{report.lab}.json", data, mode),
    )


def as_json(report: Report, shown: Names) -> dict[str, object]:
    """The report for programs, with learners as they are to be shown."""
    data = report.as_json()
    for name in ("odd", "usage", "slowest"):
        data[name] = [
            {**row, "learner": shown(row["learner"]) if row["learner"] else ""} for row in data[name]
        ]
    return data


def text(report: Report, shown: Names) -> str:
    """The report in plain lines."""
    return "\n".join(_lines(report, shown))


def _lines(report: Report, shown: Names) -> Iterator[str]:
    yield f"Lab {report.number:02d} {report.title}   {report.graded} learners, {report.attempts} attempts"
    if report.missing:
        yield f"{report.missing} on the roster handed in nothing."
    if report.waiting_for_us:
        yield f"{report.waiting_for_us} without a verdict, because of us. Next: mlops grade retry {report.lab}"
    if report.waiting_for_mentor:
        yield f"{report.waiting_for_mentor} wait for a mentor. Next: mlops grade review {report.lab}"
    if not report.graded:
        return
    mean, median = number(round(report.mean_score, 2)), number(report.median_score)
    yield f"Points: mean {mean}, median {median}, of {number(report.most_points)}"
    top = max(one.learners for one in report.bins)
    for one in report.bins:
        bar = "#" * max(bool(one.learners), round(_WIDTH * one.learners / top))
        yield f"  {one.low:>3}-{one.high:<3} %  {one.learners:>4}  {bar}".rstrip()
    yield "Tasks by failure rate:"
    width = max(len(row.title) for row in report.tasks)
    for row in report.tasks:
        filled = round(10 * row.failure_rate)
        bar = "[" + "#" * filled + "-" * (10 - filled) + "]"
        yield f"  {row.id:<4} {row.title:<{width}}  {bar} {row.not_passed} of {row.learners} without it"
    if report.messages:
        yield "Messages most seen:"
    for message in report.messages[:5]:
        said = one_line(". ".join(part.rstrip(".") for part in (message.saw, message.help) if part), 200)
        yield f"  {message.learners:>3} x {message.task}  {said}"
    if report.helped:
        yield "Hints asked for:"
    for helped in report.helped[:5]:
        yield f"  {helped.learners:>3} learners, {helped.hints} hints: {one_line(helped.task, 100)}"
    yield from _odd(report, shown)
    if report.seconds:
        most = f", most memory {number(report.memory_mb.most)} MB" if report.memory_mb else ""
        yield f"A grading takes {number(report.seconds.median)} s (95 %: {number(report.seconds.p95)} s){most}"


def _odd(report: Report, shown: Names) -> Iterator[str]:
    if report.odd:
        yield f"Odd, {len(report.odd)}:"
    for odd in report.odd[:_MOST_LINES]:
        who = one_line(shown(odd.learner)) if odd.learner else "the lab"
        yield f"  {who}: {odd.what}" + (f". Next: {odd.todo}" if odd.todo else "")
    if len(report.odd) > _MOST_LINES:
        yield f"  and {len(report.odd) - _MOST_LINES} more on the page"
