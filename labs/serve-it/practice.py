"""Public checks of "Serve it": your service in a copy of your project, with the model that you have."""

import json
import time

from grader.checks import Attempt, CheckFailed, check
from grader.traffic import request

SECONDS = 60.0
ROW = {"carrier": "UA", "origin": "EWR", "dest": "ORD", "month": 2, "hour": 17, "distance": 719}
ROWS = [
    ROW,
    {"carrier": "ZZ", "origin": "JFK", "dest": "mia", "month": 5, "hour": 6, "distance": None},
    {"carrier": "EV", "origin": "LGA", "dest": "STL", "month": 3, "hour": 21, "tailnum": "N14228"},
]
BATCH = """
import json, late
late.LOAD_SECONDS = 0
print(json.dumps(late.load().score(json.loads(input()))))
"""


def start(attempt: Attempt, load_seconds: float = 0, name: str = ""):
    """Start the service; return its bench, its port and its process."""
    bench = attempt.bench(name)
    port = bench.port()
    env = {"HOST": "127.0.0.1", "PORT": str(port), "LATE_LOAD_SECONDS": str(load_seconds)}
    return bench, port, bench.start(["python", "serve.py"], cwd="project", env=env)


def up(attempt: Attempt):
    """A service that gives scores."""
    bench, port, process = start(attempt)
    deadline = time.monotonic() + SECONDS
    reply = None
    while time.monotonic() < deadline and process.wait(0.01).code is None:
        reply = bench.send(port, "/predict", {"rows": [ROW]}, seconds=5.0)
        if reply.status == 200:
            return bench, port, process
        time.sleep(0.2)
    said = f"status {reply.status}" if reply is not None and reply.status else "no answer"
    last = process.wait(0.01).last
    raise CheckFailed(
        f"the brief's row got {said} from /predict and 200 is needed; serve.py says: {last[:150]}",
        "Start it in a terminal, in project/, and send the brief's example with curl.",
    )


@check("t1")
def three_rows(attempt: Attempt) -> None:
    """Three rows get the batch's scores."""
    bench, port, process = up(attempt)
    batch = bench.run(["python", "-c", BATCH], cwd="project", stdin=json.dumps(ROWS) + "\n")
    attempt.expect(
        batch.ok, saw=f"late.py does not run: {batch.last[:150]}", help="Take late.py back as it was."
    )
    reply = bench.send(port, "/predict", {"rows": ROWS})
    process.kill()
    said = reply.json()
    scores = said.get("scores") if isinstance(said, dict) else None
    wanted = json.loads(batch.out)
    attempt.expect(
        reply.status == 200
        and isinstance(scores, list)
        and len(scores) == 3
        and all(
            isinstance(score, int | float) and abs(score - right) < 1e-6
            for score, right in zip(scores, wanted, strict=True)
        ),
        saw=f"the scores are {str(scores)[:120]} (status {reply.status}), and the batch's are {wanted}",
        help="One of the rows has a new carrier and no known distance: give each field to score as it came.",
    )


@check("t2", needs=("three_rows",))
def three_bad_requests(attempt: Attempt) -> None:
    """A missing hour, an empty list and half of a JSON text get a 4xx."""
    bench, port, process = up(attempt)
    header = {"Content-Type": "application/json"}
    replies = [
        ("a row without an hour", "hour", {"rows": [{key: ROW[key] for key in ROW if key != "hour"}]}),
        ("an empty list", "rows", {"rows": []}),
        ("half of a JSON text", "", '{"rows": [{"carrier": "UA"'),
    ]
    for what, name, body in replies:
        reply = bench.send(port, "/predict", body, headers=header)
        attempt.expect(
            400 <= reply.status < 500 and name in reply.body,
            saw=f"{what} got status {reply.status} and the body {reply.body[:100]!r}; 4xx is needed"
            + (f", with {name} in the body" if name else ""),
            help="Describe the rows with a pydantic model and its limits, or check them by hand before you score.",
        )
    process.kill()


@check("t3", needs=("three_rows",))
def loading_for_eight_seconds(attempt: Attempt) -> None:
    """While a model loads for eight seconds, /live gives 200 and /ready 503."""
    bench, port, process = start(attempt, 8)
    alive = bench.answers(port, "/live", SECONDS, process.number)
    replies = {path: bench.send(port, path).status for path in ("/ready", "/live")}
    attempt.expect(
        alive and replies == {"/ready": 503, "/live": 200},
        saw=f"when /live answered first, /ready gave {replies['/ready']}; 503 is needed while the model loads"
        if alive
        else f"/live gives no 200: {process.wait(0.01).last[:150]}",
        help="Start to load in a thread of its own, so that the service listens meanwhile.",
    )
    attempt.expect(
        bench.answers(port, "/ready", SECONDS, process.number),
        saw="/ready gives no 200 when the model is there",
        help="Keep what late.load() returns where /ready can see it.",
    )
    process.kill()


@check("t3", needs=("three_rows",))
def ends_on_sigterm(attempt: Attempt) -> None:
    """SIGTERM ends it with exit code 0."""
    bench, port, process = up(attempt)
    bench.traffic(port, [request("/predict", {"rows": ROWS})] * 40, senders=4).wait(60)
    process.kill("SIGTERM")
    done = process.wait(20)
    attempt.expect(
        done.code == 0,
        saw="after SIGTERM the service still runs"
        if done.code is None
        else f"after SIGTERM it ended with {done.code}, and exit code 0 is needed",
        help="uvicorn finishes its work and then sends itself the signal once more: who handled it before?",
    )


@check("t4")
def the_dockerfile_is_read(attempt: Attempt) -> None:
    """The Dockerfile can be read, takes no key and little data along, and names a user."""
    recipe = attempt.bench().recipe("project")
    copied = [step for step in recipe["steps"] if step["kind"] == "copy"]
    paths = [path for step in copied for path in step["paths"]]
    attempt.expect(
        not any(path.endswith("/.env") for path in paths),
        saw="a COPY takes .env along",
        help="Copy what is needed by name, or list .env in .dockerignore.",
    )
    size = sum(step["bytes"] for step in copied) / 1e6
    attempt.expect(
        size <= 2,
        saw=f"COPY takes {size:.1f} MB along, and the image may hold 2 MB more than its base",
        help="Leave history/ out: copy by name, or list it in .dockerignore.",
    )
    user = recipe["settings"]["user"].split(":")[0]
    attempt.expect(
        user not in ("", "0", "root"),
        saw=f"the image runs as {user or 'root, since it has no USER'}",
        help="Add a line USER with a number, such as USER 1000, before CMD.",
    )
