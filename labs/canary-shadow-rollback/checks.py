"""Graded checks: a real proxy between two real servers, asked by clients of ours while the controller does its work."""

import json
import math
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from project import serve

from grader.checks import Attempt, check
from grader.traffic import request

SERVE = Path(serve.__file__).read_text()
VERSIONS = ("champion", "challenger")
MODEL = "late-flights"
SECONDS = 60.0  # for one command; the brief says 30, and it takes a fifth of a second on an idle machine
PATIENCE = 8.0  # for the proxy to do what its file says; it takes a fifth of a second

TRAEFIK = """
global: {{checkNewVersion: false, sendAnonymousUsage: false}}
entryPoints: {{web: {{address: "127.0.0.1:{web}"}}, traefik: {{address: "127.0.0.1:{own}"}}}}
api: {{insecure: true}}
ping: {{}}
log: {{level: ERROR}}
providers: {{providersThrottleDuration: 100ms, file: {{filename: ../../traefik/routes.yml, watch: true}}}}
"""
ROUTES = """
http:
  routers:
    flights: {{rule: PathPrefix(`/`), service: champion}}
  services:
    champion: {{loadBalancer: {{servers: [{{url: "{champion}"}}]}}}}
"""

ROUTES_WORK = ("shares_follow_the_plan", "the_shadow_listens")  # what all further checks stand on


@dataclass
class World:
    """The proxy and the two servers of a bench, which all checks share."""

    bench: object
    web: int  # the proxy's port for clients
    own: int  # its port for its own pages
    ports: dict
    servers: dict = field(default_factory=dict)
    registry: int = 0  # MLflow's port, 0 as long as nobody needed it

    def start(self, name: str) -> None:
        """Start a server, in place of the one that may be running."""
        self.stop(name)
        words = ["python", ".checks/serve.py", name, str(self.ports[name])]
        for _ in range(5):  # its port may be some connection's for a moment
            self.servers[name] = self.bench.start(words)
            if self.bench.answers(self.ports[name], "/health", 30, self.servers[name].number):
                return
            time.sleep(1)
        raise RuntimeError(f"{name} does not start: {self.servers[name].wait(0).last}")

    def stop(self, name: str) -> None:
        if name in self.servers:
            self.servers.pop(name).kill()
            while self.bench.send(self.ports[name], "/health", seconds=2).status:
                time.sleep(0.05)

    def counts(self) -> dict:
        """What each server has counted, None for one that does not run."""
        return {
            name: self.bench.send(self.ports[name], "/metrics").json() if name in self.servers else None
            for name in VERSIONS
        }

    def quiet(self) -> dict:
        """The counts when nothing is under way any more."""
        before = self.counts()
        while True:
            time.sleep(0.1)
            now = self.counts()
            if now == before:
                return now
            before = now


WORLD: list[World] = []


def world(attempt: Attempt) -> World:
    """The proxy and the servers, started once."""
    if not WORLD:
        bench = attempt.bench("release")
        made = World(bench, bench.port(), bench.port(), {name: bench.port() for name in VERSIONS})
        bench.write(".checks/serve.py", SERVE)
        bench.write(
            "traefik/routes.yml", ROUTES.format(champion=f"http://127.0.0.1:{made.ports['champion']}")
        )
        for name in VERSIONS:
            made.start(name)
        bench.service("traefik", made.own, {"traefik.yml": TRAEFIK.format(web=made.web, own=made.own)})
        WORLD.append(made)
    return WORLD[0]


def _tell(bench, port: int, path: str, body: dict) -> dict:
    """One call of MLflow's."""
    reply = bench.send(port, f"/api/2.0/mlflow/{path}", body, seconds=30)
    if reply.status != 200:
        raise RuntimeError(f"MLflow says {reply.status} to {path}: {reply.body[:200]}")
    return reply.json()


