"""Try a release by hand, each in a terminal of its own:

python play.py start                              both servers, until Ctrl+C
python play.py ask 100                            requests through the proxy: who answered, who got how many
python play.py trouble challenger errors=0.5      also seconds=1, wrong=1, several of them; none: well again
"""

import json
import random
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tools

HERE = Path(__file__).resolve().parent
PROXY = "http://127.0.0.1:8091"
SETTINGS = json.loads((HERE / "release.json").read_text())
VERSIONS = ("champion", "challenger")
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def post(url, content):
    """Send JSON; the status and the JSON that came back."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=json.dumps(content).encode(), headers=headers)
    try:
        with DIRECT.open(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith(b"{") else {}
    except OSError:
        return 0, {}


def register():
    """Have two versions of the model in MLflow, the first of them the champion, unless they are there."""
    api = SETTINGS["registry"] + "/api/2.0/mlflow/"
    status, _ = post(api + "registered-models/create", {"name": SETTINGS["model"]})
    if status == 200:
        for _ in VERSIONS:
            run = post(api + "runs/create", {"experiment_id": "0"})[1]["run"]["info"]
            version = {
                "name": SETTINGS["model"],
                "source": run["artifact_uri"] + "/model",
                "run_id": run["run_id"],
            }
            post(api + "model-versions/create", version)
        post(
            api + "registered-models/alias",
            {"name": SETTINGS["model"], "alias": "champion", "version": "1"},
        )
    return bool(status)


def start():
    """Run both servers until Ctrl+C."""
    if not register():
        print("MLflow does not answer: everything works but the promotion at the end")
    servers = []
    for version in VERSIONS:
        port = SETTINGS[version].rsplit(":", 1)[1]
        servers.append(subprocess.Popen([sys.executable, str(HERE / "serve.py"), version, port]))
        print(f"{version} on port {port}")
    try:
        for server in servers:
            server.wait()
    except KeyboardInterrupt:
        for server in servers:
            server.terminate()


def ask(count):
    """Send requests through the proxy and tell what became of them."""
    before = {version: tools.counts(SETTINGS[version]) for version in VERSIONS}
    flights = [
        {"hour": random.randint(12, 18), "origin": random.choice(["EWR", "JFK", "LGA"]), "month": 3}
        for _ in range(count)
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda flight: post(PROXY + "/predict", flight), flights))
    for (status, version), number in sorted(
        Counter((status, content.get("version", "nobody")) for status, content in answers).items()
    ):
        print(f"{number:5} answered by {version} with status {status}")
    for version in VERSIONS:
        now, old = tools.counts(SETTINGS[version]), before[version]
        same = now and old and now["started"] == old["started"]
        print(f"{now['requests'] - old['requests']:5} reached {version}" if same else f"      {version}: ?")


def trouble(version, words):
    """Have a version behave badly from now on."""
    how = dict(word.split("=") for word in words)
    status, _ = post(SETTINGS[version] + "/trouble", {key: float(value) for key, value in how.items()})
    print(f"{version}: {how or 'well again'}" if status == 200 else f"{version} does not answer")


if __name__ == "__main__":
    words = sys.argv[1:]
    if words == ["start"]:
        start()
    elif words[:1] == ["ask"]:
        ask(int(words[1]) if words[1:] else 100)
    elif words[:1] == ["trouble"] and words[1:2] and words[1] in VERSIONS:
        trouble(words[1], words[2:])
    else:
        print(__doc__)
