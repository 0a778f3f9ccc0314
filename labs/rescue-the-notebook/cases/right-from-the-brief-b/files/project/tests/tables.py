"""Tables for the tests: CSV text is what flights are read from, so it is what they are written in here."""

import io

import pandas as pd

HEADER = "time_hour,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,origin,dest,distance"


def read(text, labels=None):
    lines = [line.strip() for line in text.strip().splitlines()]
    table = pd.read_csv(io.StringIO("\n".join([HEADER, *lines])))
    if labels is not None:
        table.index = labels
    return table


def plain(table):
    """Column names and rows, with None for what is missing, whatever the dtypes and the index."""
    body = [
        tuple(None if pd.isna(value) else value for value in row) for row in table.itertuples(index=False, name=None)
    ]
    return list(table.columns), body
