"""How many gradings may run at once: what the machine has, shared out so that no submission can starve another."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from grader.dispatch import CHECKER_LIMITS
from grader.lab import Definition
from sandbox.errors import UsageError

_RESERVE = 0.2  # of the free memory, left to the machine itself


@dataclass(frozen=True)
class Budget:
    """What a batch may use."""

    memory_mb: int
    cpus: float

    def gradings(self, lab: Definition) -> int:
        """How many gradings of a lab fit, each with all that its jobs together may use.

        Raises:
            UsageError: not even one fits.
        """
        share = share_mb(lab)
        if share > self.memory_mb:
            raise UsageError(
                f"one grading of {lab.id} may need {share} MB, and {self.memory_mb} MB may be used",
                f"allow more with --memory {share}, or close other programs",
            )
        return max(1, min(int(self.memory_mb // share), int(self.cpus)))


def share_mb(lab: Definition) -> int:
    """MiB that one grading may need at most: its runs of the notebook and the checker, all at their limits."""
    return (1 + len(lab.runs)) * lab.limits.memory_mb + CHECKER_LIMITS.memory_mb


def find_budget(memory_mb: int | None = None, cpus: float | None = None) -> Budget:
    """The machine's free memory less a reserve, and all its CPUs, unless told otherwise."""
    free = int(psutil.virtual_memory().available / 2**20 * (1 - _RESERVE))
    return Budget(memory_mb or free, cpus or float(psutil.cpu_count() or 1))
