# %% [markdown]
# ---
# title: Serve it
# lab: serve-it
# minutes: 35
# prerequisites:
#   - The lesson "A pipeline that resumes"
#   - HTTP at the level of a method, a path, a status and a body
# objectives:
#   - Say why a service and a batch give the same flight two scores, and how to keep them from it
#   - Tell alive from ready, and say who asks for which
#   - Count how many requests are under way at any moment, and so what a careless end costs
#   - Name what belongs into an image, and what stays in it although a later line removes it
# ---
#
# # Serve it
#
# Everything in this lesson runs on your machine. A small service is started on your loopback, asked, and ended. Run the
# cells in order, and change them as you like.

# %%
import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import SplineTransformer

from mlops_labs.flights import flights

# %% [markdown]
# ## Why: one flight, two scores
#
# A model scores flights at night, in a batch, out of a table that has everything. Then a desk wants to ask by day, and somebody writes
# a service. The batch's table has the hour of departure as the airport's clock shows it. The service gets a time stamp, runs on
# a machine whose clock is UTC, and takes the hour out of that: four or five hours later than New York's.

# %%
half = flights(range(1, 7))
later = flights(range(7, 13))
clock = (later["date"] + pd.to_timedelta(later["hour"], unit="h")).dt.tz_localize("America/New_York")
utc = later.assign(hour=clock.dt.tz_convert("UTC").dt.hour)
curve = SplineTransformer(n_knots=6, extrapolation="constant").fit(half[["hour"]])


def features(table):
    """What the model sees: the hour as a smooth curve, and the distance."""
    return np.column_stack([curve.transform(table[["hour"]]), table["distance"] / 1000])


model = LogisticRegression(max_iter=1000).fit(features(half), half["late"])
rows = []
for name, asked in (("batch: New York's hour", later), ("service: UTC's hour", utc)):
    scores = pd.Series(model.predict_proba(features(asked))[:, 1], index=later.index)
    six, twenty = (scores[later["hour"] == hour].mean() for hour in (6, 20))
    rows.append((name, round(roc_auc_score(later["late"], scores), 3), f"{six:.0%}", f"{twenty:.0%}"))
six, twenty = (later.loc[later["hour"] == hour, "late"].mean() for hour in (6, 20))
rows.append(("late in truth", "", f"{six:.0%}", f"{twenty:.0%}"))
print(
    pd.DataFrame(rows, columns=["July to December", "AUC", "leaves at 6", "leaves at 20"]).to_string(
        index=False
    )
)

# %% [markdown]
# Nothing failed. No test of the model can see this, because the model is the same, and each score looks like a score. The name
# of this mistake is **skew**: the same flight takes two ways to the same model and does not arrive as the same. Other doors to
# it: a default of zero for what is not known, a carrier that one side refuses and the other scores, a number that is rounded. The cure
# is to have one way: the service calls the very function that the batch calls, and gives it each field as it came, also
# the missing ones. And a test sends rows that nobody has looked at through both, and compares.

# %% [markdown]
# ## Why, part two: who is under way?
#
# The other trouble begins when a new version takes the place of the old one. Whoever is being answered at that moment is
# cut off, unless the old version finishes first. How many are they? There is a law for it (Little's): on average, **rate
# times duration** requests are under way. At 50 requests a second that take 0.2 s each, ten people lose their answer in every
# release, and a release that takes two seconds to be ready turns another hundred away.

# %%
rates = np.array([1, 5, 10, 20, 50])  # requests a second
table = pd.DataFrame(
    {
        "requests a second": rates,
        "cut off (0.2 s each)": rates * 0.2,
        "turned away (2 s until ready)": rates * 2,
        "lost a year, a release a week": (rates * 52 * 2.2).round().astype(int),
    }
)
print(table.to_string(index=False))

