"""The hub as a process: ``python -m mlops_labs.hub --config=jupyterhub_config.py``, started by `mlops class hub`."""

from mlops_labs.hub.engine import ClassHub

ClassHub.launch_instance()
