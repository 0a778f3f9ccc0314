"""A subset of Travis CI, without Travis CI: stages, jobs and their phases, run in order.

What matters is kept: a command of `script` that fails does not stop the ones after it; the phases after it look at the
result of all; each job begins with a clone of its own; a stage waits for the one before it.
"""

import re
import shlex
import shutil

from hosts.conditions import holds
from hosts.shell import Log, Refused, run_program
from hosts.yaml_file import listed, only_known, read

NAME = "travis"
FILE = ".travis.yml"
# What `travis encrypt DEPLOY_TOKEN=...` would print for this repository: only its builds can read it.
SECURE = "bGF0ZS1mbGlnaHRzLURFUExPWV9UT0tFTg=="
_STRICT = ("before_install", "install", "before_script")
_PHASES = (
    *_STRICT,
    "script",
    "after_success",
    "after_failure",
    "before_deploy",
    "after_deploy",
    "after_script",
)
_ABOUT = (
    "language",
    "os",
    "dist",
    "arch",
    "python",
    "sudo",
    "git",
    "cache",
    "services",
    "notifications",
    "version",
)
_TOP = {*_PHASES, *_ABOUT, "env", "branches", "stages", "jobs", "matrix", "deploy", "if"}
_JOB = {*_PHASES, *_ABOUT, "env", "stage", "name", "deploy", "if"}
_BEGIN = """
late_say() { printf '$ %s\\n' "$1"; }
late_failed() { echo "The command \\"$1\\" exited with $2."; }
TRAVIS_TEST_RESULT=0
"""


def run(push):
    """Run the builds of a push; return whether they ended well, and the log."""
    content = read(push.clone / FILE, FILE, "travis")
    only_known(content, _TOP, FILE)
    facts = {
        "branch": "main" if push.pull_request else push.branch,
        "type": "pull_request" if push.pull_request else "push",
        "head_branch": push.branch if push.pull_request else "",
        "tag": "",
        "fork": "false",
    }
    build = _Build(push, content, facts)
    stages = build.stages()  # all of it is read before anything runs
    log = Log([push.token], "[secure]")
    if not build.wanted():
        log.say(f"{FILE} is not for this event: nothing runs")
        return True, log.text
    for name, jobs in stages:
        log.say(f"--- stage {name}")
        ended = [job.run(log) for job in jobs]  # all of them: the jobs of a stage run side by side
        if not all(ended):
            log.say(f"--- stage {name} failed: no stage after it runs")
            return False, log.text
    return True, log.text


class _Build:
    """A .travis.yml, for one event."""

    def __init__(self, push, content, facts):
        self._push = push
        self._content = content
        self._facts = facts

    def wanted(self):
        """Whether this event is built at all."""
        if not holds(self._content.get("if", True), self._facts, FILE):
            return False
        branches = self._content.get("branches") or {}
        if not isinstance(branches, dict):
            branches = {"only": branches}
        only_known(branches, ("only", "except"), f"{FILE}, branches")
        branch = self._facts["branch"]
        if "only" in branches:
            return any(_fits(branch, pattern) for pattern in listed(branches["only"]))
        return not any(_fits(branch, pattern) for pattern in listed(branches.get("except")))

    def stages(self):
        """(name, jobs) in order, without those whose condition does not hold."""
        order, conditions = [], {}
        for stage in listed(self._content.get("stages")):
            found = stage if isinstance(stage, dict) else {"name": stage}
            only_known(found, ("name", "if"), f"{FILE}, stages")
            order.append(str(found["name"]).lower())
            conditions[order[-1]] = found.get("if", True)
        held, stage = {}, "test"
        for number, found in enumerate(self._jobs(), 1):
            stage = str(found.get("stage", stage)).lower()
            job = _Job(self._push, number, stage, found, self._facts)
            if job.wanted and holds(conditions.get(stage, True), self._facts, f"{FILE}, stage {stage}"):
                held.setdefault(stage, []).append(job)
            elif stage not in order:
                order.append(stage)
        names = [*order, *(name for name in held if name not in order)]
        return [(name, held[name]) for name in names if name in held]

    def _jobs(self):
        jobs = self._content.get("jobs", self._content.get("matrix")) or {}
        if isinstance(jobs, list):
            jobs = {"include": jobs}
        only_known(jobs, ("include", "fast_finish"), f"{FILE}, jobs")
        shared = {
            key: value for key, value in self._content.items() if key in _JOB and key not in ("if", "env")
        }
        for key in ("python", "os", "dist", "arch"):
            several = shared.get(key) if isinstance(shared.get(key), list) else []
            if len(several) > 1 or (several and jobs.get("include")):
                raise Refused(f"{FILE}: '{key}' is a list, which makes more jobs; give one value here")
        common = self._common_env()
        found = []
        for job in listed(jobs.get("include")):
            only_known(job, _JOB, f"{FILE}, jobs.include")
            own = {"env": common + _variables(job.get("env"), f"{FILE}, jobs.include")}
            found.append({**shared, **job, **own})
        return found or [{**shared, "env": common}]

    def _common_env(self):
        env = self._content.get("env")
        if isinstance(env, dict) and set(env) <= {"global", "jobs", "matrix"}:
            if set(env) != {"global"}:
                raise Refused(f"{FILE}, env: jobs and matrix make more jobs; give variables to the jobs here")
            return _variables(env["global"], f"{FILE}, env.global")
        if isinstance(env, list) and len(env) > 1:
            raise Refused(f"{FILE}: 'env' is a list, which makes more jobs; write env.global")
        return _variables(env, f"{FILE}, env")


