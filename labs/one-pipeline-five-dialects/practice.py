"""Public checks of "One pipeline, five dialects": a good commit and one with a failing test, in a copy of your project."""

from hosts.commits import Order
from hosts.on_bench import bring, pushed

from grader.checks import Attempt, check


def done(attempt: Attempt, host: str, commit: str = "good"):
    bench = attempt.bench("hosts")
    bring(bench)
    outcome = pushed(bench, host, Order(commit))
    attempt.expect(
        not isinstance(outcome, str) and not outcome.refused,
        saw=outcome if isinstance(outcome, str) else f"{host} does not run it: {outcome.refused}",
        help=f"Correct that place, then try: python -m hosts {host}",
    )
    return outcome


def deploys_a_good_commit(attempt: Attempt, host: str) -> None:
    outcome = done(attempt, host)
    called = [call.script for call in outcome.calls]
    for script in ("test", "evaluate", "build", "deploy"):
        attempt.expect(
            script in called,
            saw=f"{host}: a good commit on main was pushed, and ci/{script}.sh was not called",
            help=f"Read the log: python -m hosts {host}",
        )
    attempt.expect(
        outcome.green and outcome.production == outcome.sha,
        saw=f"{host}: a good commit on main was pushed, and it is not in production, or the pipeline is red",
        help=f"Read the log: python -m hosts {host}",
    )


def stops_a_failing_test(attempt: Attempt, host: str) -> None:
    outcome = done(attempt, host, "failing-test")
    attempt.expect(
        not outcome.images and not outcome.green,
        saw=f"{host}: a test failed, and an image was built all the same, or the pipeline is green",
        help=f"Let what builds wait for the tests' success: python -m hosts {host} failing-test",
    )


@check("t1")
def github_deploys_a_good_commit(attempt: Attempt) -> None:
    """GitHub Actions: a good commit on main arrives in production."""
    deploys_a_good_commit(attempt, "github")


@check("t1", needs=("github_deploys_a_good_commit",))
def github_stops_a_failing_test(attempt: Attempt) -> None:
    """GitHub Actions: a failing test stops the image."""
    stops_a_failing_test(attempt, "github")


@check("t2")
def gitlab_deploys_a_good_commit(attempt: Attempt) -> None:
    """GitLab CI: a good commit on main arrives in production."""
    deploys_a_good_commit(attempt, "gitlab")


@check("t2", needs=("gitlab_deploys_a_good_commit",))
def gitlab_stops_a_failing_test(attempt: Attempt) -> None:
    """GitLab CI: a failing test stops the image."""
    stops_a_failing_test(attempt, "gitlab")


@check("t3")
def travis_deploys_a_good_commit(attempt: Attempt) -> None:
    """Travis CI: a good commit on main arrives in production."""
    deploys_a_good_commit(attempt, "travis")


@check("t3", needs=("travis_deploys_a_good_commit",))
def travis_stops_a_failing_test(attempt: Attempt) -> None:
    """Travis CI: a failing test stops the image."""
    stops_a_failing_test(attempt, "travis")


@check("t3")
def circleci_deploys_a_good_commit(attempt: Attempt) -> None:
    """CircleCI: a good commit on main arrives in production."""
    deploys_a_good_commit(attempt, "circleci")


@check("t3", needs=("circleci_deploys_a_good_commit",))
def circleci_stops_a_failing_test(attempt: Attempt) -> None:
    """CircleCI: a failing test stops the image."""
    stops_a_failing_test(attempt, "circleci")


@check("t4")
def jenkins_deploys_a_good_commit(attempt: Attempt) -> None:
    """Jenkins: a good commit on main arrives in production."""
    deploys_a_good_commit(attempt, "jenkins")


@check("t4", needs=("jenkins_deploys_a_good_commit",))
def jenkins_stops_a_failing_test(attempt: Attempt) -> None:
    """Jenkins: a failing test stops the image."""
    stops_a_failing_test(attempt, "jenkins")
