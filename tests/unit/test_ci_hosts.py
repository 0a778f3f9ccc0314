"""The CI hosts of the lab "One pipeline, five dialects": what its own runners do with a pipeline file, and what they refuse."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

FILES = Path(__file__).parent.parent.parent / "labs" / "one-pipeline-five-dialects" / "files"
sys.path.insert(0, str(FILES))

from hosts import circleci, github, gitlab, jenkins, travis, yaml_file  # type: ignore[import-not-found]  # noqa: E402
from hosts.commits import Order  # type: ignore[import-not-found]  # noqa: E402
from hosts.conditions import holds  # type: ignore[import-not-found]  # noqa: E402
from hosts.push import Push, push  # type: ignore[import-not-found]  # noqa: E402
from hosts.shell import Refused, clean_environment  # type: ignore[import-not-found]  # noqa: E402

TOKEN = "hush-not-a-real-token"
Runner = Callable[..., SimpleNamespace]


@pytest.fixture(autouse=True)
def no_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """check-jsonschema comes with the image of the lab, and is not there everywhere."""
    monkeypatch.setattr(yaml_file, "_hold_against", lambda *_: None)


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    """Run a pipeline file on one of our own hosts; what it called stands in the log, line by line."""

    def run(host: object, text: str, **order: object) -> SimpleNamespace:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        clone, work, home = (folder / name for name in ("clone", "work", "home"))
        for made in (clone, work, home):
            made.mkdir(parents=True)
        path = clone / host.FILE  # type: ignore[attr-defined]
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        more = Push(
            **vars(Order(token=TOKEN, **order)),
            clone=clone,
            work=work,
            sha="abc123",
            env=clean_environment(home),
        )
        green, log = host.run(more)  # type: ignore[attr-defined]
        said = [line for line in log.splitlines() if not line.startswith(("$", "#", "-", "+", "[", "ci/"))]
        return SimpleNamespace(green=green, said=said, log=log)

    return run


# --------------------------------------------------------------------------------------------- conditions

FACTS = {"branch": "main", "type": "pull_request", "head_branch": "topic", "tag": "", "fork": "false"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("branch = main", True),
        ("branch = main AND type = push", False),
        ("branch = main AND NOT type = pull_request", False),
        ("branch = other OR head_branch =~ ^top", True),
        ("branch = other OR branch = main AND type = push", False),
        ("(branch = other OR branch = main) AND type IN (push, pull_request)", True),
        ("type NOT IN (push, api)", True),
        ("tag IS blank", True),
        ("tag IS NOT present", True),
        ("branch != 'main'", False),
        ("true", True),
    ],
)
def test_travis_conditions(text: str, wanted: bool) -> None:
    assert holds(text, FACTS, "here") is wanted


@pytest.mark.parametrize(
    "text",
    ["branch", "branch = ", "brunch = main", "branch = main )", "branch = main main", "(branch = main"],
)
def test_travis_conditions_that_are_none(text: str) -> None:
    with pytest.raises(Refused, match="here"):
        holds(text, FACTS, "here")


# ------------------------------------------------------------------------------------------------- Travis

TRAVIS = """
language: python
stages: [check, {name: ship, if: branch = main AND type = push}]
jobs:
  include:
    - stage: check
      script: [exit_with 0, echo after]
    - stage: ship
      script: echo shipped $TRAVIS_COMMIT
"""


def test_travis_runs_stages_in_order(run: Runner) -> None:
    done = run(travis, TRAVIS.replace("exit_with 0", "true"))
    assert (done.green, done.said) == (True, ["after", "shipped abc123"])


def test_travis_goes_on_in_a_script_after_a_failure_and_stops_before_the_next_stage(run: Runner) -> None:
    done = run(travis, TRAVIS.replace("exit_with 0", "false"))
    assert not done.green
    assert "after" in done.said
    assert "shipped abc123" not in done.said


def test_travis_knows_where_a_pull_request_goes(run: Runner) -> None:
    text = TRAVIS.replace("exit_with 0", "echo $TRAVIS_BRANCH $TRAVIS_PULL_REQUEST_BRANCH")
    assert run(travis, text, branch="topic", pull_request=True).said == ["main topic", "after"]
    assert run(travis, text, branch="topic").said == ["topic", "after"]


DEPLOY = """
language: python
script: WHAT
after_success: [echo well, 'false']
after_failure: echo badly
deploy: {provider: script, script: echo deployed, on: {BRANCH}}
"""


@pytest.mark.parametrize(
    ("what", "on", "said", "green"),
    [
        ("true", "branch: main", ["well", "deployed"], True),
        ("true", "all_branches: true", ["well", "deployed"], True),
        ("true", "branch: [master, next]", ["well"], True),
        ("false", "branch: main", ['The command "false" exited with 1.', "badly"], False),
    ],
)
def test_travis_phases(run: Runner, what: str, on: str, said: list[str], green: bool) -> None:
    done = run(travis, DEPLOY.replace("WHAT", f"'{what}'").replace("BRANCH", on))
    assert (done.said, done.green) == (said, green)


def test_travis_without_a_branch_deploys_master_alone(run: Runner) -> None:
    assert run(travis, DEPLOY.replace("WHAT", "'true'").replace(", on: {BRANCH}", "")).said == ["well"]


def test_travis_a_failed_installation_stops_the_job(run: Runner) -> None:
    done = run(travis, "install: ['false', echo on]\nscript: echo script")
    assert (done.green, done.said) == (False, ['The command "false" exited with 1.'])


def test_travis_gives_the_secret_to_the_job_that_has_it_and_hides_it(run: Runner) -> None:
    text = f"""