class _Job:
    """One job: its phases in a shell of its own."""

    def __init__(self, push, number, stage, found, facts):
        self._push = push
        self._number = number
        self._facts = facts
        self._found = found
        self._place = f"{FILE}, job {number}"
        self._stage = stage
        self.wanted = holds(found.get("if", True), facts, self._place)
        if not listed(found.get("script")):
            raise Refused(f"{self._place}: it has no script")
        self._deployments = self._read_deployments()

    def _read_deployments(self):
        kept = []
        for deploy in listed(self._found.get("deploy")):
            only_known(
                deploy,
                ("provider", "script", "on", True, "skip_cleanup", "cleanup"),
                f"{self._place}, deploy",
            )
            if deploy.get("provider") != "script" or "script" not in deploy:
                raise Refused(f"{self._place}, deploy: only provider: script is understood here")
            where = deploy.get("on", deploy.get(True)) or {}  # YAML reads `on` as true
            only_known(where, ("branch", "all_branches"), f"{self._place}, deploy.on")
            branches = [str(name) for name in listed(where.get("branch", "master"))]
            if not self._push.pull_request and (where.get("all_branches") or self._push.branch in branches):
                kept.append(str(deploy["script"]))
        return kept

    def run(self, log):
        """Run it; return whether it ended well."""
        log.say(f"--- job {self._number} {self._found.get('name', '')}".rstrip())
        folder = self._push.work / f"job-{self._number}"
        shutil.copytree(self._push.clone, folder, symlinks=True)
        code, said = run_program(["bash", "-c", self._program()], folder, self._env(folder))
        log.say(said)
        log.say(f"--- job {self._number} {'passed' if code == 0 else 'failed'}")
        return code == 0

    def _env(self, folder):
        push, pull = self._push, self._push.pull_request
        known = {
            "TRAVIS": "true",
            "TRAVIS_BRANCH": self._facts["branch"],
            "TRAVIS_BUILD_DIR": str(folder),
            "TRAVIS_BUILD_STAGE_NAME": self._stage,
            "TRAVIS_COMMIT": push.sha,
            "TRAVIS_EVENT_TYPE": self._facts["type"],
            "TRAVIS_JOB_NUMBER": f"1.{self._number}",
            "TRAVIS_BUILD_NUMBER": "1",
            "TRAVIS_PULL_REQUEST": "7" if pull else "false",
            "TRAVIS_PULL_REQUEST_BRANCH": push.branch if pull else "",
            "TRAVIS_REPO_SLUG": "flights/late",
            "TRAVIS_TAG": "",
        }
        env = {**push.env, **known}
        for name, value in self._found["env"]:
            env[name] = push.token if value is None else value
        return env

    def _program(self):
        """The job as one program of bash: variables and folders that a command sets stay for the next."""
        lines = [_BEGIN]
        for phase in _STRICT:
            for command in self._commands(phase):
                word = shlex.quote(command)
                lines.append(f"late_say {word}; eval {word} || {{ late_failed {word} $?; exit 2; }}")
        for command in self._commands("script"):
            word = shlex.quote(command)
            lines.append(f"late_say {word}; eval {word}; late_code=$?")
            lines.append(f"[ $late_code = 0 ] || {{ late_failed {word} $late_code; TRAVIS_TEST_RESULT=1; }}")
        lines.append("export TRAVIS_TEST_RESULT; if [ $TRAVIS_TEST_RESULT = 0 ]; then :")
        lines += self._loose("after_success")
        if self._deployments:
            for command in [*self._commands("before_deploy"), *self._deployments]:
                word = shlex.quote(command)
                lines.append(f"late_say {word}; eval {word} || {{ echo failed to deploy; exit 2; }}")
            lines += self._loose("after_deploy")
        lines += ["else :", *self._loose("after_failure"), "fi", *self._loose("after_script")]
        return "\n".join([*lines, "exit $TRAVIS_TEST_RESULT", ""])

    def _loose(self, phase):
        """A phase whose failures change nothing."""
        return [f"late_say {word}; eval {word}" for word in map(shlex.quote, self._commands(phase))]

    def _commands(self, phase):
        return [
            str(command).lower() if isinstance(command, bool) else str(command)
            for command in listed(self._found.get(phase))
            if command not in ("skip", "ignore")
        ]


def _variables(value, place):
    """(name, value) pairs; the value None stands for the secret."""
    found = []
    for part in listed(value):
        if isinstance(part, dict):
            for name, text in part.items():
                if name != "secure":
                    found.append((str(name), str(text)))
                elif str(text).strip() != SECURE:
                    raise Refused(f"{place}: a secure value that was not encrypted for this repository")
                else:
                    found.append(("DEPLOY_TOKEN", None))
            continue
        for word in shlex.split(str(part)):
            name, sign, text = word.partition("=")
            if not sign:
                raise Refused(f"{place}: write variables as NAME=value")
            found.append((name, text))
    return found


def _fits(branch, pattern):
    text = str(pattern)
    if len(text) > 1 and text.startswith("/") and text.endswith("/"):
        return re.search(text[1:-1], branch) is not None
    return branch == text
