# %% [markdown]
# ---
# title: One pipeline, five dialects
# lab: one-pipeline-five-dialects
# minutes: 35
# prerequisites:
#   - The lesson "Rescue the notebook"
#   - Reading YAML, and a few lines of shell
# objectives:
#   - Say what a test sees in a commit and what only a comparison of models sees
#   - Follow an exit code from a command to the host, and name what swallows it
#   - Give a secret to one step, and say why hiding it in a log is no protection
#   - Read the same pipeline in GitHub Actions, GitLab CI, Travis CI, CircleCI and Jenkins
# ---
#
# # One pipeline, five dialects
#
# Everything in this lesson runs on your machine, in a folder that is thrown away afterwards. Run the cells in order,
# and change them as you like. No CI host is needed: the worked example builds a very small one.

# %%
import base64
import os
import subprocess
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from mlops_labs.flights import flights

HERE = Path(tempfile.mkdtemp(prefix="lesson-"))
os.chdir(HERE)

# %% [markdown]
# ## Why: three commits that pass every test
#
# The model in production says how likely a flight is late, by its airport and hour. Three colleagues commit on the same day.
# One trains on a longer past. One reads the hours in universal time, five hours ahead, because the new server does.
# One changes "late" from more than 15 minutes to more than none, since the column was there. All tests pass: the code
# does what it says. Which of the three may go into production?


# %%
def shares(rows, label="late"):
    """How often flights of an airport and hour were late, drawn a little towards the share of all."""
    groups = rows.groupby(["origin", "hour"])[label].agg(["sum", "count"])
    return (groups["sum"] + 20 * rows[label].mean()) / (groups["count"] + 20)


def chances(model, rows):
    """What a model says of each flight."""
    asked = pd.MultiIndex.from_frame(rows[["origin", "hour"]])
    return model.reindex(asked).fillna(model.mean()).to_numpy()


def brier(model, rows):
    """The mean squared error of the chances: smaller is better."""
    return float(((chances(model, rows) - rows["late"].to_numpy()) ** 2).mean())


january, february = flights([1]), flights([2])
early = january[january["date"].dt.day <= 14]
shifted = january.assign(hour=(january["hour"] + 5) % 24)
any_delay = january.assign(late=january["arr_delay"] > 0)
models = {
    "in production": shares(early),
    "longer past": shares(january),
    "hours in universal time": shares(shifted),
    "late means any delay": shares(any_delay),
}
scores = {name: brier(model, february) for name, model in models.items()}
table = pd.Series(scores, name="Brier score").to_frame()
table["worse by"] = table["Brier score"] - scores["in production"]
print(table.round(4).to_string())

# %%
figure, axes = plt.subplots(figsize=(6.4, 3.4))
jfk = february[february["origin"] == "JFK"]
seen = jfk.groupby("hour")["late"].mean()
axes.plot(seen.index, seen, color="black", linewidth=2.5, label="February, as it was")
styles = ("-", "--", "-.", ":")
for (name, model), style in zip(models.items(), styles, strict=True):
    line = model["JFK"].reindex(range(5, 24))
    axes.plot(line.index, line, linestyle=style, label=name)
axes.set(xlabel="planned hour of departure, JFK", ylabel="share of late flights", ylim=(0, 0.65))
axes.legend(fontsize=7, ncols=2, loc="upper left")
figure.tight_layout()
plt.show()

# %% [markdown]
# *The picture: the share of late flights at JFK by planned hour, as February had it and as four models say. The model in production
# and the one with a longer past lie close together, a little under February, and rise through the day as it does. The one in universal time
# begins five hours later and is at its lowest where February rises. The one for any delay lies far above all others, at every
# hour. The scores stand in the table above it.*
#
# A test looks at the code: does the function do what it says? Whether the *model* is any good is another
# question, and only a score on flights that it has not seen, beside the score of the one in production, answers it. So a
# pipeline for models has a gate more than others: **test**, **evaluate**, **build**, **deploy**.
#
# How much worse is worse? Train the very same model on halves of January drawn at random, and look how far the scores lie
# apart. A gate without leeway refuses at random.

# %%
halves = [brier(shares(january.sample(frac=0.5, random_state=seed)), february) for seed in range(30)]
print(
    f"the same recipe, 30 random halves: {min(halves):.4f} to {max(halves):.4f}, "
    f"that is {max(halves) - min(halves):.4f} apart"
)

# %% [markdown]
# ## The idea: a pipeline is a graph, some conditions and an exit code
#
# - **What waits for what.** Jobs form a graph. "B needs A" means: B begins when A has ended *well*. A failing test
#   blocks the image because the image needs the tests, and for no other reason.
# - **What is for whom.** Every push is tested. Only a push to main is deployed. A pull request *into* main is not main yet,
#   whatever some variables say.
# - **What is meant by well.** A host knows one thing of a command: its exit code. Zero is well, all else is not. The text
#   that it prints is for people.
# - **Which commit.** What was tested, built and deployed is named by the hash of the commit. "latest" is whatever somebody
#   built last.
#
# Most pipelines that let a failure through do so in the shell. Each of these lines runs a test that fails:

