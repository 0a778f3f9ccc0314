import json
import pickle
import sqlite3
from pathlib import Path

import pandas as pd
import steps

HERE = Path(__file__).resolve().parent


def place(kind, month, ending):
    folder = HERE / kind
    folder.mkdir(exist_ok=True)
    return folder / f"{month}.{ending}"


def fetch(month):
    place("raw", month, "pickle").write_bytes(pickle.dumps(steps.fetch(month)))


def load(month):
    table = steps.clean(pickle.loads(place("raw", month, "pickle").read_bytes()))
    table.insert(0, "month", month)
    database = sqlite3.connect(HERE / "warehouse.db", isolation_level=None)
    try:
        others = pd.read_sql("SELECT * FROM flights WHERE month <> ?", database, params=[month])
    except pd.errors.DatabaseError:
        others = table.iloc[:0]
    database.execute("BEGIN")
    whole = pd.concat([others, table]) if len(others) else table
    whole.to_sql("new", database, if_exists="replace", index=False)
    database.execute("DROP TABLE IF EXISTS flights")
    database.execute("ALTER TABLE new RENAME TO flights")
    if database.in_transaction:
        database.execute("COMMIT")
    database.close()


def rows(month):
    database = sqlite3.connect(HERE / "warehouse.db")
    table = pd.read_sql("SELECT * FROM flights WHERE month = ?", database, params=[month])
    database.close()
    return table


def train(month):
    table = rows(month)
    made = steps.fit(table[table.date < f"{month}-22"])
    place("models", month, "json").write_text(json.dumps(made))


def judge(month):
    table = rows(month)
    made = json.loads(place("models", month, "json").read_text())
    brier = steps.score(made, table[table.date >= f"{month}-22"])
    place("reports", month, "json").write_text(json.dumps(dict(month=month, rows=len(table), brier=brier)))
