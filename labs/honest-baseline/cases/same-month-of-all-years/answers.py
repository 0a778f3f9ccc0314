# %% task="t1"
def split(flights):
    last = flights["date"].max()
    mine = flights["date"].dt.month == last.month
    return flights[~mine], flights[mine]
