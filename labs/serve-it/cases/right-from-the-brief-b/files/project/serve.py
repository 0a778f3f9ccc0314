"""The service: python serve.py. It listens at the address HOST, on the port PORT."""

import asyncio
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from late import load
from rules import Refused, rows_of

app = FastAPI(title="Late flights")
scoring = ThreadPoolExecutor(32)


class Server(uvicorn.Server):
    """uvicorn's, which leaves the signals to us."""

    def install_signal_handlers(self):
        pass

    def capture_signals(self):
        from contextlib import nullcontext

        return nullcontext()


def answer(status, **what):
    return JSONResponse(what, status_code=status)


@app.get("/live")
async def live():
    return answer(200, alive=True)


@app.get("/ready")
async def ready():
    return answer(200 if app.state.model.done() else 503, ready=app.state.model.done())


@app.post("/predict")
async def predict(request: Request):
    if not app.state.model.done():
        return answer(503, wrong="the model is loading")
    try:
        rows = rows_of(json.loads(await request.body()))
    except Refused as refused:
        return answer(422, wrong=str(refused))
    except (ValueError, RecursionError):
        return answer(400, wrong="this is no JSON")
    model = app.state.model.result()
    scores = await asyncio.get_running_loop().run_in_executor(scoring, model.score, rows)
    return answer(200, scores=scores, count=len(scores))


async def main():
    loop = asyncio.get_running_loop()
    app.state.model = loop.run_in_executor(ThreadPoolExecutor(1), load)
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    server = Server(uvicorn.Config(app, host=host, port=port, lifespan="off"))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    await server.serve()
    os._exit(0)  # a model that is still loading must not keep us


if __name__ == "__main__":
    asyncio.run(main())
