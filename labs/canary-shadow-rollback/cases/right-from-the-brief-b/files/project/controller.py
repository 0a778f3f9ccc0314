"""The release controller: python controller.py begin release.json, then python controller.py step release.json"""

import datetime
import json
import sys
from pathlib import Path

import yaml

import tools
from windows import seen


class Release:
    def __init__(self, settings):
        self.settings = settings
        self.limits = settings["limits"]
        path = Path(settings["state"])
        self.state = json.loads(path.read_text()) if path.exists() else {}
        self.now = {who: tools.counts(settings[who]) for who in ("champion", "challenger")}

    def route(self, stage):
        """Everything goes through the service `entry`; what that is depends on the stage."""
        share = 0 if stage == "shadow" else stage
        weights = [("champion", 100 - share), ("challenger", share)]
        entry = {"weighted": {"services": [{"name": n, "weight": w} for n, w in weights if w]}}
        if stage == "shadow":
            entry = {"mirroring": {"service": "champion", "mirrors": [{"name": "challenger", "percent": 100}]}}
        services = {
            who: {"loadBalancer": {"servers": [{"url": self.settings[who]}]}}
            for who, weight in weights
            if weight or stage == "shadow"
        }
        routers = {"all": {"rule": "PathPrefix(`/`)", "service": "entry"}}
        whole = {"http": {"routers": routers, "services": {**services, "entry": entry}}}
        tools.replace(self.settings["routes"], yaml.safe_dump(whole, sort_keys=False))

    def write(self, decision, reason, windows=()):
        line = {
            "at": datetime.datetime.now(datetime.timezone.utc).isoformat(),
            "decision": decision,
            "stage": self.state["stage"],
            "reason": reason,
        }
        line.update({who: window and window.told() for who, window in windows})
        with open(self.settings["audit"], "a", encoding="utf-8") as audit:
            print(json.dumps(line), file=audit)
        tools.replace(self.settings["state"], json.dumps(self.state))

    def begin(self):
        self.state = {"at": 0, "stage": self.settings["plan"][0], "window": self.now, "open": True}
        self.route(self.state["stage"])
        self.write("begin", "asked for")

    def step(self):
        windows = {who: seen(self.now[who], self.state["window"].get(who)) for who in self.now}
        decision, reason = "idle", "over"
        if self.state["open"]:
            decision, reason = self.decide(**windows)
        if reason != "too few":
            for who, counted in self.now.items():
                if counted:
                    self.state["window"][who] = counted
        getattr(self, f"do_{decision}", lambda: None)()
        self.write(decision, reason, windows.items())

    def breaks(self, window):
        return window.error_share > self.limits["errors"] or window.mean_seconds > self.limits["seconds"]

    def decide(self, champion, challenger):
        enough = self.limits["requests"]
        if champion is None:
            return "hold", "champion"
        if challenger is None:
            return "rollback", "unreachable"
        if challenger.requests < enough:
            return "hold", "too few"
        comparable = champion.requests >= enough
        if comparable and self.breaks(champion):
            return "hold", "champion"
        if challenger.error_share > self.limits["errors"]:
            return "rollback", "errors"
        if challenger.mean_seconds > self.limits["seconds"]:
            return "rollback", "slow"
        if comparable and champion.mean_score is not None and challenger.mean_score is not None:
            if abs(champion.mean_score - challenger.mean_score) > self.limits["score"]:
                return "rollback", "scores"
        last = self.state["at"] + 1 == len(self.settings["plan"])
        return ("promote" if last else "advance"), "good"

    def do_advance(self):
        self.state["at"] += 1
        self.state["stage"] = self.settings["plan"][self.state["at"]]
        self.route(self.state["stage"])

    def do_rollback(self):
        self.state.update(stage=0, open=False)
        self.route(0)

    def do_promote(self):
        from mlflow import MlflowClient

        self.state["open"] = False
        client = MlflowClient(tracking_uri=self.settings["registry"], registry_uri=self.settings["registry"])
        client.set_registered_model_alias(self.settings["model"], "champion", self.settings["version"])


def main(words):
    """Do one command and end; return the exit code."""
    if len(words) != 2 or words[0] not in ("begin", "step"):
        print(__doc__, file=sys.stderr)
        return 2
    release = Release(json.loads(Path(words[1]).read_text()))
    release.begin() if words[0] == "begin" else release.step()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