# %% [markdown]
# ## The idea: a service says how it is
#
# Whoever runs services, a person or an orchestrator such as Kubernetes, asks two questions and gives one order:
#
# | word | what is asked | and what is done |
# |---|---|---|
# | **live** | does the process still answer? | no: ends it and starts another |
# | **ready** | can it do its work now? | no: sends it nobody, and waits |
# | **SIGTERM** | please end | after a grace period (often 30 s): SIGKILL |
#
# A service that loads a model for a minute and listens only then is not live for a minute: it is ended before it has begun. One
# that says ready without a model gets requests that it cannot answer. And one that is busy scoring in the only loop that answers is ended
# for hard work. So: **listen at once, load beside it, score beside it, say what is true.**
#
# On SIGTERM: **take nothing new, finish what is under way, end with code 0.** An exit code tells the one who gave the order
# whether the end was a good one.
#
# The last part of the idea is the border. What comes in is a stranger's. A field that is missing or makes no sense is **their** mistake
# (400 to 499, and say which field, so that they can mend it); an error that nobody caught is **ours** (500). A service that answers
# 500 to nonsense calls somebody out of bed for it.

# %% [markdown]
# ## The tools: FastAPI, uvicorn, an image
#
# FastAPI turns a function into a page; pydantic checks what comes in against types and limits; uvicorn listens.
#
# | you want | write |
# |---|---|
# | a page | `@app.get("/live")` above a function that returns what JSON can hold |
# | to check a body | a class with `hour: int = Field(ge=0, le=23)`, as the type of an argument |
# | something to begin with the service | a `lifespan` function: what stands before its `yield` happens before anybody is let in |
# | slow work that stops nobody | `def`, not `async def`: FastAPI calls it in a thread |
# | a status of your own | `JSONResponse({...}, status_code=503)` |
#
# An **image** is a stack of layers, each made by one line of a Dockerfile. A layer never forgets: what a later line removes is
# only covered, and whoever has the image can lift the cover. So a key must never be copied in, and data that serving does not need makes
# every start slower for nothing. The first process of a container is number 1, and SIGTERM goes to it alone: if that is a
# shell, the shell gets the signal and your service never hears of it. `CMD ["python", "serve.py"]` starts your program as number 1;
# `CMD python serve.py` starts a shell.

# %% [markdown]
# ## A worked example: two versions of one service
#
# The service knows how many flights of an hour are late, by airport, and takes 1.5 seconds to load and half a second to answer. Version 1 was written
# as it came to mind. In version 2 only the beginning and the end differ.

