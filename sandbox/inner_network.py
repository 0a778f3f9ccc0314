"""A network just like a stack's inner one, with jobs on it: what the promises about stacks are tried with."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sandbox.docker_api import Docker
from sandbox.engine import Job, JobSpec

Opened = AbstractContextManager[tuple[Job, str]]


class InnerNetwork:
    """Made on entering, removed on leaving."""

    def __init__(
        self,
        docker: Docker,
        labels: Mapping[str, str],
        options: Mapping[str, str],
        run: Callable[[dict[str, Any], JobSpec], Opened],
        job_options: Callable[[JobSpec], dict[str, Any]],
    ) -> None:
        self._docker = docker
        self._labels = labels
        self._options = options
        self._run = run
        self._job_options = job_options
        self._name = f"mlops-probe-{secrets.token_hex(5)}"
        self.gateways: list[str] = []

    def __enter__(self) -> InnerNetwork:
        self._docker.create_network(self._name, self._labels, True, self._options)
        self.gateways = self._docker.gateways(self._name)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._docker.remove_network(self._name)

    @contextmanager
    def job(self, spec: JobSpec) -> Iterator[tuple[Job, list[str]]]:
        """Run a job that is like any other but for its network; yield it and its addresses there."""
        options = {**self._job_options(spec), "network": self._name}
        options.pop("network_mode", None)
        with self._run(options, spec) as (job, container):
            yield job, self._docker.addresses(container)
