"""Where untrusted work runs: images, stacks (what a learner works in) and jobs (one run under limits)."""
