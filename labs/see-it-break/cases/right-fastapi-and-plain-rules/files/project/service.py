"""The service with FastAPI, its numbers in a registry of their own."""

import argparse
import json

import model
import prometheus_client as pc
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

registry = pc.CollectorRegistry()
scored = pc.Counter("flights_scored", "Scored flights.", registry=registry)
failed = pc.Counter("predict_errors", "Failed requests.", registry=registry)
seconds = pc.Histogram(
    "predict_seconds", "Seconds.", buckets=[0.05, 0.1, 0.25, 0.5, 1.0, 2.5], registry=registry
)
ended = pc.Counter("outcomes", "Outcomes.", ["result", "origin"], registry=registry)
KNOWN = {
    (origin, result): ended.labels(origin=origin, result=result)
    for origin in ("EWR", "JFK", "LGA")
    for result in ("flown", "late", "cancelled")
}
app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/metrics")
def metrics():
    return Response(pc.generate_latest(registry), media_type=pc.CONTENT_TYPE_LATEST)


def scores_of(text):
    flights = json.loads(text)["flights"]
    for flight in flights:
        if flight["origin"] not in ("EWR", "JFK", "LGA") or not 0 <= flight["hour"] <= 23:
            raise ValueError("no such airport or hour")
    return [model.score(flight) for flight in flights]


@app.post("/predict")
async def predict(request: Request):
    text = await request.body()
    with seconds.time():
        try:
            scores = scores_of(text)
        except (ValueError, KeyError, TypeError) as error:
            failed.inc()
            return JSONResponse({"error": str(error)}, 400)
        except Exception as error:  # noqa: BLE001
            failed.inc()
            return JSONResponse({"error": str(error)}, 500)
    scored.inc(len(scores))
    return {"scores": scores}


@app.post("/outcome")
async def outcome(request: Request):
    try:
        body = json.loads(await request.body())
        flight, series = body["flight"], KNOWN[body["origin"], body["result"]]
    except (ValueError, KeyError, TypeError) as error:
        return JSONResponse({"error": str(error)}, 400)
    series.inc()
    return {"noted": flight}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    uvicorn.run(app, host="127.0.0.1", port=parser.parse_args().port, log_level="warning")
