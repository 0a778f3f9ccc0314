import random

from grader.checks import Attempt, check

# A marked word that no learner may ever be shown: tests look for it in everything that a grading leaves.
CODE = "canary-code-51fe07c2ab99"


@check("t1", points=3)
def doubles(attempt: Attempt) -> None:
    """double.py doubles numbers that you have not seen."""
    number = random.Random(attempt.seed).randrange(10**6)
    done = attempt.bench().run(["python", "double.py", str(number)], cwd="project", seconds=10)
    attempt.expect(done.ok, saw=f"double.py ended with code {done.code}", help="Run it in a terminal.")
    attempt.expect(
        done.out.strip() == str(2 * number), saw="it printed another number", help="Print twice the number."
    )


@check("t2", points=1)
def the_clone_holds_it(attempt: Attempt) -> None:
    """A clean clone holds double.py."""
    clone = attempt.bench("clone").clone("project")
    attempt.expect("double.py" in clone.files(), saw="double.py is not committed", help="git add double.py")


@check("t2", points=1)
def the_history_is_clean(attempt: Attempt) -> None:
    """The word is nowhere in the history."""
    clone = attempt.bench("history").clone("project")
    held = clone.holding(["SECRET"])
    attempt.expect(not held, saw=f"the history holds the word in {held[:1]}", help="Begin a new history.")
    attempt.expect(all(blob.size < 10_000 for blob in clone.blobs()), saw="a large file", help="Take it out.")
