"""Graded checks: a real service, asked over HTTP, with a model that is this grading's own and flights of other months."""

import copy
import csv
import json
import random
import time
from pathlib import Path

from project import late

from grader.checks import Attempt, check
from grader.traffic import request

SECONDS = 60.0  # for a service to come up; it takes one to three on an idle machine
WAIT = 30.0  # for the answer to one request; most take milliseconds
HOLD = 2.5  # how long requests stand still after SIGTERM, which may be five by the brief
END = 30.0  # for its end afterwards, which may take ten by the brief
MOST = 1000  # rows of a request
ADDED_MB = 2.0
KEY = "fd-local-0000-not-a-real-key"
FIELDS = ("carrier", "origin", "dest", "month", "hour", "distance")
EXAMPLE = {"carrier": "UA", "origin": "EWR", "dest": "ORD", "month": 2, "hour": 17, "distance": 719}

# Added to late.py: writes down what is called, and stands still for as long as a file of ours is there.
WATCHED = """

LOAD_SECONDS = 0.3
_load, _score = load, Model.score


def _note(text):
    with open(HERE / ".calls", "a") as calls:
        calls.write(text + "\\n")


def _stand(name):
    while (HERE / name).exists():
        time.sleep(0.02)


def load(*args, **kwargs):
    _note("load")
    _stand(".hold-load")
    return _load(*args, **kwargs)


def score(self, rows):
    rows = list(rows)
    _note("score " + json.dumps([row.get("distance") for row in rows]))
    time.sleep(0.002)
    _stand(".hold-score")
    return _score(self, rows)


Model.score = score
"""


def question(rows, **more):
    """A request to /predict; text is sent as it is, but as JSON too."""
    if isinstance(rows, str):
        return request("/predict", rows, headers={"Content-Type": "application/json"}, seconds=WAIT, **more)
    return request("/predict", {"rows": rows}, seconds=WAIT, **more)


def brief(reply) -> str:
    """What came of a request, in few words."""
    if reply.status:
        return f"status {reply.status}"
    return {"refused": "nobody who listens", "timeout": f"no answer in {WAIT:.0f} s"}.get(
        reply.error, "no whole answer"
    )


def wait_for_scores(client, port, over=lambda: False) -> bool:
    """Whether /predict gives scores in time: no other page is needed for task 1."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and not over():
        if client.send(port, "/predict", {"rows": [EXAMPLE]}, seconds=5.0).status == 200:
            return True
        time.sleep(0.2)
    return False


def pool(attempt: Attempt):
    """The flights that rows are drawn from."""
    with (attempt.data / "pool.csv").open() as file:
        return list(csv.DictReader(file))


def drawn(flights, draw, number: int, whole: bool):
    """So many rows; some of them without a distance, unless they are to be whole."""
    found = []
    for flight in draw.sample(flights, number):
        row = {name: flight[name] for name in ("carrier", "origin", "dest")}
        row |= {"month": int(flight["month"]), "hour": int(flight["hour"])}
        kind = draw.random()
        if whole or kind < 0.8:
            # A fraction of a mile makes each row another one.
            row["distance"] = int(flight["distance"]) + round(draw.random(), 3)
        elif kind < 0.9:
            row["distance"] = None
        found.append(row)
    return found


class Scene:
    """The service in a bench, with a model of its own, and the rows that it is asked about."""

    def __init__(self, attempt: Attempt, salt: str, name: str = "") -> None:
        self.attempt = attempt
        self.draw = random.Random(f"{attempt.seed} {salt}")
        self.bench = attempt.bench(name)
        parts = self.shaken(json.loads((attempt.data / "model.json").read_text()))
        self.model = late.Model(parts)
        self.pool = pool(attempt)
        for left in ("__pycache__", ".calls"):
            self.bench.remove(f"project/{left}")
        self.bench.write("project/model.json", json.dumps(parts))
        self.bench.write("project/late.py", Path(late.__file__).read_text() + WATCHED)
        self.port = 0
        self.process = None

    def shaken(self, parts):
        """Another model, in the same form."""

        def other(weight):
            return round(weight + self.draw.uniform(0.2, 0.6) * self.draw.choice((-1, 1)), 3)

        made = copy.deepcopy(parts)
        made["intercept"] = other(made["intercept"])
        for name in ("carrier", "origin", "dest"):
            made[name] = {value: other(weight) for value, weight in made[name].items()}
        for name in ("month", "hour"):
            made[name] = [other(weight) for weight in made[name]]
        made["distance"] = {"mean": made["distance"]["mean"], "weight": other(made["distance"]["weight"])}
        return made

    def start(self) -> None:
        """Start the service and go on."""
        self.port = self.bench.port()
        env = {"HOST": "127.0.0.1", "PORT": str(self.port)}
        self.process = self.bench.start(["python", "serve.py"], cwd="project", env=env)

    def over(self) -> bool:
        return self.process.wait(0.01).code is not None

    def how_it_ended(self) -> str:
        done = self.process.wait(0.01)
        return f"it ended: {done.last[:120]}" if done.code is not None else "it is running"

    def up(self) -> None:
        """Start the service and wait until it gives scores."""
        self.start()
        self.attempt.expect(
            wait_for_scores(self.bench, self.port, self.over),
            saw="python serve.py was started, and a POST to /predict with the brief's row got no status 200 in "
            f"{SECONDS:.0f} s ({self.how_it_ended()})",
            help="Start it in a terminal with HOST=127.0.0.1 PORT=8123, and send the brief's example with curl.",
        )

    def rows(self, number: int, *, whole: bool = False):
        """Flights; some of them without a distance, unless they are to be whole."""
        return drawn(self.pool, self.draw, number, whole)

    def calls(self, kind: str) -> list[str]:
        """What was called of late.py, without its name."""
        lines = (self.bench.text("project/.calls") or "").splitlines()
        return [line.partition(" ")[2] for line in lines if line.split(" ")[0] == kind]

    def expect_scores(self, reply, rows, what: str) -> None:
        """A reply holds the batch's scores of the rows."""
        expect_scores(self.attempt, self.model, reply, rows, what)


