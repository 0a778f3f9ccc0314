"""The command line: reading, asking the rules, writing."""

from __future__ import annotations

import argparse
import os
import re

import pandas as pd

from . import flights as rules


def month_text(text: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a month such as 2013-03")
    return text


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lateness", description="Late flights out of New York.")
    parser.add_argument("input", metavar="INPUT", help="a CSV file of flights")
    parser.add_argument("month", metavar="MONTH", type=month_text, help="such as 2013-03")
    parser.add_argument("folder", metavar="FOLDER", help="where features.csv and daily.csv are written")
    options = parser.parse_args(argv)

    if not os.path.isfile(options.input):
        parser.exit(1, f"no such file: {options.input}\n")
    try:
        everything = pd.read_csv(options.input)
    except pd.errors.EmptyDataError:
        parser.exit(1, f"nothing in it: {options.input}\n")
    flights = rules.in_month(everything, options.month)
    if len(flights) == 0:
        parser.exit(1, f"no flight of {options.month} in {options.input}\n")

    features, daily = rules.features(flights), rules.daily(flights)
    os.makedirs(options.folder, exist_ok=True)
    features.to_csv(os.path.join(options.folder, "features.csv"), index=False)
    daily.to_csv(os.path.join(options.folder, "daily.csv"), index=False)
    return 0
