"""The vocabulary in which a lab's checks are written, for `practice.py` and `checks.py` alike.

A check is a function of an `Attempt`. It asks the learner's side questions and compares the answers with
what it computes itself: an answer is a claim, and the expected value must never be made from one.
This module needs only the standard library, because it is also imported in a learner's kernel.
"""

from __future__ import annotations

import builtins
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from grader.benches import Bench
from grader.containers import Image

if TYPE_CHECKING:
    from pandas import DataFrame

Question = dict[str, Any]
Answer = dict[str, Any]


class CheckFailed(Exception):
    """The work does not do what the check asks. `saw` and `help` are told to the learner."""

    def __init__(self, saw: str, help: str) -> None:
        super().__init__(saw)
        self.saw = saw
        self.help = help


class CheckBlocked(Exception):
    """The check cannot be made here, whatever the work is worth. The text says what is missing."""


class Transport(Protocol):
    """Carries one question to the learner's side and its answer back."""

    def ask(self, question: Question) -> Answer:
        """Return ``{"ok": value}`` or ``{"raised": {"type", "message"}}`` or ``{"lost": reason}``."""


@dataclass(frozen=True)
class Run:
    """An MLflow run as the learner's side tells it: claims, not facts."""

    id: str
    name: str
    status: str
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)  # URIs of the models logged in it
    start_time: int = 0  # milliseconds since 1970


@dataclass(frozen=True)
class ModelVersion:
    """A registered model's version as the learner's side tells it."""

    version: str
    run_id: str
    aliases: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


Shape = TypeVar("Shape", Run, ModelVersion)
_TEXTS = ("id", "name", "status", "run_id", "version")


def _list(rows: Any) -> list[Any]:
    return rows if isinstance(rows, list) else [rows]


def _shaped(kind: type[Shape], row: Any) -> Shape:
    """A record of MLflow's with every field of its type; fails the check for anything else."""
    fields = kind.__dataclass_fields__ if isinstance(row, dict) else {}
    fit = (
        bool(fields)
        and set(row) <= set(fields)
        and all(isinstance(row.get(name, ""), str) for name in _TEXTS)
    )
    for name in ("params", "tags", "metrics"):
        held = row.get(name, {}) if fit else {}
        wanted = (int, float) if name == "metrics" else (str,)
        fit = fit and isinstance(held, dict) and all(isinstance(value, wanted) for value in held.values())
    for name in ("models", "aliases"):
        held = row.get(name, []) if fit else []
        fit = fit and isinstance(held, list) and all(isinstance(value, str) for value in held)
    if not fit or not isinstance(row.get("start_time", 0), int):
        raise CheckFailed(
            "what comes back from MLflow has not the form it should have",
            "Remove code that changes MLflow itself, then Restart Kernel and Run All Cells.",
        )
    return kind(**row)


class Tracking:
    """Questions about the learner's MLflow server."""

    def __init__(self, ask: Callable[[Question], Any]) -> None:
        self._ask = ask

    def runs(self, experiment: str) -> list[Run]:
        """The active runs of an experiment, oldest first; none if it does not exist."""
        rows = self._ask({"op": "mlflow.runs", "experiment": experiment})
        return [_shaped(Run, row) for row in _list(rows)]

    def versions(self, model: str) -> list[ModelVersion]:
        """The versions of a registered model, oldest first; none if it does not exist."""
        rows = self._ask({"op": "mlflow.versions", "model": model})
        return [_shaped(ModelVersion, row) for row in _list(rows)]

    def alias(self, model: str, alias: str) -> str | None:
        """The version an alias points to, or None."""
        version = self._ask({"op": "mlflow.alias", "model": model, "alias": alias})
        return None if version is None else str(version)


# What is told of an error when its own text may not be: kind -> (what happened, what to do).
_KINDS = {
    "AnswerTooLarge": (
        "returned more than an answer may hold",
        "Return only what is asked for: 4 MB of numbers or text at most.",
    ),
    "NotPlain": (
        "returned what JSON cannot hold: NaN or infinity, or an object such as a model or a run",
        "Return plain, finite values: an id instead of the object, a number, text, lists or dicts of them.",
    ),
    "TimeoutError": ("did not answer in time", "Make it faster, or look for a loop that does not end."),
    "NotImplementedError": (
        "is not written yet",
        "Write it in the answer cell, in place of raise NotImplementedError().",
    ),
    "NameError": (
        "raised NameError",
        "Define every name it needs in the answer cell or a cell above it, then Restart and Run All.",
    ),
}
_TRY_IT = "Run that call in a cell of your own, with inputs like those of the brief, and read the error."

_LOST = {
    "time": ("your notebook took longer than it may", "Look for a loop that does not end, or train on less."),
    "memory": ("your notebook used more memory than it may", "Work on fewer rows or columns at once."),
    "output": ("your notebook printed more than it may", "Print a summary instead of every row."),
    "processes": ("your notebook started more processes or threads than it may", "Start fewer at once."),
    "disk": ("your notebook wrote more than it may", "Write less, and delete what is not needed any more."),
    "died": (
        "your notebook's kernel stopped before it could answer",
        "Remove calls that end the process (exit, os._exit), then Restart Kernel and Run All Cells.",
    ),
}


