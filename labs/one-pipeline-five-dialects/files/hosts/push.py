"""Pushes a commit: makes a repository of the project, plants the commit, has a host run it, and tells what came of it."""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hosts import circleci, github, gitlab, jenkins, travis, watch
from hosts.commits import COMMITS, Order
from hosts.shell import Refused, clean_environment

HOSTS = {host.NAME: host for host in (github, gitlab, travis, circleci, jenkins)}
_NOT_COMMITTED = ("build", "__pycache__", ".git", ".gitlab-ci-local", ".ipynb_checkpoints")


# What a file of an odd form runs into, which the schema lets through.
_ODD = (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError, re.error)
_LONGEST = 2**19  # characters of a log


@dataclass(frozen=True)
class Push(Order):
    """One push as a host sees it."""

    clone: Path = Path()  # a clone with the pushed commit checked out
    work: Path = Path()  # an empty folder of the host's own
    sha: str = ""
    env: dict = field(default_factory=dict)  # of the machine that runs the jobs


@dataclass(frozen=True)
class Outcome:
    """What a pipeline did."""

    refused: str  # why the host did not run it, "" if it did
    green: bool  # whether it ended well
    log: str
    calls: list  # of the scripts in ci/, in the order in which they began
    sha: str
    images: list  # tags that were built
    production: str  # the tag that was deployed, ""


def _git(folder, *words):
    settings = [
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@flights.example",
        "-c",
        "init.defaultBranch=main",
    ]
    settings += ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*"]
    done = subprocess.run(["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _repository(project, folder, order):
    """A clone in which the commit is checked out; return its path and the commit's hash."""
    origin = folder / "origin"
    shutil.copytree(project, origin, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_COMMITTED))
    for name in watch.SCRIPTS:
        script = origin / "ci" / f"{name}.sh"
        script.write_text(watch.watched(script.read_text(), name, folder / "ledger", folder / "registry"))
        script.chmod(0o755)
    _git(origin, "init", "-q", "--template=")
    _git(origin, "add", "-A", "-f")
    _git(origin, "commit", "-q", "-m", "The project")
    if order.branch != "main":
        _git(origin, "checkout", "-q", "-b", order.branch)
    COMMITS[order.commit](origin)
    _git(origin, "add", "-A", "-f")
    _git(origin, "commit", "-q", "--allow-empty", "-m", f"A commit: {order.commit}")
    _git(folder, "clone", "-q", "--template=", str(origin), "clone")
    clone = folder / "clone"
    _git(clone, "remote", "set-url", "origin", "https://code.example/flights/late.git")
    _git(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    _git(clone, "config", "user.name", "Ada")
    _git(clone, "config", "user.email", "ada@flights.example")
    return clone, _git(clone, "rev-parse", "HEAD")


def push(host, project, order):
    """Push a commit of the project to a host and return what its pipeline did."""
    folder = Path(tempfile.mkdtemp(prefix="push-"))
    try:
        for name in ("ledger", "registry", "home", "work"):
            (folder / name).mkdir()
        clone, sha = _repository(Path(project), folder, order)
        env = clean_environment(folder / "home")
        pushed = Push(**vars(order), clone=clone, work=folder / "work", sha=sha, env=env)
        refused, green, log = "", False, ""
        try:
            green, log = HOSTS[host].run(pushed)
        except Refused as error:
            refused = str(error)
        except _ODD as error:
            refused = (
                f"{HOSTS[host].FILE} has a form that is not understood here ({type(error).__name__}: {error})"
            )
        production = folder / "registry" / ".production"
        images = [path.name for path in (folder / "registry").iterdir() if path != production]
        return Outcome(
            refused=refused,
            green=green,
            log=log[:_LONGEST],
            calls=watch.calls(folder / "ledger", order.token),
            sha=sha,
            images=sorted(images),
            production=production.read_text().strip() if production.exists() else "",
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
