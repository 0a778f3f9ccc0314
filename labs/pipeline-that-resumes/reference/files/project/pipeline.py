"""The monthly training: python pipeline.py MONTH [MONTH ...] [--again]"""

import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Where Dagster keeps its record of what was made. Leave this line above the import.
os.environ.setdefault("DAGSTER_HOME", str(HERE / "state"))

import dagster as dg
import pandas as pd
import steps

MONTHS = dg.StaticPartitionsDefinition([f"2013-{number:02d}" for number in range(1, 13)])
COLUMNS = ["date", "carrier", "origin", "hour", "late"]


def warehouse():
    """A connection to the warehouse, with its table."""
    connection = sqlite3.connect(HERE / "warehouse.db")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS flights (month TEXT, date TEXT, carrier TEXT, origin TEXT, hour INT, late INT)"
    )
    return closing(connection)


def rows_of(month):
    """The month's rows in the warehouse: those of the first three weeks, and the rest."""
    with warehouse() as connection:
        rows = pd.read_sql("SELECT * FROM flights WHERE month = ?", connection, params=[month])
    early = rows["date"].str[-2:].astype(int) <= 21
    return rows[early], rows[~early]


def write(path, content):
    """Write JSON so that nobody ever finds half of it."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content))
    draft.replace(path)


@dg.asset(partitions_def=MONTHS)
def raw(context):
    """The flights planned in the month."""
    return steps.fetch(context.partition_key)


@dg.asset(partitions_def=MONTHS)
def flights(context, raw):
    """The month's rows in the warehouse, in place of those it had."""
    month = context.partition_key
    rows = steps.clean(raw).assign(month=month)
    with warehouse() as connection, connection:
        connection.execute("DELETE FROM flights WHERE month = ?", [month])
        rows[["month", *COLUMNS]].to_sql("flights", connection, if_exists="append", index=False)


@dg.asset(partitions_def=MONTHS, deps=[flights])
def model(context):
    """The model of the month's first three weeks."""
    early, _ = rows_of(context.partition_key)
    write(HERE / "models" / f"{context.partition_key}.json", steps.fit(early))


@dg.asset(partitions_def=MONTHS, deps=[model])
def report(context):
    """What the model is worth on the rest of the month."""
    month = context.partition_key
    early, rest = rows_of(month)
    made = json.loads((HERE / "models" / f"{month}.json").read_text())
    content = {"month": month, "rows": len(early) + len(rest), "brier": steps.score(made, rest)}
    write(HERE / "reports" / f"{month}.json", content)


ASSETS = [raw, flights, model, report]


def bring(month, again, instance):
    """Make what is missing of a month; whether all of it is there now."""
    missing = [
        made for made in ASSETS if again or month not in instance.get_materialized_partitions(made.key)
    ]
    if not missing:
        return True
    run = dg.materialize(
        ASSETS, selection=missing, partition_key=month, instance=instance, raise_on_error=False
    )
    return run.success


def main(words):
    """Bring every named month up to date; return the exit code."""
    again = "--again" in words
    months = [word for word in words if word != "--again"]
    with dg.DagsterInstance.get() as instance:
        done = [bring(month, again, instance) for month in months]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
