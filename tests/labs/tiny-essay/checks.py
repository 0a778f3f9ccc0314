import random

from grader.checks import Attempt, check


@check("t1", points=3)
def adds_numbers(attempt: Attempt) -> None:
    """add returns the sum of numbers you have not seen."""
    draw = random.Random(attempt.seed)
    a, b = draw.randrange(1000), draw.randrange(1000)
    got = attempt.call("add", a, b)
    attempt.expect(got == a + b, saw="a sum that is off", help="Return a + b for any numbers.")