def registry(attempt: Attempt) -> int:
    """MLflow with two versions of the model, the first of them the champion; its port."""
    made = world(attempt)
    if not made.registry:
        port = made.bench.port()
        made.bench.service("mlflow", port, seconds=120)
        made.registry = port
        _tell(made.bench, port, "registered-models/create", {"name": MODEL})
        for _ in VERSIONS:
            run = _tell(made.bench, port, "runs/create", {"experiment_id": "0"})["run"]["info"]
            version = {"name": MODEL, "source": run["artifact_uri"] + "/model", "run_id": run["run_id"]}
            _tell(made.bench, port, "model-versions/create", version)
        alias = {"name": MODEL, "alias": "champion", "version": "1"}
        _tell(made.bench, port, "registered-models/alias", alias)
    return made.registry


def drawn(attempt: Attempt, salt: str) -> random.Random:
    """Chance that is the same for the same grading and salt."""
    return random.Random(f"{attempt.seed} {salt}")


class Release:
    """A release of its own: settings, state and audit in a folder of its own, the proxy and the servers as ever."""

    def __init__(self, attempt: Attempt, name: str, **settings) -> None:
        self.attempt, self.world = attempt, world(attempt)
        self.bench = self.world.bench
        self.draw = drawn(attempt, name)
        self.folder = f"releases/{name}"
        urls = {version: f"http://127.0.0.1:{port}" for version, port in self.world.ports.items()}
        self.settings = {
            "routes": "../traefik/routes.yml",
            **urls,
            "plan": ["shadow", self.draw.choice([20, 25, 30]), self.draw.choice([50, 60]), 100],
            "limits": {"requests": self.draw.randint(10, 14), "errors": 0.1, "seconds": 0.25, "score": 0.1},
            "state": f"{self.folder}/state.json",
            "audit": f"{self.folder}/audit.jsonl",
            "registry": f"http://127.0.0.1:{self.world.registry or 9}",
            "model": MODEL,
            "version": "2",
            **settings,
        }
        self.limits, self.plan = self.settings["limits"], self.settings["plan"]
        self.bench.remove(f"project/{self.folder}")
        self.bench.write(f"project/{self.folder}/release.json", json.dumps(self.settings))
        for version in VERSIONS:
            if version not in self.world.servers:
                self.world.start(version)
            self.trouble(version)
        self.bench.write("traefik/routes.yml", ROUTES.format(**urls))
        self._until_as_handed_out()

    def _until_as_handed_out(self) -> None:
        """Wait until the proxy works by our own routes, so that it cannot read them later than a command's."""
        deadline = time.monotonic() + 60
        while True:
            told = self.bench.send(self.world.own, "/api/http/services").json() or []
            if [one["name"] for one in told if one["provider"] == "file"] == ["champion@file"]:
                return
            if time.monotonic() > deadline:
                raise RuntimeError("the proxy does not come back to the champion")
            time.sleep(0.05)

    # ------------------------------------------------------------------------ what is done

    def trouble(self, version: str, **how) -> None:
        """Have a version behave badly from now on; nothing: well again."""
        reply = self.bench.send(self.world.ports[version], "/trouble", how)
        if reply.status != 200:
            raise RuntimeError(f"{version} cannot be told its trouble")

    def command(self, word: str) -> None:
        """Give one command of the controller's; it must end well. Comes back when the proxy has read its file."""
        before, routes = self._proxy(), self.bench.read("traefik/routes.yml")
        done = self.bench.run(
            ["python", "controller.py", word, f"{self.folder}/release.json"], cwd="project", seconds=SECONDS
        )
        self.attempt.expect(
            not done.timed_out,
            saw=f"python controller.py {word} did not end within {SECONDS:.0f} s, and 30 s are allowed",
            help="One command looks once, decides once and ends; it never waits for requests.",
        )
        self.attempt.expect(
            done.code == 0,
            saw=f"python controller.py {word} ended with exit code {done.code}",
            help="Try begin and step in a terminal, also with a settings file in another folder; a step that rolls "
            "back ends with 0 as well.",
        )
        if self.bench.read("traefik/routes.yml") != routes:
            deadline = time.monotonic() + 1.5
            while self._proxy() == before and time.monotonic() < deadline:
                time.sleep(0.05)

    def _proxy(self) -> list:
        """What the proxy works with at the moment, as it tells itself."""
        pages = ("/api/http/routers", "/api/http/services")
        return [self.bench.send(self.world.own, page).body for page in pages]

    def send(self, count: int, senders: int = 12) -> list:
        """Send requests for flights of our own through the proxy; all of their answers."""
        flights = [
            {
                "hour": self.draw.randint(
                    12, 18
                ),  # alike, so that the means of few of them are alike as well
                "origin": self.draw.choice(["EWR", "JFK", "LGA"]),
                "month": self.draw.choice([2, 3, 4, 5, 9, 10, 11]),
            }
            for _ in range(count)
        ]
        asked = [request("/predict", flight, seconds=30) for flight in flights]
        return self.bench.traffic(self.world.web, asked, senders=senders).wait(120)

    last_share = 0.0

    def shares(self, replies: list) -> tuple:
        """How many of the replies came from the champion and from the challenger."""
        said = [reply.json() if reply.status in (200, 500) else None for reply in replies]
        names = [one.get("version") if isinstance(one, dict) else None for one in said]
        counted = tuple(names.count(version) for version in VERSIONS)
        self.last_share = counted[1] / max(1, sum(counted))
        return counted

    def enough(self, share) -> int:
        """How many requests are enough, and some more, for the challenger to be judged on."""
        most = 1.0 if share == "shadow" else min(share, 100 - share or 100) / 100
        return math.ceil(1.5 * self.limits["requests"] / most) + 4

    tries = 1

    def as_many(self, share) -> int:
        """Enough, and no fewer than have been sent since the last step: half of a window is what is sent now."""
        return self.enough(share) * self.tries

    # ------------------------------------------------------------------------ what must be

    def expect_share(self, share, when: str, help: str, count: int = 0, within: float = 0.1) -> list:
        """Requests that are sent now are answered by the challenger in that share of cases, "shadow": none of them."""
        wanted = 0 if share == "shadow" else share / 100
        deadline, self.tries = time.monotonic() + PATIENCE, 0
        while True:
            self.tries += 1
            replies = self.send(count or self.enough(share if share else 60))
            whole = sum(self.shares(replies))
            fine = whole == len(replies) and (
                abs(self.last_share - wanted) <= within
                if wanted not in (0, 1)
                else (self.last_share == wanted)
            )
            if fine or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        self.attempt.expect(
            whole == len(replies),
            saw=f"{len(replies) - whole} of {len(replies)} requests got no answer of a version {when}"
            f" (status {next((reply.status for reply in replies if reply.status not in (200, 500)), 0)})",
            help=help
            if "challenger" not in self.world.servers
            else "Look at Traefik's page: does a router lead to the service, and has every service a server?",
        )
        self.attempt.expect(
            fine,
            saw=f"the challenger answered {self.last_share:.0%} of the requests {when}, and {wanted:.0%} are right",
            help=help,
        )
        return replies

    def begin(self) -> None:
        self.command("begin")
        self.until_copied()

    def until_copied(self) -> None:
        """Wait until the proxy copies requests to the challenger: now and then it needs a moment."""
        deadline = time.monotonic() + PATIENCE
        before = self.world.quiet()["challenger"]
        while time.monotonic() < deadline and self.world.quiet()["challenger"] == before:
            self.send(1)

    def advance(self, to, when: str = "") -> None:
        """Enough well-answered requests, then a step, which must lead to the next stage."""
        self.send(self.enough("shadow"))
        self.world.quiet()
        self.command("step")
        self.expect_share(to, f"{when or 'after a step that saw enough good answers'}", ADVANCE)

    def lead_to(self, share) -> None:
        """Bring a release that has just begun to a stage."""
        for stage in self.plan[1 : self.plan.index(share) + 1]:
            self.advance(stage)

    def expect_back(self, why: str) -> None:
        """A step is given; after it all clients are the champion's, and after another one still."""
        self.world.quiet()
        self.command("step")
        for when in (f"after a step that saw {why}", f"one step after the rollback for {why}"):
            self.expect_share(0, when, BACK, count=30)
            if when.startswith("after"):
                self.world.quiet()
                self.command("step")


