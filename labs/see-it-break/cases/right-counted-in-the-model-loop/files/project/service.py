"""The service of late flights, with numbers to watch: python service.py --port 8000."""

import argparse
import contextlib
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import model
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

AIRPORTS = ("EWR", "JFK", "LGA")
RESULTS = ("flown", "late", "cancelled")
SCORED = Counter("flights_scored_total", "Flights whose score was answered.")
OUTCOMES = Counter("outcomes_total", "What became of flights.", ["origin", "result"])
ERRORS = Counter("predict_errors_total", "Requests for a prediction that were not answered with 200.")
SECONDS = Histogram(
    "predict_seconds", "How long a request for a prediction takes.", buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5)
)
for airport in AIRPORTS:
    for result in RESULTS:
        OUTCOMES.labels(airport, result)  # a series that begins at 0 shows its first increase


def predict(body):
    """Return the answer to POST /predict; ValueError, KeyError or TypeError for a request that makes no sense."""
    flights = body["flights"]
    for flight in flights:
        if flight["origin"] not in AIRPORTS or not 0 <= flight["hour"] <= 23:
            raise ValueError("no such airport or hour")
    scores = [model.score(flight) for flight in flights]
    SCORED.inc(len(scores))
    return {"scores": scores}


def outcome(body):
    """Take what became of a flight, POST /outcome; ValueError, KeyError or TypeError as above."""
    if body["origin"] not in AIRPORTS or body["result"] not in RESULTS:
        raise ValueError("no such airport or result")
    noted = body["flight"]
    OUTCOMES.labels(body["origin"], body["result"]).inc()
    return {"noted": noted}


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
        began = time.perf_counter()
        try:
            with ERRORS.count_exceptions() if does is predict else contextlib.nullcontext():
                status, body = 200, does(json.loads(text))
        except (ValueError, KeyError, TypeError) as error:
            status, body = 400, {"error": str(error)}
        except Exception as error:  # noqa: BLE001 - whatever the model does, there is an answer
            status, body = 500, {"error": str(error)}
        if does is predict:
            SECONDS.observe(time.perf_counter() - began)
        self.answer(status, body)

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
