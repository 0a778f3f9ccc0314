"""HTTP requests that checks send to what runs in a bench, and what came of them. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What came of one request: its time and order are the bench's word, the rest is the work's."""

    status: int  # 0: no whole answer came
    body: str  # its first 64 KB
    headers: Mapping[str, str]  # names in lower case
    error: str  # what went wrong, "" for an answer; "refused": nobody listened; "timeout"; "unanswered"
    seconds: float
    at: float  # when it was sent, in seconds after its traffic began

    def json(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


Request = Mapping[str, Any]


def request(
    path: str,
    body: object = None,
    *,
    method: str = "",
    headers: Mapping[str, str] | None = None,
    seconds: float = 10.0,
) -> Request:
    """One request.

    Args:
        path: with its query.
        body: text as it is; anything else is sent as JSON.
        method: GET without a body, else POST.
        headers: further ones.
        seconds: how long to wait for the answer.
    """
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    kind = {} if body is None or isinstance(body, str) else {"Content-Type": "application/json"}
    return {
        "path": path,
        "body": text,
        "method": method or ("GET" if body is None else "POST"),
        "headers": {**kind, **(headers or {})},
        "seconds": seconds,
    }


class Traffic:
    """Requests that are sent while the check goes on."""

    def __init__(self, ask: Callable[[dict[str, Any]], Any], number: int) -> None:
        self._ask = ask
        self._number = number

    def wait(self, seconds: float = 60.0, *, stop: bool = False) -> list[Reply]:
        """Wait for the answers to all that is sent, in order; with `stop` nothing further is sent."""
        question = {"op": "traffic.wait", "traffic": self._number, "seconds": seconds, "stop": stop}
        return [Reply(**row) for row in self._ask(question)]


class Client:
    """Sends requests to what listens on the loopback of a sandbox.

    Args:
        ask: carries a question to the sandbox's first process and returns the answer.
    """

    def __init__(self, ask: Callable[[dict[str, Any]], Any]) -> None:
        self.ask = ask

    def answers(self, port: int, path: str, seconds: float = 30.0, process: int | None = None) -> bool:
        """Whether a GET of `path` gives 200 within that time; not waited for the started process of that number has ended."""
        return bool(
            self.ask({"op": "answers", "port": port, "path": path, "seconds": seconds, "process": process})
        )

    def listens(self, port: int) -> list[str]:
        """The addresses at which something listens on a port: "0.0.0.0" or "::" for all of them."""
        return [str(address) for address in self.ask({"op": "listens", "port": port})]

    def send(self, port: int, path: str, body: object = None, **more: Any) -> Reply:
        """Send one request, described as `request` does, and return what came of it."""
        wanted = request(path, body, **more)
        return Reply(
            **self.ask({"op": "request", "port": port, "request": wanted, "seconds": wanted["seconds"]})
        )

    def traffic(
        self, port: int, requests: Sequence[Request], *, senders: int = 8, rate: float = 0
    ) -> Traffic:
        """Begin to send requests, `senders` at a time, and go on.

        Args:
            port: where to.
            requests: at most 20,000, each made by `request`.
            senders: how many are under way at once, 64 at most.
            rate: requests a second, evenly; 0: as fast as they are answered.
        """
        question = {
            "op": "traffic",
            "port": port,
            "requests": list(requests),
            "senders": senders,
            "rate": rate,
        }
        return Traffic(self.ask, int(self.ask(question)))
