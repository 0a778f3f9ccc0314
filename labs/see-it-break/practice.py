"""Public checks of "See it break": a look at each file, as grading looks closer."""

import json

from grader.checks import Attempt, check

NAMES = ("flights_scored_total", "predict_errors_total", "predict_seconds_bucket", "outcomes_total")


@check("t1")
def metrics_are_there(attempt: Attempt) -> None:
    """GET /metrics answers, with the four metrics, and a score is counted."""
    bench = attempt.bench()
    port = bench.port()
    process = bench.start(["python", "service.py", "--port", str(port)], cwd="project")
    attempt.expect(
        bench.answers(port, "/health", 60, process.number),
        saw="python service.py --port N does not answer GET /health",
        help="Start it in a terminal, in project/, and read what it says.",
    )
    body = {"flights": [{"origin": "EWR", "hour": 17}, {"origin": "JFK", "hour": 9}]}
    bench.send(port, "/predict", body, seconds=30)
    reply = bench.send(port, "/metrics", seconds=30)
    attempt.expect(
        reply.status == 200,
        saw=f"GET /metrics was answered with status {reply.status}",
        help="Answer it with 200 and what prometheus_client's generate_latest() returns.",
    )
    lines = reply.body.splitlines()
    for name in NAMES:
        attempt.expect(
            any(line.startswith(name) for line in lines),
            saw=f"/metrics does not show {name} after one request",
            help="Names as in the brief's table; labelled series exist when .labels(...) was called.",
        )
    attempt.expect(
        "flights_scored_total 2.0" in lines,
        saw="two flights were scored, and flights_scored_total is not 2",
        help="Count flights, not requests.",
    )


QUIET = {
    "rule_files": ["rules.yml"],
    "evaluation_interval": "5s",
    "tests": [
        {
            "interval": "5s",
            "input_series": [{"series": 'up{job="flights",instance="a:8000"}', "values": "1x20 0x60"}],
            "promql_expr_test": [
                {
                    "expr": 'group by (severity) (ALERTS{alertname="ServiceDown", alertstate="firing"})',
                    "eval_time": f"{second}s",
                    "exp_samples": right,
                }
                for second, right in (("90", []), ("200", [{"labels": '{severity="page"}', "value": 1}]))
            ],
        }
    ],
}


@check("t2")
def a_dead_instance_fires(attempt: Attempt) -> None:
    """The rules load, and ServiceDown fires for an instance that died."""
    bench = attempt.bench()
    done = bench.run(["promtool", "check", "rules", "rules.yml"], cwd="prometheus")
    attempt.expect(
        done.ok,
        saw=f"promtool check rules rules.yml fails: {done.last[:200]}",
        help="Run just that in prometheus/, and mend what it names.",
    )
    bench.write("prometheus/.seen.yml", json.dumps(QUIET))
    done = bench.run(["promtool", "test", "rules", ".seen.yml"], cwd="prometheus")
    attempt.expect(
        done.ok,
        saw="an instance is up for 100 seconds and then dead: ServiceDown does not fire for it with severity page",
        help="up == 0 of the job flights, for 15 seconds; silent before.",
    )


@check("t3")
def a_page_goes_to_page(attempt: Attempt) -> None:
    """The routes load, and a page goes to page."""
    bench = attempt.bench()
    words = [
        "amtool",
        "config",
        "routes",
        "test",
        "--config.file=alertmanager.yml",
        "alertname=X",
        "severity=page",
    ]
    done = bench.run(words, cwd="alertmanager")
    attempt.expect(
        done.ok and done.out.split() == ["page"],
        saw=f"an alert with severity page goes to: {done.last[:150]}",
        help="A receiver named page, and a route under the root that matches severity page.",
    )


@check("t4", needs=("metrics_are_there", "a_dead_instance_fires", "a_page_goes_to_page"))
def everything_is_ready(attempt: Attempt) -> None:
    """Service, rules and routes pass their own practice checks."""
    done = attempt.bench().run(["amtool", "check-config", "alertmanager.yml"], cwd="alertmanager")
    attempt.expect(
        done.ok,
        saw=f"amtool check-config fails: {done.last[:150]}",
        help="Run it in alertmanager/, and mend what it names.",
    )
