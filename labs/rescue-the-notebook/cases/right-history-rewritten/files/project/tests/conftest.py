import io

import pandas as pd
import pytest

TEXT = """\
time_hour,dep_time,sched_dep_time,dep_delay,arr_delay,carrier,flight,origin,dest,distance
2013-08-02T03:00:00Z,2400,2330,30,15,UA,4,LGA,BOS,184
2013-08-01T12:00:00Z,905,800,65,16,AA,1,JFK,MIA,1089
2013-08-01T13:00:00Z,,900,,,B6,2,JFK,MCO,944
2013-08-01T14:00:00Z,1015,1000,15,,DL,3,JFK,ATL,760
2013-08-01T15:00:00Z,1100,1100,0,-10,DL,3,JFK,ATL,760
2013-08-01T02:00:00Z,400,2230,330,300,UA,5,EWR,BOS,200
2013-08-03T16:00:00Z,,1200,,,UA,6,EWR,BOS,200
2012-08-03T16:00:00Z,359,1200,,5,UA,7,EWR,BOS,200
"""


@pytest.fixture
def flights():
    return pd.read_csv(io.StringIO(TEXT))
