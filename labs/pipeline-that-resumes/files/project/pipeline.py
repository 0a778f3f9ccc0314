"""The monthly training: python pipeline.py MONTH [MONTH ...] [--again]"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Where Dagster keeps its record of what was made. Leave this line above the import.
os.environ.setdefault("DAGSTER_HOME", str(HERE / "state"))

import dagster as dg
import steps

MONTHS = dg.StaticPartitionsDefinition([f"2013-{number:02d}" for number in range(1, 13)])


@dg.asset(partitions_def=MONTHS)
def raw(context):
    """The flights planned in the month."""
    return steps.fetch(context.partition_key)


def main(words):
    """Bring every named month up to date; return the exit code."""
    raise NotImplementedError("your pipeline")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
