# %% [markdown]
# ---
# title: Canary, shadow, rollback
# lab: canary-shadow-rollback
# minutes: 35
# prerequisites:
#   - The lesson "Promote with a reason"
#   - What an HTTP request, its status and a port are
# objectives:
#   - Say what a shadow, a canary and a rollback each protect from, and what they cannot see
#   - Choose how many requests a judgement needs, against false alarms and against late ones
#   - Turn totals that a server counts into what happened in a window, also after a restart
#   - Read and write Traefik's weighted and mirroring services
# ---
#
# # Canary, shadow, rollback
#
# Everything in this lesson runs on your machine, on real flights, and needs no proxy: a small one in Python plays its
# part. The lab uses a real one.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import binom
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mlops_labs.flights import flights

# %% [markdown]
# ## Why: the model that answered the opposite
#
# Two models of late flights, trained on January to March. The **champion** learned from labels 0 and 1. The **challenger**
# also looks at the destination, and whoever trained it kept the labels as text, which is easier to read in a table.


# %%
def fit(columns, labels):
    """A logistic regression on some columns of the first three months."""
    coder = ColumnTransformer([("names", OneHotEncoder(handle_unknown="ignore"), columns)])
    return make_pipeline(coder, LogisticRegression(C=0.1, max_iter=1000)).fit(training, labels)


training = flights([1, 2, 3])
champion = fit(["carrier", "origin", "hour"], training["late"].astype(int))
as_text = np.where(training["late"] == 1, "late", "on time")
challenger = fit(["carrier", "origin", "hour", "dest"], as_text)

april = flights([4]).sort_values(["date", "hour", "minute"]).reset_index(drop=True)
answers = pd.DataFrame(
    {
        "champion": champion.predict_proba(april)[:, 1],
        "challenger, as tested": challenger.predict_proba(april)[:, list(challenger.classes_).index("late")],
        "challenger, as served": challenger.predict_proba(april)[:, 1],
    }
)
table = pd.DataFrame(
    {
        "mean score": answers.mean(),
        "AUC in April": [roc_auc_score(april["late"], answers[name]) for name in answers],
    }
)
print(table.round(3).to_string())

# %% [markdown]
# In the test the column was looked up by its name. The service takes column 1, as it always has, and of the classes
# "late" and "on time" that is the second one. There is no error, no slowness, and every answer is a number between 0
# and 1: the probability that the flight is on time, sold as the probability that it is late.
#
# It goes live on Friday at noon and is noticed on Monday at eight:

# %%
at = april["date"] + pd.to_timedelta(april["hour"], unit="h")
weekend = april[(at >= "2013-04-12 12:00") & (at < "2013-04-15 08:00")]
first_hour = april[(at >= "2013-04-12 12:00") & (at < "2013-04-12 13:00")]
print(f"flights asked about, Friday noon to Monday eight  {len(weekend):>5,}")
print(f"flights asked about in the first hour             {len(first_hour):>5,}")
print(f"a tenth of the first hour                         {round(len(first_hour) / 10):>5,}")
print("answers of a shadow that reach anybody                0")

# %% [markdown]
# The last three lines are the choices of this lesson: notice it within an hour, let only a tenth of the clients
# through until then, or let nobody hear it at all.

# %% [markdown]
# ## The idea: give it more only while it does well
#
# - In a **shadow** the champion answers everybody. The challenger gets a copy of every request and its answers are thrown
#   away. It costs machines, and it harms nobody. Both versions see the *same* requests, so even small differences show.
# - A **canary** is a small share of the real traffic. Only here can one see what clients do with the answers, and what the
#   challenger does when it answers for real. The share bounds the harm.
# - A **rollback** is the way back in one step. It works because the champion has never stopped running.
# - A **window** is what is judged: what has happened since the last decision. The decision goes by rules that were written
#   before, by a program that is awake on Sunday.
#
# And the rule must say what it does when it cannot judge:
#
# | seen | is |
# |---|---|
# | a bad challenger, a good champion | a regression: go back |
# | both bad | weather: a database, a network, a blizzard. Going back mends nothing, and going on is foolish: wait |
# | hardly any requests | nothing: wait, and go on counting |
# | no answer from the challenger | not the same as nothing: go back |

