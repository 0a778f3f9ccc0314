"""What `mlops lab validate` and `mlops lab release` do and tell."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from grader.release import Bundle
from mlops_labs import console
from mlops_labs.cases import Case, read_cases
from mlops_labs.session import Session
from mlops_labs.validate import Row, gaps, validate
from sandbox.errors import UsageError


def validate_lab(session: Session, name: str, cases: Sequence[str], repeats: int, jobs: int) -> bool:
    """Run a lab's cases and tell each outcome; True when the lab is fair and complete."""
    bundle = session.bundle(name)
    engine = session.ready_engine(bundle.lab.definition)
    unknown = set(cases) - {case.name for case in read_cases(bundle)}
    if unknown:
        raise UsageError(f"{name} has no case '{min(unknown)}'", f"look into {bundle.lab.folder / 'cases'}")
    rows = []

    def only(found: Case) -> bool:
        return not cases or found.name in cases

    for row in validate(engine, bundle, repeats=repeats, jobs=jobs, only=only):
        console.out(_line(row))
        for difference in row.differences:
            console.out(f"       {difference}")
        rows.append(row)
    lacking = [] if cases else gaps(bundle)
    for gap in lacking:
        console.out(f"LACKS  {gap}")
    bad = sum(bool(row.differences) for row in rows)
    full = [row for row in rows if row.case.kind in ("reference", "right")] or rows
    most = max(row.memory_mb for row in rows)
    console.out(
        f"{name} on {engine.name}: {len(rows) - bad} of {len(rows)} gradings as they must be;"
        f" full answers took {median(row.seconds for row in full):.0f} s"
        f" (most {max(row.seconds for row in full):.0f} s), {most} MiB at most"
    )
    return not bad and not lacking


def _line(row: Row) -> str:
    word = "WRONG" if row.differences else "ok   "
    repeat = f" #{row.repeat + 1}" if row.case.kind == "reference" else ""
    return (
        f"{word}  {row.case.kind:<9} {row.case.name + repeat:<34} {row.earned:>2}/{row.points}"
        f"  {row.seconds:>5.1f} s  {row.memory_mb:>4} MiB  {row.case.says}"
    )


def release_lab(session: Session, name: str, to: Path) -> Path:
    """Write `release/<lab>/` (for learners) and `source/<lab>/` (with answers) as an nbgrader course has them."""
    bundle: Bundle = session.bundle(name)
    target = to.absolute() / "release" / name
    source = to.absolute() / "source" / name
    for folder in (target, source):
        if folder.exists():
            raise UsageError(f"{folder} exists already", "name another folder with --to, or remove it")
    shutil.copytree(bundle.student, target)
    source.mkdir(parents=True)
    (source / bundle.notebook_name).write_text(json.dumps(bundle.reference, indent=1), encoding="utf-8")
    return target
