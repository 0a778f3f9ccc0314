"""A class on JupyterHub: three learners at once on a real hub, each in a stack of their own."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
import websocket

from grader.course.folder import Course, open_course
from grader.course.ledger import Ledger
from grader.course.roster import open_roster
from grader.lab import load_lab
from grader.release import bundle
from sandbox.docker_api import LABEL, Docker, connect
from sandbox.host_listener import HostListener
from sandbox.ownership import home_id
from sandbox.web import free_port
from tests.kernels import run_code

pytestmark = pytest.mark.engine
LAB = "tiny-runs"  # has MLflow beside it
NAMES = ("ada", "ben", "cleo")
SECONDS = 180.0


@dataclass
class Learner:
    """Somebody at a browser: cookies, and what they were told."""

    id: str
    code: str
    opaque: str
    base: str
    browser: requests.Session = field(default_factory=requests.Session)

    @property
    def server(self) -> str:
        return f"{self.base}/user/{self.opaque}"

    def log_in(self, code: str = "") -> requests.Response:
        self.browser.get(f"{self.base}/hub/login", timeout=30).raise_for_status()
        form = {"username": self.id, "password": code or self.code, "_xsrf": self.xsrf("/hub/")}
        return self.browser.post(f"{self.base}/hub/login", data=form, timeout=30)

    def xsrf(self, path: str) -> str:
        return next(
            one.value or "" for one in self.browser.cookies if one.name == "_xsrf" and one.path == path
        )

    def start(self) -> None:
        """Log in, ask for the server, and follow the redirects of a browser until JupyterLab's page is there."""
        self.log_in().raise_for_status()
        self.browser.get(f"{self.base}/hub/spawn", timeout=30)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            page = self.browser.get(f"{self.server}/lab", timeout=30)
            if page.status_code == 200 and "jupyter-config-data" in page.text:
                return
            time.sleep(1)
        raise AssertionError(f"{self.id}'s JupyterLab did not come: {page.status_code} {page.url}")

    def api(self, method: str, path: str, **more: Any) -> requests.Response:
        """A request of JupyterLab's own pages."""
        headers = {"X-XSRFToken": self.xsrf(f"/user/{self.opaque}/")}
        return self.browser.request(method, f"{self.server}{path}", headers=headers, timeout=60, **more)

    def run(self, code: str, seconds: float = SECONDS) -> str:
        """Run code in a new kernel of their JupyterLab, as its page does; return what it printed."""
        kernel = self.api("POST", "/api/kernels", json={"name": "python3", "path": f"{LAB}.ipynb"}).json()[
            "id"
        ]
        cookies = "; ".join(
            f"{one.name}={one.value}" for one in self.browser.cookies if "hub" not in one.path
        )
        address = f"{self.server}/api/kernels/{kernel}/channels".replace("http:", "ws:")
        channel = websocket.create_connection(address, cookie=cookies, timeout=seconds)
        try:
            return run_code(channel, code)
        finally:
            channel.close()
            self.api("DELETE", f"/api/kernels/{kernel}")


@dataclass(frozen=True)
class Hub:
    """A hub that runs, and its class."""

    course: Course
    learners: list[Learner]
    docker: Docker
    port: int
    environment: dict[str, str]
    processes: list[subprocess.Popen[str]]  # one: the command that runs it

    def containers(self, learner: Learner | None = None) -> list[dict[str, Any]]:
        labels = [f"{LABEL}.class={home_id(self.course.root / 'hub')}"]
        return self.docker.containers([*labels, *([f"{LABEL}.learner={learner.opaque}"] if learner else [])])

    def networks(self) -> list[dict[str, Any]]:
        return self.docker.networks([f"{LABEL}.class={home_id(self.course.root / 'hub')}"])

    def work(self, learner: Learner) -> Path:
        return self.course.root / "hub" / "learners" / learner.opaque / LAB

    def mlops(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mlops_labs.cli", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout


def _mlops(environment: dict[str, str], *words: str) -> None:
    command = [sys.executable, "-m", "mlops_labs.cli", *words]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)