def expect_scores(attempt: Attempt, model, reply, rows, what: str) -> None:
    attempt.expect(
        reply.status == 200,
        saw=f"{what} got {brief(reply)}, and 200 is needed",
        help="Send such a request yourself and read what the service prints.",
    )
    said = reply.json()
    scores = said.get("scores") if isinstance(said, dict) else None
    attempt.expect(
        isinstance(scores, list)
        and all(isinstance(score, int | float) and not isinstance(score, bool) for score in scores),
        saw=f"the answer to {what} is no object with a list of numbers under scores",
        help='Answer {"scores": [...]}: what late\'s score returns, as it is.',
    )
    right = model.score(rows)
    attempt.expect(
        len(scores) == len(right),
        saw=f"{what} got {len(scores)} scores for {len(right)} rows",
        help="One score for each row of this request, and of no other one.",
    )
    apart = max(abs(score - wanted) for score, wanted in zip(scores, right, strict=True))
    if apart > 1e-6:
        sorted_alike = all(abs(a - b) < 1e-6 for a, b in zip(sorted(scores), sorted(right), strict=True))
        attempt.expect(
            not sorted_alike,
            saw=f"the scores of {what} are right, and in another order than its rows",
            help="Keep the order: answer what late's score returns, as it is.",
        )
        attempt.expect(
            apart > 0.02,
            saw=f"the scores of {what} are up to {apart:.4f} away from the batch's",
            help="Do not round, and give every field to late's score as it came, a missing distance too.",
        )
        attempt.expect(
            False,
            saw=f"the scores of {what} are not those that the batch gives for the same rows",
            help="Give the rows to the score of late's model, each field as it came; a missing distance stays missing.",
        )


ANSWERS: list[Scene] = []


def answers(attempt: Attempt) -> Scene:
    """A service that gives scores, in one bench for the checks of tasks 1 and 2."""
    if not ANSWERS:
        ANSWERS.append(Scene(attempt, "answers", "answers"))
    scene = ANSWERS[0]
    if scene.process is None or scene.over():
        scene.up()
    return scene


# ---------------------------------------------------------------------------------------------- task 1


@check("t1", points=2)
def scores_are_the_batchs(attempt: Attempt) -> None:
    """One flight or a thousand get the batch's scores, in the order of the rows."""
    scene = answers(attempt)
    for number in (1, 2, 40, MOST):
        rows = scene.rows(number, whole=True)
        rows[-1] = dict(rows[0])  # the same flight twice is two rows
        what = "one row" if number == 1 else f"{number} rows"
        scene.expect_scores(scene.bench.send(scene.port, **sent(rows)), rows, what)


