"""What a request may hold."""

import math


def text(value):
    return isinstance(value, str)


def whole(least, most):
    return lambda value: type(value) is int and least <= value <= most


def miles(value):
    if value is None:
        return True
    return type(value) in (int, float) and math.isfinite(value) and 0 < value <= 20000


NEEDED = {"carrier": text, "origin": text, "dest": text, "month": whole(1, 12), "hour": whole(0, 23)}


class Refused(Exception):
    """What is wrong, for the one who asked."""


def rows_of(body):
    if not isinstance(body, dict) or "rows" not in body:
        raise Refused("an object with rows is wanted")
    rows = body["rows"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= 1000:
        raise Refused("rows: a list of 1 to 1000 flights is wanted")
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise Refused(f"rows[{number}]: an object is wanted")
        for field, fits in NEEDED.items():
            if field not in row or not fits(row[field]):
                raise Refused(f"rows[{number}].{field}: missing, or not what it has to be")
        if not miles(row.get("distance")):
            raise Refused(f"rows[{number}].distance: a number over 0, up to 20000, or null")
    return rows
