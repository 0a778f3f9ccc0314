"""The notebook's `lab` object: ``from mlops_labs import lab``, then ``lab.check("t2")``.

Runs in the learner's kernel, so it imports the standard library and the checks' vocabulary only. It reads
what `mlops start` laid into `.mlops/` and asks the platform outside the sandbox, through files, to grade.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader import hints, wire
from grader.checks import Answer, Attempt, Check, Question, Transport, load_checks, run_check
from grader.inside.bench import Bench
from mlops_labs.picture import Picture, TaskLine

MAILBOX = ".mlops/mailbox"
ALIVE_SECONDS = 10.0  # how old the platform's sign of life may be
GRADING_SECONDS = 900.0


class Words:
    """A short text that shows as itself in a notebook."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class _InProcess:
    """Transport of the practice checks: the same answers as in a grading, from this very kernel."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def ask(self, question: Question) -> Answer:
        from grader.inside.agent import answer

        # Through JSON and back, so that practice sees exactly what a grading would see.
        sent = wire.loads(wire.dumps(question))
        reply: Answer = wire.loads(wire.dumps(answer(sent, self._namespace)))
        return reply


class _Copies:
    """Benches of the practice checks: copies of the folders that will be handed in, gone after the check."""

    def __init__(self, folder: Path, handed_in: list[str]) -> None:
        self._folder = folder
        self._handed_in = handed_in
        self._stack = ExitStack()
        self._named: dict[str, Transport] = {}

    def __enter__(self) -> _Copies:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def open(self, name: str) -> Transport:
        """The bench of that name; without one a new one."""
        if name and name in self._named:
            return self._named[name]
        copy = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="practice-")))
        for folder in self._handed_in:
            if (self._folder / folder).is_dir():
                shutil.copytree(self._folder / folder, copy / folder, symlinks=True)
        bench = Bench(copy)
        self._stack.callback(bench.close)
        made = _OnCopy(bench)
        self._named[name] = made
        return made


class _OnCopy:
    """Transport to a bench on a copy, through JSON and back as in a grading."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def ask(self, question: Question) -> Answer:
        reply: Answer = wire.loads(wire.dumps(self._bench.answer(wire.loads(wire.dumps(question)))))
        return reply


def _folder() -> Path:
    """The lab's work folder: where `.mlops/lab.json` is, here or above."""
    for folder in [Path.cwd(), *Path.cwd().parents]:
        if (folder / ".mlops" / "lab.json").is_file():
            return folder
    raise FileNotFoundError("No lab here. Open the notebook that `mlops start` printed, in its own folder.")


