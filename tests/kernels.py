"""A kernel of a running JupyterLab, asked over its own channels as JupyterLab's page asks it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
import websocket


@contextmanager
def kernel(url: str, path: str, seconds: float = 300.0) -> Iterator[websocket.WebSocket]:
    """A new kernel of the JupyterLab that `mlops start` named by `url`, token included.

    Args:
        url: the page's address.
        path: the notebook it is for.
        seconds: how long to wait for one message.
    """
    parts = urlsplit(url)
    base, token = f"http://{parts.netloc}", parts.query.removeprefix("token=")
    asked = requests.post(
        f"{base}/api/kernels", params={"token": token}, json={"name": "python3", "path": path}, timeout=60
    )
    asked.raise_for_status()
    name = asked.json()["id"]
    channel = websocket.create_connection(
        f"ws://{parts.netloc}/api/kernels/{name}/channels?token={token}", timeout=seconds
    )
    try:
        yield channel
    finally:
        channel.close()
        requests.delete(f"{base}/api/kernels/{name}", params={"token": token}, timeout=60)


def run_code(channel: websocket.WebSocket, code: str) -> str:
    """Run code in the kernel behind a channel; return what it printed and showed as text. Raises its error."""
    sent = uuid.uuid4().hex
    header = {
        "msg_id": sent,
        "msg_type": "execute_request",
        "session": sent,
        "username": "",
        "version": "5.3",
    }
    content = {
        "code": code,
        "silent": False,
        "store_history": False,
        "allow_stdin": False,
        "stop_on_error": True,
    }
    rest = {"parent_header": {}, "metadata": {}, "channel": "shell", "buffers": []}
    channel.send(json.dumps({"header": header, "content": content, **rest}))
    said: list[str] = []
    while True:
        message = json.loads(channel.recv())
        if message["parent_header"].get("msg_id") != sent:
            continue
        kind, body = message["header"]["msg_type"], message["content"]
        if kind == "stream":
            said.append(body["text"])
        elif kind == "error":
            raise AssertionError("\n".join(body["traceback"]))
        elif kind in ("display_data", "execute_result"):
            said.append(body["data"].get("text/plain", ""))
        elif kind == "status" and body["execution_state"] == "idle":
            return "".join(said)
