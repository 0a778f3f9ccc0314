"""What a request may hold, checked by hand."""

import json
import math

TEXTS = ("carrier", "origin", "dest")
LIMITS = {"month": (1, 12), "hour": (0, 23)}


class Refused(Exception):
    pass


def no_number(text):
    raise Refused(f"{text} is no number")


def rows_of(body):
    try:
        asked = json.loads(body, parse_constant=no_number)
    except (ValueError, RecursionError):
        raise Refused("the body is no JSON") from None
    if not isinstance(asked, dict):
        raise Refused("the body is no object")
    rows = asked.get("rows")
    if not isinstance(rows, list) or not 1 <= len(rows) <= 1000:
        raise Refused("rows must be a list of 1 to 1000 flights")
    return [flight(number, row) for number, row in enumerate(rows)]


def flight(number, row):
    if not isinstance(row, dict):
        raise Refused(f"row {number} is no object")
    for name in TEXTS:
        if not isinstance(row.get(name), str):
            raise Refused(f"row {number}: {name} must be a text")
    for name, (least, most) in LIMITS.items():
        if type(row.get(name)) is not int or not least <= row[name] <= most:
            raise Refused(f"row {number}: {name} must be a whole number from {least} to {most}")
    miles = row.get("distance")
    if miles is not None and (type(miles) not in (int, float) or not 0 < miles <= 20000 or math.isnan(miles)):
        raise Refused(f"row {number}: distance must be a number up to 20000")
    return {name: row.get(name) for name in (*TEXTS, *LIMITS, "distance")}
