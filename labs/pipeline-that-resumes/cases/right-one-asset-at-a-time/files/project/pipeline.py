import os
import sys
import traceback
from pathlib import Path

os.environ.setdefault("DAGSTER_HOME", str(Path(__file__).resolve().parent / "state"))

import dagster as dg
import work

MONTHS = dg.StaticPartitionsDefinition([f"2013-{number:02d}" for number in range(1, 13)])


def asset(name, function, before):
    @dg.asset(name=name, partitions_def=MONTHS, deps=before)
    def made(context):
        function(context.partition_key)

    return made


raw = asset("raw", work.fetch, [])
flights = asset("flights", work.load, [raw])
model = asset("model", work.train, [flights])
report = asset("report", work.judge, [model])


def main(words):
    again = "--again" in words
    code = 0
    for month in [word for word in words if not word.startswith("--")]:
        try:
            for step in (raw, flights, model, report):
                with dg.DagsterInstance.get() as instance:
                    if not again and month in instance.get_materialized_partitions(step.key):
                        continue
                    dg.materialize([step], partition_key=month, instance=instance)
        except Exception:
            traceback.print_exc()
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
