"""Graded checks: the service is really scraped, the rules meet days they have not seen, and messages really arrive."""

import json
import random
import re

from grader.checks import Attempt, check
from grader.traffic import request

AIRPORTS = ("EWR", "JFK", "LGA")
RESULTS = ("flown", "late", "cancelled")
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SECONDS = 60.0  # for whatever is waited for; it takes a few on an idle machine

# The model that the sandbox's service gets: slow at three, broken at four.
MODEL = """
import time


def score(flight):
    if flight["hour"] == 3:
        time.sleep(0.3)
    if flight["hour"] == 4:
        raise RuntimeError("no model for this hour")
    return round(0.08 + 0.015 * max(0, flight["hour"] - 5), 3)
"""

# Takes what Alertmanager sends, and writes it down.
RECEIVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open("received.txt", "a") as file:
            file.write(self.path + " " + body.replace("\\n", " ") + "\\n")
        self.do_GET()

    def log_message(self, *words):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def serve(attempt: Attempt, bench, port: int):
    """Start the learner's service and wait until it answers."""
    process = bench.start(["python", "service.py", "--port", str(port)], cwd="project")
    up = bench.answers(port, "/health", SECONDS, process.number)
    attempt.expect(
        up,
        saw=f"python service.py --port N does not answer GET /health: {process.wait(0.1).last[:150] if not up else ''}",
        help="Start it in a terminal, in project/, and read what it says.",
    )
    return process


def pause(bench, seconds: float) -> None:
    """Let a little time pass between two looks."""
    bench.run(["sleep", str(seconds)])


# ---------------------------------------------------------------------------------------------- task 1


def scrape(attempt: Attempt, bench, port: int) -> dict[tuple, float]:
    """Every sample of /metrics: (name, sorted labels) -> value."""
    from prometheus_client.parser import text_string_to_metric_families

    reply = bench.send(port, "/metrics")
    attempt.expect(
        reply.status == 200,
        saw=f"GET /metrics was answered with status {reply.status}",
        help="Answer it with 200 and what prometheus_client's generate_latest() returns.",
    )
    try:
        families = list(text_string_to_metric_families(reply.body))
    except ValueError:
        families = []
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }
    attempt.expect(
        bool(samples),
        saw="GET /metrics was not answered in Prometheus' text format",
        help="Send the bytes of generate_latest() as they are, with CONTENT_TYPE_LATEST.",
    )
    return samples


def value(samples, name: str, **labels: str):
    return samples.get((name, tuple(sorted(labels.items()))))


def expect_value(attempt: Attempt, samples, right: float, when: str, help: str, name: str, **labels) -> None:  # noqa: PLR0913, PLR0917
    found = value(samples, name, **labels)
    said = (
        f"{name}{{{', '.join(f'{key}={text}' for key, text in sorted(labels.items()))}}}" if labels else name
    )
    attempt.expect(
        found == right,
        saw=f"{said} is {'missing' if found is None else f'{found:g}'} {when}, and {right:g} is right",
        help=help,
    )


def flights(draw: random.Random, count: int, hours=range(6, 23)) -> dict:
    return {
        "flights": [{"origin": draw.choice(AIRPORTS), "hour": draw.choice(list(hours))} for _ in range(count)]
    }


def told(number: int, origin: str, result: str) -> dict:
    return {"flight": f"N{number:05d} 2013-02-08", "origin": origin, "result": result}


@check("t1", points=2)
def numbers_are_what_was_sent(attempt: Attempt) -> None:
    """Counters begin at 0, and grow by exactly what was answered."""
    draw = random.Random(f"{attempt.seed} counts")
    bench = attempt.bench()
    bench.write("project/model.py", MODEL)
    port = bench.port()
    serve(attempt, bench, port)
    first = scrape(attempt, bench, port)
    from_zero = "Create every series when the service starts: .labels(origin, result) for each pair."
    for origin in AIRPORTS:
        for result in RESULTS:
            expect_value(
                attempt,
                first,
                0,
                "at the first scrape",
                from_zero,
                "outcomes_total",
                origin=origin,
                result=result,
            )
    for name in ("flights_scored_total", "predict_errors_total", "predict_seconds_count"):
        expect_value(attempt, first, 0, "at the first scrape", "Names and labels as in the table.", name)
    scored, ended, sent = 0, {}, []
    for part in (1, 2):
        for _ in range(draw.randint(8, 15)):
            count = draw.randint(1, 6)
            scored += count
            sent.append(request("/predict", flights(draw, count), seconds=30))
        for number in range(draw.randint(30, 50)):
            pair = draw.choice(AIRPORTS), draw.choice(RESULTS)
            ended[pair] = ended.get(pair, 0) + 1
            sent.append(request("/outcome", told(number, *pair), seconds=30))
        replies = bench.traffic(port, sent).wait(SECONDS)
        attempt.expect(
            len(replies) == len(sent) and all(reply.status == 200 for reply in replies),
            saw="requests that the given service answers with 200 were answered otherwise",
            help="Keep what /predict and /outcome answer as it was.",
        )
        sent = []
        samples = scrape(attempt, bench, port)
        when = "after requests" if part == 1 else "after more requests"
        expect_value(
            attempt,
            samples,
            scored,
            when,
            "Count flights, not requests: inc(len(scores)).",
            "flights_scored_total",
        )
        for (origin, result), count in sorted(ended.items()):
            expect_value(
                attempt,
                samples,
                count,
                when,
                "One inc() for each outcome that is answered with 200.",
                "outcomes_total",
                origin=origin,
                result=result,
            )


