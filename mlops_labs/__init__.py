"""What people touch: the `mlops` command, the notebook's `lab` object, the curriculum, progress."""

__version__ = "0.1.0"
