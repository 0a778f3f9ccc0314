"""Requests wait in a queue; one thread scores all that waits in one call, and hands each request its part."""

import asyncio
import os
import queue
import sys
import threading
from typing import Annotated

import uvicorn
from fastapi import Body, FastAPI, HTTPException, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

import late


class Flight(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    carrier: str
    origin: str
    dest: str
    month: Annotated[int, Field(ge=1, le=12)]
    hour: Annotated[int, Field(ge=0, le=23)]
    distance: Annotated[float, Field(gt=0, le=20000)] | None = None


class Ask(BaseModel):
    rows: Annotated[list[Flight], Field(min_length=1, max_length=1000)]


class Scorer(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.waiting = queue.SimpleQueue()
        self.ready = threading.Event()

    def run(self):
        model = late.load()
        self.ready.set()
        while True:
            jobs = [self.waiting.get()]
            while len(jobs) < 16 and not self.waiting.empty():
                jobs.append(self.waiting.get())
            try:
                scores = model.score([row for rows, _ in jobs for row in rows])
            except Exception as error:
                for _, done in jobs:
                    done(error, None)
                continue
            for rows, done in jobs:
                done(None, scores[: len(rows)])
                scores = scores[len(rows) :]

    async def score(self, rows):
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def finish(error, scores):
            if not future.cancelled():
                future.set_exception(error) if error else future.set_result(scores)

        self.waiting.put((rows, lambda *what: loop.call_soon_threadsafe(finish, *what)))
        return await future


app = FastAPI()
scorer = Scorer()


@app.get("/live")
async def live():
    return "yes"


@app.get("/ready")
async def ready(response: Response):
    if not scorer.ready.is_set():
        response.status_code = 503
    return {"ready": scorer.ready.is_set()}


@app.post("/predict")
async def predict(request: Request):
    if not scorer.ready.is_set():
        raise HTTPException(503, "the model is loading")
    try:
        asked = Ask.model_validate_json(await request.body())
    except ValidationError as error:
        raise HTTPException(422, error.errors(include_input=False, include_url=False, include_context=False)) from None
    return {"scores": await scorer.score([flight.model_dump() for flight in asked.rows]), "model": "late"}


class Server(uvicorn.Server):
    """Without sending itself the signal again: the process ends as it likes."""

    async def serve(self, sockets=None):
        import signal

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        await self._serve(sockets)


def main():
    port = int(os.environ.get("PORT", 8000))
    server = Server(uvicorn.Config(app, host=os.environ.get("HOST", "127.0.0.1"), port=port))
    scorer.start()
    asyncio.run(server.serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
