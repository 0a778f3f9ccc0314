"""The release controller: python controller.py begin release.json, then python controller.py step release.json"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import tools

VERSIONS = ("champion", "challenger")
COUNTED = ("requests", "errors", "seconds", "scores")


# ------------------------------------------------------------------------------------------ the proxy


def routes(settings, stage):
    """What the proxy is to do at a stage: "shadow", or the challenger's share in per cent."""
    services = {name: {"loadBalancer": {"servers": [{"url": settings[name]}]}} for name in VERSIONS}
    if stage == "shadow":
        mirrors = [{"name": "challenger", "percent": 100}]
        services["flights"] = {"mirroring": {"service": "champion", "mirrors": mirrors}}
    else:
        shares = {"champion": 100 - stage, "challenger": stage}
        weighted = [{"name": name, "weight": share} for name, share in shares.items() if share]
        services["flights"] = {"weighted": {"services": weighted}}
    router = {"rule": "PathPrefix(`/`)", "service": "flights"}
    return {"http": {"routers": {"flights": router}, "services": services}}


def go_to(settings, stage):
    """Send the clients where the stage wants them; Traefik reads JSON as the YAML that it is."""
    tools.replace(settings["routes"], json.dumps(routes(settings, stage), indent=2))


# ------------------------------------------------------------------------------------------ what is seen


def look(settings):
    """What each version has counted so far, None for one that does not answer."""
    return {name: tools.counts(settings[name]) for name in VERSIONS}


def since(before, now):
    """What one version did since then; a version that was started anew has counted from nothing."""
    if now is None:
        return None
    same = before is not None and before["started"] == now["started"]
    did = {key: now[key] - (before[key] if same else 0) for key in COUNTED}
    answered = did["requests"] - did["errors"]
    return {
        "requests": did["requests"],
        "errors": did["errors"],
        "seconds": did["seconds"] / did["requests"] if did["requests"] else None,
        "score": did["scores"] / answered if answered else None,
    }


def complaint(limits, seen):
    """What is wrong with a version by itself: "errors", "slow" or ""."""
    if seen["errors"] / seen["requests"] > limits["errors"]:
        return "errors"
    return "slow" if seen["seconds"] > limits["seconds"] else ""


def judge(limits, champion, challenger):  # noqa: PLR0911 - one for each question of the brief
    """The decision and its reason. The order of the questions is the policy."""
    if champion is None:
        return "hold", "champion"
    if challenger is None:
        return "rollback", "unreachable"
    if challenger["requests"] < limits["requests"]:
        return "hold", "too few"
    comparable = champion["requests"] >= limits["requests"]
    if comparable and complaint(limits, champion):
        return "hold", "champion"
    if wrong := complaint(limits, challenger):
        return "rollback", wrong
    if comparable and abs(challenger["score"] - champion["score"]) > limits["score"]:
        return "rollback", "scores"
    return "advance", "good"


# ------------------------------------------------------------------------------------------ what is done


def save(settings, stage, window, over=False):
    """Remember the stage, and what the window that begins now is counted from."""
    tools.replace(settings["state"], json.dumps({"stage": stage, "window": window, "over": over}))


def record(settings, decision, stage, reason, seen):
    """Append one line to the audit."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"at": at, "decision": decision, "stage": stage, "reason": reason, **seen}
    with Path(settings["audit"]).open("a") as audit:
        audit.write(json.dumps(line) + "\n")


def begin(settings):
    """Start the release with the first stage of its plan."""
    stage = settings["plan"][0]
    window = look(settings)
    go_to(settings, stage)
    save(settings, stage, window)
    record(settings, "begin", stage, "begin", {})


def step(settings):
    """Look at what has happened, decide, act, and write down why."""
    state = json.loads(Path(settings["state"]).read_text())
    now, stage, over = look(settings), state["stage"], state["over"]
    seen = {name: since(state["window"][name], now[name]) for name in VERSIONS}
    if over:
        decision, reason = "idle", "over"
    else:
        decision, reason = judge(settings["limits"], seen["champion"], seen["challenger"])
    if decision == "rollback":
        stage, over = 0, True
    elif decision == "advance" and stage == settings["plan"][-1]:
        decision, over = "promote", True
        tools.move_alias(settings)
    elif decision == "advance":
        stage = settings["plan"][settings["plan"].index(stage) + 1]
    if stage != state["stage"]:
        go_to(settings, stage)
    # Too few requests are kept and counted on; after anything else a new window begins. Who cannot be reached now
    # is counted from where it was.
    fresh = {name: now[name] or state["window"][name] for name in VERSIONS}
    save(settings, stage, state["window"] if reason == "too few" else fresh, over)
    record(settings, decision, stage, reason, seen)


def main(words):
    """Do one command and end; return the exit code."""
    if len(words) != 2 or words[0] not in ("begin", "step"):
        print(__doc__, file=sys.stderr)
        return 2
    settings = json.loads(Path(words[1]).read_text())
    begin(settings) if words[0] == "begin" else step(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
