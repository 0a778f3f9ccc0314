"""The image for the labs on production: all its programs run where nothing may be written and no network is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.docker_engine import DockerEngine
from sandbox.engine import JobOver, JobSpec, Limits
from sandbox.programs import PROGRAMS

pytestmark = pytest.mark.engine

_ROOM = Limits(seconds=120, memory_mb=1500, processes=256, disk_mb=64)

ASKED = """
import json, os, shutil, subprocess, sys
names = json.loads(sys.stdin.readline())
said = {}
for name in names:
    if shutil.which(name) is None:
        said[name] = "missing"
        continue
    word = {"traefik": "version", "evidently": "--help"}.get(name, "--version")
    said[name] = subprocess.run([name, word], capture_output=True, stdin=subprocess.DEVNULL).returncode
print(json.dumps([said, os.getuid(), os.access("/usr", os.W_OK)]), flush=True)
"""

DRIFT = """
import json, sys
import numpy as np, pandas as pd
from evidently import Report
from evidently.metrics import ValueDrift
from evidently.presets import DataDriftPreset

def month(seed, shift, shares):
    chance = np.random.default_rng(seed)
    origin = chance.choice(["EWR", "JFK", "LGA"], 3000, p=shares)
    return pd.DataFrame({"delay": chance.normal(shift, 1, 3000), "origin": origin})

before, now = month(1, 0, (0.4, 0.3, 0.3)), month(2, 2, (0.4, 0.3, 0.3))
report = Report([DataDriftPreset(), ValueDrift(column="delay", method="psi"), ValueDrift(column="origin", method="psi")])
made = report.run(now, before)
made.save_html("report.html")
metrics = json.loads(made.json())["metrics"]
print(json.dumps([metrics[0]["value"]["count"], metrics[-2]["value"], metrics[-1]["value"]]), flush=True)
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DockerEngine:
    found = DockerEngine(tmp_path_factory.mktemp("ops-home"))
    found.prepare("ops", print)
    return found


def ask(engine: DockerEngine, code: str, line: bytes = b"") -> object:
    spec = JobSpec("ops", "ops", ("python", "-c", code), _ROOM)
    with engine.job(spec) as job:
        job.send(line)
        try:
            return json.loads(job.receive(110))
        except JobOver as over:
            pytest.fail(over.end.stderr_tail)


def test_every_program_that_a_lab_may_name_runs(engine: DockerEngine) -> None:
    said = ask(engine, ASKED, json.dumps(list(PROGRAMS)).encode())
    assert said == [dict.fromkeys(PROGRAMS, 0), 1000, False]


def test_nothing_that_prometheus_pages_need_was_left_out(engine: DockerEngine) -> None:
    code = """
import json, pathlib
links = [path for path in pathlib.Path("/usr/share/prometheus").rglob("*") if path.is_symlink()]
libraries = [path for link in links for path in [link.resolve(), *link.resolve().rglob("*.min.*")]]
print(json.dumps([len(links) > 8, [str(path) for path in links + libraries if not path.exists()]]), flush=True)
"""
    assert ask(engine, code) == [True, []]


def test_its_jobs_get_the_very_options_of_the_lab_images(engine: DockerEngine) -> None:
    both = [engine.job_options(JobSpec("x", name, ("true",))) for name in ("lab", "ops")]
    for options in both:
        del options["image"]
    assert both[0] == both[1]


def test_evidently_finds_the_drift_that_is_there_on_our_pandas(engine: DockerEngine) -> None:
    drifted, delay, origin = ask(engine, DRIFT)  # type: ignore[misc]
    assert drifted == 1
    assert delay > 0.2 > origin


def test_what_lies_in_the_image_is_lab_and_more(engine: DockerEngine) -> None:
    layers = [
        engine.docker._api.inspect_image(engine.image(name))["RootFS"]["Layers"] for name in ("lab", "ops")
    ]
    assert layers[1][: len(layers[0])] == layers[0]
    assert len(layers[1]) == len(layers[0]) + 2
    assert Path(engine.image("ops")).name.startswith("ops:")
