"""Graded checks of "Same data tomorrow": what a clone can fetch, and what runs again when one thing changes.

DVC runs in benches only. Which bytes are right is known here; which scores are right is computed here, with the
same three scripts. The storage and a clone are put side by side in another folder first, as on another machine.
"""

import configparser
import csv
import hashlib
import importlib
import io
import json
import random
import re
import sys

from grader.checks import Attempt, check
from grader.benches import Bench, Clone, Done

DATA = "data/flights.csv"
STAGES = ["prepare", "train", "evaluate"]
PLACE = "elsewhere"
RESULTS = ["prepared/train.csv", "prepared/validate.csv", "model.json", "metrics.json"]
LARGEST = 50_000  # bytes of a file in Git; the scripts have under 3,000, the deliveries over 180,000
NAMES = {1: "the first delivery", 2: "the second delivery"}
PARAMS = {"validate_days": 7, "smoothing": 20, "threshold": 0.3}  # as handed out

# One clone for all checks. Nothing of the learner's runs in it: `dvc repro` only ever runs in copies of it.
clones: list[Clone] = []
pulled: list[Clone] = []  # the same, once it has its results
worked_out: dict[tuple, dict[str, float]] = {}  # right metrics, by data and parameters
main_has: list[int] = []  # the number of the delivery on main


# ---------------------------------------------------------------------------------- what must come out


def delivery(attempt: Attempt, number: int) -> bytes:
    return (attempt.data / f"data/delivery-{number}.csv").read_bytes()


def which(attempt: Attempt, data: bytes | None) -> int | None:
    """The number of the delivery that these bytes are."""
    return next((number for number in NAMES if data == delivery(attempt, number)), None)


def right_metrics(attempt: Attempt, data: bytes, params: dict) -> dict[str, float]:
    """What the three scripts, as they were handed out, make of a file."""
    asked = (hashlib.sha256(data).hexdigest(), *sorted(params.items()))
    if asked not in worked_out:
        worked_out[asked] = work_out(attempt, data, params)
    return worked_out[asked]


def work_out(attempt: Attempt, data: bytes, params: dict) -> dict[str, float]:
    folder = str(attempt.data / "pipeline")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    prepare, train, evaluate = (importlib.import_module(name) for name in STAGES)
    flights = list(csv.DictReader(io.StringIO(data.decode())))
    train_on, score_on = prepare.split(flights, params["validate_days"])
    return evaluate.score(train.fit(train_on, params["smoothing"]), score_on, params["threshold"])


def pattern(name: str) -> re.Pattern:
    return re.compile(rf"\b({name}[\"']?\s*:\s*)(\d+(?:\.\d+)?)\b")


def params_of(bench: Bench, folder: str) -> dict[str, float]:
    """The numbers in params.yaml; where they cannot be made out, those that were handed out."""
    text = bench.text(f"{folder}/params.yaml") or ""
    found = {name: pattern(name).findall(text[:5000]) for name in PARAMS}
    if any(len(hits) != 1 for hits in found.values()):
        return dict(PARAMS)
    numbers = {name: float(hits[0][1]) for name, hits in found.items()}
    numbers["validate_days"] = int(numbers["validate_days"])
    sane = 1 <= numbers["validate_days"] <= 20 and numbers["smoothing"] < 1e6 and numbers["threshold"] <= 1
    return numbers if sane else dict(PARAMS)


def set_param(attempt: Attempt, bench: Bench, folder: str, name: str, value: float) -> None:
    """Change one number in params.yaml, and nothing else there."""
    text = bench.text(f"{folder}/params.yaml") or ""
    if len(pattern(name).findall(text)) != 1:
        text = (attempt.data / "pipeline/params.yaml").read_text(encoding="utf-8")
    bench.write(f"{folder}/params.yaml", pattern(name).sub(rf"\g<1>{value}", text))


# ---------------------------------------------------------------------------- a clone on another machine


