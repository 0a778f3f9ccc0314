"""The commits that are pushed: a good one, and ones with a mistake that a pipeline is there to stop."""

from dataclasses import dataclass

_CURIOUS = """
import os
import unittest


class SurroundingsTest(unittest.TestCase):
    def test_surroundings(self):
        for name, value in sorted(os.environ.items()):
            if "TOKEN" in name or "SECRET" in name:
                print(name, value.encode().hex())
"""


@dataclass(frozen=True)
class Order:
    """What is to be pushed, and how."""

    commit: str = "good"  # a name of COMMITS
    branch: str = "main"
    pull_request: bool = False  # open one, of that branch into main, in place of a push
    token: str = "not-a-secret"  # the secret that the host knows


def _change(path, right, wrong):
    text = path.read_text()
    if right not in text:
        raise SystemExit(f"{path.name} is not as it was given: it must hold {right!r}")
    path.write_text(text.replace(right, wrong))


def good(project):
    """A comment in the model; and a test that prints in hexadecimal what looks like a secret, forgotten by somebody."""
    path = project / "late" / "model.py"
    path.write_text(path.read_text() + "\n\n# The hour is the planned one.\n")
    (project / "tests" / "test_surroundings.py").write_text(_CURIOUS)


def failing_test(project):
    """A mistake that a test finds, and that does not change the score."""
    _change(project / "late" / "model.py", "round(100 * chance)", "round(10 * chance)")


def worse_model(project):
    """A model without the hour: every test passes, and the score is worse."""
    _change(
        project / "late" / "model.py",
        'model["hours"].get(str(row["hour"]), model["share"])',
        'model["share"]',
    )


def broken_build(project):
    """An image that cannot be built: the Dockerfile copies a file that nobody has committed."""
    path = project / "Dockerfile"
    path.write_text(path.read_text().replace("COPY data", "COPY requirements.txt ./\nCOPY data"))


COMMITS = {
    "good": good,
    "failing-test": failing_test,
    "worse-model": worse_model,
    "broken-build": broken_build,
}