# %%
HERE = Path(tempfile.mkdtemp(prefix="lesson-"))
shares = half.groupby(["origin", "hour"])["late"].mean().round(4)
(HERE / "shares.json").write_text(json.dumps({f"{o} {h}": float(v) for (o, h), v in shares.items()}))
(HERE / "shares.py").write_text(
    """
import json
import time
from pathlib import Path


def load():
    time.sleep(1.5)
    return json.loads(Path(__file__).with_name("shares.json").read_text())
"""
)
(HERE / "version1.py").write_text(
    """
import os, signal, sys, time
import uvicorn
from fastapi import FastAPI
from shares import load

app = FastAPI()
shares = load()                      # before anybody listens


@app.get("/live")
def live():
    return "yes"


@app.get("/chance")
def chance(origin: str, hour: int):
    time.sleep(0.5)
    return shares[f"{origin} {hour}"]


class Server(uvicorn.Server):
    def handle_exit(self, *_):       # somebody found that the end took too long
        os._exit(0)


Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="error")).run()
"""
)
(HERE / "version2.py").write_text(
    """
import signal, sys, threading, time
from contextlib import asynccontextmanager
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from shares import load

known = {}


@asynccontextmanager
async def lifespan(app):
    threading.Thread(target=lambda: known.update(load()), daemon=True).start()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/live")
def live():
    return "yes"


@app.get("/ready")
def ready():
    return JSONResponse(bool(known), status_code=200 if known else 503)


@app.get("/chance")
def chance(origin: str, hour: int):
    if not known:
        return JSONResponse("still loading", status_code=503)
    time.sleep(0.5)
    if f"{origin} {hour}" not in known:
        return JSONResponse("no flights known for this origin and hour", status_code=404)
    return known[f"{origin} {hour}"]


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))   # when uvicorn is done
uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""
)


def free_port():
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, path):
    """The status of an answer; 0 where none came."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def start(version):
    """Start a version; return its process and its port."""
    port = free_port()
    return subprocess.Popen([sys.executable, f"{version}.py", str(port)], cwd=HERE), port


# %% [markdown]
# **The beginning.** Both are started and asked ten times a second, until they give a chance:

# %%
PATHS = ["/live", "/ready", "/chance?origin=JFK&hour=17"]


def watch_start(version):
    """(second, path, status) of everything that was asked, until a chance came."""
    process, port = start(version)
    begun, seen, last = time.monotonic(), [], 0
    while last != 200 and time.monotonic() - begun < 60:
        for path in PATHS:
            at = time.monotonic() - begun
            last = ask(port, path)
            seen.append((at, path.split("?")[0], last))
        time.sleep(0.1)
    return process, port, seen


running = {version: watch_start(version) for version in ("version1", "version2")}
for version, (_, _, seen) in running.items():
    print(version)
    for path in ("/live", "/ready", "/chance"):
        statuses = [status for _, asked_path, status in seen if asked_path == path]
        kinds = list(dict.fromkeys(statuses))
        print(f"  {path:<8}", ", then ".join("no answer" if kind == 0 else str(kind) for kind in kinds))

# %%
COLOURS = {0: "#bbbbbb", 200: "#1b7837", 404: "#8073ac", 503: "#e08214"}
NAMES = {0: "no answer", 200: "200", 404: "404 (no such page)", 503: "503"}
figure, axes = plt.subplots(1, 2, figsize=(9, 2.6), sharey=True)
for panel, (version, (_, _, seen)) in zip(axes, running.items(), strict=True):
    for status, colour in COLOURS.items():
        points = [(at, path) for at, path, found in seen if found == status]
        panel.scatter(
            [at for at, _ in points],
            [["/chance", "/ready", "/live"].index(path) for _, path in points],
            color=colour,
            marker={0: "x", 200: "o", 404: "^", 503: "s"}[status],
            label=NAMES[status],
        )
    panel.set(title=version, xlabel="seconds since its start", yticks=[0, 1, 2])
    panel.set_yticklabels(["/chance", "/ready", "/live"])
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
figure.tight_layout()
plt.show()

# %% [markdown]
# *The picture: two panels of dots over the seconds since each version was started, a row of dots for /live, /ready and /chance. Version 1
# gives no answer at all (crosses) while it loads, then 200 for /live and /chance and 404 for /ready, which it does not have. Version 2
# gives no answer while Python starts, then 200 for /live with 503 for /ready and /chance (squares), and
# about a second and a half later 200 for all three.*

# %% [markdown]
# While version 1 loads, an observer cannot tell it from one that hangs. Version 2 says from early on that it lives and is not ready.
#
# **The end.** Twelve requests are under way, then SIGTERM comes:


# %%
def watch_end(process, port):
    """How twelve requests that were under way ended, and the process."""
    statuses = []
    senders = [
        threading.Thread(target=lambda: statuses.append(ask(port, "/chance?origin=EWR&hour=18")))
        for _ in range(12)
    ]
    for sender in senders:
        sender.start()
    time.sleep(0.3)  # each takes half a second, so all of them are under way
    process.send_signal(signal.SIGTERM)
    for sender in senders:
        sender.join()
    return statuses, process.wait(30)


rows = []
for version, (process, port, _) in running.items():
    statuses, code = watch_end(process, port)
    rows.append((version, sum(status == 200 for status in statuses), statuses.count(0), code))
print(pd.DataFrame(rows, columns=["", "answered", "cut off", "exit code"]).to_string(index=False))

# %% [markdown]
# Both end with code 0, so the code alone proves nothing: version 1 says that all is well, and twelve people have no answer. What uvicorn does by itself
# (take nothing new, finish the rest) is right; whoever shortens it loses what was under way.
#
# **The border.** What pydantic refuses becomes a 422 by itself. But look what comes of a number that JSON does not have. Python's
# `json` lets NaN through, the limit refuses it, FastAPI's answer repeats it, and then it cannot be written:

# %%
(HERE / "border.py").write_text(
    """
import sys
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI()


class Flight(BaseModel):
    hour: int = Field(ge=0, le=23)
    distance: float | None = Field(None, gt=0)


@app.get("/live")
def live():
    return "yes"


@app.post("/flight")
def flight(flight: Flight):
    return flight


uvicorn.run(app, port=int(sys.argv[1]), log_level="critical")
"""
)
process, port = start("border")
while ask(port, "/live") != 200 and process.poll() is None:
    time.sleep(0.1)
for body in ('{"hour": 17}', '{"hour": 24}', '{"distance": 500}', '{"hour": 17, "distance": NaN}'):
    sent = urllib.request.Request(
        f"http://127.0.0.1:{port}/flight", body.encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(sent, timeout=20) as answer:
            print(f"{body:<32} {answer.status}  {answer.read().decode()}")
    except urllib.error.HTTPError as error:
        print(f"{body:<32} {error.code}  {error.read().decode()[:80]}")
process.kill()

# %% [markdown]
# The last line is a 500: our mistake, although theirs began it. An exception handler that says which field is wrong and does not repeat what
# came mends it. You write it in the lab.

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. A new carrier
#
# In August a carrier begins to fly that the model has never seen. The batch scores its flights as "other". What should the
# service do with them?
#
# <details><summary>A. Refuse them with a 4xx: the model cannot know.</summary>
# No. The batch gives them a score, so the service says something else than the batch about the same flight, and the
# desk is told that it made a mistake when it made none.
# </details>
# <details><summary>B. Give them the score that the batch gives.</summary>
# Right. One way to the model, for every row. Whether "other" is good enough is a question for monitoring.
# </details>
# <details><summary>C. Leave them out and score the rest of the request.</summary>
# No. Then the third score belongs to the fourth row, and nobody notices.
# </details>
#
# ### 2. Ready too early
#
# A service answers /ready with 200 from its first moment on. What happens in a release?
#
# <details><summary>A. Nothing, if /live is right.</summary>
# No. /live decides whether it is ended, /ready decides whether it gets requests.
# </details>
# <details><summary>B. It is restarted again and again.</summary>
# No, that comes of a /live that does not answer while the model loads.
# </details>
# <details><summary>C. It gets requests while it has no model, and the old version is ended meanwhile.</summary>
# Right. Whoever releases takes ready at its word: the old version may go, the new one gets everything.
# </details>
#
# ### 3. The key in the layer below
#
# A Dockerfile has `COPY . .` and, in the next line, `RUN rm .env`. Who can read the key?
#
# <details><summary>A. Everybody who has the image.</summary>
# Right. `docker save` writes every layer to a file, and the key is in one of them. What must stay out is never copied in.
# </details>
# <details><summary>B. Nobody: it is not in the file system of a container.</summary>
# No. It is not in the upper layer; the lower one is a part of the image all the same.
# </details>
# <details><summary>C. Only root in the container.</summary>
# No. It is no question of rights in the container, since nobody needs to start one to look.
# </details>
#
# ### 4. Deaf to the end
#
# `docker stop` takes ten seconds for your service each time, and the container's exit code is 137. What is likely?
#
# <details><summary>A. The requests under way take ten seconds.</summary>
# Possible, but then the code would be 0 when they are done. 137 is SIGKILL: it was asked and did not end.
# </details>
# <details><summary>B. The first process is a shell, and the signal stayed with it.</summary>
# Right. The exec form of CMD, or `exec` at the end of a start script, makes your service the first process.
# </details>
# <details><summary>C. The memory limit was reached.</summary>
# That gives 137 too, but at any time, and not each time you stop it.
# </details>
#
# ### 5. Async is faster
#
# A colleague writes `async def predict(...)` and calls `model.score(rows)` in it, since async is faster. What comes of it?
#
# <details><summary>A. More requests a second: async does them at the same time.</summary>
# No. Async takes turns where something waits. A score does not wait, it computes, and gives no turn away.
# </details>
# <details><summary>B. An error: FastAPI wants `def` there.</summary>
# No. It takes both, and that is why nobody notices until the service is busy.
# </details>
# <details><summary>C. While a large request is scored, /live does not answer.</summary>
# Right. The loop that answers everybody is busy with one. With `def`, FastAPI calls it in a thread.
# </details>
#
# ## What to read next
#
# - The lab **Serve it**: four tasks, a real image.
# - FastAPI's documentation: *Handling Errors*, *Lifespan Events*, *Concurrency and async / await*.
# - The Kubernetes documentation on liveness and readiness probes, and on the termination of Pods.
# - The lab **Canary, shadow, rollback**, later in the track, where two versions of this service run side by side.
