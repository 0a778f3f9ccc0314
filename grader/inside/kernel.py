"""A kernel as a fork of the sandbox's zygote: it lays the work folder out, then is an ordinary ipykernel.

Its stdin is a socket on which the runner sends one line: the work, and how the kernel shall be reached.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from grader import wire
from grader.inside import preparing

# Of the work folder, for the kernel's sockets: they are bound by the learner's side.
FOLDER = ".kernel"


def main() -> None:
    """Prepare the folder, say so, and serve as a kernel until its end."""
    folder = Path.cwd()
    with socket.socket(fileno=os.dup(0)) as channel, channel.makefile("rwb") as stream:
        order = wire.loads(stream.readline())
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        own = folder / FOLDER
        own.mkdir()
        connection = own / "connection.json"
        connection.write_text(order["connection"], encoding="utf-8")
        head = preparing.prepare(order["work"], folder)
        stream.write(wire.dumps({"git_head": head}) + b"\n")
    from ipykernel.kernelapp import IPKernelApp

    kernel = IPKernelApp.instance()
    # The runner, another user, must be able to connect.
    before = os.umask(0)
    kernel.initialize(["-f", str(connection)])
    os.umask(before)
    kernel.start()


if __name__ == "__main__":
    main()