def _started(environment: dict[str, str], root: Path, port: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "mlops_labs.cli",
            "class",
            "hub",
            LAB,
            "--course",
            str(root),
            "--port",
            str(port),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Press Ctrl-C"):
            return process
    log = root / "hub" / "state" / "hub.log"
    raise AssertionError(f"the hub did not start: {log.read_text()[-3000:] if log.exists() else ''}")


def _ended(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, labs_for_tests: Path) -> Iterator[Hub]:
    """A class of three, all of whom log in and start at the same time."""
    folder, port = tmp_path_factory.mktemp("class"), free_port()
    root, base = folder / "autumn", f"http://127.0.0.1:{port}"
    environment = {**os.environ, "MLOPS_HOME": str(folder / "home"), "MLOPS_LABS": str(labs_for_tests)}
    (folder / "roster.csv").write_text("id,name\n" + "".join(f"{name},{name.title()}\n" for name in NAMES))
    _mlops(environment, "class", "init", str(root))
    (root / "hub.toml").write_text('extra = "more.py"\n')
    (root / "more.py").write_text("c.Spawner.environment = {'OF_THE_OPERATOR': 'yes'}\n")
    _mlops(environment, "class", "import", str(folder / "roster.csv"), "--course", str(root))
    _mlops(environment, "class", "codes", str(folder / "codes.csv"), "--course", str(root))
    assert (folder / "codes.csv").stat().st_mode & 0o077 == 0
    rows = list(csv.DictReader((folder / "codes.csv").open()))
    course = open_course(root)
    roster = open_roster(course.roster, course.key)
    learners = [Learner(row["id"], row["code"], roster.opaque(row["id"]), base) for row in rows]
    processes = [_started(environment, root, port)]
    try:
        with ThreadPoolExecutor(len(learners)) as pool:
            list(pool.map(Learner.start, learners))
        yield Hub(course, learners, connect(), port, environment, processes)
    finally:
        _ended(processes[0])
    left = connect()
    mark = [f"{LABEL}.class={home_id(root / 'hub')}"]
    assert (left.containers(mark), left.networks(mark)) == ([], [])


def test_nobody_gets_in_without_their_own_code(hub: Hub) -> None:
    ada, ben, _ = hub.learners
    for name, code in ((ada.id, ben.code), (ada.id, "guess"), ("eve", ada.code), ("eve", "")):
        stranger = Learner(name, code, ada.opaque, ada.base)
        assert stranger.log_in(code or " ").status_code == 403
        assert "/hub/login" in stranger.browser.get(f"{ada.server}/lab", timeout=30).url


def test_each_has_a_server_that_is_theirs_alone(hub: Hub) -> None:
    for learner in hub.learners:
        assert learner.api("GET", "/api/status").status_code == 200
        names = [one["name"] for one in learner.api("GET", "/api/contents").json()["content"]]
        assert f"{LAB}.ipynb" in names
        for other in hub.learners:
            if other is not learner:
                for page in ("lab", "api/contents", "mlflow/"):
                    answer = learner.browser.get(f"{other.server}/{page}", timeout=30)
                    assert answer.status_code in (403, 404), (page, answer.status_code)


def test_kernels_run_and_work_is_apart(hub: Hub) -> None:
    for learner in hub.learners:
        learner.run(f"open('mine.txt', 'w').write('{learner.id}')")
        assert (hub.work(learner) / "mine.txt").read_text() == learner.id
    assert (
        learner.run("import os; print(sorted(os.listdir('/home/learner')))").strip() == "['.mlops', 'work']"
    )
    assert learner.run("import os; print(os.environ['OF_THE_OPERATOR'])").strip() == "yes"  # hub.toml's extra
    assert not (hub.course.root / "hub").stat().st_mode & 0o077


def test_each_has_the_panel_and_a_hint_of_theirs_is_handed_in(hub: Hub) -> None:
    for learner in hub.learners:
        state = learner.api("GET", "/mlops/api/state").json()
        assert state["lab"]["id"] == LAB
        assert state["standing"]["of"] > 0
    first = hub.learners[0]
    assert first.api("POST", "/mlops/api/hint", json={"task": "t1"}).json()["text"].startswith("Hint")
    assert '"task": "t1"' in (hub.work(first) / ".mlops" / "hints-used.json").read_text()


def test_each_has_an_mlflow_of_their_own(hub: Hub) -> None:
    log = "import mlflow; mlflow.set_experiment('of-{0}'); mlflow.start_run(); mlflow.log_metric('x', 1.0)"
    for learner in hub.learners:
        learner.run(log.format(learner.id))
    for learner in hub.learners:
        assert "<title>MLflow" in learner.browser.get(f"{learner.server}/mlflow/", timeout=60).text
        # What MLflow's page asks, as a browser sends it.
        asked = learner.browser.post(
            f"{learner.server}/mlflow/ajax-api/2.0/mlflow/experiments/search",
            json={"max_results": 100},
            headers={"Origin": learner.base},
            timeout=60,
        )
        found = {one["name"] for one in asked.json()["experiments"]}
        assert f"of-{learner.id}" in found
        assert len([name for name in found if name.startswith("of-")]) == 1


def test_every_container_has_the_limits_of_any_stack(hub: Hub) -> None:
    containers = hub.containers()
    assert len(containers) == 3 * len(hub.learners)
    memory = {"jupyter": 4096, "ingress": 64, "mlflow": 1024}
    for one in containers:
        host = hub.docker.inspect(one["Id"])["HostConfig"]
        role = one["Labels"][f"{LABEL}.role"]
        assert host["Memory"] == host["MemorySwap"] == memory[role] * 2**20
        assert (host["CapDrop"], host["ReadonlyRootfs"], host["Privileged"]) == (["ALL"], True, False)
        assert host["SecurityOpt"] == ["no-new-privileges:true"]
        assert host["PidsLimit"] > 0
        assert host["NanoCpus"] > 0
        assert all("size=" in options for options in host["Tmpfs"].values())
        published = [one["HostIp"] for ports in (host["PortBindings"] or {}).values() for one in ports]
        assert published == (["127.0.0.1"] if role == "ingress" else [])


def _addresses(hub: Hub, learner: Learner) -> list[str]:
    return [address for one in hub.containers(learner) for address in hub.docker.addresses(one["Id"])]


PROBE = """
import json, socket
from sandbox import probe
order = json.loads({order!r})
# A stack's home is a sized folder in memory that may be written, as in every stack.
probe._ELSEWHERE = [folder for folder in probe._ELSEWHERE if folder != "/home/learner"]
said = {{name: probe.PROBES[name](order) for name in
        ("no-internet", "no-host-ports", "no-neighbours", "read-only-root", "not-root", "no-rights")}}
def status(path):
    with socket.create_connection(("ingress", 8081), timeout=5) as hub:
        hub.sendall(b"GET " + path + b" HTTP/1.1\\r\\nHost: ingress\\r\\nConnection: close\\r\\n\\r\\n")
        return int(hub.makefile("rb").readline().split()[1])
said["hub"] = {{path: status(path.encode()) for path in {paths!r}}}
print(json.dumps(said))
"""


def test_a_server_reaches_the_hubs_api_and_nothing_else(hub: Hub) -> None:
    """The probes of the promises, from a kernel; each of their targets answers somebody else meanwhile."""
    ada, *others = hub.learners
    paths = [
        "/hub/api",
        "/hub/api/users",
        "/hub/login",
        "/hub/health",
        "/hub/api/../login",
        "/",
        f"/user/{ada.opaque}/lab",
    ]
    with HostListener() as host:
        gateways = [gate for network in hub.networks() for gate in hub.docker.gateways(network["Id"])]
        own = host.targets(gateways)
        published = [
            (address, int(binding["HostPort"]))
            for address, _ in own
            for one in hub.containers()
            for bindings in (hub.docker.inspect(one["Id"])["NetworkSettings"]["Ports"] or {}).values()
            for binding in bindings or ()
        ]
        hubs = [(address, hub.port) for address, _ in own]
        neighbours = [
            (address, port)
            for other in others
            for address in _addresses(hub, other)
            for port in (8888, 8081, 5000)
        ]
        assert len(neighbours) >= 3 * 3 * len(others)
        # "listen": it is on a network, so that having a route is no breach by itself.
        order = {"host_targets": own + published + hubs, "neighbours": neighbours, "listen": 0}
        said = json.loads(ada.run(PROBE.format(order=json.dumps(order), paths=paths)))
    answers = said.pop("hub")
    assert said == dict.fromkeys(said)
    assert answers.pop("/hub/api") == 200  # it tells its version
    assert answers.pop("/hub/api/users") == 403  # without a token
    assert set(answers.values()) == {404}


def test_a_servers_own_token_reaches_nobody_else(hub: Hub) -> None:
    ada, ben, _ = hub.learners
    ask = (
        "import os, requests; at, of = os.environ['JUPYTERHUB_API_URL'], {'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']}\n"
        f"print([requests.get(at + path, headers=of, timeout=9).status_code for path in ('/user', '/users', '/users/{ben.opaque}', '/proxy')],"
        f" requests.delete(at + '/users/{ben.opaque}/server', headers=of, timeout=9).status_code)"
    )
    assert ada.run(ask).strip() == "[200, 403, 404, 403] 403"


def test_a_submission_is_graded_and_handed_in_under_the_name_that_the_hub_knows(
    hub: Hub, labs_for_tests: Path, tmp_path: Path
) -> None:
    ada, ben, cleo = hub.learners
    released = bundle(load_lab(labs_for_tests / LAB), tmp_path / "bundles", print)
    right = json.dumps(released.reference)
    forged = json.loads(right.replace("sum(values)", "0"))
    forged["metadata"] |= {"learner": "cleo", "user": cleo.opaque}
    (hub.work(ada) / f"{LAB}.ipynb").write_text(right)
    (hub.work(ben) / f"{LAB}.ipynb").write_text(json.dumps(forged))
    pretend = f"import os; os.environ.update(JUPYTERHUB_USER='{cleo.opaque}', USER='cleo')\n"
    submit = pretend + "from mlops_labs import lab\nlab.submit()"
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda one: one.run(submit), (ada, ben)))
    assert "5 of 5" in said[0]
    assert "2 of 5" in said[1]
    folder = hub.course.root / "hub" / "handed-in" / LAB
    assert {path.name for path in folder.iterdir()} == {ada.opaque, ben.opaque}
    assert (folder / ada.opaque / f"{LAB}.ipynb").read_text() == right
    hub.mlops("grade", "run", LAB, str(folder), "--course", str(hub.course.root))
    ledger = Ledger(hub.course.ledger)
    earned = {learner: verdict.result.earned for learner, verdict in ledger.latest(LAB).items()}
    ledger.close()
    assert earned == {ada.opaque: 5, ben.opaque: 2}


