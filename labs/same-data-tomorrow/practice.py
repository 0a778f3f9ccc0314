"""Public checks of "Same data tomorrow": what a clone can fetch. The graded ones also change code, numbers and data."""

import json
import re

from grader.benches import Clone, Done
from grader.checks import Attempt, check

DATA = "data/flights.csv"
PLACE = "elsewhere"


def elsewhere(attempt: Attempt, name: str) -> Clone:
    """A clone of main with the storage beside it, in a folder that neither of them was made in."""
    bench = attempt.bench(name)
    bench.run(["mkdir", "-p", PLACE])
    bench.run(["mv", "storage", f"{PLACE}/storage"])
    bench.remove(f"{PLACE}/clone")
    clone = bench.clone("project", to=f"{PLACE}/clone")
    attempt.expect(
        ".dvc/config" in clone.files(),
        saw=f"a clone has no .dvc/config, but {', '.join(clone.files()[:5])}",
        help="Run dvc init in project, and commit what it makes (git status shows it).",
    )
    settings = clone.bench.text(f"{clone.path}/.dvc/config") or ""
    attempt.expect(
        re.search(r"^\s*url\s*=", settings, flags=re.M),
        saw="the committed .dvc/config names no remote",
        help="dvc remote add -d NAME ../storage in project, without --local; commit .dvc/config.",
    )
    attempt.expect(
        not re.search(r"^\s*url\s*=\s*(/|file:|~)", settings, flags=re.M),
        saw="the remote in .dvc/config is an absolute path, which is somewhere else on every other machine",
        help="Give it relative to project: dvc remote modify NAME url ../storage, then commit .dvc/config.",
    )
    return clone


def expect_pull(attempt: Attempt, clone: Clone, where: str, *deliveries: int) -> None:
    done = clone.run(["dvc", "pull", DATA])
    found = clone.bench.read(f"{clone.path}/{DATA}")
    attempt.expect(
        done.ok and found is not None,
        saw=f"at {where}, dvc pull {DATA} in a clone does not bring the file ({done.last[:120]})",
        help="Is its .dvc file committed at that place, and were its bytes sent with dvc push?",
    )
    wanted = [(attempt.data / f"data/delivery-{number}.csv").read_bytes() for number in deliveries]
    attempt.expect(
        found in wanted,
        saw=f"at {where}, {DATA} is not delivery {' or '.join(map(str, deliveries))}, byte for byte",
        help="Which delivery was in its place when you ran dvc add, and which commit came after that?",
    )


def ran(done: Done) -> str:
    return ", ".join(re.findall(r"^Running stage '([^']{1,80})':", done.out, flags=re.M))


@check("t1")
def a_clone_fetches_the_data(attempt: Attempt) -> None:
    """A clone of your last commit, beside the storage, gets its data with dvc pull."""
    clone = elsewhere(attempt, "data")
    attempt.expect(
        DATA not in clone.files(),
        saw=f"{DATA} is in Git itself",
        help=f"git rm --cached {DATA}, then dvc add {DATA} and commit the .dvc file.",
    )
    expect_pull(attempt, clone, "your last commit", 1, 2)


@check("t2", needs=("a_clone_fetches_the_data",))
def both_tags_bring_their_data(attempt: Attempt) -> None:
    """In a clone, each tag brings its delivery."""
    clone = elsewhere(attempt, "data")
    for number, tag in ((1, "data-v1"), (2, "data-v2")):
        attempt.expect(
            clone.run(["git", "checkout", "-q", "-f", f"tags/{tag}"]).ok,
            saw=f"there is no tag {tag}",
            help=f"git tag {tag} COMMIT names a commit; git log --oneline --decorate shows them.",
        )
        expect_pull(attempt, clone, tag, number)


@check("t3", needs=("a_clone_fetches_the_data",))
def a_clone_is_up_to_date(attempt: Attempt) -> None:
    """In a clone, after dvc pull, dvc repro has nothing to do."""
    clone = elsewhere(attempt, "pipeline")
    for needed in ("dvc.yaml", "dvc.lock"):
        attempt.expect(
            needed in clone.files(),
            saw=f"your last commit has no {needed}",
            help="dvc stage add writes dvc.yaml, dvc repro writes dvc.lock: commit both.",
        )
    done = clone.run(["dvc", "pull"])
    attempt.expect(
        done.ok,
        saw=f"dvc pull in a clone does not bring everything ({done.last[:120]})",
        help="dvc push after dvc repro sends results too; dvc status -c tells what is not in storage.",
    )
    done = clone.run(["dvc", "repro"])
    attempt.expect(
        done.ok and not ran(done),
        saw=f"in a fresh clone, dvc repro ended with code {done.code} and ran {ran(done) or 'nothing'}",
        help="Commit dvc.lock as dvc repro wrote it last, with the same scripts, params.yaml and data.",
    )


@check("t4", needs=("a_clone_is_up_to_date",))
def train_depends_on_its_script(attempt: Attempt) -> None:
    """After a change in train.py, dvc status names the stage train and no other."""
    clone = elsewhere(attempt, "pipeline")
    clone.run(["dvc", "pull"])
    script = clone.bench.text(f"{clone.path}/train.py") or ""
    clone.bench.write(f"{clone.path}/train.py", f"{script}\n# touched\n")
    done = clone.run(["dvc", "status", "--json"])
    try:
        told = list(json.loads(done.out))
    except ValueError:
        told = [done.last[:80]]
    attempt.expect(
        told == ["train"],
        saw=f"after a change of train.py, dvc status names {', '.join(map(str, told))[:100] or 'no stage'}",
        help="Each stage has in its deps what it reads, and nothing else. The graded checks change other files too.",
    )
