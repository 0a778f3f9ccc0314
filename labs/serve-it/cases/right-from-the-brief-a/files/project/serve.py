"""The service: python serve.py. It listens at the address HOST, on the port PORT."""

import os
import signal
import sys
import threading
from typing import Annotated

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

import late

app = FastAPI(title="Late flights")
held = {}


class Row(BaseModel):
    carrier: str
    origin: str
    dest: str
    month: Annotated[int, Field(ge=1, le=12)]
    hour: Annotated[int, Field(ge=0, le=23)]
    distance: Annotated[float, Field(gt=0, le=20000, strict=True, allow_inf_nan=False)] | None = None


class Question(BaseModel):
    rows: Annotated[list[Row], Field(min_length=1, max_length=1000)]


@app.exception_handler(RequestValidationError)
async def refuse(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say where and what; not what was sent, which may be NaN and cannot be answered as JSON."""
    told = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
    return JSONResponse({"refused": told[:20]}, status_code=422)


@app.get("/live")
async def live():
    return {"live": True}


@app.get("/ready")
async def ready():
    if "model" not in held:
        raise HTTPException(503, "the model is loading")
    return {"ready": True}


@app.post("/predict")
def predict(question: Question):
    model = held.get("model")
    if model is None:
        raise HTTPException(503, "the model is loading")
    return {"scores": model.score([row.model_dump() for row in question.rows])}


def load():
    held["model"] = late.load()


if __name__ == "__main__":
    threading.Thread(target=load, daemon=True).start()
    # uvicorn finishes what it has begun, and then raises the signal again, for this handler.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    uvicorn.run(app, host=host, port=port, timeout_graceful_shutdown=30)