# %%
(HERE / "test.sh").write_text("#!/bin/sh\necho '1 failed'\nexit 1\n")
lines = {
    "sh test.sh": "the exit code of the last command",
    "sh test.sh; echo done": "echo ended well, and it came last",
    "sh test.sh || true": "somebody was tired of a flaky test",
    "sh test.sh | tee log": "a pipe has the exit code of its last part",
    "set -o pipefail; sh test.sh | tee log": "unless it is told otherwise",
    "set -e; sh test.sh; echo done": "set -e stops at the first failure",
}
found = [
    (line, subprocess.run(["bash", "-c", line], capture_output=True, check=False).returncode, why)
    for line, why in lines.items()
]
told = pd.DataFrame(found, columns=["what the job runs", "exit code", "why"])
told["the host sees"] = ["red" if code else "GREEN" for code in told["exit code"]]
print(told[["what the job runs", "exit code", "the host sees", "why"]].to_string(index=False))

# %% [markdown]
# Hosts differ here. GitHub Actions runs each step with `bash -e`, CircleCI with `bash -eo pipefail`, Jenkins with `sh -xe`. Travis CI goes on with
# the next line of `script` after a failure, and adds everything up at the end: three lines "test, build, deploy" under one
# `script` deploy a commit whose test failed, and the build is red afterwards.
#
# ## The secret
#
# Something in a pipeline must be allowed to change production, so it holds a token. Hosts hide secrets in logs: they look
# for the very text and put stars in its place. That is a help against accidents, and no protection:

# %%
token = "hush-17-not-a-real-token"


def shown(text):
    """What a host's log shows."""
    return text.replace(token, "***")


print(shown(f"deploying with {token}"))
print(
    shown("login " + base64.b64encode(f"late:{token}".encode()).decode()), " <- a registry's login, in base64"
)
print(shown(token[::-1]), " <- read it from the end")

# %% [markdown]
# What protects is that a step which does not need the secret **does not have it**. Tests are code that everybody may change in a
# commit of their own, and they run before anybody has read it. A secret in their environment is a secret that whoever can open a
# pull request can send anywhere. So: the secret belongs to the deployment, to nothing else; and that job is for main alone.
#
# ## A worked example: a host in forty lines
#
# A pipeline is data: for each job what it runs, what it needs, on which branch, and whether it gets the secret. Here
# is a host for it. It looks at nothing but exit codes.


# %%
def run(pipeline, branch, commit):
    """Run what a push starts; return the state of each job."""
    states = {}
    for name, job in pipeline.items():  # written in an order in which each comes after what it needs
        if job.get("only", branch) != branch:
            states[name] = "not for this branch"
            continue
        if any(states[needed] != "ended well" for needed in job.get("needs", [])):
            states[name] = "blocked"
            continue
        env = {"PATH": os.environ["PATH"], "COMMIT": commit, **commits[commit]}
        if job.get("secret"):
            env["DEPLOY_TOKEN"] = token
        done = subprocess.run(
            ["bash", "-ec", job["run"]], env=env, capture_output=True, text=True, check=False
        )
        states[name] = "ended well" if done.returncode == 0 else "FAILED"
        log.append(shown(done.stdout))
    return states


log = []
# What is wrong with a commit, as its scripts would find out.
commits = {
    "good": {},
    "failing test": {"TESTS": "1"},
    "worse model": {"SCORE": "1"},
    "broken image": {"IMAGE": "1"},
}
jobs = {
    "test": {"run": "exit ${TESTS:-0}"},
    "evaluate": {"run": "exit ${SCORE:-0}"},
    "build": {"run": "exit ${IMAGE:-0}", "needs": ["test"]},
    "deploy": {
        "run": 'test -n "$DEPLOY_TOKEN" && echo "$COMMIT is in production"',
        "needs": ["test", "evaluate", "build"],
        "only": "main",
        "secret": True,
    },
}
pushes = [("main", commit) for commit in commits] + [("maintenance", "good")]
rows = [{"branch": branch, "commit": commit, **run(jobs, branch, commit)} for branch, commit in pushes]
print(pd.DataFrame(rows).to_string(index=False))

# %% [markdown]
# Read a row as a story. Now take one word away, the evaluation in what the deployment needs. It is the most common mistake of
# all, since everything looks as before: the job is there, it runs, it even turns red.

# %%
careless = {**jobs, "deploy": {**jobs["deploy"], "needs": ["build"]}}
print(pd.Series(run(careless, "main", "worse model")).to_string())

