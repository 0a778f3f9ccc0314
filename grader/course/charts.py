"""The report's charts as SVG: the same numbers give the same bytes, and colours follow the page's.

Each chart has its alternative text here and a table beside it on the page, so nothing is told by a picture
alone. Labels are ids of tasks and numbers: no text of a learner's gets into a chart.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from grader.course.report import Report
from grader.words import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Stand-ins for the page's own colours: dark and light differ, an SVG's text does not.
_VARIABLES = {
    "#010101": "--ink",
    "#020202": "--soft",
    "#030303": "--line",
    "#040404": "--bar",
    "#050505": "--pass",
    "#060606": "--fail",
    "#070707": "--todo",
    "#080808": "--wait",
    "#090909": "--ours",
    "#0a0a0a": "--mark",
}
_COLOUR = {variable: colour for colour, variable in _VARIABLES.items()}
_OF_STATE = {
    "pass": "--pass",
    "to_mark": "--mark",
    "blocked": "--wait",
    "not_attempted": "--todo",
    "error": "--ours",
    "fail": "--fail",
}
_BARS = 12  # at most, of a distribution of time or memory


@dataclass(frozen=True)
class Chart:
    """A drawn chart."""

    title: str
    alt: str
    svg: Markup


def scores_chart(report: Report) -> Chart:
    """How many learners earned how much."""
    labels = [f"{one.low}-{one.high}" for one in report.bins]
    counts = [one.learners for one in report.bins]
    alt = "Learners by the percentage of points they earned: " + "; ".join(
        f"{label} %: {count}" for label, count in zip(labels, counts, strict=True) if count
    )
    return _chart("scores", "Points", alt, partial(_columns, labels, counts, "percent of the points"))


def tasks_chart(report: Report) -> Chart:
    """How each task went, those that most do not have first."""
    parts = [f"{row.id}: {row.not_passed} of {row.learners} without it" for row in report.tasks]
    alt = f"Learners by state of each task. {'; '.join(parts)}"
    return _chart("tasks", "Tasks", alt, partial(_stacks, report), height=0.8 + 0.42 * len(report.tasks))


def seconds_chart(report: Report) -> Chart:
    """How long gradings took."""
    return _distribution("seconds", "Time", "seconds", [row.seconds for row in report.usage])


def memory_chart(report: Report) -> Chart:
    """How much memory learners' main runs used."""
    return _distribution(
        "memory", "Memory", "MB", [float(row.memory_mb) for row in report.usage if row.memory_mb]
    )


def _distribution(name: str, title: str, unit: str, values: Sequence[float]) -> Chart:
    labels, counts = histogram(values)
    alt = f"Attempts by {title.lower()} in {unit}: " + "; ".join(
        f"{label}: {count}" for label, count in zip(labels, counts, strict=True) if count
    )
    return _chart(name, title, alt, partial(_columns, labels, counts, f"{unit} an attempt"))


def histogram(values: Sequence[float]) -> tuple[list[str], list[int]]:
    """Counts of values in bins of a round width (1, 2 or 5 times a power of ten); labels `from-to`."""
    if not values:
        return [], []
    span = max(*values, 1.0)
    width = next(
        step * 10.0**power
        for power in range(-1, 12)
        for step in (1, 2, 5)
        if step * 10.0**power * _BARS > span
    )
    first = int(min(values) // width)
    counts = [0] * (int(max(values) // width) - first + 1)
    for value in values:
        counts[int(value // width) - first] += 1
    edges = [(first + place) * width for place in range(len(counts) + 1)]
    return [f"{low:g}-{high:g}" for low, high in pairwise(edges)], counts


def _columns(labels: list[str], counts: list[int], below: str, axes: Axes) -> None:
    bars = axes.bar(range(len(counts)), counts, width=0.82, color=_COLOUR["--bar"])
    axes.bar_label(
        bars, [str(count) if count else "" for count in counts], color=_COLOUR["--ink"], fontsize=9
    )
    axes.set_xticks(range(len(labels)), labels)
    axes.set_xlabel(below, color=_COLOUR["--soft"])
    axes.set_yticks([])
    axes.set_ylim(0, max([*counts, 1]) * 1.15)


def _stacks(report: Report, axes: Axes) -> None:
    rows = report.tasks
    begun = [0] * len(rows)
    known = [
        *_OF_STATE,
        *({state for row in rows for state in row.states} - {plain(name) for name in _OF_STATE}),
    ]
    for state in sorted(known, key=lambda name: list(_OF_STATE).index(name) if name in _OF_STATE else 99):
        counts = [row.states.get(plain(state), 0) for row in rows]
        if not any(counts):
            continue
        colour = _COLOUR[_OF_STATE.get(state, "--todo")]
        bars = axes.barh(range(len(rows)), counts, left=begun, color=colour, label=plain(state), height=0.62)
        axes.bar_label(
            bars, [str(n) if n else "" for n in counts], label_type="center", color="#0b0b0b", fontsize=9
        )
        begun = [left + count for left, count in zip(begun, counts, strict=True)]
    axes.set_yticks(range(len(rows)), [row.id for row in rows])
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        frameon=False,
        labelcolor=_COLOUR["--ink"],
        borderaxespad=0.2,
    )


def _chart(name: str, title: str, alt: str, draw: Callable[[Any], None], height: float = 2.4) -> Chart:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": name, "font.size": 9, "text.parse_math": False}
    with mpl.rc_context(settings):
        figure = Figure(figsize=(7, height), layout="tight")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        draw(axes)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(_COLOUR["--line"])
        axes.tick_params(colors=_COLOUR["--ink"], length=0)
        target = io.StringIO()
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return Chart(title, alt, _inline(target.getvalue(), name, alt))


def _inline(svg: str, name: str, alt: str) -> Markup:
    """The SVG as part of a page: without a header of its own, in the page's colours and type, with its text."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = body.replace("#0b0b0b", "var(--on)")
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, f"var({variable})")
    body = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1; font-family: inherit", body)
    body = re.sub(r'(\sid=")|(#)(?=[A-Za-z][\w-]*[")])', lambda found: f"{found[0]}{name}-", body)
    opening = f'<svg role="img" aria-labelledby="{name}-alt"'
    return Markup(
        body.replace("<svg", opening, 1).replace(">", f'><title id="{name}-alt">{escape(alt)}</title>', 1)
    )