ADVANCE = (
    "Go to the next stage of the plan when the challenger's window is long enough and within the limits; count the "
    "window from `begin` or the step before, since the servers have counted long before your release."
)
BACK = (
    "Compare what the challenger did since the step before with the limits; when one is broken, give the champion all "
    "of the traffic, and leave it there."
)


# ---------------------------------------------------------------------------------------------- task 1


@check("t1", points=1)
def shares_follow_the_plan(attempt: Attempt) -> None:
    """Each good step goes to the next share of the plan, and the clients are split by it."""
    first, second = drawn(attempt, "plan").choice([(10, 40), (15, 60), (10, 70)])
    release = Release(attempt, "shares", plan=["shadow", first, second, 100])
    release.begin()
    release.send(3 * release.enough("shadow"))
    for share in (first, second, 100):
        release.world.quiet()
        release.command("step")
        release.expect_share(
            share,
            f"at the stage {share} of the plan",
            "Weights of a weighted service: the challenger's is the stage, the champion's the rest of 100. The stages "
            "are those of `plan` in the settings.",
            count=200,
            within=0.05,
        )


@check("t1", points=2)
def the_shadow_listens(attempt: Attempt) -> None:
    """In the shadow the challenger gets every request, and no client hears it."""
    release = Release(attempt, "shadow")
    release.begin()
    for how, trouble in (
        ("", {}),
        (", when the challenger fails", {"errors": 1.0}),
        (", when it is slow", {"seconds": 0.4}),
    ):
        release.trouble("challenger", **trouble)
        deadline = time.monotonic() + PATIENCE
        while True:
            before = release.world.quiet()["challenger"]["requests"]
            replies = release.send(60)
            heard, alien = release.shares(replies)
            time.sleep(trouble.get("seconds", 0))
            got = release.world.quiet()["challenger"]["requests"] - before
            fine = heard == 60 and got >= 57 and all(reply.status == 200 for reply in replies)
            if fine or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        attempt.expect(
            not alien,
            saw=f"in the shadow {alien} of 60 clients were answered by the challenger{how}",
            help="Mirror the requests: a weight, however small, sends clients there. The champion is the service, the "
            "challenger its mirror.",
        )
        attempt.expect(
            heard == 60 and all(reply.status == 200 for reply in replies),
            saw=f"in the shadow {heard} of 60 clients were answered by the champion{how}",
            help="Look at Traefik's page: does a router lead to the mirroring service?",
        )
        attempt.expect(
            got >= 57,
            saw=f"in the shadow the challenger got {got} of 60 requests{how}",
            help="Mirror all of them: percent: 100.",
        )


