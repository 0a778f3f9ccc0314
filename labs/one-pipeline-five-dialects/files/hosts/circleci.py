"""A subset of CircleCI, without CircleCI: workflows, jobs and their steps, run in order.

Each job begins in an empty folder of its own and has nothing before `checkout`; a job waits for those that it requires;
a context gives its secrets only to the jobs that name it.
"""

import re
import shutil

from hosts.shell import Log, Refused, run_script
from hosts.yaml_file import listed, only_known, read

NAME = "circleci"
FILE = ".circleci/config.yml"
CONTEXT = "production"
_ABOUT = {
    "docker",
    "machine",
    "executor",
    "resource_class",
    "description",
    "environment",
    "working_directory",
    "shell",
}
_NOTHING = {"setup_remote_docker", "store_artifacts", "store_test_results", "save_cache", "restore_cache"}
_RUN = {"name", "command", "environment", "when", "working_directory", "shell", "no_output_timeout"}
_VALUE = re.compile(r"<<\s*([^<>]*?)\s*>>")


def run(push):
    """Run the workflows of a push; return whether they ended well, and the log."""
    content = read(push.clone / FILE, FILE, "circle-ci")
    only_known(content, ("version", "jobs", "workflows", "executors", "commands"), FILE)
    content = _filled(content, _values(push))
    pipeline = _Pipeline(push, content)
    planned = pipeline.planned()  # all of it is read before anything runs
    log = Log([push.token])
    results = [_run_workflow(name, jobs, log) for name, jobs in planned]
    if not planned:
        log.say("no workflow is for this push: nothing runs")
    return all(results), log.text


def _values(push):
    return {
        "pipeline.git.branch": push.branch,
        "pipeline.git.revision": push.sha,
        "pipeline.git.tag": "",
        "pipeline.number": "1",
    }


def _filled(value, known):
    """The content with << pipeline values >> put in."""
    if isinstance(value, dict):
        return {key: _filled(inner, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, known) for inner in value]
    if not isinstance(value, str):
        return value

    def put(found):
        if found[1] not in known:
            raise Refused(f"{FILE}: << {found[1]} >> is not understood here")
        return known[found[1]]

    return _VALUE.sub(put, value)


def _run_workflow(name, jobs, log):
    """Run jobs whose order is settled; return whether all ended well."""
    ended = {}
    for job in jobs:
        if not all(ended.get(needed) for needed in job.requires):
            log.say(f"--- {name}: {job.name} does not run, what it requires did not end well")
            continue
        log.say(f"--- {name}: {job.name}")
        ended[job.name] = job.run(log)
        log.say(f"--- {name}: {job.name} {'succeeded' if ended[job.name] else 'failed'}")
    return all(ended.values())


class _Pipeline:
    """A config.yml, for one push."""

    def __init__(self, push, content):
        self._push = push
        self._jobs = content.get("jobs") or {}
        self._commands = content.get("commands") or {}
        self._executors = content.get("executors") or {}
        self._workflows = content.get("workflows") or {}
        self._number = 0
        if not self._workflows:
            raise Refused(f"{FILE} has no workflows")

    def planned(self):
        """(workflow, its jobs in an order in which each comes after those that it requires)."""
        found = []
        for name, workflow in self._workflows.items():
            if name == "version":
                continue
            place = f"{FILE}, workflows.{name}"
            only_known(workflow, ("jobs", "when", "unless"), place)
            jobs = self._ordered([self._job(entry, place) for entry in listed(workflow.get("jobs"))], place)
            logic = _true(workflow.get("when", True), place) and not _true(
                workflow.get("unless", False), place
            )
            if logic:
                found.append((name, [job for job in jobs if job.wanted]))
        return found

    def _job(self, entry, place):
        key, settings = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
        place = f"{place}.{key}"
        settings = settings or {}
        if settings.get("type") == "approval":
            raise Refused(f"{place}: an approval waits for a person, and nobody is here")
        only_known(settings, ("requires", "filters", "context", "name"), place)
        if key not in self._jobs:
            raise Refused(f"{place}: there is no such job")
        self._number += 1
        return _Job(self._push, self._number, self._definition(key), {"name": key, **settings})

    def _ordered(self, jobs, place):
        names = [job.name for job in jobs]
        for job in jobs:
            for needed in job.requires:
                if needed not in names:
                    raise Refused(f"{place}: {job.name} requires {needed}, which is not in this workflow")
        ordered = []
        while len(ordered) < len(jobs):
            done = [job.name for job in ordered]
            ready = [
                job for job in jobs if job not in ordered and all(needed in done for needed in job.requires)
            ]
            if not ready:
                raise Refused(f"{place}: jobs require each other in a circle")
            ordered.append(ready[0])
        return ordered

    def _definition(self, key):
        """A job's settings, with its executor's, and its steps, with commands put in."""
        found = self._jobs[key]
        place = f"{FILE}, jobs.{key}"
        only_known(found, {*_ABOUT, "steps"}, place)
        executor = found.get("executor")
        if executor is not None:
            name = executor.get("name") if isinstance(executor, dict) else executor
            if name not in self._executors:
                raise Refused(f"{place}: there is no executor {name}")
            only_known(self._executors[name], _ABOUT, f"{FILE}, executors.{name}")
            found = {**self._executors[name], **found}
        if not {"docker", "machine"} & set(found):
            raise Refused(f"{place}: say where it runs: docker, machine or an executor")
        return {**found, "steps": self._steps(found.get("steps"), place)}

    def _steps(self, steps, place, depth=0):
        found = []
        for step in listed(steps):
            kind, settings = (step, None) if isinstance(step, str) else next(iter(step.items()))
            if kind in self._commands and depth < 5:
                command = self._commands[kind]
                only_known(command, ("steps", "description"), f"{FILE}, commands.{kind}")
                found += self._steps(command["steps"], f"{FILE}, commands.{kind}", depth + 1)
            elif kind == "run":
                settings = {"command": settings} if isinstance(settings, str) else settings or {}
                only_known(settings, _RUN, f"{place}, run")
                found.append(("run", settings))
            elif kind in ("checkout", "persist_to_workspace", "attach_workspace"):
                found.append((kind, settings or {}))
            elif kind not in _NOTHING:
                raise Refused(f"{place}: the step '{kind}' is not understood here")
        return found


