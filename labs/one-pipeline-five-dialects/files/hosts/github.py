"""GitHub Actions, by act: its jobs run as processes of this machine.

Of other people's actions there are actions/checkout, which act has itself, and actions/setup-python, for which stands one
that shows the Python of this machine. act starts a workflow on every branch, whatever its filters say, so the filters on
branches are looked at here.
"""

import json
import re
from pathlib import Path

import yaml

from hosts.shell import Refused, run_program

NAME = "github"
FILE = ".github/workflows/ci.yml"
_MACHINES = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04")
_SETUP = [f"actions/setup-python@v{number}" for number in range(3, 8)]
_NOISE = ("level=", "LocalRepositoryCache")


def run(push):
    """Run what the workflow does with a push; return whether it ended well, and the log."""
    event, details = _event(push)
    if not _starts(push.clone / FILE, event, "main" if push.pull_request else push.branch):
        return True, f"{FILE} is not for this event: nothing runs\n"
    (push.work / "secrets").write_text(f"DEPLOY_TOKEN={push.token}\n")
    (push.work / "event.json").write_text(json.dumps(details))
    (push.work / "nothing").touch()
    words = ["act", event, "-W", FILE, "-e", push.work / "event.json", "--no-cache-server"]
    words += ["--secret-file", push.work / "secrets", "--actor", "ada", "--defaultbranch", "main"]
    words += ["--github-instance", "code.example"]
    for option in ("--env-file", "--var-file", "--input-file"):  # else act looks for them in the project
        words += [option, push.work / "nothing"]
    for machine in _MACHINES:
        words += ["-P", f"{machine}=-self-hosted"]
    shim = Path(__file__).resolve().parent / "actions" / "setup-python"
    for action in _SETUP:
        words += ["--local-repository", f"{action}={shim}"]
    code, said = run_program(words, push.clone, push.env)
    lines = [line for line in said.splitlines() if not any(noise in line for noise in _NOISE)]
    return code == 0, "\n".join([*lines, ""])


def _event(push):
    if not push.pull_request:
        return "push", {"ref": f"refs/heads/{push.branch}", "after": push.sha}
    pull = {"number": 7, "head": {"ref": push.branch, "sha": push.sha}, "base": {"ref": "main"}}
    return "pull_request", {"action": "opened", "number": 7, "pull_request": pull}


def _starts(path, event, branch):
    """Whether the workflow is for this event on this branch (of a pull request: the one it goes into)."""
    if not path.is_file():
        raise Refused(f"there is no {FILE}")
    try:
        content = yaml.load(path.read_text(), yaml.BaseLoader)  # texts only: `on` stays a word
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"{FILE} is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(content, dict) or "on" not in content:
        raise Refused(f"{FILE} does not say on what it runs: it needs `on`")
    jobs = content.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        if isinstance(job, dict) and "continue-on-error" in job:
            raise Refused(
                f"{FILE}, jobs.{name}: act does not know continue-on-error of a job, only of a step"
            )
    events = content["on"]
    if not isinstance(events, dict):
        return event in (events if isinstance(events, list) else [events])
    if event not in events:
        return False
    filters = events[event] if isinstance(events[event], dict) else {}
    for word in filters:
        if word not in ("branches", "branches-ignore", "types"):
            raise Refused(f"{FILE}, on.{event}: act passes over '{word}'; filter branches, or use if")
    if "branches-ignore" in filters:
        return not any(_fits(branch, pattern) for pattern in _list(filters["branches-ignore"]))
    wanted = "branches" not in filters
    for pattern in _list(filters.get("branches", [])):
        if _fits(branch, pattern.removeprefix("!")):
            wanted = not pattern.startswith("!")
    return wanted


def _list(value):
    return value if isinstance(value, list) else [value]


def _fits(branch, pattern):
    """GitHub's patterns: * is any part of a name, ** goes over slashes as well."""
    parts = re.split(r"(\*\*|\*)", str(pattern))
    kinds = {"**": ".*", "*": "[^/]*"}
    return re.fullmatch("".join(kinds.get(part, re.escape(part)) for part in parts), branch) is not None
