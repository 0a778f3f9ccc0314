"""Pushes in a bench, for the lab's checks: brings this package there, runs its command and reads what it wrote."""

import json
from dataclasses import fields
from pathlib import Path

from hosts.push import HOSTS, Outcome
from hosts.watch import Call

DESK = "desk"  # in the bench, beside the project
_OURS = Path(__file__).resolve().parent
PIPELINES = {name: host.FILE for name, host in HOSTS.items()}


def bring(bench, given=None):
    """Lay this package out in a bench; and the project's given files, in place of what has their names.

    Args:
        bench: a bench with the project in it.
        given: the folder with the project as it is handed out; None leaves the project as it is.
    """
    first = bench.read(f"{DESK}/hosts/push.py") is None
    for path in sorted(given.rglob("*")) if given and first else []:
        name = path.relative_to(given).as_posix()
        if path.is_file() and name not in PIPELINES.values() and "__pycache__" not in path.parts:
            bench.write(f"project/{name}", path.read_bytes())
    # Before each push: what a pipeline has run might have changed it.
    for path in sorted(_OURS.rglob("*")):
        if path.suffix in (".py", ".yml"):
            bench.write(f"{DESK}/hosts/{path.relative_to(_OURS).as_posix()}", path.read_bytes())


def pushed(bench, host, order):
    """Push a commit of the bench's project to a host; return the outcome, or what went wrong as a text."""
    words = ["python", "-m", "hosts", host, order.commit, "--branch", order.branch, "--token", order.token]
    words += ["--project", "../project", "--json", "outcome.json"]
    bench.remove(f"{DESK}/outcome.json")
    done = bench.run(words + ["--pull-request"] * order.pull_request, cwd=DESK, seconds=300)
    if not done.ok:
        return f"the push came to no end: {done.last[:120]}"
    try:
        found = _shaped(Outcome, json.loads(bench.text(f"{DESK}/outcome.json") or ""))
        found.calls[:] = [_shaped(Call, call) for call in found.calls]
    except (TypeError, ValueError):
        return "the push left no record of what its pipeline did"
    return found


def _shaped(kind, found):
    """What was written in a sandbox, with every field of its type. Raises TypeError for anything else."""
    made = kind(**found)
    for field in fields(kind):
        if not isinstance(getattr(made, field.name), field.type):
            raise TypeError(field.name)
    return made
