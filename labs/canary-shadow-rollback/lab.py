# %% [markdown]
# # Canary, shadow, rollback
#
# The registry says which model is the champion. It does not say how a new one gets to the people who ask. On Friday a
# challenger with the better score went live for everybody at once. It had been trained on labels that were texts, and the number
# it answered was the probability to be on time: quickly, without a single error, until somebody looked on Monday.
#
# You write the **release controller** that would have stopped it in the first minute. It stands beside a proxy, **Traefik**,
# through which all clients come. It lets the challenger listen first, gives it a share of the clients, a larger one, all of
# them, and takes everything back by itself when what it sees is bad.
#
# Your work is **`project/controller.py`**, beside this notebook. Open it in JupyterLab's editor.
#
# | in `project/` | what it is |
# |---|---|
# | `controller.py` | yours: two empty functions, one that looks at both servers, and a `main` that calls yours |
# | `release.json` | the settings of a release: where things are, its plan and its limits |
# | `tools.py` | given, do not change it: `counts(url)`, `replace(path, text)` and `move_alias(settings)`; three short functions, read them |
# | `serve.py` | given: one version of the service |
# | `play.py` | given, to try things with: it starts the two servers, sends requests through the proxy, makes trouble |
#
# Traefik runs already; its page is a tile in JupyterLab's launcher. It works by **`traefik/routes.yml`** and reads that
# file again whenever it changes. Clients come in on port 8091. In a terminal (File > New > Terminal):
#
#     cd project
#     python play.py start                             # leave it running, and open a second terminal
#
#     python controller.py begin release.json          # yours
#     python play.py ask 100                           # who answered, and who got how many requests
#     python controller.py step release.json           # yours
#     python play.py trouble challenger errors=0.5     # or seconds=1, or wrong=1; without them it is well again
#
# When you submit, a proxy and two servers are started in a sandbox, on other ports and with other settings files. Your
# two commands are called there, in `project/`, one after another; between them the check sends requests through the proxy,
# makes trouble, and looks at who answers whom. Each command looks once, decides once and ends (within 30 seconds, with
# exit code 0, leaving nothing running); there is no waiting in it. In a real system a timer would call `step` every
# minute. More files in `project/` are welcome; PyYAML is installed.

# %%
from mlops_labs import lab

# %% [markdown]
# ## Task 1: listen first, then a share
#
# `python controller.py begin SETTINGS` begins a release; `python controller.py step SETTINGS` goes on with it. `SETTINGS`
# is a JSON file with the keys of `release.json`. Paths in it are relative to `project/`, from where you are called.
#
# `plan` is the list of **stages**. The first one is always `"shadow"`, the others are the challenger's share in per
# cent, growing, the last one is 100.
#
# | stage | who answers the clients | what else |
# |---|---|---|
# | `"shadow"` | the champion, always | the challenger gets a copy of every request; nobody hears its answers, and its errors or slowness harm nobody |
# | a number | the challenger in that per cent of the requests (the check allows 5 points more or less in 200), the champion in the rest | |
#
# - `begin` goes to the first stage, whatever was there before.
# - A `step` that finds everything good (task 2 says what that is) goes to the next stage.
# - To go to a stage is to write the file that `routes` names, so that Traefik works by it. The servers are at the
#   addresses that `champion` and `challenger` name. Traefik may take some seconds to follow; you need not wait for it.
# - Every request is to be answered, also those that are under way or arrive while the routes change.
#
# `traefik/routes.yml` shows the form: a router leads everything to a service, and a service of the kind `loadBalancer` has
# servers. Two more kinds of service lead to other services: **`weighted`** and **`mirroring`** (the lesson shows both). YAML
# contains JSON: `json.dumps` of a dict is a routes file as well. Once you have begun, the whole file is yours to write.

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: judge what was seen
#
# The servers count. `tools.counts(url)` gives what a version has counted **since it was started**, also long before your
# release. What a step judges by is the **window**: what each version has done since the window began. A window begins
# with `begin`, and anew with every step, except a step that holds for too few requests: then the old window goes on.
# Keep what you need between the commands in the file that `state` names.
#
# A step asks these questions **in this order**; the first one that is answered with yes decides.
#
# | nr | question, about the window | decision | reason |
# |---|---|---|---|
# | 1 | Does the champion's `/metrics` not answer? | hold | `champion` |
# | 2 | Does the challenger's `/metrics` not answer? | roll back | `unreachable` |
# | 3 | Has the challenger fewer requests than `limits.requests`? | hold | `too few` |
# | 4 | Has the champion at least `limits.requests` requests, and breaks the limit of errors or of seconds itself? | hold | `champion` |
# | 5 | Is the challenger's share of errors greater than `limits.errors`? | roll back | `errors` |
# | 6 | Is its mean of seconds for a request greater than `limits.seconds`? | roll back | `slow` |
# | 7 | Has the champion at least `limits.requests` requests, and do the means of both versions' scores differ by more than `limits.score`? | roll back | `scores` |
# | 8 | None of these | advance, or promote at the last stage | `good` |
#
# The share of errors is errors by requests; the mean of seconds is over all requests, that of the scores over those that
# were answered without an error. In the shadow, the copies that the challenger gets are its requests.
#
# - **Hold** leaves the stage as it is.
# - **Roll back** gives all clients to the champion at once, in that very step, and nothing to the challenger, not even copies.
#   The release is then over: further steps change nothing, whatever the servers do, until somebody calls `begin`.

# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: not the challenger's fault, and a second try
#
# Three things happen around a release that are not the challenger's fault. The rules above cover them; now they must
# hold:
#
# - **The champion is in trouble itself**, slow for a moment or full of errors, alone or together with the challenger: rules 1 and
#   4. What happened then must not weigh on the next step, so a new window begins.
# - **A server was started anew** between two commands. It counts from 0 again, and `started` is another text than before. Its
#   window is then what it has counted since that start.
# - **A second try.** After a rollback the challenger is mended, perhaps started anew, perhaps tried by hand, and `begin` is
#   called again: the plan from its first stage, with a window that begins now. If the challenger is broken again, it is
#   rolled back again.

# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: promote, and leave a record
#
# **Promote.** The step that finds everything good at the last stage ends the release: the clients stay with the challenger,
# and the alias `champion` of the registered model moves to its version, by `tools.move_alias(settings)` or by
# MLflow's own client (`registry` is the server's address, `model` the name, `version` the version). The alias says what a
# server loads when it starts, so it moves in this step and in no other. Further steps change nothing.
#
# **The record.** Every `begin` and every `step`, also one that changes nothing, appends exactly one line to the file that
# `audit` names: a JSON object with
#
# | key | value |
# |---|---|
# | `decision` | `"begin"`, `"hold"`, `"advance"`, `"promote"`, `"rollback"`, or `"idle"` for a step when the release is over |
# | `stage` | the stage after the decision: `"shadow"` or the challenger's share as a number, 0 after a rollback; when the release is over, where it stayed |
# | `reason` | as in the table of task 2; `"over"` for `idle`; for `begin` whatever you like |
# | `champion`, `challenger` | what the step saw of each in its window, an object: `requests` and `errors` (whole numbers), `seconds` (the mean), `score` (the mean), `null` for a mean of nothing; `null` in place of the object when its `/metrics` did not answer. `begin` needs none |
#
# Further keys do no harm (when it was, for instance). `seconds` and `score` may be off by 0.002. A step that is idle writes
# the numbers since the command before it.

# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Run a release by hand, with trouble in the middle, and read `audit.jsonl` afterwards as somebody would who was asleep when
# it happened: what went out, how far it got, why it came back, and on what evidence.
#
# When the checks above pass, run `lab.submit()`. Files in an editor must be saved first (Ctrl+S).
