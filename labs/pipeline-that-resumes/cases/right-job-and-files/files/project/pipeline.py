import argparse
import json
import os
import sqlite3
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ.setdefault("DAGSTER_HOME", str(HERE / "state"))

import dagster as dg
import pandas as pd
import steps

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2013-01", end_date="2014-01", fmt="%Y-%m")


def out(folder, name):
    (HERE / folder).mkdir(exist_ok=True)
    return HERE / folder / name


@dg.asset(partitions_def=MONTHS)
def raw(context: dg.AssetExecutionContext) -> None:
    target = out("fetched", f"{context.partition_key}.csv")
    table = steps.fetch(context.partition_key)
    table.to_csv(target.with_suffix(".part"), index=False)
    os.replace(target.with_suffix(".part"), target)


@dg.asset(partitions_def=MONTHS, deps=["raw"])
def flights(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    month = context.partition_key
    table = steps.clean(pd.read_csv(HERE / "fetched" / f"{month}.csv"))
    rows = [(month, number, *row) for number, row in enumerate(table.astype(object).itertuples(index=False, name=None))]
    connection = sqlite3.connect(HERE / "warehouse.db")
    connection.execute(
        "create table if not exists flights (month, number, date, carrier, origin, hour, late, primary key (month, number))"
    )
    connection.execute("delete from flights where month = ? and number >= ?", (month, len(rows)))
    connection.executemany("insert or replace into flights values (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return dg.MaterializeResult(metadata={"rows": len(rows)})


def stored(month):
    connection = sqlite3.connect(HERE / "warehouse.db")
    table = pd.read_sql("select * from flights where month = ? order by number", connection, params=(month,))
    connection.close()
    table["day"] = pd.to_datetime(table["date"]).dt.day
    return table


@dg.asset(partitions_def=MONTHS, deps=["flights"])
def model(context: dg.AssetExecutionContext) -> dict:
    made = steps.fit(stored(context.partition_key).query("day <= 21"))
    out("models", f"{context.partition_key}.json").write_text(json.dumps(made, indent=2))
    return made


@dg.asset(partitions_def=MONTHS)
def report(context: dg.AssetExecutionContext, model: dict) -> None:
    month = context.partition_key
    table = stored(month)
    said = {"month": month, "rows": len(table), "brier": steps.score(model, table.query("day > 21")), "by": "dagster"}
    out("reports", f"{month}.json").write_text(json.dumps(said, indent=2))


ALL = ["raw", "flights", "model", "report"]


def bring(month, again):
    instance = dg.DagsterInstance.get()
    left = [
        dg.AssetKey(name)
        for name in ALL
        if again or month not in instance.get_materialized_partitions(dg.AssetKey(name))
    ]
    if not left:
        print(month, "is up to date")
        return True
    definitions = dg.Definitions(
        assets=[raw, flights, model, report],
        jobs=[dg.define_asset_job("monthly", selection=dg.AssetSelection.assets(*left), partitions_def=MONTHS)],
    )
    try:
        result = definitions.get_job_def("monthly").execute_in_process(
            partition_key=month, instance=instance, raise_on_error=False
        )
    except Exception as error:
        print(month, error)
        return False
    return result.success


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("months", nargs="+")
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args()
    failed = [month for month in sorted(set(chosen.months)) if not bring(month, chosen.again)]
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
