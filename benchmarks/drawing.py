"""A benchmark's table as a picture for the docs: a bar for each candidate, its median, and how far its samples spread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Outcome

# What a picture shows of each benchmark: the figure, and what it is called.
FIGURES = {
    "start": ("seconds", "seconds until JupyterLab answers"),
    "submit": ("seconds", "seconds from the command to the verdict"),
    "grading": ("per_minute", "submissions a minute"),
    "neighbours": ("p95_seconds", "seconds from start to verdict, 95th percentile"),
    "services": ("seconds", "seconds until the service answers"),
}
_BAR, _OURS, _INK = "#8c959f", "#0b6e6e", "#1f2328"


def draw(what: str, outcomes: Sequence[Outcome], path: Path) -> None:
    """Write the picture of a benchmark as SVG. The same samples give the same bytes.

    Args:
        what: the benchmark's name, a key of FIGURES.
        outcomes: as they were measured; those without the figure are left out.
        path: the file to write.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure_name, caption = FIGURES[what]
    shown = [one for one in outcomes if one.median(figure_name) is not None]
    values = [
        [sample.figures[figure_name] for sample in one.samples if figure_name in sample.figures]
        for one in shown
    ]
    medians = [one.median(figure_name) or 0.0 for one in shown]
    errors = [
        [median - min(found) for median, found in zip(medians, values, strict=True)],
        [max(found) - median for median, found in zip(medians, values, strict=True)],
    ]
    with rc_context({"svg.hashsalt": what, "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(7.2, 0.9 + 0.42 * len(shown)), layout="constrained")
        axes = figure.subplots()
        places = range(len(shown))
        colours = [_OURS if one.name.startswith(("mlops", "grade")) else _BAR for one in shown]
        axes.barh(places, medians, color=colours, xerr=errors, error_kw={"ecolor": _INK, "capsize": 3})
        axes.set_yticks(places, [one.name for one in shown], color=_INK)
        axes.invert_yaxis()
        reach = max((max(found) for found in values), default=1.0)
        for place, (median, found) in enumerate(zip(medians, values, strict=True)):
            axes.text(max(found) + 0.02 * reach, place, f"{median:.1f}", va="center", color=_INK)
        axes.set_xlim(0, 1.12 * reach)
        axes.set_xlabel(caption, color=_INK)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
