# %% task="t1"

# %% [markdown] task="t2"
# `+` is defined for both, see <b>operator</b>.