# %% [markdown]
# ## The tool: five of them
#
# Five hosts say the same with other words:
#
# | what | GitHub Actions | GitLab CI | Travis CI | CircleCI | Jenkins (declarative) |
# |---|---|---|---|---|---|
# | the file | `.github/workflows/*.yml` | `.gitlab-ci.yml` | `.travis.yml` | `.circleci/config.yml` | `Jenkinsfile` |
# | a job | under `jobs` | any key at the top | an entry of `jobs.include` | under `jobs`, used in `workflows` | a `stage` |
# | what it runs | `steps`, `run` | `script` | `script` and other phases | `steps`, `run` | `steps`, `sh` |
# | waits for | `needs` | `stages`, `needs` | `stages` | `requires` | the order of `stages` |
# | main alone | `if: github.ref == ...` | `rules: - if: ...` | `if: branch = main AND type = push` | `filters: branches: only` | `when { branch 'main' }` |
# | the commit comes | by `actions/checkout` | by itself | by itself | by `checkout` | by itself |
# | its hash | `GITHUB_SHA` | `CI_COMMIT_SHA` | `TRAVIS_COMMIT` | `CIRCLE_SHA1` | `GIT_COMMIT` |
# | the secret | `env` of a step, from `secrets` | a variable with an environment as its scope | `env: secure:` of a job | a `context` of a job | `credentials()` in a stage |
#
# What is worth more than any dialect: keep the work in **scripts** and let the host only call them. A script can be tried on a
# laptop, moved to another host, and read by somebody who knows none of the five.
#
# In the lab two of the hosts are real engines: *act* runs GitHub's workflows and *gitlab-ci-local* GitLab's files. Travis CI
# and CircleCI run only at their makers', and Jenkins comes as an image from a registry; the lab has a runner of its own for
# a subset of these three languages, which refuses what it does not know. With Docker and an image registry at hand
# you can try your Jenkinsfile on the real one: `mlops start one-pipeline-five-dialects --with jenkins` puts it beside JupyterLab as a tile. Make
# your project a repository, run `git daemon --export-all --base-path=.` in its folder in a terminal of JupyterLab, and in Jenkins make
# a *Multibranch Pipeline* of `git://127.0.0.1/` and a credential "secret text" with the id `deploy-token`.
#
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. Green, and wrong
#
# A job runs `pytest | tee report.txt` under `bash -e`. A test fails. What does the host see?
#
# <details><summary>A. Red: pytest ended with 1.</summary>
# No. The exit code of a pipe is that of its last part, and tee ended well. bash -e looks at the whole pipe.
# </details>
# <details><summary>B. Green.</summary>
# Right. With pipefail it would be red. CircleCI sets it by itself, GitHub Actions only when a step says shell: bash.
# </details>
# <details><summary>C. Red, because the word "failed" is in the report.</summary>
# No. Hosts do not read what commands print.
# </details>
#
# ### 2. The pull request
#
# On Travis CI a job has `if: branch = main`. Somebody opens a pull request from `speed-up` into `main`. Does the job run?
#
# <details><summary>A. No, the branch is speed-up.</summary>
# No. For a pull request, branch is where it goes to. The one it comes from is head_branch.
# </details>
# <details><summary>B. Yes.</summary>
# Right. Ask for the kind of event as well: branch = main AND type = push.
# </details>
# <details><summary>C. Only when it is merged.</summary>
# No. Pull requests are built when they are opened. The merge is a push of its own.
# </details>
#
# ### 3. Hidden
#
# The token is a masked secret, set for the whole pipeline. Why is that still too much?
#
# <details><summary>A. Masking slows the log down.</summary>
# No. It costs nothing that matters.
# </details>
# <details><summary>B. A test in a pull request can read it and send it away, or print it in another form.</summary>
# Right. Masking finds the very text in the log, and nothing else. What does not have the secret cannot lose it.
# </details>
# <details><summary>C. It is fine: whoever sees the log sees stars.</summary>
# No. Whoever changes a test sees what the test sees.
# </details>
#
# ### 4. Worse
#
# The evaluation is a job of its own, and red. The image was built and deployed. What was missing?
#
# <details><summary>A. A test for the score.</summary>
# Not here. The evaluation did find it.
# </details>
# <details><summary>B. The deployment did not need the evaluation.</summary>
# Right. A job stops those that need it, and no others. That it is red afterwards helps nobody.
# </details>
# <details><summary>C. The evaluation should have come first in the file.</summary>
# No. In most dialects the order in the file says nothing; jobs begin as soon as what they need is there.
# </details>
#
# ## What to read next
#
# - The lab **One pipeline, five dialects**: bad commits, pushed to each of the five.
# - *Workflow syntax* in GitHub's documentation, and *CI/CD YAML syntax reference* in GitLab's.
# - *Pipeline Syntax* in the documentation of Jenkins, its part on declarative pipelines.