def sent(rows, **more):
    """A question, for `send`."""
    made = dict(question(rows, **more))
    return {key: made[key] for key in ("path", "body", "method", "headers", "seconds")}


ODD = {
    "a carrier that the model has not seen": {"carrier": "ZZ"},
    "an origin that the model has not seen": {"origin": "BOS"},
    "a destination that the model has not seen": {"dest": "KTM"},
    "a text in small letters with a blank": {"carrier": "b6 ", "dest": "mco"},
    "an empty carrier": {"carrier": ""},
    "the distance null": {"distance": None},
    "no distance": {"distance": ...},
    "a field more than the model needs": {"tailnum": "N14228", "dep_delay": 40},
    "the month 1 and the hour 0": {"month": 1, "hour": 0},
    "the month 12 and the hour 23": {"month": 12, "hour": 23},
}


@check("t1", points=1, needs=("scores_are_the_batchs",))
def unknown_values_as_the_batch(attempt: Attempt) -> None:
    """What the model has not seen, and what is not known, gets the batch's score too."""
    scene = answers(attempt)
    all_rows = []
    for what, change in ODD.items():
        changed = scene.rows(1, whole=True)[0] | change
        row = {name: value for name, value in changed.items() if value is not ...}
        all_rows += [row, *scene.rows(3)]
        scene.expect_scores(scene.bench.send(scene.port, **sent([row])), [row], f"a row with {what}")
    scene.expect_scores(
        scene.bench.send(scene.port, **sent(all_rows)), all_rows, "rows of all kinds together"
    )


@check("t1", points=1, needs=("scores_are_the_batchs",))
def two_dozen_at_once(attempt: Attempt) -> None:
    """Two dozen senders at once each get the scores of their own rows."""
    scene = answers(attempt)
    asked = [scene.rows(scene.draw.randint(1, 6), whole=True) for _ in range(240)]
    before = len(scene.calls("load"))
    traffic = scene.bench.traffic(scene.port, [question(rows) for rows in asked], senders=24)
    replies = traffic.wait(120)
    attempt.expect(
        len(replies) == len(asked),
        saw=f"of {len(asked)} requests from two dozen senders {len(replies)} were answered in two minutes",
        help="Load the model once, not for each request.",
    )
    for rows, reply in zip(asked, replies, strict=True):
        scene.expect_scores(reply, rows, "one of 240 requests that two dozen senders sent at once")
    loads = len(scene.calls("load")) - before
    attempt.expect(
        loads <= 8,
        saw=f"late.load was called {loads} times while 240 requests came in",
        help="Load the model once when the service starts, and keep it.",
    )


# ---------------------------------------------------------------------------------------------- task 2


def expect_refused(attempt: Attempt, reply, what: str, name: str = "") -> None:
    """A 4xx, with the name in its body where there is one."""
    attempt.expect(
        400 <= reply.status < 500,
        saw=f"a request with {what} got {brief(reply)}, and a status from 400 to 499 is needed",
        help="An answer of 500 means an error that nobody caught: read what the service prints. FastAPI's own answer "
        "repeats what was sent, also what JSON cannot hold: an exception handler of your own need not."
        if reply.status >= 500
        else "Check every field of every row before anything is scored.",
    )
    attempt.expect(
        name in reply.body,
        saw=f"a request with {what} was refused with status {reply.status}, and the body does not name {name}",
        help="Say in the body which field is wrong.",
    )


def spoilt(scene: Scene, field: str, change):
    """Twenty good rows, one of which has that field changed, or taken out."""
    rows = scene.rows(20, whole=True)
    row = rows[scene.draw.randrange(1, 20)]
    row[field] = change
    if change is ...:
        del row[field]
    return rows


WRONG = {
    "carrier": [("a number", 7), ("null", None)],
    "origin": [("a number", 12), ("a list", ["JFK"])],
    "dest": [("a number", 3.5), ("null", None)],
    "month": [("no number", "July"), ("a fraction", 7.5), ("the value 0", 0), ("the value 13", 13)],
    "hour": [("no number", "noon"), ("null", None), ("the value -1", -1), ("the value 24", 24)],
    "distance": [
        ("no number", "far"),
        ("the value 0", 0),
        ("a negative value", -300),
        ("a value over 20000", 20_001),
    ],
}


