# %% task="t1"
def split(flights):
    month = flights["date"].dt.month
    return flights[month < month.max()], flights[month == month.max()]
