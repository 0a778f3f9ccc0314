# %% [markdown]
# # Tiny repository
#
# In `project/` is a Git repository. Task 1: `double.py` prints twice the number that it is given. Task 2: it is
# committed, and the word SECRET is nowhere in the history.

# %%
from mlops_labs import lab

# %% check="t1"
lab.check("t1")

# %% check="t2"
lab.check("t2")
