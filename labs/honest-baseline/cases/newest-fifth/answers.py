# %% task="t1"
def split(flights):
    ordered = flights.sort_values("date")
    cut = int(len(ordered) * 0.8)
    return ordered.iloc[:cut], ordered.iloc[cut:]
