"""Graded checks of "Promote with a reason": the learner's rule decides about models it has never seen.

What each planted model earns was computed when the lab's data was made (see data.py), on this side.
"""

import json
import random
from typing import Any

import numpy as np
import pandas as pd

from grader.checks import Attempt, CheckFailed, ModelVersion, check

NAME = "late-flights"
MARGINS = {"main": 0.005, "next-month": 0.02}
SAME_SCORE = 6e-4  # of AUC: three decimals are enough
CLEAR = 1e-3  # no planted gain is nearer to zero or to the margin than this
CLAIMS = {
    "champion": 0.5501,
    "challenger": 0.9901,
}  # what the planted runs say of themselves, all of it untrue


def pool(attempt: Attempt) -> dict[str, Any]:
    return json.loads((attempt.data / "pool.json").read_text(encoding="utf-8"))


def by_kind(models: dict[str, Any], champion: str, which: str) -> dict[str, list[str]]:
    """Challengers of a champion by what must become of them: better, near (inside the margin) and worse."""
    margin = MARGINS[which]
    found: dict[str, list[str]] = {"better": [], "near": [], "worse": []}
    for key, model in models.items():
        gain = model["auc"][which] - models[champion]["auc"][which]
        if gain >= margin + CLEAR:
            found["better"].append(key)
        elif 0.66 * margin <= gain <= margin - CLEAR:  # so near that a gain in per cent gets it wrong
            found["near"].append(key)
        elif gain <= -2 * CLEAR:
            found["worse"].append(key)
    return found


def draw_models(attempt: Attempt, which: str, draw: random.Random) -> tuple[str, dict[str, str]]:
    """A champion and one challenger of each kind."""
    models = pool(attempt)
    fitting = [key for key in models if all(by_kind(models, key, which).values())]
    champion = draw.choice(fitting)
    return champion, {kind: draw.choice(keys) for kind, keys in by_kind(models, champion, which).items()}


def apart(models: dict[str, Any], which: str, *keys: str) -> list[str]:
    """Models whose score cannot be taken for that of any of `keys`."""
    return [
        other
        for other, model in models.items()
        if all(abs(model["auc"][which] - models[key]["auc"][which]) > 2 * CLEAR for key in keys)
    ]


def plant(attempt: Attempt, asker: Attempt, name: str, keys: list[str], aliases: dict[str, int]) -> list[str]:
    """Register models of the pool under a name; return their versions, once the server shows them so."""
    models = pool(attempt)
    rows = [
        {
            "key": key,
            "columns": models[key]["columns"],
            "C": models[key]["C"],
            "flipped": models[key]["flipped"],
            "claim": CLAIMS["champion" if aliases.get("champion") == place else "challenger"],
        }
        for place, key in enumerate(keys)
    ]
    versions = asker.probe("plant", name, rows, aliases)
    shown = {found.version: found for found in asker.mlflow.versions(name)}
    intact = isinstance(versions, list) and len(set(versions)) == len(keys) and set(versions) == set(shown)
    intact = intact and all(asker.mlflow.alias(name, alias) == versions[at] for alias, at in aliases.items())
    attempt.expect(
        intact,
        saw="models that were registered for this check do not come back from MLflow as they were made",
        help="Remove code that changes MLflow itself or its address, then Restart Kernel and Run All Cells.",
    )
    return list(versions)


def state(asker: Attempt, name: str) -> dict[str, ModelVersion]:
    return {found.version: found for found in asker.mlflow.versions(name)}


