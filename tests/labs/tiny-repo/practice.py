from grader.checks import Attempt, check


@check("t1")
def doubles_two(attempt: Attempt) -> None:
    """Two is doubled."""
    done = attempt.bench().run(["python", "double.py", "2"], cwd="project", seconds=10)
    attempt.expect(done.out.strip() == "4", saw=f"it printed {done.last}", help="Print twice the number.")


@check("t2")
def it_is_committed(attempt: Attempt) -> None:
    """double.py is committed."""
    clone = attempt.bench().clone("project")
    attempt.expect("double.py" in clone.files(), saw="double.py is not committed", help="git add double.py")
