import random

from grader.checks import Attempt, check


@check("t1", points=2)
def doubles(attempt: Attempt) -> None:
    """The service doubles numbers that you have not seen."""
    number = random.Random(attempt.seed).randrange(10**6)
    bench = attempt.bench()
    port = bench.port()
    started = bench.start(["python", "app.py", str(port)], cwd="project")
    attempt.expect(
        bench.answers(port, "/double?n=1", 10, started.number), saw="it does not answer", help="Try it."
    )
    reply = bench.send(port, f"/double?n={number}")
    attempt.expect(reply.body.strip() == str(2 * number), saw="another number", help="Twice the number.")


@check("t2", points=1)
def no_secret(attempt: Attempt) -> None:
    """The secret is in no layer."""
    held = attempt.image("project").holding(["handed out"])
    attempt.expect(
        not held, saw=f"a layer holds the secret in {held[0] if held else ''}", help="Leave it out."
    )


@check("t2", points=1)
def not_root(attempt: Attempt) -> None:
    """A container of it answers, and does not run as root."""
    container = attempt.image("project").start()
    attempt.expect(
        container.answers(8000, "/double?n=1", 20),
        saw=f"no answer: {container.said()[-100:]}",
        help="Run it.",
    )
    attempt.expect(not container.state().is_root, saw="it runs as root", help="Add USER.")


@check("t2", points=1, needs=["not_root"])
def ends_in_order(attempt: Attempt) -> None:
    """SIGTERM ends it."""
    container = attempt.image("project").start()
    container.answers(8000, "/double?n=1", 20)
    container.signal()
    state = container.wait(2)
    attempt.expect(
        not state.running and state.exit_code == 0, saw=f"after SIGTERM: {state.exit_code}", help="End."
    )