@check("t1", points=2, needs=("numbers_are_what_was_sent",))
def slow_and_failed_requests_show(attempt: Attempt) -> None:
    """Errors are counted as errors, and how long requests took is in the histogram."""
    draw = random.Random(f"{attempt.seed} errors")
    bench = attempt.bench()
    bench.write("project/model.py", MODEL)
    port = bench.port()
    serve(attempt, bench, port)
    good, slow, bad, broken = (draw.randint(3, 6) for _ in range(4))
    bodies = [flights(draw, 2) for _ in range(good)]
    bodies += [flights(draw, 1, [3]) for _ in range(slow)]
    wrong = [{"flights": [{"origin": "EWR", "hour": 12}, {"origin": "ORD", "hour": 12}]}, {"fights": []}, "{"]
    bodies += [draw.choice(wrong) for _ in range(bad)]
    bodies += [flights(draw, 1, [4]) for _ in range(broken)]
    draw.shuffle(bodies)
    replies = bench.traffic(port, [request("/predict", body, seconds=30) for body in bodies], senders=2).wait(
        SECONDS
    )
    codes = sorted(reply.status for reply in replies)
    attempt.expect(
        codes == [200] * (good + slow) + [400] * bad + [500] * broken,
        saw="what makes no sense was not answered with 400, or a model that fails not with 500, as the given service does",
        help="Keep what /predict answers as it was; count beside it.",
    )
    samples = scrape(attempt, bench, port)
    when = f"after {bad} bad requests and {broken} that the model failed on"
    expect_value(
        attempt, samples, bad + broken, when, "Count where the status is known.", "predict_errors_total"
    )
    expect_value(
        attempt,
        samples,
        2 * good + slow,
        when,
        "Count a request's flights when all of them have their score.",
        "flights_scored_total",
    )
    every = len(bodies)
    expect_value(
        attempt,
        samples,
        every,
        f"after {every} requests",
        "Observe each request to /predict, those with errors too.",
        "predict_seconds_count",
    )
    found = {
        float(dict(labels)["le"]): number
        for (name, labels), number in samples.items()
        if name == "predict_seconds_bucket"
    }
    attempt.expect(
        sorted(found) == [*BOUNDS, float("inf")],
        saw=f"predict_seconds has the bucket bounds {sorted(found)[:12]}",
        help="Histogram(..., buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5)).",
    )
    most = sum(reply.seconds for reply in replies)
    spent = value(samples, "predict_seconds_sum") or 0.0
    attempt.expect(
        found[0.25] <= every - slow and 0.28 * slow <= spent <= most,
        saw=f"{slow} of {every} requests took 0.3 s or more, {most:.1f} s in all as seen from outside; predict_seconds says "
        f"{every - found[0.25]:g} were over 0.25 s, {spent:.2f} s in all",
        help="Measure around the call of predict, in seconds: time.perf_counter() before and after.",
    )


