import random

from grader.checks import Attempt, check

# Marked words that no learner may ever be shown: tests look for them in everything that a grading leaves.
CODE = "canary-code-7c1e90ab53d2"  # stands only here
TEXT = "canary-input-2fd84b6617ac"  # goes to the learner's side as the input of a check


@check("t1", points=2)
def adds_numbers(attempt: Attempt) -> None:
    """add returns the sum of numbers you have not seen."""
    draw = random.Random(attempt.seed)
    for _ in range(3):
        a, b = draw.randrange(1000), draw.randrange(1000)
        got = attempt.call("add", a, b)
        attempt.expect(got == a + b, saw="a sum that is off", help="Return a + b for any numbers.")


@check("t1", points=1, needs=["adds_numbers"])
def adds_text(attempt: Attempt) -> None:
    """add joins text."""
    attempt.expect(
        attempt.call("add", "a", TEXT) == f"a{TEXT}",
        saw="text not joined",
        help="Do not convert to numbers.",
    )


@check("t2", points=1, needs=["t1"])
def scales(attempt: Attempt) -> None:
    """scaled uses the factor."""
    attempt.expect(attempt.call("scaled", 21) == 42, saw="another product", help="Multiply by FACTOR.")


@check("t2", points=1, needs=["scales"])
def follows_the_parameter(attempt: Attempt) -> None:
    """scaled follows another factor."""
    got = attempt.run("other").call("scaled", 3)
    attempt.expect(got == 15, saw="the factor of the notebook", help="Use FACTOR, not the number 2.")