def test_a_stopped_server_leaves_nothing_and_work_is_there_again(hub: Hub) -> None:
    cleo = hub.learners[2]
    cleo.run("open('kept.txt', 'w').write('kept')")
    page = cleo.browser.get(f"{cleo.base}/hub/home", timeout=30)
    headers = {"X-XSRFToken": cleo.xsrf("/hub/"), "Referer": page.url}
    server = f"{cleo.base}/hub/api/users/{cleo.opaque}/server"
    stopped = cleo.browser.delete(server, headers=headers, timeout=60)
    assert stopped.status_code in (202, 204), stopped.text
    until = time.monotonic() + 60
    while hub.containers(cleo) and time.monotonic() < until:
        time.sleep(0.5)
    assert hub.containers(cleo) == []
    assert not [one for one in hub.networks() if one["Labels"][f"{LABEL}.learner"] == cleo.opaque]
    assert (hub.work(cleo) / "kept.txt").read_text() == "kept"
    cleo.start()
    assert cleo.run("print(open('kept.txt').read(), open('mine.txt').read())").split() == ["kept", "cleo"]
    assert "of-cleo" in cleo.run("import mlflow; print([one.name for one in mlflow.search_experiments()])")


def test_a_second_hub_of_the_course_is_refused(hub: Hub) -> None:
    words = ["class", "hub", LAB, "--course", str(hub.course.root), "--port", str(free_port())]
    done = subprocess.run(
        [sys.executable, "-m", "mlops_labs.cli", *words],
        env=hub.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "runs already" in done.stderr


def test_a_hub_that_was_killed_takes_up_the_servers_that_run(hub: Hub) -> None:
    """Killed with the one that grades, at one moment: the proxy is left, and every stack."""
    ada, before = hub.learners[0], {one["Id"] for one in hub.containers()}
    command = psutil.Process(hub.processes[0].pid)
    for process in (command, *command.children()):
        process.kill()
    hub.processes[0].wait()
    hub.processes[0] = _started(hub.environment, hub.course.root, hub.port)
    ada.start()
    assert ada.run("print(open('mine.txt').read())").strip() == "ada"
    assert {one["Id"] for one in hub.containers()} == before
    assert "5 of 5" in ada.run("from mlops_labs import lab; lab.submit()")