@check("t1", points=1, needs=("shares_follow_the_plan",))
def nothing_is_dropped(attempt: Attempt) -> None:
    """Not one request is lost while the routes change."""
    limits = {"requests": 3, "errors": 0.1, "seconds": 10, "score": 0.5}
    release = Release(attempt, "dropped", limits=limits)
    for version in VERSIONS:
        release.trouble(version, seconds=0.1)  # so that there is always something under way
    asked = [request("/predict", {"hour": 9, "origin": "JFK", "month": 4}, seconds=30)] * 3000
    traffic = release.bench.traffic(release.world.web, asked, senders=6, rate=50)
    try:
        for word in ("begin", "step", "step", "step", "begin", "step"):
            release.command(word)
            time.sleep(0.7)
    finally:
        replies = traffic.wait(40, stop=True)
    lost = [reply for reply in replies if reply.status != 200]
    attempt.expect(
        not lost,
        saw=f"{len(lost)} of {len(replies)} requests were lost while the routes changed"
        f" (status {lost[0].status if lost else 0}; 0: no answer)",
        help="Write the whole new file at once (tools.replace), in which every client has somewhere to go.",
    )


# ---------------------------------------------------------------------------------------------- task 2


@check("t2", points=1, needs=ROUTES_WORK)
def too_few_is_no_verdict(attempt: Attempt) -> None:
    """Too few requests keep the stage, and are counted on."""
    least = drawn(attempt, "least").randint(40, 44)
    limits = {"requests": least, "errors": 0.1, "seconds": 0.25, "score": 0.1}
    release = Release(attempt, "few", plan=["shadow", 50, 100], limits=limits)
    release.begin()
    release.send(24)
    release.world.quiet()
    release.command("step")
    attempt.expect(
        not release.shares(release.send(12))[1],
        saw=f"a step that saw 24 requests went to the next stage, and {least} are needed",
        help="Hold while the challenger's window has fewer requests than limits.requests.",
    )
    release.send(24)
    release.world.quiet()
    release.command("step")
    release.expect_share(
        release.plan[1],
        "after two steps that saw too few requests each, and enough together",
        "A step that holds for too few requests does not begin a new window.",
    )


