# %% [markdown]
# # See it break
#
# On 8 and 9 February 2013 snow closed New York's airports. Half of the flights were cancelled, the model went on
# giving scores for them, and its service answered every request with 200. Whoever ran it learned of it from the news.
#
# You give the service numbers to watch, write rules that tell a blizzard from a quiet week, and see to it that one
# message arrives where it should.
#
# Your work is in three folders beside this notebook. Open the files in JupyterLab's editor, and a terminal with File > New > Terminal.
#
# | file | what it is |
# |---|---|
# | `project/service.py` | yours: the service, `python service.py --port 8000`. It works, without numbers |
# | `project/model.py` | given, do not change it: `score(flight)`. Grading brings another one, which may be slow or fail |
# | `prometheus/rules.yml` | yours: the alerts |
# | `prometheus/prometheus.yml` | given: what the lab's Prometheus reads. Grading brings its own |
# | `alertmanager/alertmanager.yml` | yours: who gets which message |
#
# A Prometheus and an Alertmanager run beside this notebook. With the Docker engine they listen on 9090 and 9093 and find your service on
# port 8000, and `curl -X POST 127.0.0.1:9090/-/reload` (or `:9093/-/reload`) has them read your files again. You can do the whole lab
# without them: the checks start their own.
#
# More files in `project/` are welcome; `rules.yml` and `alertmanager.yml` must each be whole by themselves. When you submit, the three folders are copied into a sandbox, and your
# service, your rules in a Prometheus and your routes in an Alertmanager run there. These are Debian's Prometheus and Alertmanager:
# `promtool --version` and `amtool --version` tell which.

# %%
from mlops_labs import lab

# %% [markdown]
# ## Task 1: numbers to watch
#
# The service answers `POST /predict` (`{"flights": [{"origin": "EWR", "hour": 17}, ...]}`) and `POST /outcome`
# (`{"flight": "UA 1545 2013-02-08", "origin": "EWR", "result": "cancelled"}`). Keep what it answers as it is, and add
# **`GET /metrics`** in Prometheus' text format (`prometheus_client` is installed), with exactly these:
#
# | metric | type | labels | what it counts |
# |---|---|---|---|
# | `flights_scored_total` | counter | none | flights whose score was answered with status 200: a request with three flights counts three |
# | `predict_errors_total` | counter | none | requests to `/predict` that were answered with 400 or 500 |
# | `predict_seconds` | histogram | none | how many seconds each request to `/predict` took in the service, those with errors too; finite bucket bounds 0.05, 0.1, 0.25, 0.5, 1 and 2.5 |
# | `outcomes_total` | counter | `origin`, `result` | outcomes that were answered with 200 |
#
# - All of them are there from the first scrape, with 0: for `outcomes_total` the nine series of three airports and three results.
# - The number of series stays what it is, whatever flights, airports and results people send. Further metrics of your own are
#   welcome under the same condition.
# - A number is right as soon as the request that changed it has been answered.

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: rules that know a blizzard
#
# `prometheus/rules.yml` has four alerts. They are about the job `flights` (label `job="flights"`), which may have several
# instances (label `instance`); series of other jobs, under the same names, are none of their business.
#
# | alert | fires when | for | label `severity` |
# |---|---|---|---|
# | `CancellationsHigh` | of an airport's outcomes in the last 24 hours, over all instances together, more than 30 % are `cancelled`; one alert for each such airport, with the label `origin` | 30 minutes | `ticket` |
# | `PredictErrors` | of the requests to `/predict` in the last 5 minutes, over all instances together, more than 5 % were errors | 10 minutes | `page` |
# | `SlowPredictions` | the 95th percentile of `predict_seconds` in the last 5 minutes, over all instances together, is above 0.5 s | 10 minutes | `ticket` |
# | `ServiceDown` | Prometheus cannot scrape an instance (`up` is 0), or there is no instance at all (no `up` of the job) | 15 seconds | `page` |
#
# "For" says how long it must hold without a pause before the alert fires. An alert ends by itself when its condition does. Counters begin again at 0
# when an instance is restarted; that is no blizzard and no end of one. Where nothing was asked or reported, no share is high.
# Recording rules and annotations are yours to choose. Leave the groups without an `interval` of their own: how often rules are evaluated
# is set where they are loaded (every 4 minutes for days, every 5 to 15 seconds for moments).
#
# The flights' own numbers: 2.5 % are cancelled in a year, at most 9 % on a day of the fortnight after the blizzard, 48 to 66 % on its two
# days at each airport. When you submit, `promtool` plays such days to your rules, in minutes and not in days. `promtool test rules`
# does the same with tests that you write.

# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: one message, to the right place
#
# `alertmanager/alertmanager.yml` has two receivers, named `page` and `ticket`. Each calls a webhook:
# `http://127.0.0.1:9101/page` and `http://127.0.0.1:9101/ticket` (write the addresses just so; grading puts another port for 9101).
#
# - Alerts with `severity` `page` go to `page` only. All others, also those without a severity, go to `ticket` only.
# - Alerts of one name are **one** message, however many airports or instances they are about. Alerts of different names are
#   different messages.
# - When an alert is over, its receiver is told so.
# - The first message waits 2 seconds for others of its group, a change of a group 5 seconds. Nothing is said again within the hour.

# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: see it break
#
# Nothing to write. A real Prometheus scrapes your service every second with your rules and tells a real Alertmanager
# with your routes. Outcomes arrive and are there to be queried. Then the service is killed: one page comes. It is started
# again: the all-clear comes.
#
# Then the flights of 6 to 11 February are replayed to your service, one of six and a day in six or seven seconds, with every duration in your rules
# shortened alike. The two days before the blizzard are silent, the blizzard is one ticket, and when the planes fly
# again its all-clear comes.

# %% check="t4"
lab.check("t4")

# %% [markdown]
# When the checks above pass, run `lab.submit()`. Files in an editor must be saved first (Ctrl+S).