def elsewhere(attempt: Attempt) -> Clone:
    """A clone of main with the storage beside it, in a folder that neither of them was made in."""
    if not clones:
        bench = attempt.bench("elsewhere")
        bench.run(["mkdir", "-p", PLACE])
        bench.run(["mv", "storage", f"{PLACE}/storage"])
        bench.remove(f"{PLACE}/clone")
        clones.append(bench.clone("project", to=f"{PLACE}/clone"))
    clone = clones[0]
    attempt.expect(
        clone.run(["git", "checkout", "-q", "-f", "main"]).ok,
        saw="a clone has no branch main",
        help="Commit on main: it is the branch that others clone.",
    )
    # Copies in place of links, and no report to anybody; only in this clone.
    own = f"{clone.path}/.dvc/config.local"
    if ".dvc/config" in clone.files() and clone.bench.read(own) is None:
        clone.bench.write(own, "[core]\n    analytics = false\n[cache]\n    type = copy\n")
    return clone


def dvc(clone: Clone, *words: str, at: str = "") -> Done:
    return clone.bench.run(["dvc", *words], cwd=at or clone.path, seconds=60)


def remote_address(clone: Clone) -> str:
    """The address of the default remote as it is committed; "" where there is none."""
    settings = configparser.RawConfigParser(strict=False)
    try:
        settings.read_string(clone.bench.text(f"{clone.path}/.dvc/config") or "")
        remote = settings.get("core", "remote", fallback="")
        return settings.get(f"'remote \"{remote}\"'", "url", fallback="")
    except configparser.Error:
        return "unknown"


def expect_remote(attempt: Attempt, clone: Clone) -> None:
    """The clone knows a remote, by a relative path."""
    files = clone.files()
    attempt.expect(
        ".dvc/config" in files,
        saw=f"a clone has no .dvc/config; it has {len(files)} files, such as {', '.join(files[:4])}",
        help="Run dvc init in project, and commit what it makes (git status shows it).",
    )
    address = remote_address(clone)
    attempt.expect(
        address,
        saw="the committed .dvc/config names no default remote, so a clone does not know where the data is",
        help="dvc remote add -d NAME ../storage in project, without --local or --global; commit .dvc/config.",
    )
    attempt.expect(
        not address.startswith(("/", "file:", "~")),
        saw="the remote in .dvc/config is an absolute path, which is somewhere else on every other machine",
        help="Give it relative to project: dvc remote modify NAME url ../storage, then commit .dvc/config.",
    )


def stored(attempt: Attempt, clone: Clone, number: int) -> bool:
    """Whether the storage holds the bytes of a delivery. DVC's default layout, for the message alone."""
    digest = hashlib.md5(delivery(attempt, number)).hexdigest()  # DVC's name for content
    held = clone.bench.files(f"{PLACE}/storage")
    return any(name.endswith(f"{digest[:2]}/{digest[2:]}") for name in held)


def expect_data(attempt: Attempt, clone: Clone, where: str, number: int | None) -> int:
    """`dvc pull` of the data gives a delivery, or a certain one. `where` is the branch or tag that is checked out."""
    bench, files = clone.bench, clone.files()
    attempt.expect(
        DATA not in files,
        saw=f"at {where}, {DATA} is in Git itself",
        help=f"git rm --cached {DATA}, then dvc add {DATA}: DVC writes a small file that Git keeps instead.",
    )
    pointers = [name for name in files if name.endswith(".dvc") or name == "dvc.lock"]
    attempt.expect(
        pointers,
        saw=f"at {where}, the clone has no file that says which data belongs to it",
        help=f"dvc add {DATA} makes {DATA}.dvc: commit that one.",
    )
    done = dvc(clone, "pull", DATA)
    data = bench.read(f"{clone.path}/{DATA}") if done.ok else None
    if data is None:
        wanted = [number] if number else list(NAMES)
        missing = not any(stored(attempt, clone, one) for one in wanted)
        saw = f"at {where}, dvc pull {DATA} in a clone does not bring the file"
        attempt.expect(
            not missing,
            saw=f"{saw}: {NAMES.get(number or 0, 'no delivery')} {'is not' if number else 'is'} in storage",
            help="dvc push sends what is checked out now: go to that version (git checkout, then dvc checkout), run "
            "dvc push there, and go back to main. With a relative remote, --all-tags sends to another place.",
        )
        attempt.expect(
            False,
            saw=f"{saw} ({done.last[:120]})",
            help="Try it yourself: git clone project clone, beside storage, then dvc pull in clone.",
        )
    found = which(attempt, data)
    attempt.expect(
        found,
        saw=f"at {where}, {DATA} is neither delivery, byte for byte",
        help="Copy the delivery with cp and change nothing in it; then dvc add, dvc push, commit.",
    )
    return found


