"""GitLab CI, by gitlab-ci-local: each job runs in a shell of this machine, in a copy of the commit of its own.

The secret is a CI/CD variable whose scope is the environment "production": only jobs of that environment have it.
gitlab-ci-local hides no secrets in its log.
"""

import json
from pathlib import Path

import yaml

from hosts.shell import Refused, run_program

NAME = "gitlab"
FILE = ".gitlab-ci.yml"


class _Loader(yaml.SafeLoader):
    """Reads GitLab's own tags, such as !reference, without looking at them."""


_Loader.add_multi_constructor("!", lambda *_: None)


def run(push):
    """Run the pipeline of a push; return whether it ended well, and the log."""
    if push.pull_request:
        raise Refused("gitlab-ci-local knows no merge requests")
    _look(push.clone / FILE)
    settings = Path(push.env["HOME"]) / ".gitlab-ci-local"
    settings.mkdir()
    scoped = {"DEPLOY_TOKEN": {"type": "variable", "values": {"production": push.token}}}
    (settings / "variables.yml").write_text(json.dumps({"global": scoped}))  # JSON is YAML
    words = ["gitlab-ci-local", "--force-shell-executor", "--shell-isolation", "--no-color"]
    code, said = run_program(words, push.clone, push.env)
    return code == 0, said


def _look(path):
    """Refuse what gitlab-ci-local passes over without a word: it would be another pipeline than GitLab's."""
    if not path.is_file():
        raise Refused(f"there is no {FILE}")
    try:
        content = yaml.load(path.read_text(), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"{FILE} is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(content, dict):
        raise Refused(f"{FILE} has no jobs")
    if isinstance(content.get("workflow"), dict) and "rules" in content["workflow"]:
        raise Refused(f"{FILE}: gitlab-ci-local does not obey workflow: rules; write rules in the jobs")
    for name, job in content.items():
        for word in ("only", "except"):
            if isinstance(job, dict) and word in job:
                raise Refused(f"{FILE}, {name}: gitlab-ci-local does not obey '{word}'; say it with rules")
