"""A port of this machine that is open to everybody, for a moment: nothing inside the sandbox may reach it."""

from __future__ import annotations

import contextlib
import socket
import threading

import psutil

from sandbox.errors import InfrastructureError


class HostListener:
    """Listens on every address, IPv4 and IPv6, on a port of the system's choice, as a context."""

    def __init__(self) -> None:
        both = socket.has_dualstack_ipv6()
        family, address = (socket.AF_INET6, "::") if both else (socket.AF_INET, "0.0.0.0")
        self._server = socket.create_server((address, 0), family=family, dualstack_ipv6=both)
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, name="host listener", daemon=True)

    def __enter__(self) -> HostListener:
        self._thread.start()
        try:
            # A probe against a deaf port would prove nothing.
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
        except OSError as error:
            self._server.close()
            raise InfrastructureError(
                "A port opened on this machine cannot be reached from it", "Run: mlops doctor"
            ) from error
        return self

    def __exit__(self, *_exception: object) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def targets(self, gateways: list[str] | None = None) -> list[tuple[str, int]]:
        """Return where somebody inside might find the port: `gateways` and every address of this machine."""
        found = dict.fromkeys(gateways or [])
        for addresses in psutil.net_if_addrs().values():
            for address in addresses:
                if address.family == socket.AF_INET and not address.address.startswith("127."):
                    found[address.address] = None
                elif address.family == socket.AF_INET6 and address.address.startswith("fe80"):
                    # Seen from a container, the scope is its own interface.
                    found[f"{address.address.split('%')[0]}%eth0"] = None
        return [(host, self.port) for host in [*found, "host.docker.internal", "host.containers.internal"]]

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._server.accept()[0].close()
