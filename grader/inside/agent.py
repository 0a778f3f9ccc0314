"""Answers a grader's questions from inside the learner's kernel.

The runner appends a last cell that calls `serve`. Everything here runs among the learner's own code and
could be patched by it: whatever it says is a claim, and no verdict rests on its honesty.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader import wire
from grader.inside.plain import NotPlain, plain

Namespace = dict[str, Any]
# Leaves room for the line's id and end.
_LONGEST = wire.MAX_ANSWER - 16


class _TooSlow(BaseException):
    """Raised by the alarm. Not an Exception, so that a learner's `except Exception` does not swallow it."""


class _Null(io.TextIOBase):
    """Takes what a question's call prints: the notebook's own output is kept, this is nobody's."""

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Interrupt the body after `seconds`. Only a convenience: the dispatcher has a clock of its own."""

    def ring(_signal: int, _frame: object) -> None:
        raise _TooSlow

    try:
        before = signal.signal(signal.SIGALRM, ring)
    except ValueError:  # not in the main thread: the outer clock must do
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _raised(kind: str, message: str) -> dict[str, Any]:
    return {"raised": {"type": kind, "message": message[:2000]}}


def _function(name: str, namespace: Namespace) -> Callable[..., Any]:
    found = namespace.get(name)
    if not callable(found):
        raise NameError(f"`{name}` is not defined as a function when the notebook runs from top to bottom")
    return found  # type: ignore[no-any-return]  # the namespace holds anything


def _operations(namespace: Namespace) -> dict[str, Callable[[dict[str, Any]], Any]]:
    from grader.inside import tracking

    return {
        "call": lambda q: _function(q["function"], namespace)(*q["args"], **q["kwargs"]),
        "value": lambda q: namespace[q["name"]],
        "defined": lambda q: q["name"] in namespace,
        "modules": lambda _: list(sys.modules),
        "probes": lambda q: _install_probes(q["source"], namespace),
        "probe": lambda q: vars(namespace["__probes__"])[q["function"]](*q["args"]),
        "predict": lambda q: tracking.predict(q["uri"], q["frame"]),
        "mlflow.runs": lambda q: tracking.runs(q["experiment"]),
        "mlflow.versions": lambda q: tracking.versions(q["model"]),
        "mlflow.alias": lambda q: tracking.alias(q["model"], q["alias"]),
    }


def _install_probes(source: str, namespace: Namespace) -> None:
    module = types.ModuleType("probes")
    exec(compile(source, "probes.py", "exec"), vars(module))
    namespace["__probes__"] = module


def answer(question: dict[str, Any], namespace: Namespace) -> dict[str, Any]:
    """Answer one question from the notebook's namespace: ``{"ok": …}`` or ``{"raised": …}``; never raises."""
    folder = os.getcwd()  # noqa: PTH109  # a learner's chdir must not break the questions after it
    try:
        with (
            _within(float(question.get("seconds", 60.0))),
            contextlib.redirect_stdout(_Null()),
            contextlib.redirect_stderr(_Null()),
        ):
            return {"ok": plain(_operations(namespace)[question["op"]](question))}
    except _TooSlow:
        return _raised("TimeoutError", f"no answer after {question.get('seconds', 60):g} s")
    except NotPlain as error:
        return _raised("NotPlain", str(error))
    except KeyError as error:
        return _raised("NameError" if question["op"] == "value" else "KeyError", str(error))
    except BaseException as error:  # noqa: BLE001  # learner code may raise anything, SystemExit too
        return _raised(type(error).__name__, str(error))
    finally:
        os.chdir(folder)


def _line(number: int, reply: dict[str, Any]) -> bytes:
    """The reply as a line; one that is too long for the dispatcher is said to be, so that the run is not lost."""
    line = wire.dumps({"id": number, **reply}) + b"\n"
    if len(line) < _LONGEST:
        return line
    too_large = _raised("AnswerTooLarge", f"an answer of {len(line) / 2**20:.0f} MB; 4 MB can be taken")
    return wire.dumps({"id": number, **too_large}) + b"\n"


def serve(namespace: Namespace) -> None:
    """Answer questions until the channel closes: a socket at MLOPS_CHANNEL, relative to the work folder."""
    os.chdir(os.environ["MLOPS_WORK"])
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(os.environ["MLOPS_CHANNEL"])
        stream = channel.makefile("rwb")
        stream.write(wire.dumps({"hello": True}) + b"\n")
        stream.flush()
        for line in stream:
            question = wire.loads(line)
            stream.write(_line(question["id"], answer(question, namespace)))
            stream.flush()
