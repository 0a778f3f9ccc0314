"""How the runner gets its kernel: a process of its own, or a fork of the sandbox's zygote."""

from __future__ import annotations

import socket
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar, Protocol

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from grader import wire
from grader.inside.kernel import FOLDER
from sandbox.forked import Zygote

_SETUP_SECONDS = 120.0


class Kernel(Protocol):
    """Where a notebook's kernel comes from."""

    git_head: str  # of the work folder before any of the learner's code ran
    sockets: str  # where the kernel's sockets lie, relative to the work folder

    def install(self) -> None:
        """Have jupyter_client start kernels this way."""


class OwnKernel:
    """A process of its own, started by jupyter_client; the folder has been prepared."""

    sockets = ".channel/kernel"

    def __init__(self, git_head: str) -> None:
        self.git_head = git_head

    def install(self) -> None:
        """Nothing to do: it is jupyter_client's own way."""


class ForkedKernel:
    """A fork of the zygote, as another user, who prepares the folder first."""

    sockets = f"{FOLDER}/kernel"

    def __init__(self, zygote: Zygote, work: dict[str, Any]) -> None:
        self.zygote = zygote
        self.work = work
        self.git_head = ""

    def install(self) -> None:
        """Make jupyter_client ask us for kernels."""
        factory = KernelProvisionerFactory.instance()
        group = KernelProvisionerFactory.GROUP_NAME
        factory.provisioners["forked"] = EntryPoint("forked", f"{__name__}:ForkedProvisioner", group)
        factory.default_provisioner_name = "forked"
        ForkedProvisioner.source = self


class ForkedProvisioner(LocalProvisioner):  # type: ignore[misc]  # jupyter_client has no types
    """Launches a kernel by asking the zygote; everything else is as for a local process."""

    source: ClassVar[ForkedKernel]

    async def launch_kernel(self, cmd: list[str], **_: Any) -> Any:
        """Fork the kernel and wait until it has prepared its folder."""
        connection = Path(cmd[cmd.index("-f") + 1]).read_text(encoding="utf-8")
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.process = self.source.zygote.fork("grader.inside.kernel", theirs)
            theirs.close()
            ours.settimeout(_SETUP_SECONDS)
            ours.sendall(wire.dumps({"work": self.source.work, "connection": connection}) + b"\n")
            with ours.makefile("rb") as stream:
                said = wire.loads(stream.readline() or b"null")
        if not isinstance(said, dict):
            raise RuntimeError("the kernel ended before it was ready")
        self.source.git_head = str(said["git_head"])
        self.pid, self.pgid = self.process.pid, None
        return self.connection_info
