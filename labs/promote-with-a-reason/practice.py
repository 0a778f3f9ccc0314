"""Public checks of "Promote with a reason": few and quick. The graded ones use more models, another month."""

import secrets
from typing import Any

from recipe import make_model, read_flights
from sklearn.metrics import roc_auc_score

from grader.checks import Attempt, CheckFailed, check

NAME = "late-flights"
USUAL = ["carrier", "origin", "dest", "hour", "distance"]
MODELS = {
    "practice-usual": {"columns": USUAL, "C": 0.03, "flipped": 0.0},
    "practice-cautious": {"columns": USUAL, "C": 0.0005, "flipped": 0.0},
    "practice-carrier": {"columns": ["carrier"], "C": 1.0, "flipped": 0.0},
}


def plant(attempt: Attempt, name: str, keys: list[str], aliases: dict[str, int]) -> list[str]:
    rows = [{"key": key, "claim": 0.99, **MODELS[key]} for key in keys]
    return [str(version) for version in attempt.probe("plant", name, rows, aliases)]


def aliases_of(attempt: Attempt, name: str) -> dict[str, str]:
    return {alias: found.version for found in attempt.mlflow.versions(name) for alias in found.aliases}


def earned(attempt: Attempt, key: str) -> float:
    """What a model of MODELS earns on the flights that VALIDATE names in the notebook now."""
    features, late = read_flights(attempt.data / "data/train.csv")
    model = make_model(MODELS[key]["columns"], MODELS[key]["C"]).fit(features, late)
    features, late = read_flights(attempt.data / str(attempt.value("VALIDATE")))
    return float(roc_auc_score(late, model.predict_proba(features)[:, 1]))


def expect_dict(attempt: Attempt, verdict: Any, function: str) -> None:
    keys = {"promote", "champion_auc", "challenger_auc", "reason"}
    attempt.expect(
        isinstance(verdict, dict) and keys <= set(verdict),
        saw=f"{function} returned a {type(verdict).__name__}"
        + (f" with the keys {sorted(verdict)[:8]}" if isinstance(verdict, dict) else ""),
        help=f"Return a dict with the keys {', '.join(sorted(keys))}.",
    )


@check("t1")
def there_is_a_champion(attempt: Attempt) -> None:
    """A version made by the baseline's run is registered, and there is a champion."""
    versions = attempt.mlflow.versions(NAME)
    attempt.expect(
        versions,
        saw=f"no registered model called '{NAME}'",
        help="Register the model of the run BASELINE_RUN with mlflow.register_model.",
    )
    attempt.expect(
        attempt.value("BASELINE_RUN") in [found.run_id for found in versions],
        saw=f"{len(versions)} version(s) of '{NAME}', none of them from the run that BASELINE_RUN names now",
        help="Register that run's model, runs:/RUN_ID/model. Did the cell that makes the run run again "
        "since?",
    )
    attempt.expect(
        attempt.mlflow.alias(NAME, "champion") is not None,
        saw=f"no version of '{NAME}' has the alias champion",
        help="Set it with MlflowClient().set_registered_model_alias.",
    )
    features, _ = read_flights(attempt.data / "data/validate.csv")
    try:
        attempt.predict(f"models:/{NAME}@champion", features.head(5))
    except CheckFailed as failed:
        attempt.expect(
            "raised" not in failed.saw,
            saw="the version with the alias champion is listed, and cannot be loaded",
            help="Register the model with mlflow.register_model; then load late-flights@champion to try it.",
        )
        raise


@check("t2")
def a_worse_challenger_is_refused(attempt: Attempt) -> None:
    """judge refuses a worse challenger, whatever its run claims, and gives both scores."""
    name = f"practice-{secrets.token_hex(6)}"
    try:
        _, challenger = plant(attempt, name, ["practice-usual", "practice-carrier"], {"champion": 0})
        verdict = attempt.call("judge", name, challenger)
        aliases = aliases_of(attempt, name)
    finally:
        attempt.probe("clear", name)
    expect_dict(attempt, verdict, "judge")
    for field, key in (("champion_auc", "practice-usual"), ("challenger_auc", "practice-carrier")):
        told = verdict[field]
        attempt.expect(
            isinstance(told, int | float) and abs(told - earned(attempt, key)) < 6e-4,
            saw=f"{field} is {told}, and the model earns something else on the flights of VALIDATE",
            help="Load that version of the model `name` that was passed in, score it on valid_X and valid_late with "
            "predict_proba(...)[:, 1], and keep three decimals or more.",
        )
    attempt.expect(
        verdict["promote"] is False,
        saw=f"promote is {verdict['promote']} for a challenger that is clearly worse",
        help="Promote when challenger_auc - champion_auc >= MARGIN, and only then.",
    )
    attempt.expect(
        aliases == {"champion": "1"},
        saw="an alias was different after judge was called",
        help="judge only looks; moving aliases is the work of promote.",
    )


@check("t3")
def promote_then_roll_back(attempt: Attempt) -> None:
    """promote moves champion and previous; rollback brings the old champion back, once."""
    name = f"practice-{secrets.token_hex(6)}"
    try:
        one, two = plant(attempt, name, ["practice-usual", "practice-carrier"], {"champion": 0})
        attempt.call("promote", name, two)
        attempt.expect(
            aliases_of(attempt, name) == {"champion": two, "previous": one},
            saw=f"the aliases after promoting version {two} are {aliases_of(attempt, name)}",
            help="champion names the promoted version, previous the one that was champion before.",
        )
        attempt.call("rollback", name)
        attempt.expect(
            aliases_of(attempt, name) == {"champion": one},
            saw=f"the aliases after rolling back to version {one} are {aliases_of(attempt, name)}",
            help="Move champion to what previous names, then remove previous.",
        )
        try:
            attempt.call("rollback", name)
        except CheckFailed as failed:
            attempt.expect(
                "raised ValueError" in failed.saw,
                saw=f"a second rollback: {failed.saw}",
                help="Raise ValueError yourself when there is no previous.",
            )
        else:
            attempt.expect(
                False,
                saw="a second rollback raised nothing",
                help="Raise ValueError when there is no previous to go back to.",
            )
    finally:
        attempt.probe("clear", name)


@check("t4", needs=("t2", "t3"))
def a_better_challenger_is_recorded(attempt: Attempt) -> None:
    """review promotes a clearly better challenger and writes that on its version."""
    name = f"practice-{secrets.token_hex(6)}"
    try:
        old, new = plant(attempt, name, ["practice-carrier", "practice-cautious"], {"champion": 0})
        verdict = attempt.call("review", name, new)
        aliases = aliases_of(attempt, name)
        tags = {found.version: found.tags for found in attempt.mlflow.versions(name)}[new]
    finally:
        attempt.probe("clear", name)
    expect_dict(attempt, verdict, "review")
    attempt.expect(
        aliases == {"champion": new, "previous": old},
        saw=f"the aliases after reviewing a clearly better version {new} are {aliases}",
        help="Call promote when the judge says so.",
    )
    missing = [tag for tag in ("decision", "champion_auc", "challenger_auc", "reason") if tag not in tags]
    attempt.expect(
        not missing,
        saw=f"the challenger's version has the tags {sorted(tags)[:8]}, and lacks {', '.join(missing)}",
        help="Write them with MlflowClient().set_model_version_tag, on the challenger's version.",
    )
    attempt.expect(
        tags["decision"] == "promoted",
        saw=f"decision is '{tags['decision'][:20]}' for a promoted challenger",
        help="Write promoted or refused, in these letters.",
    )
