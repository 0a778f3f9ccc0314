"""The monthly training: python pipeline.py MONTH [MONTH ...] [--again]"""

import argparse
import logging
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Where Dagster keeps its record of what was made. Leave this line above the import.
os.environ.setdefault("DAGSTER_HOME", str(HERE / "state"))

import dagster as dg
import steps
import store

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2013-01", fmt="%Y-%m")
log = logging.getLogger("pipeline")


@dg.asset(partitions_def=MONTHS)
def raw(context: dg.AssetExecutionContext) -> None:
    """The flights planned in the month, as they came: raw/MONTH.pkl"""
    store.save_raw(context.partition_key, steps.fetch(context.partition_key))


@dg.asset(partitions_def=MONTHS, deps=[raw])
def flights(context: dg.AssetExecutionContext) -> None:
    """The month's rows in the warehouse."""
    month = context.partition_key
    store.replace_rows(month, steps.clean(store.load_raw(month)))


@dg.asset(partitions_def=MONTHS, deps=[flights])
def model(context: dg.AssetExecutionContext) -> None:
    """models/MONTH.json, fitted on days 1 to 21."""
    month = context.partition_key
    store.save_json("models", month, steps.fit(store.rows(month, 1, 21)))


@dg.asset(partitions_def=MONTHS, deps=[flights, model])
def report(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """reports/MONTH.json, scored on day 22 and later."""
    month = context.partition_key
    brier = steps.score(store.load_json("models", month), store.rows(month, 22, 31))
    count = len(store.rows(month, 1, 31))
    store.save_json("reports", month, {"month": month, "rows": count, "brier": brier})
    return dg.MaterializeResult(metadata={"brier": brier, "rows": count})


CHAIN = (raw, flights, model, report)
NAMES = [asset.key.to_user_string() for asset in CHAIN]


def bring(month: str, instance: dg.DagsterInstance) -> None:
    """Make what the month lacks, one Dagster run for each asset; raises what the step raises.

    An asset is made when Dagster's record lacks it or when a command with --again still owes it.
    """
    owed = store.owed(month)
    for name, asset in zip(NAMES, CHAIN):
        if name not in owed and month in instance.get_materialized_partitions(asset.key):
            continue
        store.drop_json("reports", month)
        dg.materialize(CHAIN, selection=[asset], partition_key=month, instance=instance)
        store.settle(month, name)


def main(words):
    """Bring every named month up to date; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("months", nargs="+", metavar="MONTH")
    parser.add_argument("--again", action="store_true", help="make the months anew: the source was corrected")
    options = parser.parse_intermixed_args(words)
    months = sorted(set(options.months))

    instance = dg.DagsterInstance.get()
    if options.again:
        store.owe([month for month in months if MONTHS.has_partition_key(month)], NAMES)
    failed = []
    for month in months:
        try:
            bring(month, instance)
        except Exception as error:
            log.error("%s failed: %s", month, error)
            failed.append(month)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
