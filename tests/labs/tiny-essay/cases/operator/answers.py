# %% task="t1"
from operator import add

# %% [markdown] task="t2"
# `+` is defined for both, see <b>operator</b>.
