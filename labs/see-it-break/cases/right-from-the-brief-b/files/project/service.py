"""The service of late flights: python service.py --port 8000. It works, and nobody can see how."""

import argparse
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import model
from numbers_kept import Numbers

AIRPORTS = ("EWR", "JFK", "LGA")
RESULTS = ("flown", "late", "cancelled")


KEPT = Numbers(AIRPORTS, RESULTS)


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
    noted = {"noted": body["flight"]}
    json.dumps(noted)
    KEPT.happened(body["origin"], body["result"])
    return noted


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        elif self.path == "/metrics":
            data = KEPT.text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        else:
            self.answer(404, {"error": "no such page"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        text = self.rfile.read(length)
        does = {"/predict": predict, "/outcome": outcome}.get(self.path)
        if does is None:
            self.answer(404, {"error": "no such page"})
            return
        begun = time.perf_counter()
        scores = None
        try:
            status, said = 200, does(json.loads(text))
            scores = said.get("scores")
        except (ValueError, KeyError, TypeError) as error:
            status, said = 400, {"error": str(error)}
        except Exception as error:  # whatever the model does, there is an answer
            status, said = 500, {"error": str(error)}
        if does is predict:
            KEPT.predicted(None if scores is None else len(scores), time.perf_counter() - begun)
        self.answer(status, said)

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
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
