"""Lessons as Markdown pages: executed, with their output, plots and self-check questions.

A lesson is a py:percent notebook whose first cell begins with a block of facts (title, minutes, objectives).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import yaml

from grader.written import Frozen
from sandbox.errors import UsageError

_BLOCK = re.compile(r"^---\n(.*?)\n---\n", re.S)
_QUESTION = re.compile(r"^### (\d+)\. (.+)$", re.M)
_CHOICE = re.compile(r"<details>\s*<summary>(.*?)</summary>\s*(.*?)\s*</details>", re.S)
_PICTURE = re.compile(r"^\*The picture: (.*?)\*(?:$| )", re.S | re.M)
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Facts(Frozen):
    """What a lesson says of itself."""

    title: str
    lab: str
    minutes: int
    prerequisites: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A lesson as a page, and the pictures that it shows."""

    facts: Facts
    markdown: str
    pictures: dict[str, bytes]  # file name beside the page -> PNG


def read_facts(source: Path) -> Facts:
    """The facts of a lesson. Raises UsageError when its first cell has none."""
    first = jupytext.read(source)["cells"][0]["source"]
    found = _BLOCK.match(first)
    if found is None:
        raise UsageError(f"{source} does not begin with its facts", "begin it as the other lessons do")
    return Facts.model_validate(yaml.safe_load(found.group(1)))


def executed(source: Path, cache: Path, told_by: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The lesson's notebook with its output; executed only when it or one of `told_by` has changed.

    Args:
        source: the lesson.
        cache: folder of executed lessons.
        told_by: other files that its output depends on, such as the lock of the packages.

    Raises:
        UsageError: a cell raised.
    """
    digest = hashlib.sha256()
    for path in (source, *told_by):
        digest.update(path.read_bytes())
    kept = cache / f"{source.stem}-{digest.hexdigest()[:16]}.ipynb"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _execute(source, kept)
    notebook: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return notebook


def _execute(source: Path, kept: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        jupytext.write(jupytext.read(source), work / "lesson.ipynb")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "papermill",
                "lesson.ipynb",
                "out.ipynb",
                "--kernel",
                "python3",
                "--no-progress-bar",
            ],
            cwd=work,
            env={**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{work}/mlflow.db"}
            | {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no word"]
            raise UsageError(
                f"the lesson {source.stem} does not run: {last[0]}", f"run {source} cell by cell"
            )
        part = kept.with_suffix(".part")
        part.write_bytes((work / "out.ipynb").read_bytes())
        part.replace(kept)


def page(source: Path, notebook: dict[str, Any]) -> Page:
    """The page of an executed lesson."""
    facts = read_facts(source)
    pictures: dict[str, bytes] = {}
    parts: list[str] = []
    for place, cell in enumerate(notebook["cells"]):
        text = _text(cell)
        if cell["cell_type"] == "markdown":
            text = _BLOCK.sub("", text).strip()
            if text.startswith(f"# {facts.title}"):
                text = text.removeprefix(f"# {facts.title}").strip()
                parts.append(_head(facts))
            parts.append(_questions(text, source.stem))
        elif cell["cell_type"] == "code" and text.strip():
            beside = [_text(one) for one in notebook["cells"][max(0, place - 1) : place + 2]]
            parts += [f"```python\n{text.strip()}\n```", *_outputs(cell, source, beside, pictures)]
    body = "\n\n".join(part for part in parts if part)
    return Page(facts, f"{_meta(facts)}{body}\n\n{_foot(facts)}", pictures)


def _meta(facts: Facts) -> str:
    return (
        f"---\ntitle: {json.dumps(facts.title)}\ndescription: {json.dumps('Lesson: ' + facts.title)}\n---\n\n"
    )


def _head(facts: Facts) -> str:
    rows = [
        f"# {facts.title}",
        f"A lesson of {facts.minutes} minutes, before the lab [{facts.lab}](../labs/{facts.lab}.md).",
    ]
    if facts.objectives:
        rows += ["**Afterwards you can:**", "\n".join(f"- {one}" for one in facts.objectives)]
    if facts.prerequisites:
        rows += ["**It assumes:**", "\n".join(f"- {one}" for one in facts.prerequisites)]
    return "\n\n".join(rows)


def _foot(facts: Facts) -> str:
    return (
        "## Now do it\n\n"
        f"The lab [{facts.lab}](../labs/{facts.lab}.md) asks you for this with your own hands, and grades what your work "
        f"does: `mlops start {facts.lab}`.\n"
    )


def _text(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _outputs(
    cell: dict[str, Any], source: Path, beside: list[str], pictures: dict[str, bytes]
) -> Iterator[str]:
    """What a code cell showed: text as it was, plots as files with the description in a cell beside it."""
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream" and output["name"] == "stdout":
            yield _shown(output["text"])
        elif output["output_type"] in ("display_data", "execute_result"):
            data = output["data"]
            if "image/png" in data:
                file = f"{source.stem}-{len(pictures) + 1}.png"
                pictures[file] = base64.b64decode(data["image/png"])
                yield f"![{_alternative(beside, source)}]({file}){{ loading=lazy }}"
            elif "text/plain" in data:
                yield _shown(data["text/plain"])


def _shown(text: str | list[str]) -> str:
    whole = _ESCAPES.sub("", text if isinstance(text, str) else "".join(text)).rstrip()
    return f"```{{ .text .output }}\n{whole}\n```"


def _alternative(beside: list[str], source: Path) -> str:
    """The description's first sentence, since the whole of it stands in the text. Raises UsageError: there is none."""
    found = next((match for text in beside if (match := _PICTURE.search(text))), None)
    if found is None:
        raise UsageError(
            f"{source} shows a plot that it does not describe",
            "write '*The picture: what it shows.*' in the cell before or after it",
        )
    first = re.split(r"(?<=[.:;]) ", " ".join(found.group(1).split()))[0]
    return re.sub(r"[\[\]`*]", "", first).rstrip(".:;") + "; described in the text beside it"


def _questions(text: str, lesson: str) -> str:
    """The text with its self-check questions as blocks that the page can keep count of."""
    starts = list(_QUESTION.finditer(text))
    if not starts:
        return text
    parts = [text[: starts[0].start()].rstrip()]
    for found, end in zip(starts, [*(one.start() for one in starts[1:]), len(text)], strict=True):
        block = text[found.end() : end]
        last = list(_CHOICE.finditer(block))[-1].end()
        parts.append(
            f'<div class="question" markdown="1" data-question="{lesson}/{found.group(1)}">\n\n'
            f"### {found.group(1)}. {found.group(2)}\n{_CHOICE.sub(_choice, block[:last])}\n\n</div>"
        )
        parts.append(block[last:].strip())
    return "\n\n".join(part for part in parts if part)


def _choice(found: re.Match[str]) -> str:
    summary, explanation = " ".join(found.group(1).split()), found.group(2).strip()
    right = " data-right" if explanation.startswith("Right") else ""
    return (
        f'\n<details class="choice" markdown="1"{right}>\n<summary markdown="span">{summary}</summary>\n\n'
        f"{explanation}\n\n</details>\n"
    )
