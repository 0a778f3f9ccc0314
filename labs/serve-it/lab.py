# %% [markdown]
# # Serve it
#
# Every night a batch scores the flights of the next day. Now the desk at the airport wants to ask while the passenger waits, and
# flights change during the day. So the model goes behind a service. A week ago somebody tried: the service answered before the
# model was there, a flight without a distance gave another score than the batch, one odd request ended it, and
# each new version cut off whoever was asking at that moment. The image had four gigabytes and a key in it.
#
# You build the service that does none of this, with **FastAPI**, and its image.
#
# Your work is the folder **`project/`** beside this notebook. Open its files in JupyterLab's editor (double-click them in the
# file browser) and try the service in a terminal (File > New > Terminal):
#
#     cd project
#     PORT=8123 python serve.py
#
# | in `project/` | what it is |
# |---|---|
# | `serve.py` | yours: an empty service that starts |
# | `late.py`, `model.json` | given, do not change them: the model and the scoring of the nightly batch. Read `late.py` first |
# | `requirements.txt` | given: what the service needs; all of it is installed here |
# | `history/` | the flights that the model was trained on, for those who train it. The service does not need them |
# | `.env` | a key that some colleagues need on their own machine (`ls -a` shows the file). The service does not need it |
# | `Dockerfile` | yours to write, in task 4 |
#
# More files of yours in `project/` are welcome. When you submit, the whole folder is copied into a sandbox. In tasks 1 to 3 another
# copy of `late.py` and another `model.json` take the place of yours, and `python serve.py` is started in `project/`. So get the
# model from `late.load()` and the scores from its `score`, whichever way you import them, and do not read `model.json` yourself.
#
# The service listens at the address in the environment variable `HOST` (`127.0.0.1` where there is none), on the port
# in `PORT` (`8000` where there is none); `serve.py` does that already.

# %%
from mlops_labs import lab

# %% [markdown]
# ## Task 1: the same scores as the batch
#
# `POST /predict` takes a JSON object with a list of 1 to 1000 rows, and answers with status 200 and a JSON object whose `scores`
# are a list of numbers, one for each row, in the order of the rows (further keys do no harm):
#
#     curl -s localhost:8123/predict -H 'Content-Type: application/json' -d '{"rows": [
#       {"carrier": "UA", "origin": "EWR", "dest": "ORD", "month": 2, "hour": 17, "distance": 719}]}'
#     {"scores": [0.34...]}
#
# | field of a row | value |
# |---|---|
# | `carrier`, `origin`, `dest` | any text, also an empty one and one that the model has not seen |
# | `month` | a whole number from 1 to 12 |
# | `hour` | a whole number from 0 to 23 |
# | `distance` | a number over 0, up to 20000, whole or not; `null` and leaving it out mean that it is not known |
#
# Further fields of a row are ignored, and two rows that are alike are two rows. Every score is the one that the batch would
# give for the same row (`late.load().score(rows)`), to six decimals at least. This also holds when two dozen senders ask at
# once. `late.load` is slow: call it when the service starts, not when it is asked.
#
# From the start of `python serve.py` it may take a while until the first scores come; the check of this task asks again until
# they do.

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: what makes no sense is refused
#
# A request that the table above does not allow gets a status **from 400 to 499**, whole: no row of it is scored. Nothing that is sent
# gets a 500 or ends the service; good requests go on beside it.
#
# | what is sent | what the body of the answer must hold |
# |---|---|
# | in one of the rows a field is missing (all but `distance` are needed), `null` (all but `distance`), of the wrong kind (a number or a list for a text; a text such as `"noon"`, or a fraction, for a whole number; a text for the distance), or outside its limits | the name of that field, as in the table |
# | no `rows`, something else than a list for `rows`, an empty list, more than 1000 rows | `rows` |
# | a row that is no object, a body that is no object, no body, a body that is no JSON | anything |
# | `NaN`, `Infinity`, `-Infinity` or `1e999` for a number (Python's `json` lets them through) | anything |
#
# The form of these answers is yours to choose. They name what is wrong: one text with all the names that fits every error is
# not enough. The bodies are sent with `Content-Type: application/json`. Whether `"7"` or `true` counts as
# a whole number is yours to decide, and not graded.

# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: ready, alive, and a good end
#
# - `GET /live` gives 200 as soon as the service listens and for as long as it runs. It answers at once: **while the model is
#   still loading**, however long that takes, and **while flights are being scored** (a scoring may take seconds).
# - `GET /ready` gives 503 while the model is loading and 200 when it is there.
# - `POST /predict` gives 503 while the model is loading, at once, and never waits for it.
# - On **SIGTERM**, every request that is being scored at that moment still gets its whole answer, for which it may need another 5 seconds. Then the
#   service ends, with **exit code 0**, at most 10 seconds after the last answer. What it does with requests that come after the signal
#   is yours to decide. Here the signal goes to `python serve.py` and to the processes that it has started, if any.
#
# In the checks, `late.load` and `score` stand still for as long as it takes to look.

# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: the image
#
# Write `project/Dockerfile`. When you submit, the image is built of the folder `project/` and started, with nothing set from
# outside:
#
# - The service answers **on port 8000**, at every address of the container and not only at its loopback, with the scores of the batch.
# - It does **not run as root**. The container's file system is read-only except for `/tmp`, it has no rights and no network.
# - The key in `.env` is in **no layer**, also in none that a later step covers. Both `.env` and `history/` stay in `project/`.
# - The image holds at most **2 MB more** than the image that it begins with.
# - **SIGTERM** to the container reaches the service, which then ends as in task 3: with code 0, within 10 seconds.
#
# `FROM python:3.11-slim` here means an image that has Python and everything in `requirements.txt`. The build has no network;
# `pip install -r requirements.txt` finds what is there already. Of the Dockerfile's language, one stage is understood, with
# FROM, ARG, ENV, WORKDIR, COPY and ADD of the folder's own files, RUN, USER, EXPOSE, LABEL, STOPSIGNAL, HEALTHCHECK,
# ENTRYPOINT and CMD (no here-documents, no `--mount`, numbers in `--chown`), and a `.dockerignore`. A step may take 5 minutes.
#
# The check below only reads your Dockerfile: the image is built when you submit, on a machine with Docker or Podman. Where there is
# none, task 4 is not graded. On a machine of your own, try it like this:
#
#     docker build -t late project
#     docker run --rm --read-only --tmpfs /tmp --cap-drop ALL -p 8000:8000 late

# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Start the service, open `http://localhost:8123/docs` on a machine of your own some day, and look what FastAPI tells others about it:
# the fields and their limits stand there because you wrote them down once, where they are also checked.
#
# When the checks above pass, run `lab.submit()`. Files in an editor must be saved first (Ctrl+S).
