"""The release controller: python controller.py begin release.json, then python controller.py step release.json"""

import json
import sys
from pathlib import Path

import tools

BOTH = ("champion", "challenger")


def routes(settings, stage):
    """What Traefik is told at a stage; 0 is the champion alone."""
    services = {name: {"loadBalancer": {"servers": [{"url": settings[name]}]}} for name in BOTH}
    if stage == "shadow":
        services["flights"] = {
            "mirroring": {"service": "champion", "mirrors": [{"name": "challenger", "percent": 100}]}
        }
        chosen = "flights"
    elif stage == 0:
        del services["challenger"]
        chosen = "champion"
    elif stage == 100:
        chosen = "challenger"
    else:
        shares = [{"name": "challenger", "weight": stage}, {"name": "champion", "weight": 100 - stage}]
        services["flights"] = {"weighted": {"services": shares}}
        chosen = "flights"
    router = {"rule": "PathPrefix(`/`)", "service": chosen}
    return json.dumps({"http": {"routers": {"flights": router}, "services": services}}, indent=1)


def go_to(settings, stage):
    tools.replace(settings["routes"], routes(settings, stage))


def look(settings):
    return {name: tools.counts(settings[name]) for name in BOTH}


def since(now, base):
    """What one version has done since the window began; None when it does not answer."""
    if now is None:
        return None
    if base is None or base["started"] != now["started"]:
        base = dict.fromkeys(("requests", "errors", "seconds", "scores"), 0)
    done = {key: now[key] - base[key] for key in ("requests", "errors", "seconds", "scores")}
    answered = done["requests"] - done["errors"]
    return {
        "requests": done["requests"],
        "errors": done["errors"],
        "seconds": done["seconds"] / done["requests"] if done["requests"] else None,
        "score": done["scores"] / answered if answered else None,
    }


def judge(limits, champion, challenger):
    """Return decision and reason for a window."""
    enough = limits["requests"]
    if champion is None:
        return "hold", "champion"
    if challenger is None:
        return "rollback", "unreachable"
    if challenger["requests"] < enough:
        return "hold", "too few"
    compared = champion["requests"] >= enough
    if compared and (errs(champion) > limits["errors"] or champion["seconds"] > limits["seconds"]):
        return "hold", "champion"
    if errs(challenger) > limits["errors"]:
        return "rollback", "errors"
    if challenger["seconds"] > limits["seconds"]:
        return "rollback", "slow"
    means = (champion["score"], challenger["score"])
    if compared and None not in means and abs(means[0] - means[1]) > limits["score"]:
        return "rollback", "scores"
    return "advance", "good"


def errs(window):
    return window["errors"] / window["requests"]


def record(settings, **line):
    with Path(settings["audit"]).open("a") as audit:
        audit.write(json.dumps(line) + "\n")


def keep(settings, state):
    tools.replace(settings["state"], json.dumps(state))


def begin(settings):
    """Start the release with the first stage of its plan."""
    base = look(settings)
    stage = settings["plan"][0]
    go_to(settings, stage)
    record(settings, decision="begin", stage=stage, reason="a release begins")
    keep(settings, {"stage": stage, "over": False, "base": base})


def step(settings):
    """Look at what has happened, decide, act, and write down why."""
    state = json.loads(Path(settings["state"]).read_text())
    now, plan = look(settings), settings["plan"]
    window = {name: since(now[name], state["base"][name]) for name in BOTH}
    if state["over"]:
        decision, reason = "idle", "over"
    else:
        decision, reason = judge(settings["limits"], window["champion"], window["challenger"])
        if decision == "advance" and state["stage"] == plan[-1]:
            decision = "promote"
    if decision == "rollback":
        state.update(stage=0, over=True)
        go_to(settings, 0)
    elif decision == "advance":
        state["stage"] = plan[plan.index(state["stage"]) + 1]
        go_to(settings, state["stage"])
    elif decision == "promote":
        state["over"] = True
        tools.move_alias(settings)
    record(settings, decision=decision, stage=state["stage"], reason=reason, **window)
    if reason != "too few":
        state["base"] = {name: now[name] or state["base"][name] for name in BOTH}
    keep(settings, state)


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
