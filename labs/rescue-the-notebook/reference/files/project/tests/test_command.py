"""The command, as others start it."""

import subprocess
import sys

FILE = """\
time_hour,dep_time,sched_dep_time,arr_delay,carrier,flight,origin,dest,distance
2013-03-12T16:00:00Z,1205,1205,30,UA,1,EWR,BOS,200
2013-04-12T16:00:00Z,1205,1205,30,UA,2,EWR,BOS,200
"""


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "lateness", *words], capture_output=True, text=True, check=False
    )


def test_writes_the_month(tmp_path):
    (tmp_path / "flights.csv").write_text(FILE)
    assert run(str(tmp_path / "flights.csv"), "2013-03", str(tmp_path / "out")).returncode == 0
    assert len((tmp_path / "out/features.csv").read_text().splitlines()) == 2
    assert len((tmp_path / "out/daily.csv").read_text().splitlines()) == 2


def test_refuses_a_month_without_flights(tmp_path):
    (tmp_path / "flights.csv").write_text(FILE)
    done = run(str(tmp_path / "flights.csv"), "2013-07", str(tmp_path / "out"))
    assert done.returncode != 0
    assert "2013-07" in done.stderr
