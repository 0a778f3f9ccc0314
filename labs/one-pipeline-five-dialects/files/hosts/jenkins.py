"""A subset of declarative Jenkins, without Jenkins: the file is linted as a whole, then its stages are run in order.

It is a multibranch pipeline: the branch is BRANCH_NAME, and a pull request is the branch PR-7. One machine, so one
workspace for all stages. The secret is a credential of the kind "secret text" with the id deploy-token.
"""

import fnmatch

from hosts.jenkinsfile import FILE, Call, Text, holds, parse
from hosts.shell import Log, Refused, run_script

NAME = "jenkins"
CREDENTIAL = "deploy-token"
_OPTIONS = {
    "ansiColor", "buildDiscarder", "disableConcurrentBuilds", "disableResume", "durabilityHint", "newContainerPerStage",
    "parallelsAlwaysFailFast", "preserveStashes", "quietPeriod", "skipStagesAfterUnstable", "timeout", "timestamps",
}  # fmt: skip
_TRIGGERS = {"cron", "pollSCM", "upstream"}
_POST = (
    "always",
    "changed",
    "fixed",
    "regression",
    "aborted",
    "failure",
    "success",
    "unstable",
    "unsuccessful",
    "cleanup",
)
_WRAPPERS = {"withCredentials", "withEnv", "dir", "timeout", "timestamps", "catchError", "retry", "script"}
_PLAIN = {"sh", "echo", "error", "checkout", "archiveArtifacts", "junit", "cleanWs", "deleteDir", "milestone"}
_PIPELINE = {"agent", "environment", "options", "triggers", "stages", "post"}
_STAGE = {"agent", "environment", "options", "when", "steps", "stages", "parallel", "failFast", "post"}


def _bad(line, why):
    return Refused(f"{FILE}, line {line}: {why}")


def run(push):
    """Run the pipeline of a push; return whether it ended well, and the log."""
    path = push.clone / FILE
    if not path.is_file():
        raise Refused(f"there is no {FILE}")
    pipeline = lint(path.read_text(errors="replace"))
    log = Log([push.token])
    build = _Build(push, log)
    build.run(pipeline)
    log.say(f"Finished: {build.result}")
    return build.result == "SUCCESS", log.text


# ------------------------------------------------------------------------------------------------ lint


def lint(text):
    """The one call of a declarative Jenkinsfile, looked at as a whole. Raises Refused with the line."""
    calls = parse(text)
    if not calls:
        raise Refused(f"{FILE} holds no pipeline yet")
    if len(calls) > 1 or calls[0].name != "pipeline" or calls[0].block is None:
        raise _bad(calls[0].line, "a declarative Jenkinsfile is one pipeline { ... } and nothing beside it")
    parts = _parts(calls[0], _PIPELINE)
    for needed in ("agent", "stages"):
        if needed not in parts:
            raise _bad(calls[0].line, f"pipeline needs {needed}")
    names = []
    _lint_common(parts)
    for option in _block(parts.get("triggers")):
        if option.name not in _TRIGGERS:
            raise _bad(option.line, f"the trigger '{option.name}' is not understood here")
    _lint_stages(parts["stages"], names)
    return calls[0]


def _block(call):
    return call.block or [] if call is not None else []


def _parts(call, known):
    """The sections of a block by name, each at most once."""
    parts = {}
    for part in _block(call):
        if part.name not in known:
            raise _bad(part.line, f"'{part.name}' is not understood in {call.name}")
        if part.name in parts:
            raise _bad(part.line, f"{call.name} has {part.name} twice")
        parts[part.name] = part
    return parts


def _lint_common(parts):
    for call in _block(parts.get("environment")):
        value = call.args[1] if call.name == "=" else None
        if isinstance(value, Call) and value.name == "credentials":
            _lint_credential(value.args[0] if value.args else None, value.line)
        elif not isinstance(value, Text):
            raise _bad(call.line, "environment takes NAME = 'text' or NAME = credentials('id')")
    for option in _block(parts.get("options")):
        if option.name not in _OPTIONS:
            raise _bad(option.line, f"the option '{option.name}' is not understood here")
    for condition in _block(parts.get("post")):
        if condition.name not in _POST:
            raise _bad(condition.line, f"post knows no '{condition.name}'")
        _lint_steps(condition)
    if "when" in parts:
        _lint_when(parts["when"])


def _lint_credential(name, line):
    if not isinstance(name, Text) or name.raw != CREDENTIAL:
        raise _bad(line, f"there is no credential of that id; there is '{CREDENTIAL}'")