# %% [markdown]
# ## How many requests are enough?
#
# No service is without errors. Say one request in a hundred fails anyway, also with the champion. A nervous rule goes back at
# the first error; a patient one when more than 5 % of the window's requests fail. How often does each send back a
# challenger that is as good as the champion? And how often does the patient rule miss one that fails in a fifth of all
# requests?

# %%
sizes = np.array([5, 10, 20, 40, 80, 160, 320])
most = np.floor(sizes * 0.05)  # errors that the patient rule bears
risk = pd.DataFrame(
    {
        "requests": sizes,
        "nervous: good one sent back": 1 - binom.pmf(0, sizes, 0.01),
        "patient: good one sent back": 1 - binom.cdf(most, sizes, 0.01),
        "patient: bad one missed": binom.cdf(most, sizes, 0.20),
    }
)
print(risk.round(3).to_string(index=False))

figure, axes = plt.subplots(figsize=(6.4, 3.4))
for (name, column), style in zip(risk.set_index("requests").items(), ("o-", "s--", "^:"), strict=True):
    axes.plot(sizes, column, style, label=name)
axes.set(xlabel="requests in the window", ylabel="chance", xscale="log", ylim=(-0.03, 1.03))
axes.set_xticks(sizes, [str(size) for size in sizes])
axes.legend()
plt.show()

# %% [markdown]
# *The picture: three lines over the number of requests in the window, from 5 to 320. The line of the nervous rule climbs from 5 per cent
# to almost 100 per cent: with enough traffic it sends back every good challenger. The two lines of the patient rule fall: it misses
# a bad one in a third of all windows of five requests, in about 7 of 100 windows of 20 and hardly ever from 40 on. The numbers stand
# in the table above it.*
#
# So a rule needs a **share**, not a count, and a **least number of requests** below which it says nothing. A window of 20
# at a share of 10 % means 200 requests through the proxy. That is the time a bad challenger has.
#
# Scores are noisier than errors, and here the shadow shows its strength. How far apart are the mean scores of two good
# models over 20 requests, when both get the same flights, and when each gets its own?

# %%
draw = np.random.default_rng(0)
good = answers["challenger, as tested"].to_numpy()
old = answers["champion"].to_numpy()
same, own = [], []
for _ in range(4000):
    mine, other = draw.integers(len(april), size=(2, 20))
    same.append(good[mine].mean() - old[mine].mean())
    own.append(good[mine].mean() - old[other].mean())
wrong = answers["challenger, as served"].mean() - answers["champion"].mean()
for name, values in (("the same flights (shadow)", same), ("flights of its own (canary)", own)):
    print(f"{name:<28} 99 of 100 differences within {np.quantile(np.abs(values), 0.99):.3f}")
print(f"the model that answers the opposite differs by   {wrong:.3f}")

# %% [markdown]
# A limit of 0.1 tells the opposite model from a good one in either case. A model that is wrong by 0.04 for everybody can
# be seen in the shadow and not in a canary of this size.

# %% [markdown]
# ## The tool: Traefik
#
# Traefik is a proxy that reads its routes from a file and reads them again when the file changes; what is under way is
# finished by the old routes. A **router** leads requests to a **service**. A service is a `loadBalancer` with servers, or
# leads to other services. This one is a canary of a tenth:
#
# ```yaml
# http:
#   routers:
#     flights:
#       rule: PathPrefix(`/`)
#       service: flights
#   services:
#     champion:
#       loadBalancer: {servers: [{url: "http://127.0.0.1:8101"}]}
#     challenger:
#       loadBalancer: {servers: [{url: "http://127.0.0.1:8102"}]}
#     flights:
#       weighted:
#         services:
#           - {name: champion, weight: 90}
#           - {name: challenger, weight: 10}
# ```
#
# And for a shadow the service `flights` is this instead:
#
# ```yaml
#     flights:
#       mirroring:
#         service: champion
#         mirrors:
#           - {name: challenger, percent: 100}
# ```
#
# The weights are exact, not thrown: of ten requests in a row nine go to the champion. Three habits keep clients from noticing any
# change: write the new file beside the old one and rename it, so that the proxy never reads half a file; leave no
# moment in which a router leads nowhere; and change routes instead of stopping servers.