@check("t2", points=2, needs=ROUTES_WORK)
def errors_and_slowness_go_back(attempt: Attempt) -> None:
    """A few errors do no harm; more than the limit, or slowness, bring the champion back at the next step."""
    release = Release(attempt, "errors")
    release.begin()
    release.trouble("challenger", errors=0.04)
    release.send(50)
    release.world.quiet()
    release.command("step")
    first = release.plan[1]
    release.expect_share(
        first,
        "after a step that saw 4% errors, where the limit is 10%",
        "Compare the share of errors in the window with limits.errors; one error is no regression.",
    )
    release.trouble("challenger", errors=0.5)
    release.send(release.as_many(first))
    release.expect_back(f"half of the challenger's answers fail at {first}%")

    release = Release(attempt, "slow")
    second = release.plan[2]
    release.begin()
    release.lead_to(second)
    release.trouble("challenger", seconds=1.2)
    release.send(release.as_many(second), senders=32)
    release.expect_back(f"the challenger take more than a second a request at {second}%")


@check("t2", points=1, needs=ROUTES_WORK)
def wrong_scores_never_reach_a_client(attempt: Attempt) -> None:
    """A challenger that answers quickly and wrongly is found in the shadow."""
    release = Release(attempt, "scores")
    release.begin()
    release.trouble("challenger", wrong=True)
    release.send(release.enough("shadow") + 10)
    release.expect_back("scores in the shadow that are far from the champion's")
    before = release.world.quiet()["challenger"]["requests"]
    release.send(20)
    got = release.world.quiet()["challenger"]["requests"] - before
    attempt.expect(
        not got,
        saw=f"after a rollback from the shadow the challenger still got {got} of 20 requests",
        help="After a rollback the champion is alone: no weight and no mirror leads to the challenger.",
    )


@check("t2", points=1, needs=ROUTES_WORK)
def a_dead_challenger_goes_back(attempt: Attempt) -> None:
    """A challenger that does not answer at all is taken back at the next step, however few requests it got."""
    release = Release(attempt, "dead")
    release.begin()
    release.lead_to(release.plan[1])
    release.world.stop("challenger")
    release.expect_back("no answer from the challenger's /metrics")


# ---------------------------------------------------------------------------------------------- task 3


@check("t3", points=2, needs=ROUTES_WORK)
def the_champions_trouble_is_no_verdict(attempt: Attempt) -> None:
    """While the champion itself is in trouble the stage stays, and the judgement comes afterwards."""
    held = "While the champion breaks a limit itself, hold, whatever the challenger does; begin a new window with that step."
    release = Release(attempt, "weather")
    first, second = release.plan[1], release.plan[2]
    release.begin()
    release.lead_to(first)
    release.trouble("champion", seconds=1.2)
    release.send(release.as_many(first), senders=32)
    release.world.quiet()
    release.command("step")
    release.trouble("champion")
    release.expect_share(first, "after a step that saw a slow champion and a good challenger", held)
    release.advance(second, "after the champion had been slow, and a step then saw both well")

    for version in VERSIONS:
        release.trouble(version, errors=0.5)
    release.send(release.as_many(second))
    release.world.quiet()
    release.command("step")
    for version in VERSIONS:
        release.trouble(version)
    release.expect_share(second, "after a step that saw errors of both versions", held)
    release.trouble("challenger", errors=0.5)
    release.send(release.as_many(second) * 2)
    release.expect_back("errors of the challenger alone, one step after both had them")