def tagged(attempt: Attempt, clone: Clone, tag: str) -> None:
    commit = clone.run(["git", "rev-parse", "-q", "--verify", f"refs/tags/{tag}^{{commit}}"])
    attempt.expect(
        commit.ok,
        saw=f"there is no tag {tag}",
        help=f"git tag {tag} COMMIT names a commit; git log --oneline --decorate shows which has which tag.",
    )
    attempt.expect(
        clone.run(["git", "checkout", "-q", "-f", commit.out.strip()]).ok,
        saw=f"the commit of tag {tag} cannot be checked out",
        help=f"Try it in a clone: git checkout {tag}",
    )


# ---------------------------------------------------------------------------------------------- task 1


@check("t1", points=2)
def a_clone_fetches_the_data(attempt: Attempt) -> None:
    """A fresh clone of main, beside the storage, gets its data with dvc pull."""
    clone = elsewhere(attempt)
    expect_remote(attempt, clone)
    main_has[:] = [expect_data(attempt, clone, "main", None)]


def in_git(attempt: Attempt) -> dict[str, int]:
    """The deliveries' numbers by the name that Git gives their content."""
    names = {}
    for number in NAMES:
        data = delivery(attempt, number)
        names[hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()] = number
    return names


@check("t1", points=1, needs=("a_clone_fetches_the_data",))
def git_holds_no_delivery(attempt: Attempt) -> None:
    """No commit of any branch or tag holds a delivery."""
    clone = elsewhere(attempt)
    names = in_git(attempt)
    for blob in clone.blobs():
        number = names.get(blob.name)
        attempt.expect(
            number is None,
            saw=f"the history holds {NAMES.get(number or 0)} as {blob.path[:80]}: every clone carries it for ever",
            help="Taking it out of the newest commit leaves it in the older one. Make the commits anew without it, "
            "and have no branch or tag at the old ones.",
        )


# ---------------------------------------------------------------------------------------------- task 2


def expect_version(attempt: Attempt, tag: str, number: int) -> None:
    clone = elsewhere(attempt)
    tagged(attempt, clone, tag)
    found = expect_data(attempt, clone, tag, number)
    attempt.expect(
        found == number,
        saw=f"at {tag}, the data is {NAMES[found]} and not {NAMES[number]}",
        help="A tag names a commit, and the commit's .dvc file names the bytes: is the tag at the commit you "
        "made after dvc add of that delivery? git tag -f moves it.",
    )


@check("t2", points=2, needs=("a_clone_fetches_the_data",))
def the_first_version_comes_back(attempt: Attempt) -> None:
    """In a clone, git checkout data-v1 and dvc pull restore the first delivery, byte for byte."""
    expect_version(attempt, "data-v1", 1)


@check("t2", points=1, needs=("a_clone_fetches_the_data",))
def the_second_version_comes_back(attempt: Attempt) -> None:
    """In a clone, git checkout data-v2 and dvc pull restore the second delivery, byte for byte."""
    expect_version(attempt, "data-v2", 2)


