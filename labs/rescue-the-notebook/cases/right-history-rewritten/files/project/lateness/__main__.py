import argparse
import os

import pandas as pd

from . import flights as rules

parser = argparse.ArgumentParser(prog="lateness")
parser.add_argument("input")
parser.add_argument("month")
parser.add_argument("folder")
options = parser.parse_args()

try:
    chosen = rules.in_month(pd.read_csv(options.input), options.month)
except FileNotFoundError:
    parser.error(f"no file {options.input}")
if len(chosen) == 0:
    parser.error(f"no flights of {options.month} in {options.input}")
os.makedirs(options.folder, exist_ok=True)
for name in ("features", "daily"):
    getattr(rules, name)(chosen).to_csv(os.path.join(options.folder, name + ".csv"), index=False)
