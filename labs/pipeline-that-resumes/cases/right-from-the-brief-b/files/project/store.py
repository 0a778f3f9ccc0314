"""Where the pipeline keeps things: the warehouse, files, and what commands with --again still have to make.

Each write is there as a whole or not at all, so that a kill leaves nothing half done.
"""

import json
import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
TABLES = """
CREATE TABLE IF NOT EXISTS flights (
    id INTEGER PRIMARY KEY, month TEXT NOT NULL, date TEXT, carrier TEXT, origin TEXT, hour INTEGER, late INTEGER
);
CREATE INDEX IF NOT EXISTS flights_month ON flights (month);
CREATE TABLE IF NOT EXISTS owed (command TEXT, month TEXT, asset TEXT, PRIMARY KEY (month, asset));
"""


@contextmanager
def warehouse():
    """A connection whose block is one transaction."""
    connection = sqlite3.connect(HERE / "warehouse.db", timeout=60)
    try:
        connection.executescript(TABLES)
        with connection:
            yield connection
    finally:
        connection.close()


def replace_rows(month, table):
    with warehouse() as connection:
        connection.execute("DELETE FROM flights WHERE month = :month", {"month": month})
        connection.executemany(
            "INSERT INTO flights (month, date, carrier, origin, hour, late)"
            " VALUES (:month, :date, :carrier, :origin, :hour, :late)",
            ({**row, "month": month} for row in table.to_dict("records")),
        )


def rows(month, first, last):
    """The month's rows from day `first` to day `last`, both included."""
    with warehouse() as connection:
        return pd.read_sql(
            "SELECT date, carrier, origin, hour, late FROM flights"
            " WHERE month = ? AND CAST(substr(date, 9, 2) AS INTEGER) BETWEEN ? AND ? ORDER BY id",
            connection,
            params=(month, first, last),
        )


def owe(months, assets):
    """All assets of the months are to be made anew. The same command again, cut short before, goes on instead."""
    command = " ".join(months)
    with warehouse() as connection:
        if connection.execute("SELECT 1 FROM owed WHERE command = ?", (command,)).fetchone():
            return
        connection.executemany(
            "INSERT OR REPLACE INTO owed VALUES (?, ?, ?)",
            [(command, month, asset) for month in months for asset in assets],
        )


def owed(month):
    with warehouse() as connection:
        return {asset for (asset,) in connection.execute("SELECT asset FROM owed WHERE month = ?", (month,))}


def settle(month, asset):
    with warehouse() as connection:
        connection.execute("DELETE FROM owed WHERE month = ? AND asset = ?", (month, asset))


def _place(folder, month, suffix):
    (HERE / folder).mkdir(exist_ok=True)
    return HERE / folder / f"{month}{suffix}"


def _swap_in(path, data):
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    os.replace(beside, path)


def save_json(folder, month, value):
    _swap_in(_place(folder, month, ".json"), json.dumps(value).encode())


def load_json(folder, month):
    return json.loads(_place(folder, month, ".json").read_bytes())


def drop_json(folder, month):
    _place(folder, month, ".json").unlink(missing_ok=True)


def save_raw(month, table):
    path = _place("raw", month, ".pkl")
    beside = path.with_suffix(".new")
    table.to_pickle(beside)
    os.replace(beside, path)


def load_raw(month):
    return pd.read_pickle(_place("raw", month, ".pkl"))
