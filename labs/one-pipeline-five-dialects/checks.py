"""Graded checks: commits are pushed to each host, and what its pipeline did is looked at, never what it says."""

import base64
import random
from pathlib import Path

import hosts
from hosts.commits import Order
from hosts.on_bench import bring, pushed

from grader.checks import Attempt, check

GIVEN = Path(hosts.__file__).resolve().parent.parent / "project"
TITLES = {
    "github": "GitHub Actions",
    "gitlab": "GitLab CI",
    "travis": "Travis CI",
    "circleci": "CircleCI",
    "jenkins": "Jenkins",
}
# None of them is main, and each has something of it.
BRANCHES = ("maintenance", "remaining-seats", "domain-names", "not-main", "mainline", "fix/main")
_seen = {}  # pushes that an earlier check has made


def push(attempt: Attempt, host: str, commit: str = "good", on_main: bool = True, pull_request: bool = False):
    """Push a commit with a secret drawn for this grading; return what the pipeline did, and the secret."""
    draw = random.Random(f"{attempt.seed} {host}")
    token = "hush" + "".join(draw.choices("abcdefghjkmnpqrstuvwxyz23456789", k=20))
    branch = "main" if on_main else draw.choice(BRANCHES)
    key = (host, commit, on_main, pull_request)
    if key not in _seen:
        bench = attempt.bench("hosts")
        bring(bench, GIVEN)
        bench.write("project/data/flights.csv", (attempt.data / "flights.csv").read_bytes())
        _seen[key] = pushed(bench, host, Order(commit, branch, pull_request, token))
    outcome = _seen[key]
    attempt.expect(
        not isinstance(outcome, str),
        saw=f"{TITLES[host]}: {outcome}",
        help=f"Look for a step that waits for something. Try: python -m hosts {host} {commit}",
    )
    attempt.expect(
        not outcome.refused,
        saw=f"{TITLES[host]} does not run it: {outcome.refused}",
        help=f"Correct that place, then try: python -m hosts {host}",
    )
    return outcome, token


def of(outcome, script: str) -> list:
    """The calls of one script."""
    return [call for call in outcome.calls if call.script == script]


def before(outcome, script: str, call) -> bool:
    """Whether a script had ended when a call began."""
    return any(earlier.ended <= call.began for earlier in of(outcome, script))


def told(commit: str, on_main: bool = True, pull_request: bool = False) -> str:
    """A push in words."""
    kinds = {
        "good": "a good commit",
        "failing-test": "a commit whose test fails",
        "worse-model": "a commit with a worse model",
        "broken-build": "a commit whose image cannot be built",
    }
    place = " in a pull request into main" if pull_request else "" if on_main else " on another branch"
    return kinds[commit] + place


# ------------------------------------------------------------------------------- what every dialect must do


def good_commit(attempt: Attempt, host: str) -> None:
    outcome, token = push(attempt, host)
    name, tries = TITLES[host], f"Try: python -m hosts {host}"
    for script in ("test", "evaluate", "build", "deploy"):
        calls = of(outcome, script)
        attempt.expect(
            calls,
            saw=f"{name}, a good commit on main: ci/{script}.sh was not called",
            help=f"Read the log of that job, or whether it ran at all. {tries}",
        )
        if script == "deploy":
            attempt.expect(
                calls[0].token == token,
                saw=f"{name}: ci/deploy.sh did not have the secret in DEPLOY_TOKEN",
                help="Give the secret to the step or job that deploys, in the way the table of the brief says.",
            )
        attempt.expect(
            all(call.code == 0 for call in calls),
            saw=f"{name}, a good commit on main: ci/{script}.sh ended with exit code "
            f"{next((call.code for call in calls if call.code), 0)}",
            help=f"Read what it printed; build and deploy want the tag, and deploy the image. {tries}",
        )
    attempt.expect(
        outcome.images == [outcome.sha] and outcome.production == outcome.sha,
        saw=f"{name}: the image that was built or deployed has another tag than the whole hash of the commit",
        help="Each host has the hash in a variable: the table of the brief names it.",
    )
    attempt.expect(
        all(before(outcome, "test", build) for build in of(outcome, "build")),
        saw=f"{name}: ci/build.sh was called before ci/test.sh had ended",
        help="Let the job or stage that builds wait for the tests.",
    )
    deploys = of(outcome, "deploy")
    attempt.expect(
        all(before(outcome, script, deploys[0]) for script in ("test", "evaluate", "build")),
        saw=f"{name}: ci/deploy.sh was called before the other scripts had ended",
        help="Let the deployment wait for all three: tests, evaluation and image.",
    )
    attempt.expect(
        len(deploys) == 1,
        saw=f"{name}: one commit was deployed {len(deploys)} times",
        help="Look for a job that runs more than once, perhaps by a matrix.",
    )
    attempt.expect(
        outcome.green,
        saw=f"{name}: all four scripts ended well, and the pipeline is red",
        help=f"Look for a further command that fails. {tries}",
    )


