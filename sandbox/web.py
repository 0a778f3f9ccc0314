"""Ports on 127.0.0.1 and asking a web page whether it is there yet."""

from __future__ import annotations

import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import quote

from sandbox import services
from sandbox.engine import RunningStack, StackSpec
from sandbox.errors import InfrastructureError, PortTaken

USUAL_PORT = 8888


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """JupyterLab sends who has no token to its login page, which would answer with 200."""

    def redirect_request(self, *_arguments: object) -> None:
        """Follow nothing."""


# A proxy that the environment names must not be asked for a page of this machine.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def is_free(port: int) -> bool:
    """Whether `port` can be bound on 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def choose_port(wanted: int | None) -> int:
    """Return `wanted`, else 8888, else any free port. Raises PortTaken when `wanted` is in use."""
    if wanted is None:
        return USUAL_PORT if is_free(USUAL_PORT) else free_port()
    if not is_free(wanted):
        raise PortTaken(
            f"Port {wanted} of 127.0.0.1 is in use", "Choose another with --port, or leave --port out"
        )
    return wanted


def on_a_port(wanted: int | None, start: Callable[[int], RunningStack]) -> RunningStack:
    """Start a stack on `wanted`, else on the usual port, else on any free one.

    Between the look at a port and its use somebody else may take it; when nobody asked for that very port,
    another one does as well. Raises PortTaken, and what `start` raises.
    """
    port = choose_port(wanted)
    try:
        return start(port)
    except InfrastructureError:
        if wanted is not None or is_free(port):
            raise
    return start(free_port())


def answers(url: str, token: str, timeout: float = 5.0) -> bool:
    """Whether a GET of `url`, with JupyterLab's token, gives status 200."""
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})
    try:
        with _DIRECT.open(request, timeout=timeout) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False


def probe_urls(port: int, names: tuple[str, ...]) -> list[str]:
    """Return the addresses that must all answer before a stack with those services is called running."""
    base = f"http://127.0.0.1:{port}"
    return [f"{base}/api/status", *(f"{base}/{name}{services.find(name).health}" for name in names)]


def running(spec: StackSpec, engine: str, port: int, token: str) -> RunningStack:
    """Return what a person needs to open a stack that answers on `port`."""
    base = f"http://127.0.0.1:{port}"
    offered = [services.find(name) for name in spec.services]
    pages = {one.title: f"{base}/{one.name}{one.page}?token={token}" for one in offered if one.page}
    notebook = f"{base}/lab/tree/{quote(spec.notebook)}?token={token}"
    return RunningStack(spec.lab, engine, notebook, pages, port, token, spec.version)
