"""Whether a lab is fair, seen through the real grading path: every case must come out as it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from grader.grade import grade
from grader.release import Bundle
from grader.result import Result
from mlops_labs.cases import Case, Expected, fairness_gaps, read_cases
from sandbox.engine import Engine
from sandbox.errors import InfrastructureError, UsageError


@dataclass(frozen=True)
class Row:
    """One run of one case."""

    case: Case
    repeat: int
    seconds: float
    memory_mb: int  # MiB, the most that one of the learner's sandboxes used; 0: not known
    earned: int
    points: int
    differences: tuple[str, ...]


def validate(
    engine: Engine, bundle: Bundle, *, repeats: int, jobs: int, only: Callable[[Case], bool]
) -> Iterator[Row]:
    """Grade every case; the reference `repeats` times.

    Args:
        engine: ready for untrusted work.
        bundle: the lab.
        repeats: gradings of the reference, which must come out alike.
        jobs: gradings at a time.
        only: which cases to run.
    """
    cases = [_here(case, engine, bundle) for case in read_cases(bundle) if only(case)]
    planned = [(case, n) for case in cases for n in range(repeats if case.kind == "reference" else 1)]

    def run(plan: tuple[Case, int]) -> Row:
        case, repeat = plan
        try:
            return _row(case, repeat, grade(engine, bundle, case.submission()).result)
        except (InfrastructureError, UsageError) as error:  # one case that cannot be made stops no other
            return Row(case, repeat, 0.0, 0, 0, bundle.lab.points, (str(error),))

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(run, planned)


def _here(case: Case, engine: Engine, bundle: Bundle) -> Case:
    """The case with what can be expected on this engine: no image is built by plain processes."""
    if engine.isolates:
        return case
    blocked = {
        task.id: Expected(state="blocked")
        for task in bundle.lab.tasks
        if task.image and case.expect[task.id].state != "not_attempted"
    }
    return replace(case, expect={**case.expect, **blocked})


def _row(case: Case, repeat: int, result: Result) -> Row:
    differences = case.differences(result)
    full = case.kind in ("reference", "right")
    to_earn = sum(task.points for task in result.tasks if case.expect[task.id].state == "pass")
    if full and result.earned != to_earn:
        differences.append(f"earned {result.earned} of {to_earn}")
    if case.kind == "blank" and result.earned:
        differences.append(f"the blank earned {result.earned}")
    differences += [f"note: {note}" for note in result.notes if full and "raised" in note]
    seconds, memory_mb = result.seconds, result.memory_mb
    return Row(case, repeat, seconds, memory_mb, result.earned, result.points, tuple(differences))


def gaps(bundle: Bundle) -> list[str]:
    """What the lab lacks in cases."""
    return fairness_gaps(bundle.lab, list(read_cases(bundle)))
