# %% [markdown]
# # Tiny image
#
# Task 1: `python app.py PORT` in `project/` answers `GET /double?n=3` with twice the number. Task 2: a Dockerfile that
# runs it on port 8000, not as root; what is in `secret.txt` is in no layer, and SIGTERM ends it within two seconds.

# %%
from mlops_labs import lab

# %% check="t1"
lab.check("t1")

# %% check="t2"
lab.check("t2")