# The same of a bench: what was lost is what a command of the check's was doing with the work.
_LOST_BENCH = {
    "time": ("your work took longer than it may", "Look for a loop that does not end, or do less at once."),
    "memory": ("your work used more memory than it may", "Work on fewer rows or columns at once."),
    "processes": ("your work started more processes or threads than it may", "Start fewer at once."),
    "disk": ("your work wrote more than it may", "Write less, and delete what is not needed any more."),
}
_BENCH_DIED = ("the sandbox that your work ran in ended", "Remove what kills processes it did not start.")


class Attempt:
    """One learner's work, seen through questions and answers.

    Args:
        transport: carries the questions.
        data: folder with the data that this side may see.
        seed: fresh for each grading; a check's outcome must not depend on it.
        git_head: the commit made before any learner code started, "" where there is none.
        runs: the further runs that `lab.toml` declares.
        benches: opens the transport to a bench, a new one without a name.
        images: opens the transport to an image of the folder; None where no images can be built.
        discreet: of an error on the learner's side, tell only its kind. Its text could carry the inputs of
            graded checks to the learner; it stays in the audit notebook.
    """

    def __init__(  # noqa: PLR0913  # each is one fact about the attempt
        self,
        transport: Transport,
        data: Path,
        seed: int,
        *,
        git_head: str = "",
        runs: dict[str, Attempt] | None = None,
        benches: Callable[[str], Transport] | None = None,
        images: Callable[[str], Transport] | None = None,
        discreet: bool = False,
    ) -> None:
        self._transport = transport
        self.data = data
        self.seed = seed
        self.git_head = git_head
        self._runs = runs or {}
        self._benches = benches
        self._open_image = images
        self._images: dict[str, Image] = {}
        self._discreet = discreet
        self.mlflow = Tracking(self._ask)

    def _ask(self, question: Question, doing: str = "") -> Any:
        answer = self._transport.ask(question)
        if "ok" in answer:
            return answer["ok"]
        if "lost" in answer:
            raise CheckFailed(*_LOST.get(str(answer["lost"]), _LOST["died"]))
        what, help = self._told(answer["raised"])
        raise CheckFailed(clip(f"{doing or 'your work'} {what}"), help)

    def _told(self, raised: dict[str, Any]) -> tuple[str, str]:
        """What to say of an error. All of it is the learner's side's word, also when the agent's."""
        kind = str(raised["type"])
        what, help = _KINDS.get(kind, (f"raised {kind}", _TRY_IT))
        if not self._discreet:
            said = str(raised["message"])
            return (f"{what}: {said}" if said else what), help
        known = kind in _KINDS or hasattr(builtins, kind) or kind == "MlflowException"
        return (what, help) if known else ("raised an error", _TRY_IT)

    def call(self, function: str, *args: Any, seconds: float = 60.0, **kwargs: Any) -> Any:
        """Call a function of the notebook with JSON arguments; return its JSON result.

        The check fails by itself when the function is missing, raises, returns what is not JSON or takes
        longer than `seconds`.
        """
        question = {"op": "call", "function": function, "args": args, "kwargs": kwargs, "seconds": seconds}
        return self._ask(question, f"`{function}(...)`")

    def value(self, name: str) -> Any:
        """The JSON value of a global variable of the notebook."""
        return self._ask({"op": "value", "name": name}, f"`{name}`")

    def defined(self, name: str) -> bool:
        """Whether the notebook defines that global."""
        return bool(self._ask({"op": "defined", "name": name}))

    def predict(self, model_uri: str, rows: DataFrame, seconds: float = 60.0) -> list[float]:
        """Scores of an MLflow model for the rows: the positive class's probability, else `predict`'s value.

        Args:
            model_uri: for instance ``models:/m-…`` or ``models:/name@champion``.
            rows: features only; labels stay on this side.
        """
        frame = {
            "columns": [str(column) for column in rows.columns],
            "dtypes": {str(column): str(kind) for column, kind in rows.dtypes.items()},
            "rows": rows.to_numpy(dtype=object).tolist(),
        }
        question = {"op": "predict", "uri": model_uri, "frame": frame, "seconds": seconds}
        scores = self._ask(question, "predicting with your logged model")
        if not (
            isinstance(scores, list)
            and len(scores) == len(rows)
            and all(isinstance(score, int | float) and not isinstance(score, bool) for score in scores)
            and all(abs(score) < 1e300 for score in scores)
        ):
            raise CheckFailed(
                "your model's predictions are not one number for each row",
                "Log a model that predicts one score a row.",
            )
        return [float(score) for score in scores]

    def probe(self, function: str, *args: Any, seconds: float = 60.0) -> Any:
        """Run a function of the lab's `probes.py` on the learner's side. Its answer is a claim as well."""
        return self._ask(
            {"op": "probe", "function": function, "args": args, "seconds": seconds}, f"`{function}`"
        )

    def run(self, run_id: str) -> Attempt:
        """The same notebook run again as `lab.toml` declares it under ``[[runs]]``."""
        return self._runs[run_id]

    def bench(self, name: str = "") -> Bench:
        """A sandbox with a copy of the files that were handed in, in which nothing of them has run yet.

        Args:
            name: checks that ask for a bench of the same name share it; without one it is new, and this
                check's alone.
        """
        assert self._benches is not None, "only an attempt itself has benches, and none of its further runs"
        return Bench(_asking(self._benches(name)), CheckFailed)

    def image(self, folder: str) -> Image:
        """The image that the Dockerfile of a folder of the work makes; built once for all checks.

        The check fails by itself when it cannot be built, and is blocked where there is no engine for images.
        """
        if self._open_image is None:
            raise CheckBlocked("a container engine, which builds images: start Docker, then submit again")
        if folder not in self._images:
            transport = self._open_image(folder)
            built = _asking(transport, "Build it on a machine with Docker: docker build, and read that step.")
            self._images[folder] = Image(_asking(transport), built({"op": "build", "folder": folder}))
        return self._images[folder]

    def expect(self, condition: object, *, saw: str, help: str) -> None:
        """Fail the check unless the condition holds.

        Args:
            condition: anything with a truth value of this side's own types.
            saw: what was seen against what is required; never the answer, never a graded input.
            help: one likely cause and one next action.
        """
        if not condition:
            raise CheckFailed(saw, help)