@check("t2", points=2, needs=("scores_are_the_batchs",))
def a_bad_field_is_named(attempt: Attempt) -> None:
    """One bad field in one of twenty rows gets a 4xx that names it."""
    scene = answers(attempt)
    named: dict[str, str] = {}
    for field, changes in WRONG.items():
        missing = [] if field == "distance" else [("no value at all", ...)]
        for what, change in [*missing, *changes]:
            reply = scene.bench.send(scene.port, **sent(spoilt(scene, field, change)))
            expect_refused(attempt, reply, f"{what} for {field} in one of its rows", field)
        named[field] = reply.body
    attempt.expect(
        len(set(named.values())) == len(named),
        saw="requests with different bad fields were refused with the same words",
        help="Name the field that is wrong, not every field there is.",
    )


@check("t2", points=1, needs=("scores_are_the_batchs",))
def a_bad_request_is_refused(attempt: Attempt) -> None:
    """No rows, too many rows, no JSON and numbers that are none get a 4xx."""
    scene = answers(attempt)
    row = json.dumps(scene.rows(1, whole=True)[0])
    for what, body, name in [
        ("no rows", "{}", "rows"),
        ("an empty list of rows", '{"rows": []}', "rows"),
        ("a text for rows", '{"rows": "all"}', "rows"),
        (f"{MOST + 1} rows", json.dumps({"rows": scene.rows(MOST + 1, whole=True)}), "rows"),
        ("a number in place of a row", '{"rows": [17]}', ""),
        ("a list in place of the object", f"[{row}]", ""),
        ("half of a JSON text", f'{{"rows": [{row[:-9]}', ""),
        ("a text that is no JSON", "carrier=UA", ""),
        ("no body", "", ""),
        ("NaN for a number", f'{{"rows": [{swapped(row, "NaN")}]}}', ""),
        ("-Infinity for a number", f'{{"rows": [{swapped(row, "-Infinity")}]}}', ""),
        ("1e999 for a number", f'{{"rows": [{swapped(row, "1e999")}]}}', ""),
        ("NaN for the hour", f'{{"rows": [{swapped(row, "NaN", "hour")}]}}', ""),
    ]:
        reply = scene.bench.send(scene.port, **sent(body, method="POST"))
        expect_refused(attempt, reply, what, name)


def swapped(row: str, text: str, field: str = "distance") -> str:
    """A row's JSON with another text as the value of a field."""
    return json.dumps(json.loads(row) | {field: "@"}).replace('"@"', text)


@check("t2", points=1, needs=("two_dozen_at_once",))
def good_requests_go_on(attempt: Attempt) -> None:
    """Good requests among bad ones get their scores."""
    scene = answers(attempt)
    number = scene.process.number
    asked = []
    for turn in range(60):
        if turn % 2:
            asked.append((scene.rows(3, whole=True), None))
        else:
            field = scene.draw.choice(FIELDS)
            asked.append((None, spoilt(scene, field, scene.draw.choice(WRONG[field])[1])))
    traffic = scene.bench.traffic(scene.port, [question(good or bad) for good, bad in asked], senders=8)
    replies = traffic.wait(120)
    attempt.expect(
        len(replies) == len(asked),
        saw=f"of {len(asked)} good and bad requests {len(replies)} were answered in two minutes",
        help="A bad request must cost no more than a good one.",
    )
    for (good, _), reply in zip(asked, replies, strict=True):
        if good:
            scene.expect_scores(reply, good, "a good request among bad ones")
        else:
            expect_refused(attempt, reply, "a bad field among good requests")
    attempt.expect(
        not scene.over() and scene.process.number == number,
        saw="the service ended while bad requests came in",
        help="No request may end it: look for exits in your handlers.",
    )


# ---------------------------------------------------------------------------------------------- task 3


