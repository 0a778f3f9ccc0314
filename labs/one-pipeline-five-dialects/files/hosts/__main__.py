"""The command: python -m hosts HOST [COMMIT]."""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from hosts.commits import COMMITS, Order
from hosts.push import HOSTS, push


def told(outcome):
    """What a pipeline did, for people."""
    if outcome.refused:
        return f"refused: {outcome.refused}"
    lines = ["", "what the pipeline did:"]
    for call in outcome.calls:
        known = "  (saw the secret)" if call.knew else ""
        end = "ended well" if call.code == 0 else f"ended with exit code {call.code}"
        lines.append(f"  ci/{call.script}.sh {call.words}".rstrip() + f"  {end}{known}")
    lines.append(f"images built: {', '.join(outcome.images) or 'none'}")
    lines.append(f"deployed: {outcome.production or 'nothing'}")
    lines.append(f"the pipeline is {'green' if outcome.green else 'red'}; the commit was {outcome.sha}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        prog="python -m hosts", description="Push a commit of project/ to a CI host."
    )
    parser.add_argument("host", choices=HOSTS)
    parser.add_argument("commit", choices=COMMITS, nargs="?", default="good")
    parser.add_argument("--branch", help="push to this branch (default: main)")
    parser.add_argument("--pull-request", action="store_true", help="open a pull request into main instead")
    parser.add_argument("--token", default="not-a-secret", help="the secret to use")
    parser.add_argument("--project", default="project", help="the project's folder")
    parser.add_argument("--json", help="write what happened to this file instead")
    asked = parser.parse_args()
    branch = asked.branch or ("maintenance" if asked.pull_request else "main")
    outcome = push(asked.host, asked.project, Order(asked.commit, branch, asked.pull_request, asked.token))
    if asked.json:
        Path(asked.json).write_text(json.dumps(dataclasses.asdict(outcome)))
        return 0
    print(outcome.log + told(outcome))
    return 0 if outcome.green else 1


if __name__ == "__main__":
    sys.exit(main())
