"""The values for Kubernetes promise what a stack on one machine has: held to the same code, without a cluster."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.lab import load_lab
from sandbox import services
from sandbox.docker_job import hardening
from sandbox.engine import Limits, StackSpec
from sandbox.jupyter_env import jupyter_environment

ROOT = Path(__file__).parents[2]
LAB = "defend-your-runs"


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "deploy/z2jh/values.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def spec() -> StackSpec:
    definition = load_lab(ROOT / "labs" / LAB).definition
    given = tuple(definition.services)
    return StackSpec(
        LAB, definition.title, "", Path(), Path(), f"{LAB}.ipynb", given, extension="mlops_labs.panel"
    )


def test_jupyterlab_is_told_what_it_is_told_on_one_machine(values: dict[str, Any], spec: StackSpec) -> None:
    told = jupyter_environment(
        spec,
        config="/opt/mlops/lib/sandbox/jupyter",
        state="/home/learner/.mlops",
        root="/home/learner/work",
        ip="0.0.0.0",
        port=8888,
        token="",
        ports={name: services.find(name).port for name in spec.services},
    )
    written = values["singleuser"]["extraEnv"]
    assert {name: value.format(username="ada") for name, value in written.items()} == dict(told)


def test_it_has_the_same_limits_and_rights(values: dict[str, Any], spec: StackSpec) -> None:
    alike = hardening(Limits(), 2)
    assert alike["cap_drop"] == ["ALL"] and alike["read_only"]
    learner = values["singleuser"]
    assert learner["memory"]["limit"] == f"{spec.memory_mb}M"
    assert (learner["uid"], learner["allowPrivilegeEscalation"]) == (1000, False)
    containers = [*learner["initContainers"], *learner["extraContainers"]]
    for one in [container["securityContext"] for container in containers]:
        assert one["capabilities"] == {"drop": ["ALL"]}
        assert (one["readOnlyRootFilesystem"], one["allowPrivilegeEscalation"]) == (True, False)
        assert (one["runAsNonRoot"], one["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
    code = values["hub"]["extraConfig"]["mlops-labs"]
    told: dict[str, Any] = {}
    _run_config(code, told)
    assert told["container_security_context"] == {
        key: value for key, value in containers[0]["securityContext"].items() if key != "runAsUser"
    }
    assert all(volume["emptyDir"]["sizeLimit"] == "512Mi" for volume in learner["storage"]["extraVolumes"])


def _run_config(code: str, told: dict[str, Any]) -> None:
    """Run the hub's snippet with a `c` that notes what is set on the spawner."""

    class Noted:
        def __setattr__(self, name: str, value: Any) -> None:
            told[name] = value

    class Config:
        KubeSpawner = JupyterHub = Noted()

    environment = {"HUB_SERVICE_HOST": "10.0.0.9", "HUB_SERVICE_PORT": "8081"}
    exec(code.replace("os.environ", "environ"), {"c": Config, "environ": environment})
    assert told["hub_connect_url"] == "http://10.0.0.9:8081"


def test_a_server_may_reach_nothing_but_the_hub(values: dict[str, Any]) -> None:
    policy = values["singleuser"]["networkPolicy"]
    assert policy["enabled"]
    assert (policy["ingress"], policy["egress"]) == ([], [])
    assert len(policy["egressAllowRules"]) == 6
    assert not any(policy["egressAllowRules"].values())
    pod = values["singleuser"]["extraPodConfig"]
    assert (pod["dnsPolicy"], pod["dnsConfig"]["nameservers"]) == ("None", ["127.0.0.1"])
    assert (pod["enableServiceLinks"], pod["automountServiceAccountToken"]) == (False, False)


def test_the_services_are_those_of_the_lab(values: dict[str, Any], spec: StackSpec) -> None:
    containers = {one["name"]: one for one in values["singleuser"]["extraContainers"]}
    assert set(containers) == set(spec.services)
    for name, container in containers.items():
        service = services.find(name)
        assert container["command"] == service.argv(service.port, "/data", "/config", python="python")
        assert container["resources"]["limits"]["memory"] == f"{service.memory_mb}Mi"


def test_all_containers_are_of_one_image(values: dict[str, Any]) -> None:
    learner = values["singleuser"]
    image = f"{learner['image']['name']}:{learner['image']['tag']}"
    assert {one["image"] for one in [*learner["initContainers"], *learner["extraContainers"]]} == {image}


def test_hub_and_image_have_one_version() -> None:
    def pinned(path: str) -> str:
        return next(
            line for line in (ROOT / path).read_text().splitlines() if line.startswith("jupyterhub==")
        )

    of_image = pinned("sandbox/images/hub/requirements.in")
    assert pinned("requirements/hub.in") == of_image
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert of_image in project["optional-dependencies"]["hub"]