@check("t1", points=1, needs=("numbers_are_what_was_sent",))
def series_stay_few(attempt: Attempt) -> None:
    """Whatever people send, the number of series does not grow."""
    draw = random.Random(f"{attempt.seed} series")
    bench = attempt.bench()
    bench.write("project/model.py", MODEL)
    port = bench.port()
    serve(attempt, bench, port)
    sent = [
        request("/predict", flights(draw, 1), seconds=30),
        request("/predict", {"flights": 1}, seconds=30),
    ]
    sent += [
        request("/outcome", told(0, origin, result), seconds=30) for origin in AIRPORTS for result in RESULTS
    ]
    bench.traffic(port, sent).wait(SECONDS)
    before = scrape(attempt, bench, port)
    sent = []
    for number in range(1, 80):
        sent.append(
            request("/outcome", told(number, draw.choice(AIRPORTS), draw.choice(RESULTS)), seconds=30)
        )
        body = flights(draw, 1)
        body["flights"][0] |= {"tailnum": f"N{number}", "carrier": f"X{number}", "dest": f"D{number}"}
        sent.append(request("/predict", body, seconds=30))
        sent.append(request("/outcome", told(number, f"A{number}", "flown"), seconds=30))
        sent.append(request("/outcome", told(number, "EWR", f"r{number}"), seconds=30))
    bench.traffic(port, sent).wait(SECONDS)
    grown = sorted({name for name, _ in scrape(attempt, bench, port).keys() - before.keys()})
    attempt.expect(
        not grown,
        saw=f"requests with other flights, airports and results made new series of {grown[:3]}",
        help="No label may hold what people send: check the value first, and never label by flight.",
    )


# ---------------------------------------------------------------------------------------------- task 2


def rules(attempt: Attempt):
    """A bench whose rules.yml Prometheus accepts."""
    bench = attempt.bench("rules")
    done = bench.run(["promtool", "check", "rules", "rules.yml"], cwd="prometheus")
    attempt.expect(
        done.ok,
        saw=f"promtool check rules rules.yml fails: {done.last[:200]}",
        help="Run just that in prometheus/, and mend what it names.",
    )
    return bench


def cumulated(steps) -> list[float]:
    total, out = 0.0, []
    for step in steps:
        total += step
        out.append(round(total, 3))
    return out


def series(name: str, values, **labels: str) -> dict:
    inner = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return {"series": f"{name}{{{inner}}}", "values": " ".join(str(number) for number in values)}


def plays(attempt: Attempt, bench, step: int, inputs, alert: str, moments, by=("severity",)) -> None:  # noqa: PLR0913, PLR0917
    """Play series to the rules, and look at moments who fires.

    Args:
        step: seconds between two values, and between two evaluations.
        moments: (second, labels of what must fire, what is seen otherwise, what helps).
    """

    def holds(some) -> bool:
        asked = [
            {
                "expr": f'group by ({", ".join(by)}) (ALERTS{{alertname="{alert}", alertstate="firing"}})',
                "eval_time": f"{second}s",
                "exp_samples": [
                    {
                        "labels": "{" + ",".join(f'{key}="{text}"' for key, text in labels.items()) + "}",
                        "value": 1,
                    }
                    for labels in right
                ],
            }
            for second, right, _, _ in some
        ]
        test = {"interval": f"{step}s", "input_series": inputs, "promql_expr_test": asked}
        told = {"rule_files": ["rules.yml"], "evaluation_interval": f"{step}s", "tests": [test]}
        bench.write("prometheus/.seen.yml", json.dumps(told))
        return bench.run(["promtool", "test", "rules", ".seen.yml"], cwd="prometheus", seconds=SECONDS).ok

    if not holds(moments):  # which of them it was is only asked when there is one
        for moment in moments:
            _, _, saw, help = moment
            attempt.expect(holds([moment]), saw=f"{alert}: {saw}", help=help)
        attempt.expect(
            False, saw=f"{alert}: does not do the same twice", help="Run promtool test rules yourself."
        )


HOUR = 3600
STEP = 240