@check("t3", points=1, needs=ROUTES_WORK)
def a_restart_is_no_regression(attempt: Attempt) -> None:
    """Servers that were started anew between two steps are judged by what they did since."""
    release = Release(attempt, "restart")
    first, second = release.plan[1], release.plan[2]
    release.begin()
    release.lead_to(first)
    for version in VERSIONS:
        release.world.start(version)
    release.send(release.as_many(first))
    release.world.quiet()
    release.command("step")
    release.expect_share(
        second,
        "after a step that saw both servers started anew and enough good answers since",
        "When `started` is another text than in your window's beginning, that version has counted from 0.",
    )


@check("t3", points=1, needs=ROUTES_WORK)
def a_second_try(attempt: Attempt) -> None:
    """After a rollback, begin starts the plan again, without the old errors; broken again, it goes back again."""
    release = Release(attempt, "again")
    first = release.plan[1]
    release.begin()
    release.lead_to(first)
    release.trouble("challenger", errors=0.6)
    release.send(release.as_many(first))
    release.world.quiet()
    release.command("step")
    release.expect_share(0, "after a step that saw 60% errors of the challenger", BACK)
    for _ in range(40):  # those who mend it try it directly, and see it fail; nobody's window holds that
        release.bench.send(
            release.world.ports["challenger"], "/predict", {"hour": 9, "origin": "JFK", "month": 4}
        )
    release.trouble("challenger")

    release.begin()
    before = release.world.quiet()["challenger"]["requests"]
    release.expect_share(
        "shadow",
        "when the release had begun again",
        "begin always starts at the plan's first stage.",
        count=30,
    )
    got = release.world.quiet()["challenger"]["requests"] - before
    attempt.expect(
        got >= 28,
        saw=f"when the release had begun again, the challenger got {got} of 30 requests in the shadow",
        help="begin starts the plan from its first stage, whatever happened before.",
    )
    release.advance(first, "in the second try, after a step that saw good answers since it had begun")
    release.trouble("challenger", errors=0.6)
    release.send(release.as_many(first))
    release.expect_back("60% errors in the second try")


# ---------------------------------------------------------------------------------------------- task 4


def span(before: dict | None, now: dict | None) -> dict | None:
    """What a version did between two looks, as an audit must tell it."""
    if now is None:
        return None
    same = before is not None and before["started"] == now["started"]
    did = {
        key: now[key] - (before[key] if same else 0) for key in ("requests", "errors", "seconds", "scores")
    }
    answered = did["requests"] - did["errors"]
    return {
        "requests": did["requests"],
        "errors": did["errors"],
        "seconds": did["seconds"] / did["requests"] if did["requests"] else None,
        "score": did["scores"] / answered if answered else None,
    }


def is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def agrees(told, right) -> str:
    """The first key of a window in which an audit differs from what was, "" for none."""
    if right is None or not isinstance(told, dict):
        return "" if told == right else "all of it"
    for key, value in right.items():
        found = told.get(key)
        near = 0 if key in ("requests", "errors") else 0.002
        fine = found is None if value is None else is_number(found) and abs(found - value) <= near
        if not fine:
            return key
    return ""


class Audited(Release):
    """A release whose every command is compared with its line in the audit."""

    lines = 0  # that the audit must have
    mark: dict  # the counts at the beginning of the window

    def audited(self, word: str, decision: str, stage, reason: str = "") -> None:
        """Give a command and read the line that it has appended."""
        now = self.world.quiet()
        self.command(word)
        written = (self.bench.text(f"project/{self.settings['audit']}") or "").splitlines()
        self.attempt.expect(
            len(written) == self.lines + 1,
            saw=f"after {self.lines + 1} commands the audit has {len(written)} lines",
            help="Each command appends exactly one line, also one that changes nothing.",
        )
        self.lines += 1
        try:
            line = json.loads(written[-1])
        except ValueError:
            line = None
        self.attempt.expect(
            isinstance(line, dict),
            saw="a line of the audit is no JSON object",
            help="json.dumps of a dict, and a line break.",
        )
        what = f"the audit's line of {decision}" + (f" ({reason})" if reason else "")
        for key, right in (("decision", decision), ("stage", stage), ("reason", reason)):
            if right != "":
                self.attempt.expect(
                    not isinstance(line.get(key), bool) and line.get(key) == right,
                    saw=f"{what} says {key} = {json.dumps(line.get(key))[:60]}, and {json.dumps(right)} is right",
                    help="The brief's tables name the decisions and reasons; stage is where the clients are afterwards.",
                )
        if decision != "begin":
            for version in VERSIONS:
                right = span(self.mark[version], now[version])
                wrong = agrees(line.get(version, "missing"), right)
                self.attempt.expect(
                    not wrong,
                    saw=f"{what} does not tell what the {version} did in its window: {wrong} differs",
                    help="Write the numbers that you judged by: of the window, not since the server's start; means for "
                    "seconds and score, and null for what there is none of.",
                )
        if reason != "too few":
            self.mark = {version: now[version] or self.mark[version] for version in VERSIONS}


