"""Routes as YAML, by PyYAML."""

import os
import tempfile
from pathlib import Path

import yaml


def balancer(address):
    return {"loadBalancer": {"passHostHeader": True, "servers": [{"url": f"{address}/"}]}}


def shadow(champion, challenger):
    return {
        "old": balancer(champion),
        "new": balancer(challenger),
        "entry": {"mirroring": {"service": "old", "mirrors": [{"name": "new", "percent": 100}]}},
    }


def shared(champion, challenger, percent):
    if percent == 0:
        return {"entry": balancer(champion)}
    weights = [{"name": "old", "weight": 100 - percent}, {"name": "new", "weight": percent}]
    return {
        "old": balancer(champion),
        "new": balancer(challenger),
        "entry": {"weighted": {"services": weights}},
    }


def write(path, services):
    routers = {"everything": {"rule": "Method(`GET`) || Method(`POST`)", "service": "entry", "priority": 1}}
    text = yaml.safe_dump({"http": {"routers": routers, "services": services}})
    target = Path(path)
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".routes")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.chmod(draft, 0o644)
    os.rename(draft, target)