def days(draw: random.Random, shares: dict[str, list[float]], split=False, resets=False) -> list[dict]:
    """Outcomes of some days at the airports, one share of cancelled flights for each hour, over two instances."""
    inputs = []
    for origin, hours in shares.items():
        each = draw.uniform(0.6, 1.0)  # flights in four minutes
        for result in RESULTS:
            part = []
            for share in hours:
                now = {"cancelled": share, "late": (1 - share) * 0.2, "flown": (1 - share) * 0.8}[result]
                part += [each * now] * (HOUR // STEP)
            for instance in ("a:8000", "b:8000"):
                mine = 0.5 if not split else float((instance == "b:8000") == (result == "cancelled"))
                values = cumulated(step * mine for step in part)
                if resets:
                    for at in range(27 * HOUR // STEP, len(values), 5 * HOUR // STEP):
                        base = values[at]
                        values[at:] = [round(number - base, 3) for number in values[at:]]
                inputs.append(
                    series(
                        "outcomes_total",
                        values,
                        job="flights",
                        instance=instance,
                        origin=origin,
                        result=result,
                    )
                )
    return inputs


TICKET, PAGE = {"severity": "ticket"}, {"severity": "page"}


@check("t2", points=2)
def blizzard_fires_and_quiet_weeks_do_not(attempt: Attempt) -> None:
    """CancellationsHigh knows two days of snow from two days of drizzle, at each airport."""
    bench = rules(attempt)
    draw = random.Random(f"{attempt.seed} days")
    hit = draw.sample(AIRPORTS, 2)
    quiet = {origin: [draw.uniform(0.0, 0.12) for _ in range(50)] for origin in AIRPORTS}
    inputs = days(draw, quiet, split=True)
    inputs.append(
        series(
            "outcomes_total", [*range(750)], job="training", instance="c:1", origin="EWR", result="cancelled"
        )
    )
    plays(
        attempt,
        bench,
        STEP,
        inputs,
        "CancellationsHigh",
        [
            (
                hour * HOUR,
                [],
                f"fires on days on which at most 12 % are cancelled (hour {hour})",
                "Sum over the instances on both sides of the division, before it, and select job flights.",
            )
            for hour in (25, 40)
        ],
        ("origin", "severity"),
    )
    for resets in (False, True):
        snow = {
            origin: [draw.uniform(0.0, 0.08) for _ in range(26)]
            + [draw.uniform(0.49, 0.66) if origin in hit else draw.uniform(0.0, 0.08) for _ in range(24)]
            + [draw.uniform(0.0, 0.08) for _ in range(26)]
            for origin in AIRPORTS
        }
        when = " although an instance was restarted now and then" if resets else ""
        plays(
            attempt,
            bench,
            STEP,
            days(draw, snow, resets=resets),
            "CancellationsHigh",
            [
                (
                    29 * HOUR,
                    [],
                    f"fires three hours after the snow began, when the last 24 hours are far below 30 %{when}",
                    "Ask for the increase of 24 hours: increase(outcomes_total{...}[1d]).",
                ),
                (
                    48 * HOUR,
                    [{"origin": origin, **TICKET} for origin in sorted(hit)],
                    "after 22 hours in which half of the flights of two airports were cancelled, not just these two fire, "
                    f"each with its origin and severity ticket{when}",
                    "sum by (origin) of cancelled through sum by (origin) of all, each of an increase(...[1d]), which "
                    "knows of restarts.",
                ),
                (
                    75 * HOUR,
                    [],
                    f"still fires a day after the snow{when}",
                    "The window is 24 hours, not all time.",
                ),
            ],
            ("origin", "severity"),
        )
    # Six hundred cancellations at once, and a quarter of an hour later so many flown that the share is below again.
    for origin in AIRPORTS[:1]:
        flown = cumulated([2.6] * 390 + [0] * 4 + [1500] + [0] * 30)
        gone = cumulated([0.04] * 390 + [650] + [0] * 34)
        inputs = [
            series("outcomes_total", values, job="flights", instance="a:8000", origin=origin, result=result)
            for result, values in (("flown", flown), ("late", [0] * 425), ("cancelled", gone))
        ]
        plays(
            attempt,
            bench,
            STEP,
            inputs,
            "CancellationsHigh",
            [
                (390 * STEP + after * 60, [], "fires for a share that was high for 16 minutes", "for: 30m")
                for after in (12, 14, 20, 45)
            ],
            ("origin", "severity"),
        )


FINE = 15


@check("t2", points=2)
def errors_and_slowness_fire(attempt: Attempt) -> None:
    """PredictErrors and SlowPredictions fire for lasting trouble, not for a moment of it, and end with it."""
    bench = rules(attempt)
    draw = random.Random(f"{attempt.seed} trouble")
    minute = 60 // FINE
    trouble = draw.uniform(0.1, 0.14)

    def errors(share):
        inputs = []
        for instance, part in (("a:8000", 0.97), ("b:8000", 0.03)):
            asked = [200 * part for _ in share]
            # b is small and always has one error in three: one of a hundred over all.
            wrong = [part * 200 * (now if instance == "a:8000" else 1 / 3) for now in share]
            labels = {"job": "flights", "instance": instance}
            inputs += [
                series("predict_errors_total", cumulated(wrong), **labels),
                series("predict_seconds_count", cumulated(asked), **labels),
                series("flights_scored_total", cumulated(20 * number for number in asked), **labels),
            ]
        return inputs

    lasting = [0.002] * (20 * minute) + [trouble] * (30 * minute) + [0.002] * (30 * minute)
    plays(
        attempt,
        bench,
        FINE,
        errors(lasting),
        "PredictErrors",
        [
            (
                19 * 60,
                [],
                "fires when one of a hundred requests fails, a third of those of a small instance",
                "Sum over all instances, then divide.",
            ),
            (28 * 60, [], "fires eight minutes after errors began", "for: 10m"),
            (
                45 * 60,
                [PAGE],
                "25 minutes of more than a tenth of the requests failing, and it does not fire with severity page",
                "Errors through requests, which are predict_seconds_count, both summed; flights are not requests.",
            ),
            (
                75 * 60,
                [],
                "fires long after the errors ended",
                "Use the rate of 5 minutes, not the counters' whole life.",
            ),
        ],
    )
    short = [0.002] * (20 * minute) + [0.6] * (2 * minute) + [0.002] * (30 * minute)
    plays(
        attempt,
        bench,
        FINE,
        errors(short),
        "PredictErrors",
        [
            (
                20 * 60 + after * 60,
                [],
                "fires for two minutes of errors",
                "for: 10m, over a window of 5 minutes",
            )
            for after in (1, 4, 9, 12)
        ],
    )
    idle = [series("predict_errors_total", [3] * 200, job="flights", instance="a:8000")]
    idle.append(series("predict_seconds_count", [50] * 200, job="flights", instance="a:8000"))
    plays(
        attempt,
        bench,
        FINE,
        idle,
        "PredictErrors",
        [
            (
                40 * 60,
                [],
                "fires where nobody asked for anything",
                "0 through 0 is NaN, which is above nothing.",
            )
        ],
    )

    def slow(share, tail):
        """`share`: between 0.5 and 1 s, at each step; `tail`: of a hundred, taking a minute."""
        inputs = []
        for bound in (*BOUNDS, "+Inf"):
            at = [
                200 * (0.6 if bound == 0.05 else 1 - now - tail if bound in (0.1, 0.25, 0.5) else 1 - tail)
                if bound != "+Inf"
                else 200
                for now in share
            ]
            name = f"{bound:g}" if bound != "+Inf" else bound
            for instance in ("a:8000", "b:8000"):
                inputs.append(
                    series("predict_seconds_bucket", cumulated(at), job="flights", instance=instance, le=name)
                )
        for instance in ("a:8000", "b:8000"):
            spent = cumulated(200 * (0.05 + 0.6 * now + 60 * tail) for now in share)
            labels = {"job": "flights", "instance": instance}
            inputs.append(series("predict_seconds_sum", spent, **labels))
            inputs.append(series("predict_seconds_count", cumulated([200] * len(share)), **labels))
        return inputs

    part = draw.uniform(0.09, 0.14)
    plays(
        attempt,
        bench,
        FINE,
        slow([0.01] * (20 * minute) + [part] * (30 * minute) + [0.01] * (30 * minute), 0),
        "SlowPredictions",
        [
            (28 * 60, [], "fires eight minutes after requests became slow", "for: 10m"),
            (
                45 * 60,
                [TICKET],
                "25 minutes in which more than one request of twenty takes over 0.5 s, and it does not fire with severity "
                "ticket",
                "histogram_quantile(0.95, sum by (le) (rate(predict_seconds_bucket{...}[5m]))); a mean hides it.",
            ),
            (75 * 60, [], "fires long after requests became fast again", "Use the rate of 5 minutes."),
        ],
    )
    plays(
        attempt,
        bench,
        FINE,
        slow([0.01] * (40 * minute), 0.02),
        "SlowPredictions",
        [
            (
                35 * 60,
                [],
                "fires when two requests of a hundred take a minute and the others are fast",
                "The 95th percentile is asked for; a mean goes where a few slow ones pull it.",
            )
        ],
    )


@check("t2", points=2)
def a_dead_service_fires(attempt: Attempt) -> None:
    """ServiceDown fires for an instance that is dead and for none at all, and ends when it is back."""
    bench = rules(attempt)
    draw = random.Random(f"{attempt.seed} down")
    at = draw.randint(20, 40)
    other = series("up", [0] * 200, job="training", instance="c:1")
    alive = series("up", [1] * 200, job="flights", instance="a:8000")

    def second(values):
        return [other, alive, series("up", values, job="flights", instance="b:8000")]

    plays(
        attempt,
        bench,
        5,
        second([1] * at + [0, 0] + [1] * 150),
        "ServiceDown",
        [
            (5 * at - 5, [], "fires while every instance is up", 'Select job="flights".'),
            *(
                (5 * (at + more), [], "fires for an instance that missed two scrapes", "for: 15s")
                for more in (1, 2, 3)
            ),
        ],
    )
    plays(
        attempt,
        bench,
        5,
        second([1] * at + [0] * 60 + [1] * 60),
        "ServiceDown",
        [
            (5 * at + 10, [], "fires ten seconds after an instance died", "for: 15s"),
            (
                5 * at + 60,
                [PAGE],
                "one of two instances has been dead for a minute, and it does not fire with severity page",
                "up == 0 looks at each instance by itself.",
            ),
            (5 * at + 400, [], "still fires when the instance is back", "up == 0 alone ends by itself."),
        ],
    )
    help = "absent(up{...}) is 1 where there is nothing; join it with `or`."
    plays(
        attempt,
        bench,
        5,
        [other],
        "ServiceDown",
        [(90, [PAGE], "the job has no instance at all, and nothing fires with severity page", help)],
    )
    gone = series("up", [*[1] * at, "stale"], job="flights", instance="a:8000")
    plays(
        attempt,
        bench,
        5,
        [other, gone],
        "ServiceDown",
        [
            (
                5 * at + 90,
                [PAGE],
                "the last instance has gone from the list of targets, and nothing fires",
                help,
            )
        ],
    )


# ---------------------------------------------------------------------------------------------- tasks 3 and 4


def routes(attempt: Attempt, bench) -> str:
    """The learner's alertmanager.yml, which amtool accepts."""
    done = bench.run(["amtool", "check-config", "alertmanager.yml"], cwd="alertmanager")
    attempt.expect(
        done.ok,
        saw=f"amtool check-config alertmanager.yml fails: {done.last[:200]}",
        help="Run just that in alertmanager/, and mend what it names.",
    )
    return bench.text("alertmanager/alertmanager.yml") or ""


@check("t3", points=1)
def alerts_have_their_receiver(attempt: Attempt) -> None:
    """Pages go to page, everything else to ticket."""
    bench = attempt.bench()
    routes(attempt, bench)
    draw = random.Random(f"{attempt.seed} routes")
    for severity, right in (("page", "page"), ("ticket", "ticket"), ("", "ticket"), ("info", "ticket")):
        for name in ("CancellationsHigh", "ServiceDown", f"Unheard{draw.randrange(1000)}"):
            labels = [f"alertname={name}", f"origin={draw.choice(AIRPORTS)}"]
            labels += [f"severity={severity}"] if severity else []
            words = ["amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *labels]
            done = bench.run(words, cwd="alertmanager")
            attempt.expect(
                done.ok and done.out.split() == [right],
                saw=f"an alert with {f'severity {severity}' if severity else 'no severity'} goes to "
                f"{done.out.strip()[:60] or 'nobody'}, and {right} is right",
                help="The root route's receiver takes what no other route does; one route matches severity page.",
            )


class Post:
    """An Alertmanager with the learner's routes, and what it has sent."""

    def __init__(self, attempt: Attempt, bench) -> None:
        self.bench = bench
        text = routes(attempt, bench)
        receiver = bench.port()
        bench.write("receiver.py", RECEIVER)
        started = bench.start(["python", "receiver.py", str(receiver)])
        if not bench.answers(receiver, "/", SECONDS, started.number):
            raise RuntimeError("the receiver of messages did not start")
        self.port = bench.port()
        settings = {"alertmanager.yml": text.replace("127.0.0.1:9101", f"127.0.0.1:{receiver}")}
        bench.service("alertmanager", self.port, settings, seconds=SECONDS)

    def messages(self, status: str) -> list[tuple[str, str, int]]:
        """(path, name, number of alerts) of each message with that status."""
        found = []
        for line in (self.bench.text("received.txt") or "").splitlines():
            path, _, body = line.partition(" ")
            told = json.loads(body)
            if told["status"] == status:
                names = sorted({alert["labels"].get("alertname", "") for alert in told["alerts"]})
                found.append((path, "+".join(names), len(told["alerts"])))
        return sorted(found)

    def wait(self, status: str, names: set[str], seconds: float = SECONDS) -> list[tuple[str, str, int]]:
        """Wait until messages with that status speak of all the alerts, and return those messages."""
        for _ in range(int(seconds)):
            found = self.messages(status)
            if names <= {name for _, told, _ in found for name in told.split("+")}:
                return found
            pause(self.bench, 1)
        return self.messages(status)


@check("t3", points=2, needs=("alerts_have_their_receiver",))
def one_message_for_a_blizzard(attempt: Attempt) -> None:
    """Three airports are one message, and the all-clear arrives."""
    bench = attempt.bench()
    post = Post(attempt, bench)
    firing = [
        {"alertname": "CancellationsHigh", "severity": "ticket", "origin": origin} for origin in AIRPORTS
    ]
    firing += [{"alertname": "SlowPredictions", "severity": "ticket"}, {"alertname": "DiskFull"}]
    firing += [
        {"alertname": "ServiceDown", "severity": "page", "instance": instance} for instance in ("a:1", "b:1")
    ]
    firing.append({"alertname": "PredictErrors", "severity": "page"})
    right = [
        ("/page", "PredictErrors", 1),
        ("/page", "ServiceDown", 2),
        ("/ticket", "CancellationsHigh", 3),
        ("/ticket", "DiskFull", 1),
        ("/ticket", "SlowPredictions", 1),
    ]
    names = {name for _, name, _ in right}
    sent = bench.send(post.port, "/api/v2/alerts", [{"labels": labels} for labels in firing], seconds=30)
    if sent.status != 200:
        raise RuntimeError(f"Alertmanager did not take alerts: {sent.status} {sent.body[:100]}")
    found = post.wait("firing", names)
    attempt.expect(
        found == right,
        saw="of CancellationsHigh at three airports, ServiceDown of two instances and one each of SlowPredictions, DiskFull "
        f"and PredictErrors came {len(found)} messages: {', '.join(f'{p} {n} ({c})' for p, n, c in found[:8]) or 'none'}",
        help="group_by: [alertname], and a group_wait of 2s, at the root route; the two addresses as the brief has them.",
    )
    over = [
        {"labels": labels, "endsAt": "2013-02-10T00:00:00Z", "startsAt": "2013-02-08T00:00:00Z"}
        for labels in firing
    ]
    bench.send(post.port, "/api/v2/alerts", over, seconds=30)
    told = {(path, name) for path, name, _ in post.wait("resolved", names)}
    attempt.expect(
        told == {(path, name) for path, name, _ in right},
        saw=f"five alerts were over, and {len(told)} all-clears came within a minute",
        help="send_resolved: true at each webhook, and a group_interval of 5s.",
    )


SCRAPE = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["127.0.0.1:{alerts}"]}}]
scrape_configs:
  - job_name: flights
    static_configs: [{{targets: ["127.0.0.1:{service}"]}}]
