"""Reference pages made from the code: every command with its options, and the vocabulary of checks."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from griffe import DocstringSectionKind, Function, Object, load

NOTE = "<!-- Made by `make reference` from the code; change it there. -->\n\n"
VOCABULARY = {
    "grader.checks": ("check", "Attempt", "Tracking", "Run", "ModelVersion"),
    "grader.benches": ("Bench", "Done", "Process", "Clone", "Blob"),
}


def commands() -> str:
    """The page of the `mlops` command, as Typer documents it."""
    words = [sys.executable, "-m", "typer", "mlops_labs.cli", "utils", "docs", "--name", "mlops"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    text = done.stdout.replace("# `mlops`\n", "# The mlops command\n", 1)
    # Typer closes a line of text and a list without the empty line that Markdown wants.
    return NOTE + "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"


def vocabulary() -> str:
    """The page of what a check may ask, from the docstrings."""
    parts = [
        "# What a check may ask",
        "A check is a function in a lab's `checks.py` (graded, never shown to learners) or `practice.py` (public). It asks the "
        "learner's side through `attempt`, and says with `attempt.expect` what was seen and what to do about it. Expected "
        "values stay with the check.",
    ]
    for module, names in VOCABULARY.items():
        found = load(module, docstring_parser="google")
        for name in names:
            parts += _object(found[name])
    return NOTE + "\n\n".join(parts) + "\n"


def _object(one: Any) -> Iterator[str]:
    yield f"## {one.name}"
    if isinstance(one, Function):
        yield f"```python\n{_signature(one)}\n```"
        yield from _docstring(one)
        return
    yield from _docstring(one, only=DocstringSectionKind.text)
    fields = [
        field for field in one.members.values() if field.is_attribute and not field.name.startswith("_")
    ]
    if rows := [
        f"| `{field.name}` | {_cell(field)} |" for field in fields if field.docstring or field.annotation
    ]:
        yield "| field | what it holds |\n|---|---|\n" + "\n".join(rows)
    for method in one.members.values():
        if method.is_function and not method.name.startswith("_") and method.docstring:
            yield f"### {one.name}.{method.name}"
            yield f"```python\n{_signature(method)}\n```"
            yield from _docstring(method)


def _cell(field: Any) -> str:
    text = " ".join(field.docstring.value.split()) if field.docstring else _comment(field)
    kind = f"`{field.annotation}`" if field.annotation else "property"
    return f"{kind} {text}".replace("|", "\\|")


def _comment(field: Any) -> str:
    """What stands behind a field on its line, which is where our fields are explained."""
    line = field.source.splitlines()[-1] if field.source else ""
    return line.partition("#")[2].strip()


def _signature(one: Function) -> str:
    parts, keyword_only = [], False
    for parameter in one.parameters:
        if parameter.name == "self":
            continue
        if parameter.kind and parameter.kind.value == "keyword-only" and not keyword_only:
            parts.append("*")
        kind = parameter.kind.value if parameter.kind else ""
        keyword_only = keyword_only or kind in ("keyword-only", "variadic positional")
        stars = {"variadic positional": "*", "variadic keyword": "**"}.get(kind, "")
        default = f" = {parameter.default}" if parameter.default is not None and not stars else ""
        annotation = f": {parameter.annotation}" if parameter.annotation is not None else ""
        parts.append(f"{stars}{parameter.name}{annotation}{default}")
    prefix = "" if one.parent is None or one.parent.is_module else f"{one.parent.name.lower()}."
    returns = f" -> {one.returns}" if one.returns is not None else ""
    return f"{prefix}{one.name}({', '.join(parts)}){returns}"


def _docstring(one: Object, only: DocstringSectionKind | None = None) -> Iterator[str]:
    for section in one.docstring.parsed if one.docstring else []:
        if only not in (None, section.kind):
            continue
        if section.kind is DocstringSectionKind.text:
            yield inspect.cleandoc(section.value)
        elif section.kind is DocstringSectionKind.parameters:
            yield "\n".join(f"- `{item.name}`: {_flat(item.description)}" for item in section.value)
        elif section.kind is DocstringSectionKind.raises:
            yield "\n".join(
                f"- raises `{item.annotation}`: {_flat(item.description)}" for item in section.value
            )
        elif section.kind is DocstringSectionKind.returns:
            yield "Returns " + " ".join(_flat(item.description) for item in section.value)


def _flat(text: str) -> str:
    return " ".join(text.split())