jobs:
  include:
    - script: echo "knows $DEPLOY_TOKEN"
    - script: echo "knows $DEPLOY_TOKEN"
      env: [A=b, {{secure: "{travis.SECURE}"}}]
"""
    done = run(travis, text)
    assert done.said == ["knows ", "knows [secure]"]
    assert TOKEN not in done.log


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("script: true\nmatrix: {include: [{script: 'true', stage: a}], exclude: []}", "exclude"),
        ("python: ['3.10', '3.11']\nscript: 'true'", "more jobs"),
        ("env: [A=1, B=2]\nscript: 'true'", "more jobs"),
        ("env: {global: [{secure: other}]}\nscript: 'true'", "not encrypted for this repository"),
        ("deploy: {provider: heroku}\nscript: 'true'", "provider: script"),
        ("language: python", "no script"),
        ("scripts: 'true'", "'scripts' is not understood"),
    ],
)
def test_travis_refuses(run: Runner, text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        run(travis, text)


# ----------------------------------------------------------------------------------------------- CircleCI

CIRCLE = """
version: 2.1
jobs:
  first: {docker: [{image: x}], steps: [checkout, {run: FIRST}, {run: {command: echo told, when: on_fail}}]}
  second: {docker: [{image: x}], steps: [{run: 'ls -A; echo "second <<pipeline.git.branch>> ${DEPLOY_TOKEN:+knows}"'}]}
workflows:
  all:
    jobs:
      - second: {requires: [first], context: production, filters: {branches: {only: [main, /v.*/]}}}
      - first
"""


@pytest.mark.parametrize(
    ("first", "branch", "said", "green"),
    [
        ("echo first", "main", ["first", "second main knows"], True),
        ("echo first", "v2", ["first", "second v2 knows"], True),
        ("echo first", "mainline", ["first"], True),
        ("'false | true'", "main", ["told"], False),
    ],
)
def test_circleci_workflow(run: Runner, first: str, branch: str, said: list[str], green: bool) -> None:
    done = run(circleci, CIRCLE.replace("FIRST", first), branch=branch)
    assert [line for line in done.said if line in ("first", "told") or line.startswith("second")] == said
    assert done.green is green


def test_circleci_hands_files_on_by_the_workspace(run: Runner) -> None:
    text = """
version: 2.1
executors: {here: {docker: [{image: x}], environment: {WHO: Ada}}}
commands: {made: {steps: [{run: 'mkdir out && echo $WHO > out/name'}]}}
jobs:
  a: {executor: here, steps: [made, {persist_to_workspace: {root: ., paths: [out]}}]}
  b: {executor: here, steps: [{attach_workspace: {at: in}}, {run: cat in/out/name}]}
