"""A release controller that keeps a journal: every command appends what it saw, and the state follows from that."""

import argparse
import json
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import routes

NAMES = ["champion", "challenger"]


def metrics(address):
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{address}/metrics", timeout=5) as reply:
            return json.loads(reply.read())
    except Exception:
        return None


@dataclass
class Window:
    """What one version did."""

    requests: int
    errors: int
    total: float
    sum_of_scores: float

    @classmethod
    def between(cls, looks):
        """The window over looks at one version, oldest first: sums of what came from one look to the next."""
        looks = [one for one in looks if one is not None]
        sums = [0, 0, 0.0, 0.0]
        first, last = looks[0], looks[-1]
        zero = first["started"] != last["started"]
        for place, key in enumerate(["requests", "errors", "seconds", "scores"]):
            sums[place] = last[key] - (0 if zero else first[key])
        return cls(*sums)

    @property
    def error_share(self):
        return self.errors / self.requests if self.requests else 0.0

    @property
    def seconds(self):
        return self.total / self.requests if self.requests else None

    @property
    def score(self):
        well = self.requests - self.errors
        return self.sum_of_scores / well if well else None

    def told(self):
        return {
            "requests": self.requests,
            "errors": self.errors,
            "seconds": self.seconds,
            "score": self.score,
        }


class Controller:
    def __init__(self, path):
        self.settings = json.loads(Path(path).read_text())
        self.limits = self.settings["limits"]
        self.journal = Path(self.settings["state"])
        self.entries = []
        if self.journal.exists():
            self.entries = [json.loads(line) for line in self.journal.read_text().splitlines()]
        self.now = {name: metrics(self.settings[name]) for name in NAMES}

    # what is known

    @property
    def last(self):
        return self.entries[-1]

    def window(self, name):
        """The window of a version, None when it does not answer."""
        if self.now[name] is None:
            return None
        start = len(self.entries) - 1
        while self.entries[start]["reason"] == "too few":
            start -= 1
        while self.entries[start]["looks"][name] is None and self.entries[start]["decision"] != "begin":
            start -= 1
        begun = self.entries[start]["looks"][name]
        if begun is None:
            begun = {"started": None}
        return Window.between([begun, self.now[name]])

    def breaks(self, window):
        if window.error_share > self.limits["errors"]:
            return "errors"
        if window.seconds is not None and window.seconds > self.limits["seconds"]:
            return "slow"
        return None

    def verdict(self, old, new):
        least = self.limits["requests"]
        if self.last["over"]:
            return "idle", "over"
        if old is None:
            return "hold", "champion"
        if new is None:
            return "rollback", "unreachable"
        if new.requests < least:
            return "hold", "too few"
        if old.requests >= least and self.breaks(old):
            return "hold", "champion"
        if self.breaks(new):
            return "rollback", self.breaks(new)
        both = old.requests >= least and old.score is not None and new.score is not None
        if both and abs(old.score - new.score) > self.limits["score"]:
            return "rollback", "scores"
        return ("promote" if self.last["stage"] == self.settings["plan"][-1] else "advance"), "good"

    # what is done

    def go(self, stage):
        where = [self.settings[name] for name in NAMES]
        services = routes.shadow(*where) if stage == "shadow" else routes.shared(*where, stage)
        routes.write(self.settings["routes"], services)

    def note(self, decision, reason, stage, over, old=None, new=None):
        entry = {"decision": decision, "reason": reason, "stage": stage, "over": over, "looks": self.now}
        with self.journal.open("a") as journal:
            journal.write(json.dumps(entry) + "\n")
        line = {"when": time.time(), "decision": decision, "reason": reason, "stage": stage}
        line["champion"], line["challenger"] = (one.told() if one else None for one in (old, new))
        with Path(self.settings["audit"]).open("a") as audit:
            audit.write(json.dumps(line) + "\n")

    def begin(self):
        self.go(self.settings["plan"][0])
        self.note("begin", "asked for", self.settings["plan"][0], False)

    def step(self):
        old, new = (self.window(name) for name in NAMES)
        decision, reason = self.verdict(old, new)
        plan, stage, over = self.settings["plan"], self.last["stage"], self.last["over"]
        if decision == "advance":
            stage = next(after for before, after in zip(plan, plan[1:]) if before == stage)
            self.go(stage)
        elif decision == "rollback":
            stage, over = 0, True
            self.go(0)
        elif decision == "promote":
            over = True
            self.promote()
        self.note(decision, reason, stage, over, old, new)

    def promote(self):
        from mlflow import MlflowClient

        client = MlflowClient(self.settings["registry"], registry_uri=self.settings["registry"])
        client.set_registered_model_alias(self.settings["model"], "champion", self.settings["version"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("word", choices=["begin", "step"])
    parser.add_argument("settings")
    given = parser.parse_args()
    getattr(Controller(given.settings), given.word)()