def bad_commits(attempt: Attempt, host: str) -> None:
    name = TITLES[host]
    for commit, script, stopped in (
        ("failing-test", "test", ("build", "deploy")),
        ("worse-model", "evaluate", ("deploy",)),
        ("broken-build", "build", ("deploy",)),
    ):
        outcome, _ = push(attempt, host, commit)
        tries = f"Try: python -m hosts {host} {commit}"
        attempt.expect(
            of(outcome, script),
            saw=f"{name}, {told(commit)}: ci/{script}.sh was not called, which would have found it",
            help=tries,
        )
        for later in stopped:
            attempt.expect(
                not of(outcome, later),
                saw=f"{name}, {told(commit)}: ci/{later}.sh was called all the same",
                help=f"What must not happen then has to wait for what can fail, and for its success. {tries}",
            )
        attempt.expect(
            not outcome.green,
            saw=f"{name}, {told(commit)}: the pipeline is green",
            help=f"A script's exit code must reach the host: look for what swallows it. {tries}",
        )


def secret_stays(attempt: Attempt, host: str) -> None:
    outcome, token = push(attempt, host)
    name = TITLES[host]
    for call in outcome.calls:
        attempt.expect(
            call.script == "deploy" or not call.knew,
            saw=f"{name}: ci/{call.script}.sh had the secret in its environment; only ci/deploy.sh may",
            help="Give it to the one step or job that deploys, not to the whole pipeline.",
        )
    raw = token.encode()
    forms = [
        token,
        token[::-1],
        raw.hex(),
        *(base64.b64encode(b"x" * pad + raw).decode()[4:-4] for pad in range(3)),
    ]
    attempt.expect(
        not any(form in outcome.log for form in forms),
        saw=f"{name}: the secret stands in the log, plainly or written otherwise",
        help="Print nothing that is made of it. Hosts hide the plain text at best, and gitlab-ci-local not even that.",
    )


def main_only(attempt: Attempt, host: str) -> None:
    name = TITLES[host]
    outcome, _ = push(attempt, host, on_main=False)
    for script in ("test", "evaluate"):
        attempt.expect(
            of(outcome, script),
            saw=f"{name}, {told('good', on_main=False)}: ci/{script}.sh was not called",
            help=f"Only the deployment is for main alone. Try: python -m hosts {host} --branch maintenance",
        )
    attempt.expect(
        not of(outcome, "deploy"),
        saw=f"{name}, {told('good', on_main=False)}: ci/deploy.sh was called",
        help="Deploy only when the branch is main, the whole name. Try: "
        f"python -m hosts {host} --branch maintenance",
    )
    attempt.expect(
        outcome.green,
        saw=f"{name}, {told('good', on_main=False)}: the pipeline is red",
        help=f"What is not for this branch must be left out, not fail. Try: python -m hosts {host} --branch maintenance",
    )
    if host in ("github", "travis", "jenkins"):
        outcome, _ = push(attempt, host, on_main=False, pull_request=True)
        attempt.expect(
            not of(outcome, "deploy"),
            saw=f"{name}, {told('good', pull_request=True)}: ci/deploy.sh was called",
            help="A pull request into main is not yet main: look at what kind of event it is. Try: "
            f"python -m hosts {host} --pull-request",
        )


