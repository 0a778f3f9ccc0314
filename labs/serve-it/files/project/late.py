"""The model of late flights, and the scoring of the nightly batch, given: do not change this file.

Your service is graded with another copy of it and with another model.json.

    python late.py rows.json      prints the score of each row of a file, as the nightly batch makes it
"""

import json
import math
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOAD_SECONDS = float(os.environ.get("LATE_LOAD_SECONDS", "3"))  # real models are larger than this one


def load():
    """Read model.json and return a Model. It takes some seconds; call it once."""
    time.sleep(LOAD_SECONDS)
    return Model(json.loads((HERE / "model.json").read_text(encoding="utf-8")))


class Model:
    """A logistic regression, as model.json holds it."""

    def __init__(self, parts):
        self._parts = parts

    def score(self, rows):
        """Return the chance of each flight to be late, a float for each row, in the order of the rows.

        A row is a dict with the texts carrier, origin and dest, and the whole numbers month (1 to 12) and hour (0 to 23).
        Its distance (miles) may be None or left out. A carrier or an airport that the model has not
        seen counts as "other". Further keys do no harm. Several threads may call it at once.
        """
        return [self._chance(row) for row in rows]

    def _chance(self, row):
        total = self._parts["intercept"]
        for name in ("carrier", "origin", "dest"):
            weights = self._parts[name]
            total += weights.get(row[name].strip().upper(), weights["other"])
        for name in ("month", "hour"):
            total += self._parts[name][row[name]]
        distance = self._parts["distance"]
        miles = row.get("distance")
        total += (
            distance["weight"] * ((distance["mean"] if miles is None else miles) - distance["mean"]) / 1000
        )
        return 1 / (1 + math.exp(-total))


if __name__ == "__main__":
    for chance in load().score(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))):
        print(chance)
