"""The only module that imports JupyterHub and DockerSpawner: the hub, who may log in, and what is started for them."""

from __future__ import annotations

import asyncio
import os
from functools import cache
from typing import Any

from dockerspawner import DockerSpawner
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_unix_socket
from tornado.routing import PathMatches, Rule, RuleRouter
from tornado.web import HTTPError

from mlops_labs import publishing
from mlops_labs.hub import codes
from mlops_labs.hub.room import Room, room_of_environment
from sandbox.docker_hub import server_name
from sandbox.errors import MlopsError

_API = r"/hub/api(/.*)?"
room = cache(room_of_environment)


class ClassHub(JupyterHub):  # type: ignore[misc]  # JupyterHub has no types
    """A hub whose API, and nothing else of it, also listens on the socket that the learners' servers have."""

    async def start(self) -> None:
        """See `JupyterHub.start`."""
        # First: servers that outlived a hub before us ask as soon as the proxy leads anybody to them.
        self._api = HTTPServer(RuleRouter([Rule(PathMatches(_API), self.tornado_application)]))
        self._api.add_socket(_bound(room()))
        await super().start()
        self._parent = os.getppid()
        self._watch = PeriodicCallback(self._end_when_alone, 2000)
        self._watch.start()

    def _end_when_alone(self) -> None:
        """Nobody would grade, nor stop us, once who started us is gone."""
        if os.getppid() != self._parent:
            self._watch.stop()
            self.stop()


def _bound(where: Room) -> Any:
    """The listening socket. Through a descriptor, since a socket's path may have 107 bytes only."""
    folder = os.open(where.socket.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        # Everybody: a container's user is nobody of this machine. Only our own containers see the folder.
        return bind_unix_socket(f"/proc/self/fd/{folder}/{where.socket.name}", mode=0o666)
    finally:
        os.close(folder)


class CodeAuthenticator(Authenticator):  # type: ignore[misc]  # JupyterHub has no types
    """Lets in who is on the course's roster and has the code that `mlops class codes` wrote."""

    async def authenticate(self, _handler: Any, data: dict[str, str]) -> str | None:
        """Return the opaque id of who logs in, which is their name at the hub; None for anybody else."""
        course = room().place.course
        return await asyncio.to_thread(codes.whose, course, data["username"], data["password"])


class StackSpawner(DockerSpawner):  # type: ignore[misc]  # JupyterHub has no types
    """Starts a learner's stack: the containers, limits and networks of `sandbox.docker_stack`, and no others."""

    port_on_host = 0

    @property
    def learner(self) -> str:
        """The opaque id of whose server this is. Raises HTTPError for who is not on the roster."""
        found = codes.learner_of(publishing.roster_of(room().place.course), self.user.name)
        if found is None:
            raise HTTPError(403, "You are not on the roster of this course.")
        return found

    def _object_name_default(self) -> str:
        roster = publishing.roster_of(room().place.course)
        learner = codes.learner_of(roster, self.user.name) or "nobody"
        return server_name(room().place.home(learner).platform, room().lab)

    async def create_object(self) -> dict[str, str]:
        """Create every container of the stack; the one that the hub watches is JupyterLab's."""
        learner, env = self.learner, self.get_env()
        try:
            return {"Id": await asyncio.to_thread(room().create, learner, env)}
        except MlopsError as error:
            self.log.error("The stack of %s could not be made: %s", learner, error)
            raise HTTPError(503, error.message) from None

    async def start_object(self) -> None:
        """Start them."""
        self.port_on_host = await asyncio.to_thread(room().stack(self.learner).start)

    async def get_ip_and_port(self) -> tuple[str, int]:
        """Return where the hub's proxy reaches JupyterLab: at the ingress."""
        return "127.0.0.1", self.port_on_host

    async def stop(self, now: bool = False) -> None:
        """Stop JupyterLab, then remove all of the stack. Work and services' data stay."""
        if self.object_id and not now:  # type: ignore[has-type]  # a trait of DockerSpawner
            await self.stop_object()
        await asyncio.to_thread(room().stack(self.learner).remove)
        self.object_id = ""
        self.clear_state()
