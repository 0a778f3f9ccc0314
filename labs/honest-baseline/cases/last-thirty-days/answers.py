# %% task="t1"
def split(flights):
    cut = flights["date"].max() - pd.Timedelta(days=30)
    return flights[flights["date"] <= cut], flights[flights["date"] > cut]
