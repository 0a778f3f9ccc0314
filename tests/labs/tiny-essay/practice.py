from grader.checks import Attempt, check


@check("t1")
def adds_one_and_two(attempt: Attempt) -> None:
    """One and two make three."""
    attempt.expect(attempt.call("add", 1, 2) == 3, saw="another sum", help="Return a + b.")