def aliases_of(asker: Attempt, name: str) -> dict[str, str]:
    return {alias: found.version for found in asker.mlflow.versions(name) for alias in found.aliases}


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def describe(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def expect_verdict(attempt: Attempt, verdict: Any, function: str) -> None:
    """Fail unless it is a dict of the agreed form."""
    attempt.expect(
        isinstance(verdict, dict),
        saw=f"{function} returned {describe(verdict)} and should return a dict",
        help="End every way through the function with a return of the dict with the four keys of the brief.",
    )
    keys = ["promote", "champion_auc", "challenger_auc", "reason"]
    missing = [key for key in keys if key not in verdict]
    attempt.expect(
        not missing,
        saw=f"{function}'s dict has the keys {sorted(verdict)[:8]}, and lacks {', '.join(missing)}",
        help="Spell the keys as in the brief, and give all four in every case.",
    )
    attempt.expect(
        isinstance(verdict["promote"], bool),
        saw=f"promote is {describe(verdict['promote'])} and should be True or False",
        help='Store the result of the comparison itself under "promote".',
    )
    attempt.expect(
        isinstance(verdict["reason"], str) and verdict["reason"].strip(),
        saw="reason is empty or not a text",
        help="Write one sentence that a colleague would understand: what was compared, and what was needed.",
    )


def expect_auc(attempt: Attempt, verdict: dict[str, Any], which: str, who: str, keys: dict[str, str]) -> None:
    """Fail, naming the mistake where it shows, unless the verdict gives the AUC of the model in that role."""
    models = pool(attempt)
    mine = models[keys[who]]
    theirs = models[keys["champion" if who == "challenger" else "challenger"]]
    field = f"{who}_auc"
    told = verdict[field]
    attempt.expect(
        is_number(told),
        saw=f"{field} is {describe(told)} and should be a number",
        help="Compute it with roc_auc_score for both models, whichever way the decision goes.",
    )

    def near(value: float) -> bool:
        return abs(told - value) < SAME_SCORE

    if near(mine["auc"][which]):
        return
    said = f"{field} is {told:.4f}, which is not what the {who} earns on these flights"
    attempt.expect(
        not any(near(claim) for claim in CLAIMS.values()),
        saw=f"{said}: it is the number its run claims",
        help="Load the model and score it now, on valid_X and valid_late.",
    )
    attempt.expect(
        not near(theirs["auc"][which]),
        saw=f"{said}: it is the other model's",
        help="Load each model by its own version, and keep the two numbers apart.",
    )
    attempt.expect(
        not near(mine["yes_or_no"][which]),
        saw=f"{said}: it is the score of yes-or-no answers",
        help="Pass the probability of being late, predict_proba(...)[:, 1], to roc_auc_score.",
    )
    attempt.expect(
        which == "main" or not near(mine["auc"]["main"]),
        saw="with another month in VALIDATE, the scores are still those of the usual month",
        help="Score on valid_X and valid_late, which come from VALIDATE; write no path into your functions.",
    )
    attempt.expect(
        False,
        saw=said,
        help="Score on all of valid_X and valid_late, with roc_auc_score and predict_proba(...)[:, 1].",
    )


SHOULD = {
    "better": (
        "refused a challenger that is better by more than MARGIN",
        "Promote when challenger_auc - champion_auc >= MARGIN.",
    ),
    "near": (
        "promoted a challenger that is better by less than MARGIN",
        "The gain is a plain difference of the two AUCs; it must reach the MARGIN of the parameters cell.",
    ),
    "worse": (
        "promoted a challenger that is worse than the champion",
        "Subtract the champion's AUC from the challenger's, and look at the sign.",
    ),
    "equal": (
        "promoted a challenger that is exactly as good as the champion",
        "A gain of zero is less than MARGIN.",
    ),
}


def expect_decisions(attempt: Attempt, which: str, function: str) -> None:
    """Let the function decide about one challenger of each kind, each under a name of its own."""
    asker = attempt if which == "main" else attempt.run(which)
    draw = random.Random(f"{attempt.seed} {which} {function}")
    models = pool(attempt)
    champion, challengers = draw_models(attempt, which, draw)
    # For a review, the two that lie next to the rule's border: the judge itself has been seen with all four.
    kinds = [*challengers, "equal"] if function == "judge" else ["better", "near"]
    draw.shuffle(kinds)
    for number, kind in enumerate(kinds):
        key = challengers.get(kind, champion)
        name = f"planted-{draw.randrange(10**9)}-{number}"
        bystander = draw.choice(apart(models, which, key, champion))
        # The champion is not the first version, and the challenger is not the newest.
        versions = plant(
            attempt, asker, name, [bystander, champion, key, bystander], {"champion": 1, "shadow": 3}
        )
        before = state(asker, name)
        verdict = asker.call(function, name, versions[2])
        expect_verdict(attempt, verdict, function)
        roles = {"champion": champion, "challenger": key}
        expect_auc(attempt, verdict, which, "challenger", roles)
        expect_auc(attempt, verdict, which, "champion", roles)
        what, mend = SHOULD[kind]
        attempt.expect(verdict["promote"] == (kind == "better"), saw=f"{function} {what}", help=mend)
        if function == "judge":
            attempt.expect(
                state(asker, name) == before,
                saw="aliases or tags were different after judge was called",
                help="judge only looks: leave aliases to promote and tags to review.",
            )
        else:
            expect_record(attempt, asker, name, versions, verdict)


def expect_record(attempt: Attempt, asker: Attempt, name: str, versions: list[str], verdict: Any) -> None:
    """Fail unless aliases and tags say what was decided. `verdict` has been checked before."""
    promoted = verdict["promote"]
    now = aliases_of(asker, name)
    wanted = {"champion": versions[1], "shadow": versions[3]}
    if promoted:
        wanted = {"champion": versions[2], "previous": versions[1], "shadow": versions[3]}
    attempt.expect(
        now == wanted,
        saw=f"the aliases after review are {sorted(now)}, "
        + ("not as after promote" if promoted else "and at least one was changed for a refused challenger"),
        help="Call promote(name, challenger_version) if the judge says so, and otherwise touch no alias.",
    )
    tags = {version: found.tags for version, found in state(asker, name).items()}
    mine = tags[versions[2]]
    elsewhere = [version for version, found in tags.items() if version != versions[2] and "decision" in found]
    attempt.expect(
        not elsewhere,
        saw="the decision is on another version than the challenger's",
        help="Set the tags on the version that was passed in: set_model_version_tag(name, "
        "challenger_version, ...).",
    )
    missing = [tag for tag in ("decision", "champion_auc", "challenger_auc", "reason") if tag not in mine]
    attempt.expect(
        not missing,
        saw=f"a {'promoted' if promoted else 'refused'} challenger's version has the tags {sorted(mine)[:8]}"
        f" and lacks {', '.join(missing)}",
        help="Write all four tags in both cases, on the version and not on the registered model or the run.",
    )
    attempt.expect(
        mine["decision"] == ("promoted" if promoted else "refused"),
        saw=f"the tag decision says '{mine['decision'][:20]}', which is not what was decided",
        help="Write promoted or refused, in these letters, from the judge's answer.",
    )
    for field in ("champion_auc", "challenger_auc"):
        try:
            value = float(mine[field])
        except ValueError:
            value = float("nan")
        attempt.expect(
            abs(value - verdict[field]) < SAME_SCORE,
            saw=f"the tag {field} differs from what the judge found",
            help="Write the judge's numbers, with at least three decimals; judge before you move the alias.",
        )


# ---------------------------------------------------------------------------------------------- task 1


@check("t1", points=2)
def baseline_is_champion(attempt: Attempt) -> None:
    """The baseline's model is registered and its version is champion."""
    versions = attempt.mlflow.versions(NAME)
    attempt.expect(
        versions,
        saw=f"no registered model called '{NAME}'",
        help="Register the run's model with mlflow.register_model, under the name NAME.",
    )
    run = attempt.value("BASELINE_RUN")
    mine = [found for found in versions if found.run_id == run]
    attempt.expect(
        mine,
        saw=f"{len(versions)} version(s) of '{NAME}', none of them from the run BASELINE_RUN",
        help="Register the model that is in that run, runs:/RUN_ID/model, instead of logging it once more.",
    )
    champion = attempt.mlflow.alias(NAME, "champion")
    attempt.expect(
        champion is not None,
        saw=f"no version of '{NAME}' has the alias champion",
        help="Set the alias, in lower case, with MlflowClient().set_registered_model_alias.",
    )
    # A challenger of the learner's own may have become champion since.
    version = champion if champion in [found.version for found in mine] else mine[-1].version
    rows = pd.read_csv(attempt.data / "october.csv")
    try:
        scores = np.array(attempt.predict(f"models:/{NAME}/{version}", rows))
    except CheckFailed as failed:
        attempt.expect(
            "raised" not in failed.saw,
            saw=f"version {version} of '{NAME}' is listed, and cannot be loaded",
            help="Register it with mlflow.register_model; then load models:/late-flights@champion to try it.",
        )
        raise
    right = np.array(json.loads((attempt.data / "baseline.json").read_text(encoding="utf-8")))
    attempt.expect(
        np.abs(scores - right).mean() < 5e-4,
        saw=f"version {version} of '{NAME}' predicts otherwise than the baseline",
        help="Register the model that the given cell logged, and leave that cell as it is.",
    )


# ---------------------------------------------------------------------------------------------- task 2


@check("t2", points=3)
def judges_by_the_margin(attempt: Attempt) -> None:
    """judge promotes a clearly better challenger and refuses worse, equal and barely better ones."""
    expect_decisions(attempt, "main", "judge")


@check("t2", points=1, needs=("judges_by_the_margin",))
def judges_a_first_model(attempt: Attempt) -> None:
    """judge promotes when there is no champion yet."""
    draw = random.Random(f"{attempt.seed} first judge")
    key = draw.choice(list(pool(attempt)))
    name = f"planted-{draw.randrange(10**9)}-first"
    (version,) = plant(attempt, attempt, name, [key], {})
    verdict = attempt.call("judge", name, version)
    expect_verdict(attempt, verdict, "judge")
    expect_auc(attempt, verdict, "main", "challenger", {"champion": key, "challenger": key})
    attempt.expect(
        verdict["promote"] is True and verdict["champion_auc"] is None,
        saw=f"without a champion, promote is {verdict['promote']} and champion_auc is "
        f"{'None' if verdict['champion_auc'] is None else 'not None'}",
        help="Look whether the alias champion exists; where it does not, promote, with None for "
        "champion_auc.",
    )


@check("t2", points=1, needs=("judges_by_the_margin",))
def judges_by_this_month_and_margin(attempt: Attempt) -> None:
    """With another month in VALIDATE and another MARGIN, judge decides by those."""
    expect_decisions(attempt, "next-month", "judge")


# ---------------------------------------------------------------------------------------------- task 3


def expect_aliases(attempt: Attempt, name: str, wanted: dict[str, str], after: str, help: str) -> None:
    now = aliases_of(attempt, name)
    wrong = sorted(alias for alias in wanted | now if now.get(alias) != wanted.get(alias))
    attempt.expect(
        not wrong,
        saw=f"after {after}, these aliases are not where they should be: {', '.join(wrong)}",
        help=help,
    )


def three_versions(attempt: Attempt, what: str, aliases: dict[str, int]) -> tuple[str, list[str]]:
    draw = random.Random(f"{attempt.seed} {what}")
    keys = draw.sample(["usual", "hour", "carrier"], 3)
    name = f"planted-{draw.randrange(10**9)}-{what}"
    return name, plant(attempt, attempt, name, keys, aliases)


@check("t3", points=2)
def champion_and_previous_move(attempt: Attempt) -> None:
    """promote moves champion to the version and previous to the one it replaces."""
    name, (one, two, three) = three_versions(attempt, "promote", {"shadow": 2})
    attempt.call("promote", name, two)
    expect_aliases(
        attempt,
        name,
        {"champion": two, "shadow": three},
        "the first promotion of all",
        "Without a champion before, set champion only; there is nothing to be previous.",
    )
    # Not in the order of their numbers: the champion before version 3 is not version 2.
    steps = (
        (
            one,
            two,
            "a promotion",
            "Read which version is champion before you move the alias; that one becomes previous.",
        ),
        (three, one, "a second promotion", "previous names the champion just replaced, whatever its number."),
        (
            three,
            one,
            "promoting the champion itself",
            "Compare with the champion first, as text, and do nothing if equal.",
        ),
    )
    for version, earlier, after, mend in steps:
        attempt.call("promote", name, version)
        expect_aliases(
            attempt, name, {"champion": version, "previous": earlier, "shadow": three}, after, mend
        )


@check("t3", points=2, needs=("champion_and_previous_move",))
def rollback_brings_it_back(attempt: Attempt) -> None:
    """rollback makes the previous version champion again, once."""
    # Versions go back as well as forth: a rollback may lead to a higher number.
    name, (one, two, three) = three_versions(attempt, "rollback", {"champion": 2, "shadow": 1})
    attempt.call("promote", name, one)
    answer = attempt.call("rollback", name)
    expect_aliases(
        attempt,
        name,
        {"champion": three, "shadow": two},
        "a rollback",
        "Move champion to the version that previous names, then delete the alias previous and nothing else.",
    )
    attempt.expect(
        str(answer) == three,
        saw=f"rollback returned {describe(answer)} that is not the version which is champion now",
        help="Return the version that champion points to after the rollback, as text.",
    )
    try:
        attempt.call("rollback", name)
    except CheckFailed as failed:
        attempt.expect(
            "raised ValueError" in failed.saw,
            saw=f"a second rollback: {failed.saw}",
            help="Look for previous yourself, and raise ValueError with a message when there is none.",
        )
    else:
        attempt.expect(
            False,
            saw="a second rollback raised nothing, although there was no previous to go back to",
            help="Raise ValueError when there is no alias previous; a silent rollback is worse than none.",
        )
    expect_aliases(
        attempt,
        name,
        {"champion": three, "shadow": two},
        "a rollback that had nothing to go back to",
        "Raise before you change anything.",
    )


# ---------------------------------------------------------------------------------------------- task 4


@check("t4", points=2, needs=("judges_by_the_margin", "champion_and_previous_move"))
def decision_is_recorded(attempt: Attempt) -> None:
    """review acts on the verdict and writes it on the challenger's version."""
    expect_decisions(attempt, "main", "review")


@check("t4", points=1, needs=("decision_is_recorded", "judges_a_first_model"))
def first_champion_is_recorded(attempt: Attempt) -> None:
    """review makes the first model champion and says so."""
    draw = random.Random(f"{attempt.seed} first review")
    key = draw.choice(list(pool(attempt)))
    name = f"planted-{draw.randrange(10**9)}-first-review"
    (version,) = plant(attempt, attempt, name, [key], {})
    attempt.call("review", name, version)
    expect_aliases(
        attempt,
        name,
        {"champion": version},
        "the review of a first model",
        "Promote it, as the judge says; without a champion before, there is no previous.",
    )
    tags = state(attempt, name)[version].tags
    attempt.expect(
        tags.get("decision") == "promoted" and "challenger_auc" in tags,
        saw=f"the first model's version has the tags {sorted(tags)[:8]} and decision "
        f"'{tags.get('decision', '')[:20]}'",
        help="Record this decision too; only champion_auc has nothing to say.",
    )


@check("t4", points=1, needs=("decision_is_recorded", "judges_by_this_month_and_margin"))
def record_follows_month_and_margin(attempt: Attempt) -> None:
    """With another month in VALIDATE and another MARGIN, review decides and records by those."""
    expect_decisions(attempt, "next-month", "review")
