import pandas as pd
import pytest

from lateness.command import main

CSV = """time_hour,dep_time,sched_dep_time,arr_delay,carrier,origin,dest,distance
2013-01-07T15:00:00Z,1005,1000,-4,UA,EWR,BOS,200
2013-02-07T15:00:00Z,,1000,,UA,EWR,BOS,200
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "flights.csv"
    path.write_text(CSV)
    return path


def test_writes_both(source, tmp_path):
    out = tmp_path / "some" / "where"
    assert main([str(source), "2013-01", str(out)]) == 0
    assert len(pd.read_csv(out / "features.csv")) == 1
    assert len(pd.read_csv(out / "daily.csv")) == 1


def test_a_month_in_which_nothing_left(source, tmp_path):
    main([str(source), "2013-02", str(tmp_path)])
    assert (tmp_path / "features.csv").read_text() == "carrier,origin,dest,hour,weekday,distance,late\n"


@pytest.mark.parametrize(("name", "month"), [("nowhere.csv", "2013-01"), ("flights.csv", "2013-03"), ("flights.csv", "march")])
def test_says_no(source, tmp_path, capsys, name, month):
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path / name), month, str(tmp_path / "out")])
    assert stopped.value.code not in (0, None)
    assert capsys.readouterr().err
    assert not (tmp_path / "out").exists()
