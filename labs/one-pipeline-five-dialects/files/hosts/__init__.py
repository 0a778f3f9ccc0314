"""Five CI hosts on one machine: pushes a commit of the project to one of them and tells what its pipeline did.

GitHub Actions is run by act and GitLab CI by gitlab-ci-local, real engines. Of Travis CI, CircleCI and Jenkins no engine is
to be had without a network: for them this package runs a subset of their language, step by step, and refuses what it does
not know, with its place. What it accepts means on the real host what it means here.

    python -m hosts travis                    # push the project to main, as it is
    python -m hosts travis failing-test       # push a commit with a mistake
    python -m hosts travis --branch maintenance
    python -m hosts travis --pull-request
"""
