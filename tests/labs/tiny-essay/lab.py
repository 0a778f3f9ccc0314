# %% [markdown]
# # Tiny essay

# %%
from mlops_labs import lab


# %% task="t1"
def add(a, b):
    """Return the sum of a and b."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION


# %% check="t1"
lab.check("t1")

# %% [markdown] task="t2"
# ### BEGIN SOLUTION
# The plus is defined for numbers and for text, so one function serves both.
# ### END SOLUTION
