"""Runs on the learner's side: calls the notebook's functions with tables of flights. Public; no check trusts it."""

import pandas as pd

_tables = {}  # columns of a table by its name


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


def _table(name, only=None, places=None):
    """A fresh copy of a kept table: some of its columns, some of its rows by their places."""
    columns = _tables[name]
    table = pd.DataFrame({key: columns[key] for key in only or columns})
    table["date"] = pd.to_datetime(table["date"])
    return table if places is None else table.iloc[places]


def keep(name, columns):
    """Keep a table for later questions; return how many rows it has."""
    _tables[name] = columns
    return len(columns["date"])


def split(name):
    """Ask the notebook's `split`; return flight ids and columns of both parts."""
    table = _table(name)
    parts = _function("split")(table)
    if not (
        isinstance(parts, tuple | list)
        and len(parts) == 2
        and all(isinstance(part, pd.DataFrame) for part in parts)
    ):
        return {"form": f"a {type(parts).__name__}"}
    whole = _table(name).set_index("flight_id")
    told = []
    for part in parts:
        missing = [column for column in _tables[name] if column not in part.columns]
        same = not missing and part["flight_id"].isin(whole.index).all()
        if same:
            ids = list(part["flight_id"])
            same = all(
                list(part[column].astype(str)) == list(whole.loc[ids, column].astype(str))
                for column in ("date", "late")
            )
        told.append(
            {
                "ids": [int(number) for number in part["flight_id"]] if "flight_id" in part.columns else [],
                "missing": missing,
                "same": bool(same),
            }
        )
    return {"form": "", "parts": told}


def _numbers(given, rows):
    """What `predict` returned, as a list of numbers; text that says what is wrong with it otherwise."""
    if isinstance(given, pd.DataFrame) or getattr(given, "ndim", 1) != 1 or not hasattr(given, "__len__"):
        shape = f" of shape {given.shape}" if hasattr(given, "shape") else ""
        return f"a {type(given).__name__}{shape}"
    if len(given) != rows:
        return f"{len(given)} values for {rows} flights"
    try:
        return [float(value) for value in given]
    except (TypeError, ValueError):
        return "values that are not numbers"


def train_and_predict(train, asked, seed, also=()):
    """Train on a table; return the predictions for further tables.

    `asked` and the entries of `also` are lists: a table's name, and perhaps columns and places of rows.
    """
    given = _table(*train)
    model = _function("train")(given, seed)
    answers = []
    for one in [asked, *also]:
        table = _table(*one)
        answers.append(_numbers(_function("predict")(model, table), len(table)))
    return answers


def score(train, valid, probabilities):
    """Ask the notebook's `score`. The validation table's index goes on from the training table's."""
    import numpy as np

    first, then = _table(train), _table(valid)
    then.index = range(len(first), len(first) + len(then))
    return _function("score")(first, then, np.array(probabilities))


def gain_interval(valid, probabilities, base_rate, seed):
    """Ask the notebook's `gain_interval`."""
    import numpy as np

    then = _table(valid)
    then.index = range(1000, 1000 + len(then))
    return _function("gain_interval")(then, np.array(probabilities), base_rate, seed)


def report(name, seed):
    """Ask the notebook's `report`."""
    return _function("report")(_table(name), seed)


def own_model(name, plan, seed, everything=False):
    """What the notebook's own pieces say of a table's last month: ids, and predictions for them.

    With `everything`, the model is trained on the last month as well.
    """
    train, valid = _function("split")(_table(name))
    model = _function("train")(_table(name) if everything else train, seed)
    given = _numbers(_function("predict")(model, valid[plan]), len(valid))
    return [[int(number) for number in valid["flight_id"]], given]
