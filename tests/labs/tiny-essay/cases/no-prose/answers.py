# %% [markdown] task="t2"
# YOUR ANSWER HERE