def _lint_stages(call, names):
    if not _block(call):
        raise _bad(call.line, f"{call.name} needs a stage")
    for stage in call.block:
        if stage.name != "stage" or len(stage.args) != 1 or not isinstance(stage.args[0], Text):
            raise _bad(stage.line, f"{call.name} takes stage('Name') {{ ... }}")
        if stage.args[0].raw in names:
            raise _bad(stage.line, f"two stages have the name {stage.args[0].raw}")
        names.append(stage.args[0].raw)
        parts = _parts(stage, _STAGE)
        _lint_common(parts)
        if len({"steps", "stages", "parallel"} & set(parts)) != 1:
            raise _bad(stage.line, "a stage has one of steps, stages and parallel")
        if "steps" in parts:
            _lint_steps(parts["steps"])
        for inner in {"stages", "parallel"} & set(parts):
            _lint_stages(parts[inner], names)


def _lint_when(call):
    if not _block(call):
        raise _bad(call.line, f"{call.name} needs a condition")
    for condition in call.block:
        if condition.name in ("allOf", "anyOf", "not"):
            _lint_when(condition)
        elif condition.name == "branch":
            if len(condition.args) != 1 or not isinstance(condition.args[0], Text):
                raise _bad(condition.line, "write branch 'name'")
        elif condition.name not in (
            "environment",
            "expression",
            "changeRequest",
            "beforeAgent",
            "buildingTag",
        ):
            raise _bad(condition.line, f"the condition '{condition.name}' is not understood here")


def _lint_steps(call):
    if not _block(call):
        raise _bad(call.line, f"{call.name} needs a step")
    for step in call.block:
        if step.name in _WRAPPERS:
            _lint_wrapper(step)
            _lint_steps(step)
        elif step.name not in _PLAIN:
            raise _bad(step.line, f"the step '{step.name}' is not understood here")
        elif step.name == "sh" and set(step.named) - {"script", "label", "returnStatus"}:
            raise _bad(step.line, "sh takes one script, a label and returnStatus here")
        elif step.name in ("sh", "echo", "error") and not isinstance(_first(step), Text):
            raise _bad(step.line, f"{step.name} needs a text")


def _lint_wrapper(step):
    first = step.args[0] if step.args else None
    if step.name == "withCredentials":
        for binding in _bindings(step):
            _lint_credential(binding.named.get("credentialsId"), binding.line)
    elif step.name == "withEnv":
        if not isinstance(first, list) or not all(isinstance(pair, Text) for pair in first):
            raise _bad(step.line, "withEnv takes ['NAME=text']")
    elif step.name == "dir" and not isinstance(first, Text):
        raise _bad(step.line, "dir takes the name of a folder")
    elif step.name == "retry" and not isinstance(first, int):
        raise _bad(step.line, "retry takes a number")


def _first(step):
    """The text of a step, with its name or without."""
    return step.args[0] if step.args else step.named.get("script", step.named.get("message"))


def _bindings(step):
    found = step.args[0] if len(step.args) == 1 and isinstance(step.args[0], list) else step.args
    for binding in found:
        if not isinstance(binding, Call) or binding.name != "string" or "variable" not in binding.named:
            raise _bad(
                step.line, "withCredentials takes [string(credentialsId: 'id', variable: 'NAME')] here"
            )
    return found


# ------------------------------------------------------------------------------------------------- run


class _Failed(Exception):
    """A step has failed; the text says how."""


