# %% [markdown]
# # One pipeline, five dialects
#
# Until last week the model went into production from a colleague's laptop. One evening a test failed and was not looked
# at; the new model was worse than the old one, and nobody had compared; and the token that opens production was pasted
# into a chat so that somebody else could repeat it all. Each of these is a step that a machine does better.
#
# You write that machine's orders, the **pipeline** that stands between a commit and production. And because the team uses
# five CI hosts, for reasons lost in time, you write it five times. The steps are the same everywhere and are given, as four
# scripts; what differs is how a host is told what waits for what, on which branch, and who may know the secret.
#
# | in `project/` | what it is |
# |---|---|
# | `ci/test.sh` | runs the tests; exit code 1 if one fails |
# | `ci/evaluate.sh` | trains, scores and compares with the model in production; exit code 1 if the new one is worse |
# | `ci/build.sh TAG` | stands for `docker build` and `docker push`: makes an image under that tag; exit code 1 if it cannot be built |
# | `ci/deploy.sh TAG` | puts the image of that tag into production; it needs the secret, in the variable `DEPLOY_TOKEN` |
# | `late/`, `tests/`, `data/`, `Dockerfile`, `production.json` | what the scripts work with |
# | five pipeline files | yours, and empty: the tasks name them |
#
# Three of the pipeline files begin with a dot, and so do two folders. JupyterLab shows them with *View > Show Hidden Files*.
# Everything else in `project/` is put back as it was given when you submit; more files of your own are welcome.

# %%
from mlops_labs import lab

# %% [markdown]
# ## What the pipeline must do, in every dialect
#
# 1. A push to **any branch** calls `ci/test.sh` and `ci/evaluate.sh`, and the pipeline is red (it ends as failed) when
#    a script that it calls fails. `ci/build.sh` is called with the **whole hash of the commit** as its tag; whether that
#    happens on other branches than main is up to you.
# 2. A **failing test blocks the image**: `ci/build.sh` is called after `ci/test.sh` has ended well, else not at all.
# 3. A push to **main** calls `ci/deploy.sh` with the same tag, exactly once, after the three other scripts have ended well. When the test
#    fails, the model is worse or the image cannot be built, it is not called.
# 4. **Only main deploys.** On any other branch, `maintenance` for one, and in a pull request into main, `ci/deploy.sh` is not called.
#    A good commit on another branch leaves the pipeline green.
# 5. **The secret** is seen by `ci/deploy.sh` and by no other script: whoever can change a test can read what a test can
#    read. It does not stand in the log, neither plainly nor turned into something else.
#
# The scripts are called as in `ci/test.sh`, from the project's folder. In which jobs or stages, side by side or one after another, is yours, as far as 1 to 5
# allow it. Every script makes what it needs by itself, so nothing has to be handed from job to job. Python and Git are
# there; nothing has to be installed, and nothing could be.
#
# | host | the file | the hash of the commit | the secret, and who gets it |
# |---|---|---|---|
# | GitHub Actions | `.github/workflows/ci.yml` | `GITHUB_SHA` | a secret of the repository: `${{ secrets.DEPLOY_TOKEN }}` |
# | GitLab CI | `.gitlab-ci.yml` | `CI_COMMIT_SHA` | the variable `DEPLOY_TOKEN`, set for the environment `production`: jobs of that environment have it |
# | Travis CI | `.travis.yml` | `TRAVIS_COMMIT` | encrypted, for `env`: `secure: "bGF0ZS1mbGlnaHRzLURFUExPWV9UT0tFTg=="` becomes `DEPLOY_TOKEN` |
# | CircleCI | `.circleci/config.yml` | `CIRCLE_SHA1` | the context `production`: jobs that name it have `DEPLOY_TOKEN` |
# | Jenkins | `Jenkinsfile` | `GIT_COMMIT` | a credential of the kind "secret text" with the id `deploy-token` |
#
# ## Push it
#
# In a terminal (File > New > Terminal), in the folder of this notebook:
#
#     python -m hosts github                        # push a good commit to main
#     python -m hosts github failing-test           # or worse-model, or broken-build
#     python -m hosts github --branch maintenance   # push the good commit to another branch
#     python -m hosts github --pull-request         # open a pull request into main with it
#
# In place of `github`: `gitlab`, `travis`, `circleci`, `jenkins`. It makes a repository of your project, commits, has the
# host's pipeline run, shows the log, and tells which scripts were called, in which order, which of them saw the secret, and what was
# built and deployed. When you submit, the same is done with each host and each commit, with another secret and other names of
# branches. The good commit brings a test that prints what looks like a secret: people do forget such things.
#
# **Which host is real here?** GitHub Actions is run by *act* and GitLab CI by *gitlab-ci-local*, engines that others use
# every day. Of Travis CI, CircleCI and Jenkins no engine is to be had without a network. There a small runner of this lab does
# what the host would do, for a subset of its language: it checks your file against the published schema (Travis CI, CircleCI) or
# with rules of its own (Jenkins), and **refuses what it does not know**, with its place. What it accepts means there what it means here.
# Where an image registry and Docker are at hand, `mlops start one-pipeline-five-dialects --with jenkins` puts a real Jenkins beside the lab, to
# try your Jenkinsfile on; what you submit is graded by the small runner all the same.