@check("t4", points=2, needs=ROUTES_WORK)
def every_decision_is_recorded(attempt: Attempt) -> None:
    """The audit has one line for each command, with the decision, its reason and the numbers that were seen."""
    release = Audited(attempt, "audit")
    first, second = release.plan[1], release.plan[2]
    release.audited("begin", "begin", "shadow")
    release.until_copied()
    release.send(3)
    release.audited("step", "hold", "shadow", "too few")
    release.send(release.enough("shadow"))
    release.audited("step", "advance", first, "good")
    release.expect_share(first, "after a step that advanced", ADVANCE)
    release.trouble("champion", errors=0.5)
    release.send(release.as_many(first))
    release.audited("step", "hold", first, "champion")
    release.trouble("champion")
    release.send(release.as_many(first))
    release.audited("step", "advance", second, "good")
    release.expect_share(second, "after a second step that advanced", ADVANCE)
    release.trouble("challenger", errors=0.5)
    release.send(release.as_many(second))
    release.audited("step", "rollback", 0, "errors")
    release.send(10)
    release.audited("step", "idle", 0, "over")

    release = Audited(attempt, "audit-of-a-dead-one", plan=["shadow", 100])
    release.audited("begin", "begin", "shadow")
    release.world.stop("challenger")
    release.send(5)
    release.audited("step", "rollback", 0, "unreachable")


@check("t4", points=2, needs=ROUTES_WORK)
def the_alias_moves_last(attempt: Attempt) -> None:
    """The alias champion moves when a step has seen the challenger do well with all of the traffic, and never before."""
    port = registry(attempt)
    bench = world(attempt).bench

    def alias() -> str:
        reply = bench.send(
            port, f"/api/2.0/mlflow/registered-models/alias?name={MODEL}&alias=champion", seconds=30
        )
        return str((reply.json() or {}).get("model_version", {}).get("version"))

    def expect_old(when: str) -> None:
        attempt.expect(
            alias() == "1",
            saw=f"the alias champion had moved {when}",
            help="Move the alias in the step that sees the challenger do well at the last stage, and in no other.",
        )

    release = Release(attempt, "alias-stays", plan=["shadow", 100])
    release.begin()
    expect_old("when a release began")
    release.advance(100)
    expect_old("when the challenger got all of the traffic, before it was judged there")
    release.trouble("challenger", errors=0.5)
    release.send(release.as_many(100))
    release.expect_back("errors of a challenger that has all of the traffic")
    expect_old("although the challenger was rolled back from the last stage")

    release = Release(attempt, "alias-moves", plan=["shadow", 50, 100])
    release.begin()
    release.advance(50)
    expect_old("at the stage 50")
    release.advance(100)
    release.world.quiet()
    release.command("step")
    attempt.expect(
        alias() == "2",
        saw="the challenger did well with all of the traffic, and the alias champion did not move",
        help="At the last stage a good window promotes: tools.move_alias(settings).",
    )
    when = "after the promotion"
    release.expect_share(100, when, "A promotion leaves the traffic where it is.")
    release.world.quiet()
    release.command("step")
    release.expect_share(100, f"one step {when}", "After a promotion a step changes nothing.")
