"""A few counters and one histogram, and how Prometheus wants to read them."""

import threading

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Numbers:
    def __init__(self, airports, results):
        self._lock = threading.Lock()
        self._scored = self._errors = self._count = 0
        self._sum = 0.0
        self._buckets = dict.fromkeys(BOUNDS, 0)
        self._outcomes = {(airport, result): 0 for airport in airports for result in results}

    def predicted(self, flights, seconds):
        """A request to /predict took so long; `flights` is None when it was answered with an error."""
        with self._lock:
            self._count += 1
            self._sum += seconds
            self._errors += flights is None
            self._scored += flights or 0
            for bound in BOUNDS:
                self._buckets[bound] += seconds <= bound

    def happened(self, airport, result):
        with self._lock:
            self._outcomes[airport, result] += 1

    def text(self):
        with self._lock:
            lines = ["# TYPE flights_scored_total counter", f"flights_scored_total {self._scored}"]
            lines += ["# TYPE predict_errors_total counter", f"predict_errors_total {self._errors}"]
            lines.append("# TYPE predict_seconds histogram")
            lines += [f'predict_seconds_bucket{{le="{b}"}} {n}' for b, n in self._buckets.items()]
            lines += [f'predict_seconds_bucket{{le="+Inf"}} {self._count}']
            lines += [f"predict_seconds_sum {self._sum}", f"predict_seconds_count {self._count}"]
            lines.append("# TYPE outcomes_total counter")
            for (airport, result), number in self._outcomes.items():
                lines.append(f'outcomes_total{{origin="{airport}",result="{result}"}} {number}')
        return "\n".join(lines) + "\n"
