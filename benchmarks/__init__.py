"""How fast and how large MLOps Labs is, beside the tools a course would otherwise use. See README.md."""