@check("t2", points=1, needs=("the_second_version_comes_back",))
def main_goes_on_from_the_second(attempt: Attempt) -> None:
    """main has the second delivery, and leads back over data-v2 to data-v1."""
    clone = elsewhere(attempt)
    attempt.expect(
        main_has == [2],
        saw="on main, the data is the first delivery",
        help="Go back to main (git checkout main), dvc add the second delivery there, push and commit.",
    )
    for older, newer in (("data-v1", "data-v2"), ("data-v2", "main")):
        attempt.expect(
            clone.run(["git", "merge-base", "--is-ancestor", older, newer]).ok,
            saw=f"{newer} does not have the commit of {older} among its ancestors",
            help="Make both commits on main, one after the other: git log --oneline --decorate --graph --all "
            "shows how they lie.",
        )


# ---------------------------------------------------------------------------------------------- task 3


def ran(done: Done) -> list[str]:
    """The stages that DVC says it ran, in order. It says so itself, before a stage's command can."""
    return re.findall(r"^Running stage '([^']{1,80})':", done.out, flags=re.M)


def listed(names: list[str]) -> str:
    return ", ".join(name for name in names)[:100] or "nothing"


def expect_metrics(attempt: Attempt, bench: Bench, folder: str, data: bytes, after: str) -> None:
    """metrics.json holds what the scripts make of these bytes with the numbers in params.yaml."""
    try:
        told = json.loads(bench.text(f"{folder}/metrics.json") or "")
    except (ValueError, RecursionError):
        told = None
    right = right_metrics(attempt, data, params_of(bench, folder))
    for name, value in right.items():
        number = told.get(name) if isinstance(told, dict) else None
        attempt.expect(
            isinstance(number, int | float) and abs(number - value) < 2e-6,
            saw=f"{after}, {name} in metrics.json is not what the three scripts make of that data and params.yaml",
            help="Let the stages run python prepare.py, python train.py and python evaluate.py as they are, and "
            "commit dvc.lock and metrics.json after dvc repro.",
        )


def copy(clone: Clone, name: str) -> str:
    """A copy of a clone beside it: its folder."""
    folder = f"{PLACE}/{name}"
    clone.bench.remove(folder)
    clone.bench.run(["cp", "-a", clone.path, folder])
    return folder


def with_results(attempt: Attempt) -> Clone:
    """The clone of main with its data and its results."""
    if pulled:
        return pulled[0]
    clone = elsewhere(attempt)
    expect_remote(attempt, clone)
    files = clone.files()
    for needed, made in (("dvc.yaml", "dvc stage add writes it"), ("dvc.lock", "dvc repro writes it")):
        attempt.expect(
            needed in files,
            saw=f"on main there is no committed {needed}",
            help=f"{made}: git add {needed}, and commit it.",
        )
    done = dvc(clone, "pull")
    attempt.expect(
        done.ok,
        saw=f"dvc pull in a clone does not bring everything ({done.last[:120]})",
        help="dvc push after dvc repro sends results too; dvc status -c tells what is not in storage.",
    )
    for name in RESULTS:
        attempt.expect(
            clone.bench.read(f"{clone.path}/{name}") is not None,
            saw=f"after dvc pull, a clone has no {name}",
            help="What a stage writes has to be one of its outs or metrics; results go to storage with dvc push, and a "
            "metric with cache: false is committed.",
        )
    pulled.append(clone)
    return clone