# ------------------------------------------------------------------------------------------------- t1, t2


@check("t1")
def github_good(attempt: Attempt) -> None:
    """GitHub Actions: a good commit on main is tested, evaluated, built and deployed."""
    good_commit(attempt, "github")


@check("t1", needs=("github_good",))
def github_bad(attempt: Attempt) -> None:
    """GitHub Actions: a failing test, a worse model and a broken image are stopped."""
    bad_commits(attempt, "github")


@check("t1", needs=("github_good",))
def github_secret(attempt: Attempt) -> None:
    """GitHub Actions: only the deployment knows the secret, and no log shows it."""
    secret_stays(attempt, "github")


@check("t1", needs=("github_good",))
def github_main_only(attempt: Attempt) -> None:
    """GitHub Actions: other branches are tested and never deployed."""
    main_only(attempt, "github")


@check("t2")
def gitlab_good(attempt: Attempt) -> None:
    """GitLab CI: a good commit on main is tested, evaluated, built and deployed."""
    good_commit(attempt, "gitlab")


@check("t2", needs=("gitlab_good",))
def gitlab_bad(attempt: Attempt) -> None:
    """GitLab CI: a failing test, a worse model and a broken image are stopped."""
    bad_commits(attempt, "gitlab")


@check("t2", needs=("gitlab_good",))
def gitlab_secret(attempt: Attempt) -> None:
    """GitLab CI: only the deployment knows the secret, and no log shows it."""
    secret_stays(attempt, "gitlab")


@check("t2", needs=("gitlab_good",))
def gitlab_main_only(attempt: Attempt) -> None:
    """GitLab CI: other branches are tested and never deployed."""
    main_only(attempt, "gitlab")


# ----------------------------------------------------------------------------------------------------- t3


@check("t3")
def travis_good(attempt: Attempt) -> None:
    """Travis CI: a good commit on main is tested, evaluated, built and deployed."""
    good_commit(attempt, "travis")


@check("t3", needs=("travis_good",))
def travis_bad(attempt: Attempt) -> None:
    """Travis CI: a failing test, a worse model and a broken image are stopped."""
    bad_commits(attempt, "travis")


@check("t3", needs=("travis_good",))
def travis_safe(attempt: Attempt) -> None:
    """Travis CI: only the deployment knows the secret, and only main deploys."""
    secret_stays(attempt, "travis")
    main_only(attempt, "travis")


@check("t3")
def circleci_good(attempt: Attempt) -> None:
    """CircleCI: a good commit on main is tested, evaluated, built and deployed."""
    good_commit(attempt, "circleci")


@check("t3", needs=("circleci_good",))
def circleci_bad(attempt: Attempt) -> None:
    """CircleCI: a failing test, a worse model and a broken image are stopped."""
    bad_commits(attempt, "circleci")


@check("t3", needs=("circleci_good",))
def circleci_safe(attempt: Attempt) -> None:
    """CircleCI: only the deployment knows the secret, and only main deploys."""
    secret_stays(attempt, "circleci")
    main_only(attempt, "circleci")


# ----------------------------------------------------------------------------------------------------- t4


@check("t4")
def jenkins_good(attempt: Attempt) -> None:
    """Jenkins: a good commit on main is tested, evaluated, built and deployed."""
    good_commit(attempt, "jenkins")


@check("t4", needs=("jenkins_good",))
def jenkins_bad(attempt: Attempt) -> None:
    """Jenkins: a failing test, a worse model and a broken image are stopped."""
    bad_commits(attempt, "jenkins")


@check("t4", needs=("jenkins_good",))
def jenkins_secret(attempt: Attempt) -> None:
    """Jenkins: only the deployment knows the secret, and no log shows it."""
    secret_stays(attempt, "jenkins")


@check("t4", needs=("jenkins_good",))
def jenkins_main_only(attempt: Attempt) -> None:
    """Jenkins: other branches are tested and never deployed."""
    main_only(attempt, "jenkins")
