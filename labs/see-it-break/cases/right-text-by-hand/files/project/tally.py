"""Counts, and how Prometheus reads them."""

import threading

BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5]
lock = threading.Lock()
counts = {"flights_scored_total": 0, "predict_errors_total": 0}
outcomes = {(o, r): 0 for o in ("EWR", "JFK", "LGA") for r in ("flown", "late", "cancelled")}
took = []


def request(seconds, scored):
    """Note a request: scored is None for an error."""
    with lock:
        took.append(seconds)
        if scored is None:
            counts["predict_errors_total"] += 1
        else:
            counts["flights_scored_total"] += scored


def outcome(origin, result):
    with lock:
        outcomes[origin, result] += 1


def text():
    with lock:
        lines = []
        for name, number in counts.items():
            lines += [f"# TYPE {name} counter", f"{name} {number}"]
        lines.append("# TYPE outcomes_total counter")
        for (origin, result), number in outcomes.items():
            lines.append(f'outcomes_total{{origin="{origin}",result="{result}"}} {number}')
        lines.append("# TYPE predict_seconds histogram")
        for bound in BOUNDS:
            lines.append(f'predict_seconds_bucket{{le="{bound}"}} {sum(one <= bound for one in took)}')
        lines.append(f'predict_seconds_bucket{{le="+Inf"}} {len(took)}')
        lines.append(f"predict_seconds_sum {sum(took)}")
        lines.append(f"predict_seconds_count {len(took)}")
    return "\n".join(lines) + "\n"
