# %% task="t1"
def split(flights):
    month = flights["date"].dt.to_period("M")
    return flights[month == month.max()], flights[month < month.max()]
