"""Which hint comes next, made from what the last check of the task saw, and the record of those that were given.

The notebook, the panel and the command line count together: the record is a small file of the work folder.
Learners' kernels import this module, so it needs only the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

RECORD = ".mlops/hints-used.json"
CHECKED = ".mlops/checked.json"  # what the last practice check of each task saw
GENERAL = 3  # hints that every task has
_MOST = 500  # rows kept, texts and all


@dataclass(frozen=True)
class Hint:
    """A hint as it is given."""

    task: str
    level: int  # from 0, among the task's general hints; -1: one for the check that failed
    of: int  # how many general hints the task has
    check: str  # name of the check whose failure it was made from; "": nothing had failed
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.title}:\n{self.text}"


def next_hint(about: Mapping[str, Any], task: str, checked: Any, used: Sequence[Mapping[str, Any]]) -> Hint:
    """The hint to give now; after the last one, the last one again.

    A failure that the lab has words for gets those first, once. Every other hint is the task's next general one,
    below what the last check saw.

    Args:
        about: the lab's `lab.json`.
        task: id of one of its tasks.
        checked: content of CHECKED, or None.
        used: the hints given so far, as `read_used` returns them.
    """
    texts: list[str] = about["hints"][task]
    seen = _failure(checked, task)
    check, saw = seen.get("check", ""), seen.get("saw", "")
    given = [row for row in used if row.get("task") == task]
    special = about.get("failure_hints", {}).get(task, {}).get(check)
    if special and not any(row.get("level") == -1 and row.get("check") == check for row in given):
        return Hint(
            task,
            -1,
            len(texts),
            check,
            f"Hint for {task}, from what the last check saw",
            _below(saw, special),
        )
    level = min(sum(row.get("level") != -1 for row in given), len(texts) - 1)
    title = f"Hint {level + 1} of {len(texts)} for {task}"
    return Hint(task, level, len(texts), check, title, _below(saw, texts[level]))


def _failure(checked: Any, task: str) -> dict[str, str]:
    """The task's last failure, empty when it has none. The file is the learner's: any part may be anything."""
    rows = checked.get("tasks") if isinstance(checked, dict) else None
    row = rows.get(task) if isinstance(rows, dict) else None
    if not isinstance(row, dict) or row.get("state") != "fail":
        return {}
    return {key: value[:400] for key in ("check", "saw") if isinstance(value := row.get(key), str)}


def _below(saw: str, text: str) -> str:
    return f"The last check saw: {saw.rstrip('.')}.\n{text}" if saw else text


def read_used(content: Any) -> list[dict[str, Any]]:
    """The hints given so far, oldest first, of the record's content; what is no row is left out."""
    if not isinstance(content, dict):
        return []
    if "format" not in content:  # a count for each task, as the first versions kept it
        return [
            {"task": task, "level": level, "check": "", "at": ""}
            for task, count in content.items()
            if isinstance(count, int)
            for level in range(min(count, GENERAL))
        ]
    rows = content.get("hints")
    return [row for row in rows if isinstance(row, dict)][-_MOST:] if isinstance(rows, list) else []


def with_hint(used: Sequence[Mapping[str, Any]], hint: Hint) -> dict[str, Any]:
    """The record's content once `hint` has been given."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    row = {key: getattr(hint, key) for key in ("task", "level", "of", "check", "title", "text")}
    return {"format": 2, "hints": [*used, {**row, "at": now}][-_MOST:]}
