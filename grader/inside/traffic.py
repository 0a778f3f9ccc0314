"""Sends HTTP requests to what runs in a bench, one by one or many at once, and keeps what came back.

The bench's own process sends them, so what is told of status, time and order is true of what the work answered;
only the answers themselves are the work's word. Each request has a connection of its own. Standard library only.
"""

from __future__ import annotations

import http.client
import ipaddress
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

MOST_REQUESTS = 20_000
MOST_KEPT = 2**16  # bytes of one answer's body
_LOCAL = "127.0.0.1"
_LISTENS = "0A"  # a state of the kernel's tables

Request = Mapping[str, Any]


def _nothing(at: float) -> dict[str, Any]:
    return {"status": 0, "body": "", "headers": {}, "error": "", "at": at, "seconds": 0.0}


def send(port: int, request: Request, started: float) -> dict[str, Any]:
    """Send one request; never raises.

    Args:
        port: on the loopback.
        request: method, path, body (text or None), headers, seconds (its time-out).
        started: the monotonic time from which `at` counts.

    Returns:
        status (0: no whole answer came), body, headers, error (what went wrong, "" for an answer; "refused"
        when nobody listened), seconds, at (when it was sent, in seconds after `started`).
    """
    sent = time.monotonic()
    reply = _nothing(round(sent - started, 4))
    connection = http.client.HTTPConnection(_LOCAL, port, timeout=float(request.get("seconds", 10.0)))
    try:
        body = request.get("body")
        headers = {"Connection": "close", **(request.get("headers") or {})}
        connection.request(request.get("method", "GET"), request["path"], body and body.encode(), headers)
        answer = connection.getresponse()
        kept = answer.read(MOST_KEPT)
        while answer.read(2**16):
            pass
        if answer.length:  # an answer counts only when all of it came
            raise http.client.IncompleteRead(kept, answer.length)
        reply |= {
            "status": answer.status,
            "body": kept.decode("utf-8", "replace"),
            "headers": {name.lower(): value[:200] for name, value in answer.getheaders()[:40]},
        }
    except ConnectionRefusedError:
        reply["error"] = "refused"
    except TimeoutError:
        reply["error"] = "timeout"
    except (OSError, http.client.HTTPException, ValueError) as error:
        reply["error"] = type(error).__name__
    finally:
        connection.close()
    return {**reply, "seconds": round(time.monotonic() - sent, 4)}


class Traffic:
    """Many requests, sent in order by several senders, evenly in time where a rate is given.

    Args:
        port: on the loopback.
        requests: as `send` takes them.
        senders: how many are under way at most.
        rate: requests a second, as far as the senders can; 0: as fast as they can.
    """

    def __init__(self, port: int, requests: Sequence[Request], senders: int, rate: float = 0.0) -> None:
        self._port = port
        self._requests = requests[:MOST_REQUESTS]
        self._rate = rate
        self._next = 0
        self._taking = threading.Lock()
        self._replies: dict[int, dict[str, Any]] = {}
        self._started = time.monotonic()
        self._stopped = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(min(senders, 64))]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while True:
            with self._taking:
                number, self._next = self._next, self._next + 1
            if number >= len(self._requests) or self._stopped:
                return
            if self._rate > 0:
                time.sleep(max(0.0, self._started + number / self._rate - time.monotonic()))
                if self._stopped:
                    return
            at = round(time.monotonic() - self._started, 4)
            self._replies[number] = _nothing(at) | {"error": "unanswered"}
            self._replies[number] = send(self._port, self._requests[number], self._started)

    def stop(self) -> None:
        """Send no further ones; what is under way is finished."""
        self._stopped = True

    def wait(self, seconds: float) -> list[dict[str, Any]]:
        """Wait for the rest and return what came of each request that was sent, in order."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self.stop()
        return [reply for _, reply in sorted(self._replies.items())]


def answers(port: int, path: str, seconds: float, over: Callable[[], bool]) -> bool:
    """Whether a GET of `path` gives 200 within that time; gives up early when `over` says so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not over():
        if send(port, {"path": path, "seconds": 2.0}, deadline)["status"] == 200:
            return True
        time.sleep(0.05)
    return False


def listening(
    port: int, tables: Sequence[Path] = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
) -> list[str]:
    """The addresses at which somebody listens on a port here; none where the kernel does not tell."""
    found = []
    for table in tables:
        rows = table.read_text(encoding="ascii").splitlines()[1:] if table.is_file() else []
        for local, _remote, state in (row.split()[1:4] for row in rows):
            address, _, number = local.partition(":")
            if state == _LISTENS and int(number, 16) == port:
                found.append(_address(bytes.fromhex(address)))
    return found


def _address(words: bytes) -> str:
    """An address of the kernel's tables: words of four bytes, each in the machine's order."""
    turned = (
        words if sys.byteorder == "big" else b"".join(words[n : n + 4][::-1] for n in range(0, len(words), 4))
    )
    address = ipaddress.ip_address(turned)
    return str(getattr(address, "ipv4_mapped", None) or address)
