# %% task="t1"
def add(*both):
    first, second = both
    return first + second


# %% [markdown] task="t2"
# Because it can.