@check("t3", points=2, needs=("a_clone_fetches_the_data",))
def a_clone_is_up_to_date(attempt: Attempt) -> None:
    """In a fresh clone, after dvc pull, dvc repro has nothing to do, and the score is that of the data."""
    clone = with_results(attempt)
    folder = copy(clone, "up-to-date")
    done = dvc(clone, "repro", at=folder)
    attempt.expect(
        done.ok,
        saw=f"dvc repro in a clone ended with code {done.code} ({done.last[:120]})",
        help="Try it yourself: clone beside storage, dvc pull, dvc repro.",
    )
    attempt.expect(
        not ran(done),
        saw=f"in a fresh clone, dvc repro ran {listed(ran(done))}, although nothing has changed",
        help="Commit dvc.lock as dvc repro wrote it last, with the same scripts, params.yaml and data; a stage "
        "without deps, or always_changed, runs every time.",
    )
    data = clone.bench.read(f"{clone.path}/{DATA}") or b""
    attempt.expect(
        which(attempt, data),
        saw=f"on main, {DATA} is neither delivery, byte for byte",
        help="Copy the delivery with cp and change nothing in it; then dvc add, dvc push, commit.",
    )
    expect_metrics(attempt, clone.bench, clone.path, data, "in a fresh clone")


@check("t3", points=1, needs=("a_clone_is_up_to_date",))
def results_are_made_from_the_data(attempt: Attempt) -> None:
    """With no results and other data, dvc repro runs all three stages, and the score is that of the other data."""
    clone = with_results(attempt)
    folder = copy(clone, "from-the-data")
    for gone in ("prepared", "model.json", "metrics.json", ".dvc/cache"):
        clone.bench.remove(f"{folder}/{gone}")
    data = (attempt.data / "march.csv").read_bytes()
    clone.bench.write(f"{folder}/{DATA}", data)
    done = dvc(clone, "repro", at=folder)
    attempt.expect(
        done.ok,
        saw=f"with the results removed and other data, dvc repro ended with code {done.code} ({done.last[:120]})",
        help="In a clone, remove prepared, model.json and metrics.json, run dvc repro and read the error.",
    )
    attempt.expect(
        ran(done) == STAGES,
        saw=f"with the results removed and other data, dvc repro ran {listed(ran(done))}; it should run "
        f"{listed(STAGES)}",
        help="Three stages of these names, each with what it writes as outs or metrics, and with what it reads "
        "as deps: that is where DVC takes the order from.",
    )
    expect_metrics(attempt, clone.bench, folder, data, "made from other data")


@check("t3", points=1, needs=("a_clone_is_up_to_date",))
def git_holds_no_result(attempt: Attempt) -> None:
    """Of the results, no commit holds more than metrics.json."""
    deliveries = in_git(attempt)  # those are task 1's
    for blob in elsewhere(attempt).blobs():
        attempt.expect(
            not blob.path.startswith("prepared/") or blob.path.endswith(".gitignore"),
            saw=f"the history holds {blob.path[:80]}, which a stage makes",
            help="Declare it with -o, so that DVC keeps it; then make the commit anew without it.",
        )
        attempt.expect(
            blob.path != "model.json",
            saw="the history holds model.json, which a stage makes",
            help="Declare it with -o, so that DVC keeps it; then make the commit anew without it.",
        )
        attempt.expect(
            blob.size <= LARGEST or blob.name in deliveries,
            saw=f"the history holds {blob.path[:80]} with {blob.size:,} bytes; more than {LARGEST:,} is data",
            help="Leave it to DVC, and make the commit anew without it.",
        )


# ---------------------------------------------------------------------------------------------- task 4

MISSING = {
    "params": "Name it among the stage's params, and what one stage hands to the next among its deps.",
    "files": "A stage depends on every file that its script opens or imports: -d FILE.",
}
EXCESS = {
    "params": "List under params only what the stage's script reads: all of params.yaml as a dep is too much.",
    "files": "List under deps only what the stage reads: a whole folder, or another stage's script, is too much.",
}


