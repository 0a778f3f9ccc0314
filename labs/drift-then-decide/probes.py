"""Runs on the learner's side: calls the notebook's functions with tables of a check. Public; no check trusts it."""

import shutil
from pathlib import Path

import pandas as pd

INBOX = Path("inbox")
MOST = 2**20  # characters of a file that is brought back
_tables = {}  # by its name: columns, and which of them are dates, numbers or texts


def _function(name):
    """The notebook's function of that name, as it is now."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        import __main__

        found = vars(__main__).get(name)
    else:
        found = shell.user_ns.get(name)
    if not callable(found):
        raise NameError(f"`{name}` is not defined as a function")
    return found


def _table(name):
    """A fresh copy of a kept table. Its index says nothing."""
    columns, kinds = _tables[name]
    table = pd.DataFrame({key: pd.Series(values, dtype=kinds[key]) for key, values in columns.items()})
    for key in ("date", "known_on"):
        if key in table.columns:
            table[key] = pd.to_datetime(table[key])
    table.index = range(7, 7 + len(table))
    return table


def keep(name, columns, kinds):
    """Keep a table for later questions."""
    _tables[name] = (columns, kinds)


def drift_summary(reference, current):
    """Ask the notebook's `drift_summary`."""
    return _function("drift_summary")(_table(reference), _table(current))


def performance(flights, outcomes, today):
    """Ask the notebook's `performance`."""
    return _function("performance")(_table(flights), _table(outcomes), today)


def decide(flights, summary):
    """Ask the notebook's `decide`."""
    return _function("decide")(_table(flights), summary)


def review(reference, flights, outcomes, today, name):
    """Ask the notebook's `review`, with a folder of its own."""
    out = INBOX / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    _function("review")(_table(reference), _table(flights), _table(outcomes), today, str(out))


def fetch(name):
    """What lies in such a folder now: texts of the JSON files, and how large the page is."""
    found = {}
    for path in sorted((INBOX / name).iterdir())[:20]:
        if path.suffix == ".json" and path.stat().st_size <= MOST:
            found[path.name] = path.read_text(encoding="utf-8")
        else:
            found[path.name] = path.stat().st_size
    return found


def clear():
    """Delete all folders of checks."""
    shutil.rmtree(INBOX, ignore_errors=True)
