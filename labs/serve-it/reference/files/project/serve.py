"""The service: python serve.py. It listens at the address HOST, on the port PORT."""

import os
import signal
import sys
import threading
from contextlib import asynccontextmanager

import late
import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field


class Flight(BaseModel):
    """One flight, as the batch knows it."""

    carrier: str
    origin: str
    dest: str
    month: int = Field(ge=1, le=12)
    hour: int = Field(ge=0, le=23)
    distance: float | None = Field(None, gt=0, le=20_000)


class Question(BaseModel):
    """What is asked in one request."""

    rows: list[Flight] = Field(min_length=1, max_length=1000)


class Holder:
    """The model, as soon as it is there."""

    model = None

    def fill(self):
        self.model = late.load()


held = Holder()


@asynccontextmanager
async def lifespan(_app):
    # A daemon, so that an end is not kept waiting by a model that nobody needs any more.
    threading.Thread(target=held.fill, daemon=True).start()
    yield


app = FastAPI(title="Late flights", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
def refused(_request, error):
    """Say what is wrong and where. What was sent is not repeated: NaN, for one, is no JSON."""
    wrong = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()[:20]]
    return JSONResponse({"errors": wrong}, status_code=422)


@app.get("/live")
def live():
    return {"live": True}


@app.get("/ready")
def ready():
    there = held.model is not None
    return JSONResponse({"ready": there}, status_code=200 if there else 503)


@app.post("/predict")
def predict(question: Question):
    # Not async: FastAPI calls it in a thread, and the service goes on answering meanwhile.
    model = held.model
    if model is None:
        return JSONResponse({"errors": [{"where": "service", "what": "still loading"}]}, status_code=503)
    return {"scores": model.score([flight.model_dump() for flight in question.rows])}


if __name__ == "__main__":
    # uvicorn answers what is under way, then sends itself the signal again: this makes it a good end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(app, host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "8000")))