class _Job:
    """One job of a workflow: what the job says, and what the workflow says of it."""

    def __init__(self, push, number, definition, settings):
        self._push = push
        self._number = number
        self._settings = definition
        self.name = settings["name"]
        place = f"{FILE}, workflows, {self.name}"
        self.requires = listed(settings.get("requires"))
        if not all(isinstance(needed, str) for needed in self.requires):
            raise Refused(f"{place}: requires takes names of jobs here")
        self._secrets = {}
        for context in listed(settings.get("context")):
            if context != CONTEXT:
                raise Refused(f"{place}: there is no context {context}")
            self._secrets["DEPLOY_TOKEN"] = push.token
        self.wanted = self._filters(settings.get("filters") or {}, place)

    def _filters(self, filters, place):
        if not isinstance(filters, dict):
            raise Refused(f"{place}: filters takes branches here")
        only_known(filters, ("branches", "tags"), f"{place}, filters")
        branches = filters.get("branches") or {}
        only_known(branches, ("only", "ignore"), f"{place}, filters.branches")
        branch = self._push.branch
        if "only" in branches and not any(_fits(branch, one) for one in listed(branches["only"])):
            return False
        return not any(_fits(branch, one) for one in listed(branches.get("ignore")))

    def run(self, log):
        """Run its steps; return whether they ended well."""
        folder = self._push.work / f"job-{self._number}"
        folder.mkdir()
        settings, failed = self._settings, False
        env = {
            **self._push.env,
            "CIRCLECI": "true",
            "CIRCLE_BRANCH": self._push.branch,
            "CIRCLE_BUILD_NUM": str(self._number),
            "CIRCLE_JOB": self.name,
            "CIRCLE_PROJECT_REPONAME": "late",
            "CIRCLE_PROJECT_USERNAME": "flights",
            "CIRCLE_SHA1": self._push.sha,
            "CIRCLE_WORKING_DIRECTORY": str(folder),
            "BASH_ENV": str(self._push.work / f"bash-env-{self._number}"),
            **self._secrets,
            **_texts(settings.get("environment")),
        }
        for kind, step in settings["steps"]:
            when = step.get("when", "on_success")
            if when != "always" and failed != (when == "on_fail"):
                continue
            code = self._step(kind, step, folder, env, log)
            failed = failed or code != 0
        return not failed

    def _step(self, kind, step, folder, env, log):
        if kind == "checkout":
            shutil.copytree(
                self._push.clone, folder / step.get("path", "."), symlinks=True, dirs_exist_ok=True
            )
            return 0
        if kind in ("persist_to_workspace", "attach_workspace"):
            return self._share(kind, step, folder)
        place = folder / step.get("working_directory", ".")
        if not place.is_dir():
            log.say(f"there is no folder {step.get('working_directory')}")
            return 1
        shell = str(step.get("shell", self._settings.get("shell", "/bin/bash -eo pipefail"))).split()
        command = str(step.get("command", ""))
        log.say(f"#!{' '.join(shell)}\n{command}\n")
        code, said = run_script(command, place, {**env, **_texts(step.get("environment"))}, (*shell, "-c"))
        log.say(said)
        return code

    def _share(self, kind, step, folder):
        """The workspace, through which a workflow's jobs hand on files."""
        shared = self._push.work / "workspace"
        shared.mkdir(exist_ok=True)
        if kind == "attach_workspace":
            shutil.copytree(shared, folder / step.get("at", "."), symlinks=True, dirs_exist_ok=True)
            return 0
        root = folder / step.get("root", ".")
        for pattern in listed(step.get("paths")):
            for path in root.glob(str(pattern)) if pattern != "." else [root]:
                target = shared / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                if path.is_dir():
                    shutil.copytree(path, target, symlinks=True, dirs_exist_ok=True)
                else:
                    shutil.copy2(path, target)
        return 0


def _texts(environment):
    return {str(name): str(value) for name, value in (environment or {}).items()}


def _fits(branch, pattern):
    text = str(pattern)
    if len(text) > 1 and text.startswith("/") and text.endswith("/"):
        return re.fullmatch(text[1:-1], branch) is not None
    return branch == text


def _true(logic, place):
    """CircleCI's logic: true, equal, and, or, not; and a value that is put in, of which only "" is false."""
    if isinstance(logic, bool | int):
        return bool(logic)
    if isinstance(logic, str) and re.fullmatch(r"[\w/.-]*", logic) and not logic.startswith("pipeline."):
        return logic not in ("", "false", "0")
    kind, value = next(iter(logic.items())) if isinstance(logic, dict) and len(logic) == 1 else ("", None)
    if kind == "equal":
        return len({str(one) for one in listed(value)}) == 1
    if kind == "not":
        return not _true(value, place)
    if kind in ("and", "or"):
        return (all if kind == "and" else any)([_true(one, place) for one in listed(value)])
    raise Refused(f"{place}: this condition is not understood here")
