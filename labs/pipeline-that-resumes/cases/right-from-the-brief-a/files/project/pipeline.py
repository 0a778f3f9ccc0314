"""The monthly training: python pipeline.py MONTH [MONTH ...] [--again]

What is done is read from Dagster's record alone. A step of a month is due when the record has no materialization of it
that is younger than its cause: the last `--again` for `raw`, the step before for the others. An `--again` is itself
written into the record (an observation of `raw`), so that one that was interrupted is finished and not begun anew.
"""

import json
import os
import sqlite3
import sys
import traceback
import uuid
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Where Dagster keeps its record of what was made. Leave this line above the import.
os.environ.setdefault("DAGSTER_HOME", str(HERE / "state"))

import dagster as dg
import pandas as pd
import steps

MONTHS = dg.StaticPartitionsDefinition([f"2013-{number:02d}" for number in range(1, 13)])
WAREHOUSE = HERE / "warehouse.db"
COLUMNS = ["month", "date", "carrier", "origin", "hour", "late"]


def model_path(month):
    return HERE / "models" / f"{month}.json"


def report_path(month):
    return HERE / "reports" / f"{month}.json"


def write_json(path, value):
    """Write the whole file or nothing."""
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(value, indent=1) + "\n")
    os.replace(unfinished, path)


def warehouse_rows(month):
    with closing(sqlite3.connect(WAREHOUSE)) as connection:
        return pd.read_sql_query(
            "SELECT date, carrier, origin, hour, late FROM flights WHERE month = ? ORDER BY rowid",
            connection,
            params=(month,),
        )


def day(rows):
    return rows["date"].str[-2:].astype(int)


@dg.asset(partitions_def=MONTHS)
def raw(context):
    """The flights planned in the month."""
    return steps.fetch(context.partition_key)


@dg.asset(partitions_def=MONTHS)
def flights(context, raw):
    """The flights that arrived: the month's rows in the warehouse."""
    month = context.partition_key
    rows = steps.clean(raw).assign(month=month)[COLUMNS]
    with closing(sqlite3.connect(WAREHOUSE)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS flights"
            " (month TEXT, date TEXT, carrier TEXT, origin TEXT, hour INTEGER, late INTEGER)"
        )
        connection.execute("DELETE FROM flights WHERE month = ?", (month,))
        connection.executemany(
            "INSERT INTO flights VALUES (?, ?, ?, ?, ?, ?)", rows.astype(object).values.tolist()
        )
    context.add_output_metadata({"rows": len(rows)})


@dg.asset(partitions_def=MONTHS, deps=[flights])
def model(context):
    """The model of the month's first three weeks."""
    month = context.partition_key
    rows = warehouse_rows(month)
    write_json(model_path(month), steps.fit(rows[day(rows) <= 21].reset_index(drop=True)))


@dg.asset(partitions_def=MONTHS, deps=[flights, model])
def report(context):
    """How good the model is on the rest of the month."""
    month = context.partition_key
    rows = warehouse_rows(month)
    fitted = json.loads(model_path(month).read_text())
    brier = steps.score(fitted, rows[day(rows) >= 22].reset_index(drop=True))
    write_json(report_path(month), {"month": month, "rows": len(rows), "brier": brier})
    context.add_output_metadata({"brier": brier})


ASSETS = [raw, flights, model, report]


def asked_again(instance, month):
    """The last --again for the month: its number in the record, its command and that command's months."""
    found = instance.fetch_observations(
        dg.AssetRecordsFilter(asset_key=raw.key, asset_partitions=[month]), limit=1
    ).records
    if not found:
        return 0, None, None
    metadata = found[0].asset_observation.metadata
    return found[0].storage_id, metadata["command"].value, metadata["months"].value


def due_steps(instance, month):
    """What is to be made for the month: the first step that is not newer than its cause, and all after it."""
    newest, _, _ = asked_again(instance, month)
    for position, asset in enumerate(ASSETS):
        made = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=asset.key, asset_partitions=[month]), limit=1
        ).records
        if not made or made[0].storage_id < newest:
            return ASSETS[position:]
        newest = made[0].storage_id
    return []


def ask_again(instance, months):
    """Record that all of the months' steps are to be made anew, unless this very command was cut short before."""
    named = " ".join(sorted(months))
    last = [asked_again(instance, month)[1:] for month in months]
    same = len(set(last)) == 1 and last[0][1] == named
    if same and any(due_steps(instance, month) for month in months):
        return
    command = uuid.uuid4().hex
    for month in months:
        instance.report_runless_asset_event(
            dg.AssetObservation(
                asset_key=raw.key,
                partition=month,
                description="made anew: the source was corrected",
                metadata={"command": command, "months": named},
            )
        )


def bring(instance, month):
    """Bring one month up to date; True when it is."""
    due = due_steps(instance, month)
    if not due:
        return True
    report_path(month).unlink(missing_ok=True)
    try:
        return dg.materialize(
            ASSETS, selection=due, partition_key=month, instance=instance, raise_on_error=False
        ).success
    except Exception:  # what Dagster refuses before any step, such as a month that it does not know
        traceback.print_exc()
        return False


def main(words):
    """Bring every named month up to date; return the exit code."""
    months = list(dict.fromkeys(word for word in words if word != "--again"))
    if not months or any(month.startswith("-") for month in months):
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    with dg.DagsterInstance.get() as instance:
        if "--again" in words:
            known = [month for month in months if MONTHS.has_partition_key(month)]
            if known:
                ask_again(instance, known)
        results = {month: bring(instance, month) for month in months}
    for month, good in results.items():
        print(f"{month}: {'up to date' if good else 'FAILED'}", file=sys.stderr)
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
