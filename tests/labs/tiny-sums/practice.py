from grader.checks import Attempt, check


@check("t1")
def adds_one_and_two(attempt: Attempt) -> None:
    """One and two make three."""
    attempt.expect(attempt.call("add", 1, 2) == 3, saw="another sum", help="Return a + b.")


@check("t2")
def doubles_four(attempt: Attempt) -> None:
    """Four is doubled."""
    attempt.expect(attempt.call("scaled", 4) == 8, saw="another number", help="Use FACTOR.")