workflows: {w: {jobs: [a, {b: {requires: [a]}}]}}
"""
    assert "Ada" in run(circleci, text).said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("version: 2.1\norbs: {a: b/c@1}\nworkflows: {w: {jobs: []}}", "orbs"),
        (CIRCLE.replace("[first]", "[zeroth]"), "requires zeroth"),
        (CIRCLE.replace("- first", "- first: {requires: [second]}"), "circle"),
        (CIRCLE.replace("context: production", "context: staging"), "no context staging"),
        (CIRCLE.replace("[checkout,", "[restore,"), "'restore' is not understood"),
        (CIRCLE.replace("pipeline.git.branch", "pipeline.id"), "pipeline.id"),
    ],
)
def test_circleci_refuses(run: Runner, text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        run(circleci, text)


# ------------------------------------------------------------------------------------------------ Jenkins


def stages(*bodies: str, top: str = "") -> str:
    written = "\n".join(f"stage('{number}') {{ {body} }}" for number, body in enumerate(bodies))
    return f"pipeline {{\n  agent any\n{top}\n  stages {{\n{written}\n  }}\n}}\n"


def test_jenkins_stops_at_a_failed_stage_and_runs_post(run: Runner) -> None:
    text = stages(
        "steps { sh 'echo one' }",
        "steps { sh '''\n false\n echo never ''' }",
        "steps { sh 'echo three' }",
        top="post { failure { echo 'failed' }\n success { echo 'fine' }\n always { echo \"of ${env.BRANCH_NAME}\" } }",
    )
    done = run(jenkins, text)
    assert not done.green
    assert [line for line in done.said if line in ("one", "never", "three", "failed", "fine", "of main")] == [
        "one",
        "of main",
        "failed",
    ]


@pytest.mark.parametrize(
    ("when", "branch", "pull", "runs"),
    [
        ("branch 'main'", "main", False, True),
        ("branch 'main'", "mainline", False, False),
        ("branch 'main'", "topic", True, False),
        ("allOf { branch 'top*'; not { changeRequest() } }", "topic", False, True),
        ("anyOf { changeRequest(); branch 'x' }", "topic", True, True),
        ("expression { return env.BRANCH_NAME == 'main' && !(env.CHANGE_ID) }", "main", False, True),
        ('expression { BRANCH_NAME != "main" || false }', "main", False, False),
        ("environment name: 'WHO', value: 'Ada'", "main", False, True),
        ("beforeAgent true\n not { branch 'main' }", "main", False, False),
    ],
)
def test_jenkins_when(run: Runner, when: str, branch: str, pull: bool, runs: bool) -> None:
    text = stages(f"when {{ {when} }}\n steps {{ sh 'echo ran' }}", top="environment { WHO = 'Ada' }")
    done = run(jenkins, text, branch=branch, pull_request=pull)
    assert done.green
    assert ("ran" in done.said) is runs


def test_jenkins_binds_a_credential_where_it_is_asked_for(run: Runner) -> None:
    text = stages(
        "steps { sh 'echo 0 ${DEPLOY_TOKEN:+knows}' }",
        "environment { DEPLOY_TOKEN = credentials('deploy-token') }\n steps { sh 'echo 1 ${DEPLOY_TOKEN:+knows}' }",
        "steps { withCredentials([string(credentialsId: 'deploy-token', variable: 'T')]) { sh 'echo 2 $T' } }",
    )
    done = run(jenkins, text)
    assert [line.strip() for line in done.said if line[:1] in "012"] == ["0", "1 knows", "2 ****"]


def test_jenkins_puts_values_into_double_quotes_alone(run: Runner) -> None:
    text = stages("steps { echo \"${GIT_COMMIT} $GIT_COMMIT \\$x ${env.NOBODY}\"\n echo '${GIT_COMMIT}' }")
    assert "abc123 abc123 $x null\n${GIT_COMMIT}\n" in run(jenkins, text).log
    assert not run(jenkins, stages('steps { echo "${NOBODY}" }')).green


def test_jenkins_failures_that_are_caught(run: Runner) -> None:
    caught = stages("steps { catchError(buildResult: 'UNSTABLE') { sh 'false' } }", "steps { echo 'on' }")
    done = run(jenkins, caught)
    assert "on" in done.said
    assert "Finished: UNSTABLE" in done.log
    status = run(jenkins, stages("steps { sh(script: 'false', returnStatus: true); echo 'on' }"))
    assert status.green


def test_jenkins_runs_all_that_is_side_by_side(run: Runner) -> None:
    text = stages(
        "parallel { stage('a') { steps { sh 'false' } }\n stage('b') { steps { sh 'echo b' } } }",
        "steps { echo 'c' }",
    )
    done = run(jenkins, text)
    assert not done.green
    assert "b" in done.said
    assert "c" not in done.said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("node { sh 'x' }", "line 1: a declarative Jenkinsfile"),
        ("pipeline {\n stages { stage('a') { steps { sh 'x' } } } }", "needs agent"),
        ("pipeline {\n agent any\n stages { } }", "line 3: stages needs a stage"),
        (stages("steps { }"), "steps needs a step"),
        (stages("steps { sh 'x' }\n parallel { stage('b') { steps { sh 'x' } } }"), "one of steps"),
        (stages("steps { script { if (x) { sh 'x' } } }"), "'if' is Groovy"),
        (stages("steps { sh 'x' }", top="stages2 { }"), "'stages2' is not understood in pipeline"),
        (stages("steps { docker 'x' }"), "the step 'docker'"),
        (stages("when { tag 'x' }\n steps { sh 'x' }"), "the condition 'tag'"),
        (
            stages("steps { sh 'x' }", top="environment { T = credentials('other') }"),
            "no credential of that id",
        ),
        (stages("steps { sh 'x }"), "cannot read"),
        (stages("steps { sh 'x' ")[:-4], "not closed"),
        ("// nothing\n", "no pipeline yet"),
    ],
)
def test_jenkins_refuses(run: Runner, text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        run(jenkins, text)


# ------------------------------------------------------------------------------- what act and its like pass over


@pytest.mark.parametrize(
    ("on", "branch", "wanted"),
    [
        ("push", "topic", True),
        ("[pull_request]", "main", False),
        ("{push: {branches: [main]}}", "main", True),
        ("{push: {branches: [main]}}", "mainline", False),
        ("{push: {branches: ['main*', '!mainline']}}", "mainline", False),
        ("{push: {branches: ['*']}}", "fix/main", False),
        ("{push: {branches: ['**']}}", "fix/main", True),
        ("{push: {branches-ignore: [main]}}", "main", False),
    ],
)
def test_github_filters(tmp_path: Path, on: str, branch: str, wanted: bool) -> None:
    path = tmp_path / "ci.yml"
    path.write_text(f"on: {on}\njobs: {{}}\n")
    assert github._starts(path, "push", branch) is wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("jobs: {}", "does not say on what"),
        ("on: {push: {paths: [a]}}", "passes over 'paths'"),
        ("on: push\njobs: {a: {continue-on-error: true}}", "continue-on-error of a job"),
        ("on: [", "no YAML"),
    ],
)
def test_github_refuses(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "ci.yml"
    path.write_text(text)
    with pytest.raises(Refused, match=why):
        github._starts(path, "push", "main")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: {only: [main], script: [x]}", "does not obey 'only'"),
        ("workflow: {rules: [{when: never}]}", "workflow: rules"),
        ("# nothing", "has no jobs"),
    ],
)
def test_gitlab_refuses(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "ci.yml"
    path.write_text(text)
    with pytest.raises(Refused, match=why):
        gitlab._look(path)


# ------------------------------------------------------------------------------------------------ a whole push


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project as it is handed out, with a few flights."""
    import shutil

    folder = tmp_path / "project"
    shutil.copytree(FILES / "project", folder)
    (folder / "data").mkdir()
    rows = [f"{day},{hour},JFK,{int(hour > 12)}" for day in range(1, 32) for hour in (6, 18)]
    (folder / "data" / "flights.csv").write_text("\n".join(["day,hour,origin,late", *rows, ""]))
    (folder / "production.json").write_text(json.dumps({"brier": 0.1}))
    (folder / "Jenkinsfile").write_text(
        stages(
            "steps { sh 'ci/test.sh'\n sh 'ci/evaluate.sh'\n sh 'ci/build.sh $GIT_COMMIT' }",
            "when { branch 'main' }\n environment { DEPLOY_TOKEN = credentials('deploy-token') }\n"
            "steps { sh 'ci/deploy.sh $GIT_COMMIT' }",
        )
    )
    return folder


@pytest.mark.parametrize(
    ("commit", "calls"),
    [
        ("good", ["test 0", "evaluate 0", "build 0", "deploy 0"]),
        ("failing-test", ["test 1"]),
        ("worse-model", ["test 0", "evaluate 1"]),
        ("broken-build", ["test 0", "evaluate 0", "build 1"]),
    ],
)
def test_what_a_push_did_is_told(project: Path, commit: str, calls: list[str]) -> None:
    outcome = push("jenkins", project, Order(commit, token=TOKEN))
    assert [f"{call.script} {call.code}" for call in outcome.calls] == calls
    assert outcome.green is (commit == "good")
    assert outcome.production == (outcome.sha if commit == "good" else "")
    assert [call.script for call in outcome.calls if call.knew] == (["deploy"] if commit == "good" else [])
    assert all(call.token == TOKEN for call in outcome.calls if call.script == "deploy")


def test_a_file_of_an_odd_form_is_refused_and_breaks_nothing(project: Path) -> None:
    (project / ".travis.yml").write_text("jobs: {include: [5]}\nscript: 'true'\n")
    assert "form" in push("travis", project, Order()).refused
