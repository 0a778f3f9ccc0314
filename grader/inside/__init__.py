"""What runs inside a sandbox job: the runner (its main process) and the agent (in the learner's kernel)."""
