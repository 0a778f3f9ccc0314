"""Given, do not change it: what the controller needs from the world around it."""

import json
import urllib.error
import urllib.request
from pathlib import Path

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # nothing here leaves this machine


def counts(url):
    """What the version at `url` has counted since it was started; None when it does not answer within 3 seconds.

    A dict: `version`, `started` (a text that is another one after every start), `requests`, `errors`, `seconds` (of all
    requests together) and `scores` (the sum of all scores that were answered; an error answers none).
    """
    try:
        with _DIRECT.open(url + "/metrics", timeout=3) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def replace(path, text):
    """Have a file hold this text from one moment to the next: whoever reads it finds the old text or the new one."""
    path = Path(path)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text)
    draft.replace(path)


def move_alias(settings):
    """Have the alias `champion` of the registered model point to the challenger's version, in MLflow."""
    body = {"name": settings["model"], "alias": "champion", "version": settings["version"]}
    request = urllib.request.Request(
        settings["registry"] + "/api/2.0/mlflow/registered-models/alias",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with _DIRECT.open(request, timeout=20):
        pass