@check("t3", points=2, needs=("scores_are_the_batchs",))
def says_when_it_is_ready(attempt: Attempt) -> None:
    """While the model loads it is alive and not ready; afterwards it is ready."""
    scene = Scene(attempt, "ready")
    scene.bench.write("project/.hold-load", "")
    scene.start()
    attempt.expect(
        scene.bench.answers(scene.port, "/live", SECONDS, scene.process.number),
        saw=f"while the model was still loading, /live gave no status 200 in {SECONDS:.0f} s ({scene.how_it_ended()})",
        help="Start to load in a thread of its own, so that the service listens meanwhile. What runs at import, or before "
        "lifespan's yield, keeps it from listening.",
    )
    for path, reply in [
        ("/ready", scene.bench.send(scene.port, "/ready", seconds=WAIT)),
        ("/predict", scene.bench.send(scene.port, **sent(scene.rows(2, whole=True)))),
        ("/ready", scene.bench.send(scene.port, "/ready", seconds=WAIT)),
        ("/live", scene.bench.send(scene.port, "/live", seconds=WAIT)),
    ]:
        wanted = 200 if path == "/live" else 503
        attempt.expect(
            reply.status == wanted,
            saw=f"while the model was still loading, {path} got {brief(reply)}, and {wanted} is needed",
            help="Look at one place whether the model is there: /ready and /predict both answer 503 until it is, and wait "
            "for nothing.",
        )
    scene.bench.remove("project/.hold-load")
    attempt.expect(
        scene.bench.answers(scene.port, "/ready", SECONDS, scene.process.number),
        saw=f"the model was loaded, and /ready gave no status 200 in {SECONDS:.0f} s after that",
        help="Call late.load() once when the service starts, and keep what it returns where /ready looks.",
    )
    rows = scene.rows(5, whole=True)
    scene.expect_scores(
        scene.bench.send(scene.port, **sent(rows)), rows, "a request right after /ready said 200"
    )
    attempt.expect(
        scene.bench.send(scene.port, "/live", seconds=WAIT).status == 200,
        saw="with the model loaded, /live gives no status 200",
        help="/live says 200 for as long as the service runs.",
    )
    scene.process.kill()


def held_up(attempt: Attempt, salt: str) -> Scene:
    """A ready service in which scoring stands still."""
    scene = Scene(attempt, salt)
    scene.up()
    scene.bench.write("project/.hold-score", "")
    return scene


def under_way(scene: Scene, number: int):
    """Send requests whose scoring stands still; return them and the traffic once one or all are being scored."""
    asked = [scene.rows(2, whole=True) for _ in range(number)]
    questions = [dict(question(rows), seconds=100.0) for rows in asked]
    traffic = scene.bench.traffic(scene.port, questions, senders=number)
    deadline = time.monotonic() + SECONDS
    patience = None
    while time.monotonic() < deadline and (patience is None or time.monotonic() < patience):
        begun = being_scored(scene, asked)
        if all(begun):
            break
        if any(begun) and patience is None:
            patience = time.monotonic() + 5  # whoever scores one after the other never has all of them
        time.sleep(0.1)
    scene.attempt.expect(
        any(begun),
        saw="requests to /predict were sent, and late's score was never called for one of them",
        help="Score with the model that late.load() returned.",
    )
    return asked, traffic


def being_scored(scene: Scene, asked) -> list[bool]:
    """Of each request, whether a row of it has reached the model: then it is surely under way."""
    reached = {miles for call in scene.calls("score") for miles in json.loads(call)}
    return [any(row["distance"] in reached for row in rows) for rows in asked]


@check("t3", points=1, needs=("two_dozen_at_once",))
def alive_while_it_scores(attempt: Attempt) -> None:
    """While flights are being scored, /live answers."""
    scene = held_up(attempt, "alive")
    asked, traffic = under_way(scene, 3)
    reply = scene.bench.send(scene.port, "/live", seconds=WAIT)
    scene.bench.remove("project/.hold-score")
    attempt.expect(
        reply.status == 200,
        saw=f"while flights were being scored, /live got {brief(reply)}, and 200 is needed",
        help="An async function that calls something slow stops every other answer: write def predict without async, "
        "and FastAPI runs it in a thread.",
    )
    for rows, answer in zip(asked, traffic.wait(60), strict=True):
        scene.expect_scores(answer, rows, "a request during which /live was asked")
    scene.process.kill()


@check("t3", points=2, needs=("two_dozen_at_once",))
def ends_without_losing_a_request(attempt: Attempt) -> None:
    """SIGTERM while requests are under way: each gets its whole answer, then the service ends with code 0."""
    scene = held_up(attempt, "end")
    asked, traffic = under_way(scene, 6)
    begun = being_scored(scene, asked)
    scene.process.kill("SIGTERM")
    time.sleep(HOLD)
    scene.bench.remove("project/.hold-score")
    replies = traffic.wait(60)
    lost = [
        reply for rows, reply, was in zip(asked, replies, begun, strict=True) if was and reply.status != 200
    ]
    attempt.expect(
        not lost,
        saw=f"of {sum(begun)} requests that were being scored when SIGTERM came, {len(lost)} got no answer with status 200"
        f" ({brief(lost[0]) if lost else ''})",
        help="Let uvicorn end by itself: on SIGTERM it accepts nothing more and finishes what is under way, "
        "if nothing ends the process before, and its time for that is not cut short.",
    )
    for rows, reply, was in zip(asked, replies, begun, strict=True):
        if was:
            scene.expect_scores(reply, rows, "a request that was under way when SIGTERM came")
    done = scene.process.wait(END)
    attempt.expect(
        not done.timed_out,
        saw=f"SIGTERM came, every request was answered, and {END:.0f} s later the service still runs",
        help="Look for threads that are no daemons, and for handlers that swallow the signal.",
    )
    attempt.expect(
        done.code == 0,
        saw=f"after SIGTERM and the last answer the service ended with {ending(done.code)}, and exit code 0 is needed",
        help="When uvicorn is done it sends the signal to itself once more, for whoever handled it before: set a handler "
        "of your own before you call uvicorn.run, and let it exit with 0.",
    )


