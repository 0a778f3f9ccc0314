# %% task="t1"
def split(flights):
    month = flights["date"].dt.strftime("%Y-%m")
    return flights, flights[month == month.max()]
