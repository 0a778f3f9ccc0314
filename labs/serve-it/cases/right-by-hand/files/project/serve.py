import asyncio
import contextlib
import os
import signal
import threading

import uvicorn
from checking import Refused, rows_of
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from late import load

here = {}


def fetch():
    here["model"] = load()


def one_by_one(model, rows):
    return [model.score([row])[0] for row in rows]


@contextlib.asynccontextmanager
async def lifespan(app):
    thread = threading.Thread(target=fetch)
    thread.daemon = True
    thread.start()
    yield
    here.clear()


app = FastAPI(lifespan=lifespan)


@app.get("/{page}")
async def health(page: str):
    if page == "live":
        return PlainTextResponse("alive")
    if page == "ready":
        return PlainTextResponse("ready" if here else "loading", 200 if here else 503)
    return PlainTextResponse("no such page", 404)


@app.post("/predict")
async def predict(request: Request):
    if "model" not in here:
        return PlainTextResponse("loading", 503)
    try:
        rows = rows_of(await request.body())
    except Refused as why:
        return PlainTextResponse(str(why), 400)
    return JSONResponse({"scores": await asyncio.to_thread(one_by_one, here["model"], rows)})


def main():
    def over(*_):
        os._exit(0)

    signal.signal(signal.SIGTERM, over)
    uvicorn.run(
        "serve:app",
        host=os.environ.get("HOST") or "127.0.0.1",
        port=int(os.environ.get("PORT") or 8000),
        log_level="warning",
        timeout_graceful_shutdown=30,
    )


if __name__ == "__main__":
    main()
