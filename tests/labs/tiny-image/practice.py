from grader.checks import Attempt, check


@check("t1")
def doubles_three(attempt: Attempt) -> None:
    """Three is doubled."""
    bench = attempt.bench()
    port = bench.port()
    started = bench.start(["python", "app.py", str(port)], cwd="project")
    attempt.expect(bench.answers(port, "/double?n=3", 10, started.number), saw="no answer", help="Try it.")


@check("t2")
def the_recipe_is_read(attempt: Attempt) -> None:
    """The Dockerfile can be read."""
    recipe = attempt.bench().recipe("project")
    attempt.expect(recipe["settings"]["user"], saw="no USER", help="Add USER 1000.")
