"""Errors a person meets: what happened in one line, and the one thing to do next.

Every layer raises these; the command line catches them in one place and exits with `exit_code`.
"""


class MlopsError(Exception):
    """A trouble that is told to a person.

    Args:
        message: what happened, one sentence without a full stop.
        next_step: what to do now, imperative, e.g. ``"run: mlops doctor"``.
    """

    exit_code = 2

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message}. {self.next_step}"


class InfrastructureError(MlopsError):
    """Our side failed (engine, disk, image, network): never a learner's fault, never a mark."""


class EngineUnavailable(InfrastructureError):
    """No container engine answers."""


class ImageMissing(InfrastructureError):
    """An image that the work needs is not on this machine."""


class PortTaken(InfrastructureError):
    """The asked-for port on 127.0.0.1 is in use."""


class DiskFull(InfrastructureError):
    """No room is left where work or results are kept."""


class PromiseBroken(InfrastructureError):
    """The engine does not keep one of the sandbox's promises, so untrusted work is refused."""


class UsageError(MlopsError):
    """What was asked for cannot be meant: unknown lab, bad option, unreadable file."""