def _asking(
    transport: Transport, help: str = "Look what the brief says is to be there, and try it."
) -> Callable[[Question], Any]:
    """Ask a bench or an image; what it cannot do with the work fails the check."""

    def ask(question: Question) -> Any:
        answer = transport.ask(question)
        if "ok" in answer:
            return answer["ok"]
        if "lost" in answer:
            raise CheckFailed(*_LOST_BENCH.get(str(answer["lost"]), _BENCH_DIED))
        raise CheckFailed(clip(str(answer["raised"]["message"])), help)

    return ask


CheckFunction = Callable[[Attempt], None]


@dataclass(frozen=True)
class Check:
    """A check as its lab declares it. The id is ``<task>/<function name>``."""

    id: str
    task: str
    title: str
    points: int
    needs: tuple[str, ...]
    function: CheckFunction


def check(
    task: str, *, points: int = 1, needs: Sequence[str] = ()
) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a function to be a check of `task`.

    Args:
        task: id of the task in `lab.toml`.
        points: what a pass earns; practice checks earn nothing and leave it out.
        needs: ids of tasks, or names of checks, that must pass first; else this one is `blocked`.
    """

    def declare(function: CheckFunction) -> CheckFunction:
        title = (function.__doc__ or function.__name__.replace("_", " ")).strip().splitlines()[0].rstrip(".")
        declared = Check(f"{task}/{function.__name__}", task, title, points, tuple(needs), function)
        function.__check__ = declared  # type: ignore[attr-defined]  # found again by load_checks
        return function

    return declare


def load_checks(path: Path, module_name: str = "lab_checks") -> list[Check]:
    """Import a file of checks; return them in the order they are written."""
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # so that dataclasses and pickles in it resolve
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # no __pycache__ in a learner's folder
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return [found.__check__ for found in vars(module).values() if hasattr(found, "__check__")]


def clip(text: str, most: int = 240) -> str:
    """One printable line of at most `most` characters, for text that a learner's side has a say in."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def run_check(
    declared: Check, attempt: Attempt, states: dict[str, str], known: Sequence[Check] = ()
) -> dict[str, Any]:
    """Run one check and return its report: check, state, saw, help.

    Args:
        declared: the check.
        attempt: the work.
        states: states of the checks run so far by id; updated with this one.
        known: every check of the file, to tell by its title what a blocked one waits for.
    """
    report: dict[str, Any] = {"check": declared.id, "state": "pass", "saw": "", "help": ""}
    unmet = [need for need in declared.needs if not _met(need, states)]
    if unmet:
        report.update(state="blocked", saw=clip(f"waits for {_title(unmet[0], known)}", 400))
    else:
        try:
            declared.function(attempt)
        except CheckBlocked as missing:
            report.update(state="blocked", saw=clip(f"needs {missing}", 400))
        except CheckFailed as failed:
            report.update(state="fail", saw=clip(failed.saw, 400), help=clip(failed.help, 400))
        except Exception as error:  # noqa: BLE001  # a check that breaks is the author's fault, and says so
            report.update(state="error", saw=clip(f"{type(error).__name__}: {error}"), help="")
    states[declared.id] = str(report["state"])
    return report


def _title(need: str, known: Sequence[Check]) -> str:
    """A need as a learner knows it: the task's id, with the check's title where one check is meant."""
    found = next((check for check in known if need in (check.id, check.id.split("/")[1])), None)
    return f"{found.task} ({found.title})" if found else need


def _met(need: str, states: dict[str, str]) -> bool:
    """Whether a needed task (all of its checks) or check (by its name) has passed."""
    relevant = [
        state
        for check_id, state in states.items()
        if need in (check_id.split("/")[0], check_id, check_id.split("/")[1])
    ]
    return bool(relevant) and all(state == "pass" for state in relevant)
