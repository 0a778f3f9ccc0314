"""Pushes a commit: makes a repository of the project, plants the commit, has a host run it, and tells what came of it."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hosts import circleci, github, gitlab, jenkins, travis, watch
from hosts.commits import COMMITS
from hosts.shell import Refused, clean_environment

HOSTS = {host.NAME: host for host in (github, gitlab, travis, circleci, jenkins)}
_NOT_COMMITTED = ("build", "__pycache__", ".git", ".gitlab-ci-local", ".ipynb_checkpoints")


@dataclass(frozen=True)
class Push:
    """One push as a host sees it."""

    clone: Path  # a clone with the pushed commit checked out
    work: Path  # an empty folder of the host's own
    sha: str
    branch: str
    pull_request: bool  # of that branch into main
    token: str  # the secret
    env: dict


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
    settings = ["-c", "user.name=Ada", "-c", "user.email=ada@flights.example", "-c", "init.defaultBranch=main"]
    settings += ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*"]
    done = subprocess.run(["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _repository(project, folder, commit, branch, ledger, registry):
    """A clone in which a commit of the project is checked out; return its path and the commit's hash."""
    origin = folder / "origin"
    shutil.copytree(project, origin, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_COMMITTED))
    for name in watch.SCRIPTS:
        script = origin / "ci" / f"{name}.sh"
        script.write_text(watch.watched(script.read_text(), name, ledger, registry))
        script.chmod(0o755)
    _git(origin, "init", "-q", "--template=")
    _git(origin, "add", "-A", "-f")
    _git(origin, "commit", "-q", "-m", "The project")
    if branch != "main":
        _git(origin, "checkout", "-q", "-b", branch)
    COMMITS[commit](origin)
    _git(origin, "add", "-A", "-f")
    _git(origin, "commit", "-q", "--allow-empty", "-m", f"A commit: {commit}")
    _git(folder, "clone", "-q", "--template=", str(origin), "clone")
    clone = folder / "clone"
    _git(clone, "remote", "set-url", "origin", "https://code.example/flights/late.git")
    _git(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    _git(clone, "config", "user.name", "Ada")
    _git(clone, "config", "user.email", "ada@flights.example")
    return clone, _git(clone, "rev-parse", "HEAD")


def push(host, project, commit="good", branch="main", pull_request=False, token="not-a-secret"):
    """Push a commit of the project to a host and return what its pipeline did."""
    folder = Path(tempfile.mkdtemp(prefix="push-"))
    try:
        ledger, registry, home, work = (folder / name for name in ("ledger", "registry", "home", "work"))
        for made in (ledger, registry, home, work):
            made.mkdir()
        clone, sha = _repository(Path(project), folder, commit, branch, ledger, registry)
        pushed = Push(clone, work, sha, branch, pull_request, token, clean_environment(home))
        refused, green, log = "", False, ""
        try:
            green, log = HOSTS[host].run(pushed)
        except Refused as error:
            refused = str(error)
        production = registry / ".production"
        return Outcome(
            refused=refused,
            green=green,
            log=log,
            calls=watch.calls(ledger, token),
            sha=sha,
            images=sorted(name for name in os.listdir(registry) if not name.startswith(".")),
            production=production.read_text().strip() if production.exists() else "",
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
