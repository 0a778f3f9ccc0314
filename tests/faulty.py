"""Grades a class as `mlops grade run` does, and kills itself when told to: `python -m tests.faulty COURSE FOLDER`.

FAULT_STEP names the step and FAULT_NTH its occurrence at which to die; without them nothing happens.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

from grader.course.batch import Batch
from mlops_labs import cli, console, grading
from mlops_labs.session import open_session
from sandbox.errors import MlopsError


def main() -> None:
    left = int(os.environ.get("FAULT_NTH", "0"))

    def step(label: str) -> None:
        nonlocal left
        if label == os.environ.get("FAULT_STEP"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    grading.Batch = partial(Batch, step=step)  # type: ignore[misc, assignment]
    session = open_session("docker", console.tell)
    handed_in = grading.HandedIn(Path(sys.argv[2]))
    try:
        counts = grading.run(session, "tiny-sums", handed_in, Path(sys.argv[1]), grading.Budgeted(jobs=2))
    except MlopsError as error:
        console.error(str(error))
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001  # told as the command tells it, for the test to find
        console.error(cli._unexpected(error))
        sys.exit(2)
    sys.exit(2 if counts.error else 0)


if __name__ == "__main__":
    main()
