"""Every hostile submission among honest ones, through the real batch: `make hostile`."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from grader.course.ledger import Verdict
from tests.conftest import CI
from tests.hostile_class import (
    LABS,
    Seen,
    chosen,
    command,
    grade_class,
    leaks,
    possible,
    size_mb,
)
from tests.submissions import Case, wrong

pytestmark = pytest.mark.engine

MOST_MB = 450.0  # of the grader, whatever it is sent
MOST_LEFT_MB = 10.0


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Seen:
    graded = grade_class(tmp_path_factory.mktemp("hostile"))
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{_told(graded)}")
    return graded


def _told(seen: Seen) -> str:
    """What a person wants to know of the run."""
    outcomes = Counter(verdict.result.outcome.value for lab in LABS for verdict in seen.verdicts(lab))
    seconds = {name: round(value) for name, value in seen.seconds.items()}
    memory = {name: round(value) for name, value in seen.most_mb.items()}
    return f"{len(chosen())} cases; verdicts: {dict(outcomes)}\nseconds: {seconds}\ngrader's MiB: {memory}"


@pytest.fixture(scope="module")
def by_learner(seen: Seen) -> dict[tuple[str, str], list[Verdict]]:
    found: dict[tuple[str, str], list[Verdict]] = {}
    for lab in LABS:
        for verdict in seen.verdicts(lab):
            found.setdefault((lab, verdict.key.learner), []).append(verdict)
    return found


@pytest.mark.parametrize("case", chosen(), ids=lambda case: case.name)
def test_one_record_with_the_very_verdict(
    case: Case, seen: Seen, by_learner: dict[tuple[str, str], list[Verdict]]
) -> None:
    if not possible(case):
        assert not CI, "only root can make this case, and CI must not skip it"
        pytest.skip("only root can make this case")
    verdicts = by_learner.get((case.verdict.lab, seen.opaque(case.learner)), [])
    assert len(verdicts) == 1
    assert not wrong(verdicts[0].result, case.verdict)


def test_honest_learners_get_what_is_theirs(
    seen: Seen, by_learner: dict[tuple[str, str], list[Verdict]]
) -> None:
    for lab in LABS:
        for folder in seen.handed_in(lab).iterdir():
            stem, _, number = folder.name.rpartition("-")
            if stem in ("plain", "earlier"):
                verdicts = by_learner[lab, seen.opaque(folder.name)]
                earned = 0 if int(number) % 4 == 3 else 5
                assert [verdict.result.earned for verdict in verdicts] == [earned], folder.name


def test_one_record_for_each_submission_and_no_more(seen: Seen) -> None:
    for lab in LABS:
        handed_in = [path.name for path in seen.handed_in(lab).iterdir()]
        records = Counter(verdict.key.learner for verdict in seen.verdicts(lab))
        assert records == Counter(map(seen.opaque, handed_in))
    kept = {path.name for path in seen.course.attempts.iterdir()}
    assert kept == {verdict.result.attempt for lab in LABS for verdict in seen.verdicts(lab)}
    assert not list(seen.course.drafts.iterdir())


def test_every_grading_ends_well_and_a_further_one_has_nothing_to_do(seen: Seen) -> None:
    assert seen.codes == [0] * len(seen.codes), seen.said
    for said, lab in zip(seen.said[-len(LABS) :], LABS, strict=True):
        count = len(list(seen.handed_in(lab).iterdir()))
        assert f"{lab}: {count}/{count} ok=0 fail=0 error=0 skipped={count}" in said


def test_pages_and_tables_are_made_of_it(seen: Seen) -> None:
    assert not {what: code for what, code in seen.shown.items() if code}
    pages = list(seen.course.root.glob("feedback/**/*.html"))
    assert len(pages) >= sum(len(list(seen.handed_in(lab).iterdir())) for lab in LABS)


def test_a_second_grader_is_sent_away(seen: Seen) -> None:
    assert seen.second_grader.startswith("2 ")
    assert "another grading" in seen.second_grader


def test_files_of_others_are_as_they_were(seen: Seen) -> None:
    changed = [path for path, state in seen.before.items() if seen.after.get(path) != state]
    assert not changed
    added = [path for path in seen.after.keys() - seen.before.keys() if "handed-in" in path]
    assert not added


def test_nothing_is_left(seen: Seen) -> None:
    assert not seen.left_after - seen.left_before
    assert size_mb(seen.home, without="cache") < MOST_LEFT_MB
    assert size_mb(seen.temporary) < MOST_LEFT_MB
    assert size_mb(Path("/dev/shm")) < MOST_LEFT_MB


def test_no_secret_is_in_anything_that_a_learner_may_see(seen: Seen) -> None:
    places = [seen.course.root, *seen.root.glob("*.log"), seen.home]
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    own = {"audit.ipynb"}  # the mentor's
    shown = [
        path
        for path in files
        if path.is_file() and path.name not in own and "cache" not in path.relative_to(seen.root).parts
    ]
    assert len(shown) > 2 * len(chosen())
    assert not [leak for path in shown for leak in leaks(path)]


def test_the_audit_shows_what_was_asked(seen: Seen) -> None:
    """Else the test above could not fail."""
    assert any(leaks(path) for path in seen.course.attempts.glob("*/audit.ipynb"))


def test_nobody_is_named(seen: Seen) -> None:
    said = "\n".join(seen.said)
    names = [path.name for lab in LABS for path in seen.handed_in(lab).iterdir() if len(path.name) > 3]
    assert not [name for name in names if name in said]
    paths = "\n".join(str(path) for path in seen.course.attempts.rglob("*"))
    assert not [name for name in names if name in paths]


def test_the_grader_itself_stays_small(seen: Seen) -> None:
    assert seen.most_mb["hostile"] < MOST_MB, seen.most_mb


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["ana", "\u0430na"], "look alike"),
        (["ana", "Ana"], "look alike"),
        (["ana", "ana\u200b"], "look alike"),
        (["jos\u00e9", "jose\u0301"], "two submissions are of one learner"),
        (["ana", "ana "], "two submissions are of one learner"),
        (["ana", "   "], "is no name"),
    ],
)
def test_names_that_could_be_mistaken_stop_everything_before_it_starts(
    names: list[str], says: str, seen: Seen, tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "tiny-sums.ipynb").write_text("{}")
    words, env = command(
        seen, "grade", "run", "tiny-sums", str(tmp_path / "in"), "--course", str(tmp_path / "class")
    )
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("mlops: ")]
    assert done.returncode == 2
    assert len(lines) == 1
    assert says in lines[0]
    assert not (tmp_path / "class").exists()
