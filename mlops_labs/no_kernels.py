"""A Jupyter server that shows and runs nothing."""

from __future__ import annotations

from typing import Any, NoReturn

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError


class NoKernels(AsyncMappingKernelManager):
    """Starts no kernel, whatever is installed: a page that got hold of the server's rights could run code in one."""

    async def start_kernel(self, **_: Any) -> NoReturn:
        """Refuse."""
        raise HTTPError(403, "nothing is run here")
