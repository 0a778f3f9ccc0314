"""Public checks of "Canary, shadow, rollback": the plan of release.json, in a copy of your project."""

import json
import time

from grader.checks import Attempt, check
from grader.traffic import request

TRAEFIK = """
global: {{checkNewVersion: false, sendAnonymousUsage: false}}
entryPoints: {{web: {{address: "127.0.0.1:{web}"}}, traefik: {{address: "127.0.0.1:{own}"}}}}
ping: {{}}
log: {{level: ERROR}}
providers: {{providersThrottleDuration: 100ms, file: {{filename: ../../traefik/routes.yml, watch: true}}}}
"""
ROUTES = """
http:
  routers:
    flights: {{rule: PathPrefix(`/`), service: champion}}
  services:
    champion: {{loadBalancer: {{servers: [{{url: "http://127.0.0.1:{port}"}}]}}}}
"""
FLIGHT = {"hour": 15, "origin": "LGA", "month": 3}


class Try:
    """A proxy, two servers and a release that has begun."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt, self.bench = attempt, attempt.bench()
        self.ports = {name: self.bench.port() for name in ("champion", "challenger")}
        self.web, own = self.bench.port(), self.bench.port()
        for name, port in self.ports.items():
            server = self.bench.start(["python", "serve.py", name, str(port)], cwd="project")
            self.bench.answers(port, "/health", 30, server.number)
        self.bench.write("traefik/routes.yml", ROUTES.format(port=self.ports["champion"]))
        self.bench.service("traefik", own, {"traefik.yml": TRAEFIK.format(web=self.web, own=own)})
        urls = {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        settings = {
            "routes": "../traefik/routes.yml",
            **urls,
            "plan": ["shadow", 20, 100],
            "limits": {"requests": 10, "errors": 0.1, "seconds": 0.5, "score": 0.1},
            "state": "practice/state.json",
            "audit": "practice/audit.jsonl",
            "registry": "http://127.0.0.1:9",
            "model": "late-flights",
            "version": "2",
        }
        self.bench.remove("project/practice")
        self.bench.write("project/practice/release.json", json.dumps(settings))
        self.command("begin")

    def command(self, word: str) -> None:
        """Give one command, and the proxy a moment to follow."""
        time.sleep(0.5)
        done = self.bench.run(
            ["python", "controller.py", word, "practice/release.json"], cwd="project", seconds=30
        )
        self.attempt.expect(
            done.code == 0,
            saw=f"python controller.py {word} ended with exit code {done.code}: {done.last[:150]}",
            help="Run the same in a terminal, in project/, and read what it says.",
        )
        time.sleep(1.5)

    def trouble(self, version: str, **how: object) -> None:
        self.bench.send(self.ports[version], "/trouble", how)

    def heard(self, count: int) -> int:
        """Send requests through the proxy; how many the challenger answered. All must be answered by a version."""
        asked = [request("/predict", FLIGHT, seconds=30)] * count
        said = [reply.json() for reply in self.bench.traffic(self.web, asked).wait(60)]
        names = [one.get("version") for one in said if isinstance(one, dict)]
        self.attempt.expect(
            len(names) == count,
            saw=f"{len(names)} of {count} requests were answered by a version",
            help="Look at routes.yml: a router must lead to the service, and every service needs its server.",
        )
        return names.count("challenger")


@check("t1")
def shadow_then_a_share(attempt: Attempt) -> None:
    """The challenger listens, and then answers a share."""
    tried = Try(attempt)
    heard = tried.heard(60)
    attempt.expect(
        heard == 0,
        saw=f"in the shadow the challenger answered {heard} of 60 requests, and 0 are right",
        help="Mirror them: the champion is the service, the challenger a mirror of it.",
    )
    time.sleep(0.5)
    counted = tried.bench.send(tried.ports["challenger"], "/metrics").json() or {}
    attempt.expect(
        counted.get("requests") == 60,
        saw=f"in the shadow the challenger got {counted.get('requests')} of 60 requests",
        help="Mirror all of them: percent: 100.",
    )
    tried.command("step")
    heard = tried.heard(100)
    attempt.expect(
        abs(heard - 20) <= 5,
        saw=f"the plan's next stage is 20, and the challenger answered {heard} of 100 requests",
        help="Weights of a weighted service: 20 for the challenger, 80 for the champion.",
    )


@check("t2", needs=("shadow_then_a_share",))
def errors_go_back(attempt: Attempt) -> None:
    """A challenger that fails is taken back."""
    tried = Try(attempt)
    tried.heard(40)
    tried.command("step")
    tried.trouble("challenger", errors=0.8)
    tried.heard(120)
    tried.command("step")
    heard = tried.heard(40)
    attempt.expect(
        heard == 0,
        saw=f"after a step that saw 80% errors the challenger still answered {heard} of 40 requests",
        help="Compare its share of errors in the window with limits.errors, and give the champion everything.",
    )


@check("t3", needs=("shadow_then_a_share",))
def errors_of_both(attempt: Attempt) -> None:
    """When both versions fail, the stage stays."""
    tried = Try(attempt)
    tried.heard(40)
    tried.command("step")
    for version in tried.ports:
        tried.trouble(version, errors=0.8)
    tried.heard(120)
    tried.command("step")
    for version in tried.ports:
        tried.trouble(version)
    heard = tried.heard(100)
    attempt.expect(
        abs(heard - 20) <= 5,
        saw=f"after a step that saw errors of both, the challenger answered {heard} of 100 requests; 20 are right",
        help="Question 4 comes before question 5: hold while the champion breaks a limit itself.",
    )


@check("t4", needs=("shadow_then_a_share",))
def a_line_for_each_command(attempt: Attempt) -> None:
    """Each command appends a line."""
    tried = Try(attempt)
    tried.command("step")
    lines = (tried.bench.text("project/practice/audit.jsonl") or "").splitlines()
    try:
        decisions = [json.loads(line)["decision"] for line in lines]
    except (ValueError, KeyError, TypeError):
        decisions = ["lines that are no objects with a decision"]
    attempt.expect(
        decisions == ["begin", "hold"],
        saw=f"after begin, and a step that saw no request, the audit tells {decisions[:4]}",
        help='Append one JSON object a command; the right decisions are ["begin", "hold"].',
    )