# %% [markdown]
# ## A worked example: a Friday afternoon in the shadow
#
# Servers tell **totals** since they were started: Prometheus and its relatives work like that, since totals survive a
# reader who comes late. A window is the difference of two looks. When a server was started anew, the difference would be
# nonsense, often negative; then the window is what it has counted since.


# %%
class Version:
    """One version of the service, and what it has counted since its start."""

    def __init__(self, name, scores):
        self.name, self.scores = name, scores
        self.restart()

    def restart(self):
        """Begin anew, with another identity."""
        self.started = object()
        self.totals = {"requests": 0, "scores": 0.0}

    def answer(self, flight):
        """Score a flight, and count it."""
        self.totals["requests"] += 1
        self.totals["scores"] += self.scores[flight]
        return self.name

    def look(self):
        """What a controller sees."""
        return {"started": self.started, **self.totals}


def since(before, now):
    """Requests and mean score of a window."""
    same = before["started"] is now["started"]
    requests = now["requests"] - (before["requests"] if same else 0)
    scores = now["scores"] - (before["scores"] if same else 0.0)
    return requests, scores / requests if requests else float("nan")


class Proxy:
    """As much of Traefik as this lesson needs: a mirror, or weights that are kept exactly."""

    def __init__(self, versions):
        self.versions, self.stage, self.owed = versions, "shadow", 0.0

    def send(self, flight):
        """Who answers the client."""
        if self.stage == "shadow":
            self.versions["challenger"].answer(flight)
            return self.versions["champion"].answer(flight)
        self.owed += self.stage / 100
        turn = self.owed >= 1
        self.owed -= turn
        return self.versions["challenger" if turn else "champion"].answer(flight)


# %% [markdown]
# The controller below looks once an hour. It knows one limit, the difference of the mean scores; the lab's knows more.


# %%
def release(versions, plan=("shadow", 10, 50, 100), least=20, limit=0.1):
    """Release the challenger over Friday, an hour at a time, and tell what was decided."""
    proxy, rows, heard = Proxy(versions), [], 0
    window = {name: version.look() for name, version in versions.items()}
    for hour in range(6, 22):
        asked = april.index[at == pd.Timestamp("2013-04-12") + pd.Timedelta(hours=hour)]
        answered = [proxy.send(flight) for flight in asked]
        heard += answered.count("challenger")
        if hour == 8:
            versions["champion"].restart()  # the night shift's update, unannounced
        now = {name: version.look() for name, version in versions.items()}
        seen = {name: since(window[name], now[name]) for name in versions}
        stage = proxy.stage
        if seen["challenger"][0] < least:
            decision = "hold"
        elif seen["champion"][0] >= least and abs(seen["challenger"][1] - seen["champion"][1]) > limit:
            decision, proxy.stage = "rollback", 0
        elif stage == plan[-1]:
            decision = "promote"
        else:
            decision, proxy.stage = "advance", plan[plan.index(stage) + 1]
        if decision != "hold":
            window = now
        counted, score = seen["challenger"]
        rows.append((f"{hour}:00", stage, len(asked), counted, round(score, 3), decision))
        if decision in ("rollback", "promote"):
            break
    columns = ["hour", "stage", "flights", "challenger's window", "its mean score", "decision"]
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))
    print(f"clients who heard the challenger: {heard}")


