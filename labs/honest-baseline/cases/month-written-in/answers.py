# %% task="t1"
def split(flights):
    return flights[flights["date"] < "2013-05-01"], flights[flights["date"] >= "2013-05-01"]
