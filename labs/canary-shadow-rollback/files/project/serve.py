"""One version of the service that says which flights will be late: python serve.py VERSION PORT

POST /predict   {"hour": 17, "origin": "EWR", "month": 7}  ->  {"version": "champion", "score": 0.412}
GET  /metrics   what this process has counted since it was started, as JSON
POST /trouble   {"errors": 0.2, "seconds": 1.0, "wrong": true}: behave badly from now on; {} ends it
GET  /health    200
"""

import json
import math
import sys
import threading
import time
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ORIGINS = {"EWR": 0.25, "JFK": 0.0, "LGA": 0.1}


def score(version, flight):
    """The probability that a flight is late. The two versions differ a little, as two good models do."""
    hour, month = float(flight["hour"]), int(flight["month"])
    raised = ORIGINS[flight["origin"]] + (0.4 if month in (6, 7, 12) else 0.0)
    if version == "challenger":
        raised += 0.05
    return 1 / (1 + math.exp(2.6 - 0.09 * hour - raised))


class Counts:
    """What has been counted since the start. `started` is another text after every start."""

    def __init__(self, version):
        self.lock = threading.Lock()
        self.trouble = {}
        self.due = 0.0  # errors that are still owed, so that a share of 0.2 is each fifth request
        self.now = {
            "version": version,
            "started": uuid.uuid4().hex,
            "requests": 0,  # to /predict, of flights that could be read
            "errors": 0,  # of these, answered with a status of 500 or more
            "seconds": 0.0,  # how long all of them took, together
            "scores": 0.0,  # the sum of all scores that were answered
        }

    def add(self, seconds, answered):
        """Count one request; `answered` is its score, None for an error."""
        with self.lock:
            self.now["requests"] += 1
            self.now["errors"] += answered is None
            self.now["seconds"] += seconds
            self.now["scores"] += answered or 0.0

    def fails(self):
        """Whether the next request is to fail."""
        with self.lock:
            self.due += float(self.trouble.get("errors", 0.0))
            failing = self.due >= 1 - 1e-9
            self.due -= failing
            return failing


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    counts: Counts

    def do_GET(self):
        if self.path == "/metrics":
            with self.counts.lock:
                content = dict(self.counts.now)
            self.answer(200, content)
        else:
            self.answer(200 if self.path == "/health" else 404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/trouble":
            with self.counts.lock:
                self.counts.trouble = json.loads(body)
                self.counts.due = 0.0
            self.answer(200, {})
        elif self.path == "/predict":
            self.predict(body)
        else:
            self.answer(404, {})

    def predict(self, body):
        began, version = time.monotonic(), self.counts.now["version"]
        time.sleep(float(self.counts.trouble.get("seconds", 0.0)))
        if self.counts.fails():
            self.counts.add(time.monotonic() - began, None)
            self.answer(500, {"version": version, "error": "the model is broken"})
            return
        try:
            answered = round(score(version, json.loads(body)), 4)
        except (ValueError, KeyError, TypeError):
            self.answer(422, {"version": version, "error": "hour, origin and month are needed"})
            return
        if self.counts.trouble.get("wrong"):
            answered = round(1 - answered, 4)
        self.counts.add(time.monotonic() - began, answered)
        self.answer(200, {"version": version, "score": answered})

    def answer(self, status, content):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Say nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


if __name__ == "__main__":
    Handler.counts = Counts(sys.argv[1])
    with Server(("127.0.0.1", int(sys.argv[2])), Handler) as server, suppress(KeyboardInterrupt):
        server.serve_forever()