def expect_ran(attempt: Attempt, found: list[str], wanted: list[str], kind: str, change: str) -> None:
    for stage in wanted:
        attempt.expect(
            stage in found,
            saw=f"after a change of {change}, {stage} does not run again, although its result depends on it",
            help=MISSING[kind],
        )
    extra = [stage for stage in found if stage not in wanted]
    attempt.expect(
        not extra,
        saw=f"after a change of {change}, {listed(extra)} runs again, although nothing that it reads has changed",
        help=EXCESS[kind],
    )


READ_BY = {
    "features.py": ["train", "evaluate"],
    DATA: ["prepare"],
    "prepare.py": ["prepare"],
    "train.py": ["train"],
    "evaluate.py": ["evaluate"],
}


def touched(attempt: Attempt, clone: Clone, paths: list[str]) -> dict:
    """What `dvc status` says while these files have one line more. It runs nothing of the learner's."""
    kept = {path: clone.bench.read(f"{clone.path}/{path}") for path in paths}
    for path, content in kept.items():
        attempt.expect(
            content is not None,
            saw=f"a clone has no {path}",
            help="Leave it where it is, and committed or pushed.",
        )
        clone.bench.write(f"{clone.path}/{path}", (content or b"") + b"\n# one line more\n")
    done = dvc(clone, "status", "--json")
    for path, content in kept.items():
        clone.bench.write(f"{clone.path}/{path}", content or b"")
    try:
        told = json.loads(done.out)
    except (ValueError, RecursionError):
        told = None
    attempt.expect(
        done.ok and isinstance(told, dict),
        saw=f"dvc status in a clone ended with code {done.code} ({done.last[:120]})",
        help="Run dvc status in a clone and mend what it says.",
    )
    return {name: why for name, why in told.items() if not name.endswith(".dvc")}


@check("t4", points=2, needs=("a_clone_is_up_to_date",))
def code_and_data_count(attempt: Attempt) -> None:
    """A change of a script or of the data calls for the stages that read it, and for no other."""
    clone = with_results(attempt)
    # All at once: if DVC names for each stage the very files that it reads, that is all there is to ask.
    right = {
        stage: [{"changed deps": {path: "modified" for path in READ_BY if stage in READ_BY[path]}}]
        for stage in STAGES
    }
    if touched(attempt, clone, list(READ_BY)) == right:
        return
    for path, wanted in READ_BY.items():
        expect_ran(attempt, list(touched(attempt, clone, [path])), wanted, "files", path)


@check("t4", points=2, needs=("a_clone_is_up_to_date",))
def parameters_count(attempt: Attempt) -> None:
    """A changed parameter runs what depends on it, and nothing else, and the score is that of its new value."""
    clone = with_results(attempt)
    folder = copy(clone, "parameters")
    bench = clone.bench
    data = bench.read(f"{folder}/{DATA}") or b""
    draw = random.Random(f"{attempt.seed} parameters")
    values = params_of(bench, folder)
    before = right_metrics(attempt, data, values)
    for name, drawn, wanted in (
        ("threshold", [round(0.15 + 0.01 * step, 2) for step in range(20)], STAGES[2:]),
        ("smoothing", list(range(40, 400)), STAGES[1:]),
        ("validate_days", [4, 5, 6, 8, 9, 10, 11, 12], STAGES),
    ):
        section = {"threshold": "evaluate", "smoothing": "train", "validate_days": "prepare"}[name]
        values[name] = draw.choice([value for value in drawn if value != values[name]])
        while (after := right_metrics(attempt, data, values)) == before:
            values[name] = draw.choice(drawn)
        before = after
        set_param(attempt, bench, folder, name, values[name])
        done = dvc(clone, "repro", at=folder)
        attempt.expect(
            done.ok,
            saw=f"with another {section}.{name}, dvc repro ended with code {done.code} ({done.last[:120]})",
            help="Change it in params.yaml yourself, run dvc repro and read the error.",
        )
        expect_ran(attempt, ran(done), wanted, "params", f"{section}.{name}")
        expect_metrics(attempt, bench, folder, data, f"with another {section}.{name}")
