"""The picture of a result: plain text for terminals and screen readers, HTML for notebooks.

State is told in words as well as in colour. This module is imported in learners' kernels too, so it needs
only the standard library.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from grader.words import COLOURS, MEANING, word


@dataclass(frozen=True)
class TaskLine:
    """One task as it is shown: its state and, unless it passed, its first trouble."""

    id: str
    title: str
    state: str
    saw: str = ""
    help: str = ""


def trouble(task: TaskLine) -> str:
    """What to say of a task that has not passed: what was seen, one likely cause, one next action."""
    if task.state in MEANING:
        return MEANING[task.state]
    if task.state == "blocked":
        return f"{task.saw[:1].upper()}{task.saw[1:]}."
    saw = f"Saw: {task.saw.rstrip('.')}.  " if task.state == "fail" and task.saw else ""
    return f"{saw}{task.help}"


@dataclass(frozen=True)
class Picture:
    """What a learner is shown after a check or a submission."""

    lab: str
    number: int
    title: str
    tasks: Sequence[TaskLine]
    points: tuple[int, int] | None = None  # earned, most; None for public checks
    message: str = ""
    notes: Sequence[str] = ()
    more_checks: int = 0  # graded checks still to run at a submission
    partial: bool = False  # not every task of the lab is shown

    @property
    def passed(self) -> int:
        """How many tasks passed."""
        return sum(task.state == "pass" for task in self.tasks)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do for the learner."""
        return all(task.state in ("pass", "to_mark") for task in self.tasks)

    def _bar(self) -> str:
        filled = 10 * self.passed // max(1, len(self.tasks))
        return "[" + "#" * filled + "-" * (10 - filled) + "]"

    def _headline(self) -> str:
        count = "" if self.partial else f"   {self.passed}/{len(self.tasks)} tasks   {self._bar()}"
        return f"Lab {self.number:02d} {self.title}{count}"

    def footer(self, notebook: bool = False) -> list[str]:
        """Points, what else will be checked, what to do next, in the words of where it is read."""
        lines = [f"Points: {self.points[0]} of {self.points[1]}"] if self.points else []
        if self.more_checks:
            lines.append(f"Public checks only: {self.more_checks} more run when you submit.")
        unfinished = next((task for task in self.tasks if task.state in ("fail", "not_attempted")), None)
        if unfinished:
            hint = f'lab.hint("{unfinished.id}")' if notebook else f"mlops hint {self.lab} {unfinished.id}"
            lines.append(f"Next: {hint}")
        elif not self.done:
            lines.append("Next: finish what it waits for, then check again.")
        elif self.points:
            waits = self.passed < len(self.tasks)
            lines.append("The rest is your mentor's to mark." if waits else "All tasks passed.")
        elif self.partial:
            lines.append("Next: go on with the next task.")
        else:
            lines.append("Next: lab.submit()" if notebook else f"Next: mlops submit {self.lab}")
        return lines

    def text(self, notebook: bool = False) -> str:
        """The picture in plain text."""
        lines = [self._headline()]
        if self.message:
            lines.append(self.message)
        for task in self.tasks:
            lines.append(f"{word(task.state)} {task.id}  {task.title}")
            if task.state != "pass" and trouble(task).strip():
                lines.append(f"     {trouble(task)}")
        lines += [f"Note: {note}" for note in self.notes]
        return "\n".join([*lines, *self.footer(notebook)])

    def __repr__(self) -> str:
        return self.text(notebook=True)

    def _repr_html_(self) -> str:
        """The picture for a notebook; everything is escaped, nothing is loaded from elsewhere."""
        rows = "".join(self._html_task(task) for task in self.tasks)
        count = "" if self.partial else f" &nbsp; {self.passed}/{len(self.tasks)} tasks"
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in [self.message, *self.notes] if note)
        footer = "<br>".join(html.escape(line) for line in self.footer(notebook=True))
        return (
            f'<section aria-label="Checks of {html.escape(self.title)}">'
            f"<p><strong>Lab {self.number:02d} {html.escape(self.title)}</strong>{count}</p>{notes}"
            f'<ul style="list-style:none;padding-left:0">{rows}</ul><p>{footer}</p></section>'
        )

    def _html_task(self, task: TaskLine) -> str:
        badge = (
            f'<strong style="display:inline-block;min-width:3.2em;padding:0 .4em;border-radius:3px;color:#fff;'
            f'background:{COLOURS.get(task.state, "#57606a")}">{word(task.state)}</strong>'
        )
        more = "" if task.state == "pass" else f"<div>{html.escape(trouble(task))}</div>"
        return f"<li>{badge} <strong>{html.escape(task.id)}</strong> {html.escape(task.title)}{more}</li>"