def _about(folder: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((folder / ".mlops" / "lab.json").read_text(encoding="utf-8"))
    return about


def _namespace() -> dict[str, Any]:
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        import __main__

        return vars(__main__)
    namespace: dict[str, Any] = shell.user_ns
    return namespace


def _tasks(about: dict[str, Any], task: str | None) -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = about["tasks"]
    chosen = [row for row in known if task in (None, row["id"])]
    if not chosen:
        names = ", ".join(row["id"] for row in known)
        raise LookupError(f"This lab has no task {task!r}. Its tasks are: {names}.")
    return chosen


def _head(folder: Path) -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _attempt(folder: Path, namespace: dict[str, Any], benches: Callable[[str], Transport]) -> Attempt:
    transport = _InProcess(namespace)
    probes = folder / ".mlops" / "probes.py"
    if probes.is_file():
        transport.ask({"op": "probes", "source": probes.read_text(encoding="utf-8")})
    return Attempt(transport, folder, secrets.randbelow(2**31), git_head=_head(folder), benches=benches)


def check(task: str | None = None) -> Picture | Words:
    """Run the public checks of one task, or of all, on what this notebook has defined so far."""
    if os.environ.get("MLOPS_GRADING"):
        return Words("Checks run after the notebook when it is graded.")
    folder = _folder()
    about = _about(folder)
    chosen = _tasks(about, task)
    declared = load_checks(folder / ".mlops" / "practice.py", "practice_checks")
    wanted, states = _with_needs(declared, {row["id"] for row in chosen}), dict[str, str]()
    with _Copies(folder, about.get("handed_in", [])) as copies:
        attempt = _attempt(folder, _namespace(), copies.open)
        ran = [
            (found.task, run_check(found, attempt, states, declared))
            for found in declared
            if found.task in wanted
        ]
    lines, seen = [], {}
    for row in chosen:
        reports = [report for of_task, report in ran if of_task == row["id"]]
        first = next((report for report in reports if report["state"] != "pass"), None)
        state = "to_mark" if row.get("written") else "pass" if reports else "error"
        trouble = first or {"check": "", "state": state, "saw": "", "help": ""}
        lines.append(TaskLine(row["id"], row["title"], trouble["state"], trouble["saw"], trouble["help"]))
        seen[row["id"]] = {**trouble, "check": trouble["check"].rpartition("/")[2]}
    _remember(folder, seen)
    return Picture(
        about["id"],
        about["number"],
        about["title"],
        lines,
        more_checks=int(about["graded_checks"]),
        partial=len(lines) < len(about["tasks"]),
    )


def _remember(folder: Path, seen: dict[str, dict[str, Any]]) -> None:
    """Leave what the checks saw for the panel and for hints. A disk that is full must not take the verdict away."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    before = _read_json(folder / hints.CHECKED)
    tasks = before.get("tasks") if isinstance(before, dict) else None
    merged = {
        **(tasks if isinstance(tasks, dict) else {}),
        **{task: {**row, "at": now} for task, row in seen.items()},
    }
    with suppress(OSError):
        _write_json(folder / hints.CHECKED, {"format": 1, "tasks": merged})


def _read_json(path: Path) -> Any:
    try:
        return wire.loads(path.read_bytes())
    except (OSError, wire.WireError):
        return None


def _write_json(path: Path, content: Any) -> None:
    """Write at once: whoever reads it meanwhile never sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


def _with_needs(declared: list[Check], tasks: set[str]) -> set[str]:
    """The tasks and those whose checks they need, else a check of one task would always be blocked."""
    task_of = {
        name: found.task for found in declared for name in (found.task, found.id, found.id.split("/")[1])
    }
    grown = tasks | {
        task_of.get(need, "") for found in declared if found.task in tasks for need in found.needs
    }
    return tasks if grown == tasks else _with_needs(declared, grown)


def hint(task: str) -> Words:
    """The next hint for a task, made from what its last check saw; after the last one, the last one again."""
    folder = _folder()
    about = _about(folder)
    row = _tasks(about, task)[0]
    used = hints.read_used(_read_json(folder / hints.RECORD))
    given = hints.next_hint(about, row["id"], _read_json(folder / hints.CHECKED), used)
    with suppress(OSError):  # a full disk must not take the hint away
        _write_json(folder / hints.RECORD, hints.with_hint(used, given))
    return Words(str(given))


def status() -> Words:
    """What the last submission showed, task by task."""
    folder = _folder()
    about = _about(folder)
    try:
        return Words((folder / ".mlops" / "last-result.txt").read_text(encoding="utf-8"))
    except OSError:
        return Words(f"Lab {about['number']:02d} {about['title']}: nothing submitted yet. Next: lab.submit()")


def submit() -> Words:
    """Ask the platform to grade the saved notebook in a fresh sandbox, and show what comes of it."""
    if os.environ.get("MLOPS_GRADING"):
        return Words("A submission cannot be made from inside a grading.")
    folder = _folder()
    about = _about(folder)
    by_hand = f"Save the notebook, then run in a terminal: mlops submit {about['id']}"
    if not platform_answers(folder):
        return Words(f"The platform outside this sandbox does not answer. {by_hand}")
    unsaved = _unsaved(folder / f"{about['id']}.ipynb")
    if unsaved:
        return Words(unsaved)
    reply = folder / MAILBOX / f"{request_grading(folder)}.txt"
    deadline = time.monotonic() + GRADING_SECONDS
    while time.monotonic() < deadline:
        if reply.is_file():
            text = reply.read_text(encoding="utf-8")
            reply.unlink()
            return Words(text)
        time.sleep(0.2)
    return Words(f"No result after {GRADING_SECONDS / 60:.0f} minutes; your work is safe. {by_hand}")


def platform_answers(folder: Path) -> bool:
    """Whether somebody outside the sandbox takes submissions; while one is graded there may be no sign of it."""
    try:
        age = time.time() - (folder / MAILBOX / "alive").stat().st_mtime
    except OSError:
        return False
    return age <= ALIVE_SECONDS


def request_grading(folder: Path) -> str:
    """Ask the platform to grade the saved notebook. Returns the request's id: `<id>.txt` in MAILBOX will answer it."""
    request = secrets.token_hex(8)
    draft = folder / MAILBOX / f".request-{request}"
    draft.write_text(json.dumps({"submit": request}), encoding="utf-8")
    draft.rename(folder / MAILBOX / "request.json")
    return request


def _unsaved(notebook: Path) -> str:
    """What to tell when code that has run in this kernel is not in the saved file."""
    ran = [str(source) for source in _namespace().get("In", []) if str(source).strip()]
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        saved = {"".join(cell.get("source", [])).strip() for cell in content["cells"]}
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    # The cell that calls submit runs before anything can save it, so only the ones before it tell.
    for source in ran[-2:-1]:
        if source.strip() not in saved and "lab." not in source:
            return "The notebook has changes that are not saved. Press Ctrl+S, then run lab.submit() again."
    return ""