class _Build:
    """One build of a pipeline that was linted."""

    def __init__(self, push, log):
        self._push = push
        self._log = log
        self.result = "SUCCESS"
        branch = "PR-7" if push.pull_request else push.branch
        self._known = {
            **push.env,
            "BRANCH_NAME": branch,
            "BUILD_NUMBER": "1",
            "GIT_BRANCH": branch,
            "GIT_COMMIT": push.sha,
            "JOB_NAME": f"late/{branch.replace('/', '%2F')}",
            "WORKSPACE": str(push.clone),
        }
        if push.pull_request:
            self._known.update(CHANGE_ID="7", CHANGE_BRANCH=push.branch, CHANGE_TARGET="main")

    def run(self, pipeline):
        """Run all of it."""
        parts = {part.name: part for part in pipeline.block}
        known = self._environment(parts, self._known)
        if known is not None:
            self._stages(parts["stages"], known)
        self._post(parts, known or self._known, self.result == "SUCCESS")

    def _fail(self, why):
        self._log.say(f"ERROR: {why}")
        self.result = "FAILURE"

    def _environment(self, parts, known):
        """The variables with those of an environment block; None when one cannot be made."""
        known = dict(known)
        for call in _block(parts.get("environment")):
            name, value = call.args
            try:
                known[name] = self._push.token if isinstance(value, Call) else value.value(known)
            except KeyError as error:
                self._fail(f"{FILE}, line {call.line}: there is no property {error}")
                return None
        return known

    def _stages(self, call, known, parallel=False):
        """Run stages; those after a failed one are skipped, but for ones side by side."""
        well = True
        for stage in call.block:
            name = stage.args[0].raw
            if not well and not parallel:
                self._log.say(f'Stage "{name}" skipped due to earlier failure(s)')
            else:
                well = self._stage(stage, name, known) and well
        return well

    def _stage(self, stage, name, known):
        parts = {part.name: part for part in stage.block}
        self._log.say(f"[Pipeline] stage ({name})")
        known = self._environment(parts, {**known, "STAGE_NAME": name})
        if known is None:
            return False
        if "when" in parts and not self._all(parts["when"], known):
            self._log.say(f'Stage "{name}" skipped due to when conditional')
            return True
        try:
            if "steps" in parts:
                self._steps(parts["steps"], known)
                well = True
            else:
                inner = "parallel" if "parallel" in parts else "stages"
                well = self._stages(parts[inner], known, parallel=inner == "parallel")
        except _Failed as error:
            self._fail(error)
            well = False
        return self._post(parts, known, well) and well

    def _post(self, parts, known, well):
        """Run what comes after; return whether that ended well."""
        kept = (
            ("always", "success", "cleanup", "changed")
            if well
            else ("always", "failure", "unsuccessful", "cleanup", "changed")
        )
        fine = True
        for condition in sorted(_block(parts.get("post")), key=lambda call: _POST.index(call.name)):
            if condition.name in kept:
                try:
                    self._steps(condition, known)
                except _Failed as error:
                    self._fail(error)
                    fine = False
        return fine

    def _all(self, call, known):
        return all(self._condition(condition, known) for condition in call.block)

    def _condition(self, call, known):
        judged = {
            "allOf": lambda: self._all(call, known),
            "anyOf": lambda: any(self._condition(condition, known) for condition in call.block),
            "beforeAgent": lambda: True,
            "branch": lambda: fnmatch.fnmatchcase(known["BRANCH_NAME"], call.args[0].value(known)),
            "buildingTag": lambda: False,
            "changeRequest": lambda: self._push.pull_request,
            "environment": lambda: (
                known.get(call.named["name"].value(known)) == call.named["value"].value(known)
            ),
            "expression": lambda: bool(holds(call.tokens, known, call.line)),
            "not": lambda: not self._all(call, known),
        }
        return judged[call.name]()

    def _steps(self, call, known, folder=None):
        for step in call.block:
            self._step(step, known, folder or self._push.clone)

    def _step(self, step, known, folder):
        try:
            self._filled(step, known, folder)
        except KeyError as error:
            raise _Failed(f"line {step.line}: groovy.lang.MissingPropertyException: {error}") from None

    def _filled(self, step, known, folder):
        """Do a step. Raises KeyError for a name that Groovy does not know."""
        first = _first(step)
        text = first.value(known) if isinstance(first, Text) else ""
        if step.name == "sh":
            self._shell(text, step, known, folder)
        elif step.name == "echo":
            self._log.say(text)
        elif step.name == "error":
            raise _Failed(text)
        elif step.name == "withCredentials":
            names = [binding.named["variable"].raw for binding in _bindings(step)]
            self._steps(step, {**known, **dict.fromkeys(names, self._push.token)}, folder)
        elif step.name == "withEnv":
            pairs = [value.value(known).partition("=") for value in first]
            self._steps(step, {**known, **{name: value for name, _, value in pairs}}, folder)
        elif step.name == "dir":
            (folder / text).mkdir(parents=True, exist_ok=True)
            self._steps(step, known, folder / text)
        elif step.name == "catchError":
            self._caught(step, known, folder)
        elif step.name == "retry":
            self._retry(step, first, known, folder)
        elif step.block is not None:  # timeout, timestamps, script
            self._steps(step, known, folder)

    def _shell(self, script, step, known, folder):
        self._log.say("[Pipeline] sh")
        code, said = run_script(script, folder, known, ("/bin/sh", "-xe", "-c"))
        self._log.say(said)
        if code != 0 and step.named.get("returnStatus") is not True:
            raise _Failed(f"script returned exit code {code}")

    def _caught(self, step, known, folder):
        """catchError: what is in it may fail, and the build goes on with the result that it names."""
        try:
            self._steps(step, known, folder)
        except _Failed as error:
            self._log.say(f"ERROR: {error}")
            result = step.named.get("buildResult")
            if self.result == "SUCCESS":
                self.result = result.raw if isinstance(result, Text) else "FAILURE"

    def _retry(self, step, times, known, folder):
        for left in range(times - 1, -1, -1):
            try:
                return self._steps(step, known, folder)
            except _Failed as error:
                if not left:
                    raise
                self._log.say(f"ERROR: {error}; it is tried again")
        return None
