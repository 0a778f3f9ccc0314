"""Watches the scripts in ci/: which was called when, with what, knowing which secrets, and how it ended."""

import base64
from dataclasses import dataclass

SCRIPTS = ("test", "evaluate", "build", "deploy")
# Put behind the first line of each script. One file for each call, so that calls side by side do not mix.
WATCHED = """
LATE_REGISTRY={registry}
export LATE_REGISTRY
late_call=$(mktemp {ledger}/{name}.XXXXXXXX)
{{ date +%s%N; printf '%s' "$*" | base64 -w 0; echo; env | base64 -w 0; echo; }} > "$late_call"
trap 'late_code=$?; {{ date +%s%N; echo $late_code; }} >> "$late_call"' EXIT
"""


@dataclass(frozen=True)
class Call:
    """One call of a script."""

    script: str
    words: str  # its arguments
    token: str  # DEPLOY_TOKEN as it saw it
    knew: bool  # whether the secret stood anywhere in its environment
    began: int  # nanoseconds
    ended: int
    code: int  # -1: it did not end by itself


def watched(text, name, ledger, registry):
    """The text of a script that also writes down its calls."""
    first, _, rest = text.partition("\n")
    return first + WATCHED.format(name=name, ledger=ledger, registry=registry) + rest


def calls(ledger, secret):
    """The calls that were made, in the order in which they began."""
    found = []
    for path in ledger.iterdir():
        lines = path.read_text().splitlines()
        if len(lines) < 3:
            continue
        seen = base64.b64decode(lines[2]).decode("utf-8", "replace")
        token = [line.partition("=")[2] for line in seen.splitlines() if line.startswith("DEPLOY_TOKEN=")]
        found.append(
            Call(
                script=path.name.partition(".")[0],
                words=base64.b64decode(lines[1]).decode("utf-8", "replace"),
                token=token[0] if token else "",
                knew=secret in seen,
                began=int(lines[0]),
                ended=int(lines[3]) if len(lines) > 4 else int(lines[0]),
                code=int(lines[4]) if len(lines) > 4 else -1,
            )
        )
    return sorted(found, key=lambda call: call.began)
