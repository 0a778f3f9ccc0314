# %% [markdown]
# # Tiny sums

# %%
from mlops_labs import lab

# %% tags=["parameters"]
FACTOR = 2


# %% task="t1"
def add(a, b):
    """Return the sum of a and b."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION


# %% check="t1"
lab.check("t1")


# %% task="t2"
def scaled(a):
    """Return a times FACTOR."""
    ### BEGIN SOLUTION
    return a * FACTOR
    ### END SOLUTION


# %% check="t2"
lab.check("t2")
