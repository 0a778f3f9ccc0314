"""What a version has done since a window began."""

from dataclasses import asdict, dataclass


@dataclass
class Seen:
    requests: int
    errors: int
    seconds: float
    scores: float

    @property
    def error_share(self):
        return self.errors / self.requests if self.requests else 0.0

    @property
    def mean_seconds(self):
        return self.seconds / self.requests if self.requests else None

    @property
    def mean_score(self):
        answered = self.requests - self.errors
        return self.scores / answered if answered > 0 else None

    def told(self):
        return {
            "requests": self.requests,
            "errors": self.errors,
            "seconds": self.mean_seconds,
            "score": self.mean_score,
            "sums": asdict(self),
        }


def seen(now, then):
    """The difference of two counts of one version; all of `now` when it was started since."""
    if not now:
        return None
    if not then or then.get("started") != now["started"]:
        then = {}
    return Seen(*(now[key] - then.get(key, 0) for key in ("requests", "errors", "seconds", "scores")))
