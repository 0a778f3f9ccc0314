"""A class on one machine: a JupyterHub that starts each learner's stack, and what they submit graded behind it."""
