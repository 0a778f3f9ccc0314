"""Evidently behind one small door: the only place in this lab that knows its interface, which changed at 0.7.

Open it, use it as it is. Evidently is imported when it is first asked for, which takes some seconds.
"""

import os
from pathlib import Path

os.environ["DO_NOT_TRACK"] = "1"  # before Evidently is imported: it sends nothing to anybody


def compare(reference, current, numbers, names):
    """Compare columns of two tables with Evidently; return its report.

    `numbers` are columns of numbers, `names` columns of codes such as carriers. For each column Evidently works
    out the population stability index (PSI) between the two tables, from the values that are there: missing
    ones are left out first. It raises ValueError for a column without any value in one of the tables.
    """
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    columns = [*numbers, *names]
    kinds = DataDefinition(numerical_columns=list(numbers), categorical_columns=list(names))
    then, now = (
        Dataset.from_pandas(table[columns].reset_index(drop=True), data_definition=kinds)
        for table in (reference, current)
    )
    return Report([ValueDrift(column=column, method="psi") for column in columns]).run(now, then)


def values(report):
    """The PSI of each column that a report of `compare` has looked at: a dict of numbers."""
    return {one["config"]["column"]: float(one["value"]) for one in report.dict()["metrics"]}


def save(report, folder):
    """Write the report into a folder: drift.html for people, drift.json for programs."""
    report.save_html(str(Path(folder) / "drift.html"))
    report.save_json(str(Path(folder) / "drift.json"))