for column in ("challenger, as served", "challenger, as tested"):
    print(f"\n{column}")
    release(
        {
            "champion": Version("champion", answers["champion"].to_numpy()),
            "challenger": Version("challenger", answers[column].to_numpy()),
        }
    )

# %% [markdown]
# The model that answers the opposite is gone after the first hour, and nobody has heard it. The good one is held at 10 % for
# several hours: a tenth of an hour's flights is less than 20, and a window that goes on is what gets it through at all. A
# controller that began anew every hour would hold for ever. (At eight the champion was started anew: nothing happened.)
#
# What no rule of this kind sees: whether the scores are *right*. That is known when the flights have landed.

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. A small weight
#
# A colleague gives the challenger a weight of 1 in 1000 and calls it a shadow. What is the difference?
#
# <details><summary>A. None: so few clients do not count.</summary>
# No. They count for themselves, and at a million requests a day they are a thousand people.
# </details>
# <details><summary>B. Clients hear it, and it gets hardly any requests to be judged by.</summary>
# Right. A shadow is the other way round on both counts: it gets every request, and nobody hears it.
# </details>
# <details><summary>C. A weight is slower than a mirror.</summary>
# No. A mirror costs more: every request is worked on twice.
# </details>
#
# ### 2. Both are slow
#
# At 50 % both versions take three seconds where 0.2 are usual. What should the controller do?
#
# <details><summary>A. Go back: three seconds are three seconds.</summary>
# No. The champion takes three seconds as well. Going back changes nothing for clients, and a good release is stopped for
# something else's fault.
# </details>
# <details><summary>B. Go on: the challenger is no worse than the champion.</summary>
# No. In such an hour nothing can be said of either of them, and more load on an unknown version is not what it needs.
# </details>
# <details><summary>C. Wait, and judge by what comes after.</summary>
# Right. And the window begins anew, or the bad hour weighs on the next judgement.
# </details>
#
# ### 3. Minus forty
#
# Your window says that the challenger answered -40 requests. What happened?
#
# <details><summary>A. The server was started anew between the two looks.</summary>
# Right. Its totals began at 0 again. Something that changes with every start tells you, and then nothing is subtracted.
# </details>
# <details><summary>B. Requests were taken back by the proxy.</summary>
# No. Neither a proxy nor a server takes back what was counted.
# </details>
# <details><summary>C. The window was too short.</summary>
# No. A short window gives small numbers, and none below 0.
# </details>
#
# ### 4. Silence
#
# The challenger's metrics do not answer any more. It has had 12 requests in the window; 20 are needed for a judgement.
#
# <details><summary>A. Too few requests: hold.</summary>
# No. As long as you hold, clients are sent to a server that is probably dead.
# </details>
# <details><summary>B. Go back.</summary>
# Right. No answer is not a small number of requests. What cannot be seen is not to be trusted with clients.
# </details>
# <details><summary>C. Go on: no errors were counted.</summary>
# No. A dead server counts nothing, errors neither. Absence of bad news is no news.
# </details>
#
# ### 5. When does the alias move?
#
# The registry's alias `champion` says what a server loads when it starts. When should a release move it?
#
# <details><summary>A. At the beginning, so that registry and proxy agree.</summary>
# No. A server that restarts during the shadow would load the challenger, and everybody would hear it at once.
# </details>
# <details><summary>B. When the challenger gets all of the traffic.</summary>
# Almost. It has not been judged there yet. Were it rolled back, the next restart would bring it back in the night.
# </details>
# <details><summary>C. When it has done well with all of the traffic.</summary>
# Right. Until then the way back must lead to the champion from wherever one starts.
# </details>
#
# ## What to read next
#
# - The lab **Canary, shadow, rollback**: a real proxy, planted trouble, and your controller between them.
# - Traefik's documentation: *Services*, with *Weighted Round Robin* and *Mirroring*, and the *File* provider.
# - The lab **See it break**, the next one in this track: measuring and alerting by Prometheus instead of by hand.
