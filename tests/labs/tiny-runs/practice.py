from grader.checks import Attempt, check


@check("t1")
def tracks_one(attempt: Attempt) -> None:
    """A run of one value."""
    attempt.call("track", "mine", [1])
    attempt.expect(attempt.mlflow.runs("tiny-runs"), saw="no run", help="Start one.")


@check("t2")
def registers(attempt: Attempt) -> None:
    """A version is registered."""
    attempt.call("register")
    attempt.expect(attempt.mlflow.versions("tiny-double"), saw="no version", help="Register one.")
