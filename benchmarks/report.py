"""Tables for people and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from benchmarks import memory
from benchmarks.machine import IDLE_SHARE, facts
from benchmarks.measuring import Outcome

RESULTS = Path(__file__).resolve().parent / "results"
_HEADINGS = {
    "seconds": "s",
    "cpu_seconds": "CPU s",
    "all_seconds": "all up: s",
    "all_cpu_seconds": "all up: CPU s",
    "per_minute": "a minute",
    "median_seconds": "median s",
    "p95_seconds": "p95 s",
    "cpu_each": "CPU s each",
    "used_mb": "used MB",
    "rss_mb": "RSS MB",
    "pss_mb": "PSS MB",
}
CPU_NOTE = (
    "CPU s: busy CPU of the whole machine (/proc/stat), containers included, the same for everybody; "
    "true only on an otherwise idle machine."
)


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as columns of text, the first and the last to the left, numbers to the right."""
    last = len(rows[0]) - 1
    widths = [max(len(row[number]) for row in rows) for number in range(last + 1)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if number in (0, last) else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _ratio(outcome: Outcome, base: Outcome, figure: str) -> float | None:
    value, unit = outcome.median(figure), base.median(figure)
    return value / unit if value is not None and unit else None


def timing_table(outcomes: Sequence[Outcome], figures: Sequence[str]) -> str:
    """Medians of each figure and their ratios to the first outcome's."""
    base = outcomes[0]
    heading = [f"median (x: ratio to {base.name})"]
    for figure in figures:
        heading += [_HEADINGS[figure], "x"]
    rows = [[*heading, "range of s", "score"]]
    for outcome in outcomes:
        row = [outcome.name]
        for figure in figures:
            row += [_number(outcome.median(figure), 1), _number(_ratio(outcome, base, figure), 2)]
        seconds = [sample.figures[figures[0]] for sample in outcome.samples]
        spread = f"{min(seconds):.1f}-{max(seconds):.1f}" if seconds else "-"
        note = f"FAILED: {outcome.failure}" if outcome.failure else outcome.score
        rows.append([*row, spread, note])
    return _aligned(rows)


def memory_table(outcomes: Sequence[Outcome]) -> str:
    """One row for each part of each stack."""
    rows = [["engine: part (median)", *(_HEADINGS[measure] for measure in memory.MEASURES), ""]]
    for outcome in outcomes:
        if outcome.failure:
            rows.append([outcome.name, *("-" for _ in memory.MEASURES), f"FAILED: {outcome.failure}"])
        for part in (*memory.PARTS, "total"):
            values = [outcome.median(f"{part}/{measure}") for measure in memory.MEASURES]
            if any(value is not None for value in values):
                rows.append([f"{outcome.name}: {part}", *(_number(value, 0) for value in values), ""])
    return _aligned(rows)


def services_table(outcomes: Sequence[Outcome]) -> str:
    """One row for each service; memory beside its limit."""
    rows = [["service (median)", "s until it answers", "used MB", "limit MB", "its network"]]
    for outcome in outcomes:
        figures = [
            (outcome.median("seconds"), 1),
            (outcome.median("used_mb"), 0),
            (outcome.median("limit_mb"), 0),
        ]
        note = f"FAILED: {outcome.failure}" if outcome.failure else outcome.score
        rows.append([outcome.name, *(_number(value, digits) for value, digits in figures), note])
    return _aligned(rows)


def background_line(cpus: float) -> str:
    """How idle the machine was, and what that means."""
    if cpus <= IDLE_SHARE:
        return f"Machine before the first sample: idle ({cpus:.2f} CPUs busy)."
    return f"NOT IDLE: {cpus:.2f} CPUs were busy before the first sample; take these figures for a trial run."


def write_json(what: str, outcomes: Sequence[Outcome], repeats: int, background: float) -> Path:
    """Write every sample, the medians and the machine; return the file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{date.today().isoformat()}-{what}.json"
    content = {
        "what": what,
        "date": date.today().isoformat(),
        "repeats": repeats,
        "background_cpus": round(background, 3),
        "machine": facts(),
        "candidates": [_record(outcome) for outcome in outcomes],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def _record(outcome: Outcome) -> dict[str, object]:
    names = dict.fromkeys(name for sample in outcome.samples for name in sample.figures)
    record = asdict(outcome)
    for sample in record["samples"]:
        sample["figures"] = {name: round(value, 3) for name, value in sample["figures"].items()}
    medians = {name: round(outcome.median(name) or 0.0, 3) for name in names}
    return {**record, "score": outcome.score, "medians": medians}