"""


@check(
    "t4",
    points=2,
    needs=("numbers_are_what_was_sent", "a_dead_service_fires", "one_message_for_a_blizzard"),
)
def killed_and_back(attempt: Attempt) -> None:
    """Outcomes can be queried; the service is killed and a page comes; it is back and so is the all-clear."""
    draw = random.Random(f"{attempt.seed} live")
    bench = attempt.bench()
    bench.write("project/model.py", MODEL)
    port, watch = bench.port(), bench.port()
    service = serve(attempt, bench, port)
    post = Post(attempt, bench)
    settings = {
        "prometheus.yml": SCRAPE.format(alerts=post.port, service=port),
        "rules.yml": bench.text("prometheus/rules.yml") or "",
    }
    bench.service("prometheus", watch, settings, seconds=SECONDS)
    count = draw.randint(40, 90)
    bench.traffic(
        port,
        [request("/outcome", told(n, draw.choice(AIRPORTS), "cancelled"), seconds=30) for n in range(count)],
    ).wait(SECONDS)
    seen = None
    for _ in range(int(SECONDS)):
        path = "/api/v1/query?query=sum(outcomes_total%7Bjob%3D%22flights%22%2Cresult%3D%22cancelled%22%7D)"
        answer = bench.send(watch, path).json() or {}
        rows = answer.get("data", {}).get("result", [])
        seen = float(rows[0]["value"][1]) if rows else None
        if seen == count:
            break
        pause(bench, 1)
    attempt.expect(
        seen == count,
        saw=f"{count} cancellations were reported, and Prometheus knows of {'none' if seen is None else f'{seen:g}'}",
        help="Prometheus must be able to scrape GET /metrics: try promtool check metrics on what it answers.",
    )
    service.kill()
    service.wait(10)
    found = [row for row in post.wait("firing", {"ServiceDown"}) if "ServiceDown" in row[1]]
    attempt.expect(
        [path for path, _, _ in found] == ["/page"],
        saw=f"the service was killed, and the messages about it within a minute are {found[:3] or 'none'}; one to /page is right",
        help="Task 2's ServiceDown with severity page, task 3's route for it.",
    )
    serve(attempt, bench, port)
    over = [row for row in post.wait("resolved", {"ServiceDown"}) if "ServiceDown" in row[1]]
    attempt.expect(
        [path for path, _, _ in over] == ["/page"],
        saw="the service answers again, and no all-clear came to /page within a minute",
        help="Can it be started again on the same port at once? Is send_resolved on?",
    )


# A day of February takes six and a half seconds, and every duration in the rules is shortened alike.
FLIGHTS_A_SECOND = 23.0
ONE_OF = 6  # flights that are told, of those that were
SHORTENED = 24 * HOUR / (900 / ONE_OF / FLIGHTS_A_SECOND)
DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
SECONDS_OF = {"ms": 0.001, "s": 1, "m": 60, "h": HOUR, "d": 24 * HOUR, "w": 168 * HOUR, "y": 8760 * HOUR}


def shortened(text: str) -> str:
    """Rules whose durations, in ranges, offsets and `for`, are those of the replay."""

    def short(found: re.Match) -> str:
        parts = re.findall(r"(\d+)(ms|[smhdwy])", found.group())
        seconds = sum(int(number) * SECONDS_OF[unit] for number, unit in parts)
        return f"{max(1, round(1000 * seconds / SHORTENED))}ms"

    def inside(found: re.Match) -> str:
        return re.sub(DURATION, short, found.group())

    for place in (
        r"\[[^\]\[]*\]",
        rf"\boffset\s+-?\s*{DURATION}",
        rf"\b(?:for|keep_firing_for)[\"']?\s*:\s*[\"']?{DURATION}",
    ):
        text = re.sub(place, inside, text)
    return text


def february(attempt: Attempt, draw: random.Random) -> dict[str, list]:
    """Requests of the quiet days, the blizzard and the days after: one flight of six, as its outcome became known."""
    days = json.loads((attempt.data / "february.json").read_text(encoding="utf-8"))
    parts = {}
    for name, rows in days.items():
        chosen = sorted(draw.sample(range(len(rows)), len(rows) // ONE_OF))
        sent = [rows[number][:2] for number in chosen]
        if name == "quiet":  # of the first few outcomes ever, one that is cancelled is a large share
            sent[:30] = [[origin, "flown"] for origin, _ in sent[:30]]
        parts[name] = [request("/outcome", told(n, *row), seconds=30) for n, row in enumerate(sent)]
    return parts


def number_of_series(bench, watch: int) -> float:
    """How many series Prometheus has of the job now."""
    answer = bench.send(watch, "/api/v1/query?query=count(%7Bjob%3D%22flights%22%7D)").json() or {}
    rows = answer.get("data", {}).get("result", [])
    return float(rows[0]["value"][1]) if rows else 0.0


@check(
    "t4",
    points=2,
    needs=(
        "numbers_are_what_was_sent",
        "blizzard_fires_and_quiet_weeks_do_not",
        "one_message_for_a_blizzard",
        "killed_and_back",
    ),
)
def february_is_replayed(attempt: Attempt) -> None:
    """Two quiet days are silent, the blizzard is a ticket, and it is over when the planes fly again."""
    draw = random.Random(f"{attempt.seed} february")
    bench = attempt.bench()
    port, watch = bench.port(), bench.port()
    serve(attempt, bench, port)
    post = Post(attempt, bench)
    scrape = SCRAPE.format(alerts=post.port, service=port).replace(": 1s", ": 250ms")
    rules = shortened(bench.text("prometheus/rules.yml") or "")
    bench.service("prometheus", watch, {"prometheus.yml": scrape, "rules.yml": rules}, seconds=SECONDS)
    parts = february(attempt, draw)

    def play(name: str):
        return bench.traffic(port, parts[name], senders=4, rate=FLIGHTS_A_SECOND)

    def tickets(status: str) -> list[str]:
        return [path for path, name, _ in post.messages(status) if "CancellationsHigh" in name]

    play("quiet").wait(2 * SECONDS)
    pause(bench, 3)  # what fires in the last moment waits 2 seconds for others
    before = number_of_series(bench, watch)
    attempt.expect(
        not tickets("firing"),
        saw="6 and 7 February were replayed, at most 2 % of the flights cancelled, and CancellationsHigh sent a message",
        help="Look at the rule in Prometheus itself while outcomes arrive: what does its share divide by what?",
    )
    blizzard = play("blizzard")
    post.wait("firing", {"CancellationsHigh"}, 40)
    blizzard.wait(2 * SECONDS)
    found = tickets("firing")
    attempt.expect(
        bool(found) and set(found) == {"/ticket"},
        saw=f"8 and 9 February were replayed, half of the flights cancelled, and CancellationsHigh sent "
        f"{'messages to ' + ' and '.join(sorted(set(found))) if found else 'no message'}; one to /ticket is right",
        help="The rule holds for series that are played to it: does it for those that your service really shows?",
    )
    after = play("after")
    post.wait("resolved", {"CancellationsHigh"})
    after.wait(2 * SECONDS)
    attempt.expect(
        set(tickets("resolved")) == {"/ticket"},
        saw="the flights of 10 and 11 February were replayed, at most 9 % cancelled, and no all-clear of CancellationsHigh came",
        help="The window is 24 hours: two days later nothing of the blizzard may be in it.",
    )
    grown = number_of_series(bench, watch) - before
    attempt.expect(
        grown <= 0,
        saw=f"over the replay {grown:g} series came to be that were not there at its beginning",
        help="No label may hold what people send.",
    )