# %% [markdown]
# ## Task 1: GitHub Actions
#
# Write `project/.github/workflows/ci.yml`, one workflow. Machines are `ubuntu-latest`, `ubuntu-24.04` and `ubuntu-22.04`.
# Of other people's actions there are `actions/checkout` and `actions/setup-python` (it changes nothing here). Containers,
# service containers and filters on paths or tags are not there, nor `continue-on-error` of a whole job.

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: GitLab CI
#
# Write `project/.gitlab-ci.yml`. An `image` may be named and changes nothing here: each job runs in a shell, in a copy of the commit of its
# own. Say on which branch a job runs with `rules` of the job: gitlab-ci-local obeys neither `only` and `except` nor
# `workflow: rules`, so files with these are refused. There are no merge requests here, and no `include` of files from elsewhere.
# Nobody is there to start a manual job.

# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: Travis CI and CircleCI
#
# Write `project/.travis.yml`. Understood are: `stages` (also with `if`), `jobs.include`, and in a job or at the top `script`, `before_install`,
# `install`, `before_script`, `after_success`, `after_failure`, `after_script`, `env` (`env.global` at the top), `if`, and
# `deploy` with `provider: script` and `on: branch` or `all_branches` (with `before_deploy`, `after_deploy`); at the top also `branches`. Lists that make more jobs
# (of Python versions, of `env`) are not. The schema is stricter than the host here and there: it wants variables as `NAME=value`, and
# branches as a list under `branches: only`.
#
# Write `project/.circleci/config.yml`, version 2.1. Understood are: `jobs` with `docker`, `machine` or an executor of `executors`;
# `commands` and `executors` without parameters; the steps `checkout`, `run` (with `name`, `command`, `environment`, `working_directory`, `shell`, `when`),
# `persist_to_workspace` and `attach_workspace`; `workflows` whose jobs have `requires`, `context`, `name` and `filters` by branches,
# and `when` or `unless` with `equal`, `and`, `or`, `not`; the values `<< pipeline.git.branch >>` and `<< pipeline.git.revision >>`. A job begins in an empty folder.
# Orbs, approvals and matrices are not. CircleCI has no pull requests of its own.

# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: Jenkins
#
# Write `project/Jenkinsfile`, a declarative pipeline of a *multibranch* job: the branch is in `BRANCH_NAME`, and a pull request is a
# branch of its own (`PR-7`). All stages share one workspace, in which the commit is already checked out. Understood are: `agent`, `environment` (also with
# `credentials('...')`), `options`, `triggers`, `stages`, `parallel`, `when` (`branch`, `environment`, `changeRequest`, `allOf`, `anyOf`,
# `not`, and `expression` with comparisons of texts), `post`; the steps `sh` (with `script`, `label`, `returnStatus`), `echo`, `error`, `checkout scm`, `dir`, `retry`, `timeout`, `timestamps`,
# `catchError`, `withEnv` and `withCredentials([string(credentialsId: '...', variable: '...')])`. Groovy beyond that (`script` with
# variables, `if`, `def`) is refused.

# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Lay the five files side by side. What is the same in all of them is the pipeline; what differs is the dialect. The scripts know of no
# host: moving to a sixth one is an afternoon's work, and each of them can be tried on a laptop, without the token.
#
# When the checks above pass, run `lab.submit()`. Files in an editor must be saved first (Ctrl+S).