def ending(code) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


# ---------------------------------------------------------------------------------------------- task 4


@check("t4", points=1)
def no_key_in_any_layer(attempt: Attempt) -> None:
    """The key is in no layer of the image, and still in the project."""
    left = attempt.bench("answers").files("project")
    attempt.expect(
        ".env" in left and any(name.startswith("history/") for name in left),
        saw="project/ has no .env or no history/ any more",
        help="Put them back: your colleagues need them there, and the image must do without.",
    )
    held = attempt.image("project").holding([KEY])
    attempt.expect(
        not held,
        saw=f"the key of .env is in a layer of the image: {held[0][:100] if held else ''}",
        help="What a later step removes stays in the layer before. Copy the files that the service needs, by name, or "
        "list what must stay out in .dockerignore.",
    )


@check("t4", points=1)
def adds_little(attempt: Attempt) -> None:
    """The image adds little to its base."""
    added = attempt.image("project").added_mb
    attempt.expect(
        added <= ADDED_MB,
        saw=f"the image holds {added:.1f} MB more than its base, and {ADDED_MB:.0f} MB is the most",
        help="Leave history/ out: copy by name, or list it in .dockerignore.",
    )


def running(attempt: Attempt):
    """A container of the image that gives scores."""
    container = attempt.image("project").start()
    up = wait_for_scores(container, 8000, lambda: not container.state().running)
    said = container.said().strip().splitlines()
    attempt.expect(
        up,
        saw="a container of the image got no status 200 for the brief's row on port 8000 within "
        f"{SECONDS:.0f} s ({said[-1].strip()[-120:] if said else 'it printed nothing'})",
        help="Its file system is read-only except for /tmp, and it has no rights: write nothing beside the code, and set "
        "HOST and PORT.",
    )
    return container


@check("t4", points=1, needs=("scores_are_the_batchs",))
def serves_as_nobody_special(attempt: Attempt) -> None:
    """A container of it gives the batch's scores, for everybody who can reach it, and not as root."""
    container = running(attempt)
    attempt.expect(
        not container.state().is_root,
        saw="the service in the container runs as root",
        help="Add a line USER with a number, such as USER 1000, before CMD.",
    )
    addresses = container.listens(8000)
    attempt.expect(
        any(not address.startswith("127.") and address != "::1" for address in addresses),
        saw="in the container the service listens on its loopback alone, where nobody outside can reach it",
        help="Set HOST=0.0.0.0 in the image.",
    )
    model = late.Model(json.loads((attempt.data / "model.json").read_text()))
    rows = drawn(pool(attempt), random.Random(f"{attempt.seed} container"), 30, True)
    expect_scores(attempt, model, container.send(8000, **sent(rows)), rows, "30 rows in a container")


@check("t4", points=1, needs=("scores_are_the_batchs",))
def the_signal_arrives(attempt: Attempt) -> None:
    """SIGTERM to the container reaches the service, which ends with code 0."""
    container = running(attempt)
    container.signal("SIGTERM")
    state = container.wait(END)
    attempt.expect(
        not state.running,
        saw=f"the container got SIGTERM, and {END:.0f} s later the service still runs",
        help='The signal goes to the first process. Make that your service: CMD ["python", "serve.py"], and exec in a '
        "start script.",
    )
    attempt.expect(
        state.exit_code == 0,
        saw=f"after SIGTERM the container ended with exit code {state.exit_code}, and 0 is needed",
        help='The signal goes to the first process. Make that your service: CMD ["python", "serve.py"], and exec in a '
        "start script.",
    )
