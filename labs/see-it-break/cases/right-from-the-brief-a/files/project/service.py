"""The service of late flights: python service.py --port 8000. It works, and nobody can see how."""

import argparse
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, disable_created_metrics, generate_latest

import model

disable_created_metrics()

AIRPORTS = ("EWR", "JFK", "LGA")
RESULTS = ("flown", "late", "cancelled")


SCORED = Counter("flights_scored_total", "Flights whose score was answered.")
ERRORS = Counter("predict_errors_total", "Requests to /predict that were answered with an error.")
SECONDS = Histogram(
    "predict_seconds", "Seconds that a request to /predict took.", buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5)
)
OUTCOMES = Counter("outcomes_total", "What became of flights.", ["origin", "result"])
for airport in AIRPORTS:
    for result in RESULTS:
        OUTCOMES.labels(airport, result)


def predict(body):
    """Return the answer to POST /predict; ValueError, KeyError or TypeError for a request that makes no sense."""
    flights = body["flights"]
    for flight in flights:
        if flight["origin"] not in AIRPORTS or not 0 <= flight["hour"] <= 23:
            raise ValueError("no such airport or hour")
    return {"scores": [model.score(flight) for flight in flights]}


def outcome(body):
    """Take what became of a flight, POST /outcome; ValueError, KeyError or TypeError as above."""
    if body["origin"] not in AIRPORTS or body["result"] not in RESULTS:
        raise ValueError("no such airport or result")
    return {"noted": body["flight"]}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        elif self.path == "/metrics":
            self.send(200, generate_latest(), CONTENT_TYPE_LATEST)
        else:
            self.answer(404, {"error": "no such page"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        text = self.rfile.read(length)
        does = {"/predict": predict, "/outcome": outcome}.get(self.path)
        if does is None:
            self.answer(404, {"error": "no such page"})
            return
        started = time.monotonic()
        status, answer, body = self.work(does, text)
        if self.path == "/predict":
            SECONDS.observe(time.monotonic() - started)
            if status == 200:
                SCORED.inc(len(answer["scores"]))
            else:
                ERRORS.inc()
        elif status == 200:
            OUTCOMES.labels(body["origin"], body["result"]).inc()
        self.answer(status, answer)

    def work(self, does, text):
        """Status, answer and what was asked."""
        body = None
        try:
            body = json.loads(text)
            return 200, does(body), body
        except (ValueError, KeyError, TypeError) as error:
            return 400, {"error": str(error)}, body
        except Exception as error:  # whatever the model does, there is an answer
            return 500, {"error": str(error)}, body

    def answer(self, status, body):
        self.send(status, json.dumps(body).encode(), "application/json")

    def send(self, status, data, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *words):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
