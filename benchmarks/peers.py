"""The tools a course would otherwise use, each run by its own command line on the same answers."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from textwrap import dedent

from benchmarks import asserts
from benchmarks.machine import Watch
from benchmarks.materials import STORE, STORE_URI, Materials, write_notebook
from benchmarks.measuring import Candidate, Failed, Sample
from benchmarks.processes import environment, program, run_well

BARE = "papermill, bare"
_LEARNER = "learner"


def _timed(command: list[str], cwd: Path, env: dict[str, str], log: Path) -> dict[str, float]:
    watch = Watch()
    run_well(command, cwd, env, log)
    seconds, cpu = watch.read()
    return {"seconds": seconds, "cpu_seconds": cpu}


def peer_env(scratch: Path, python: Path | None = None) -> dict[str, str]:
    """What another tool is started with: an MLflow store in its own working folder."""
    return {**environment(scratch, python), "MLFLOW_TRACKING_URI": STORE_URI}


# ------------------------------------------------------------------------------------------- papermill


def _papermill(materials: Materials, template: Path | None) -> Sample:
    folder = materials.lay_out(materials.fresh("papermill"))
    write_notebook(materials.plain_notebook(), folder / "in.ipynb")
    if template:
        shutil.copyfile(template, folder / STORE)
    command = [program("papermill"), "in.ipynb", "out.ipynb", "--no-progress-bar"]
    log = materials.scratch / "papermill.log"
    return Sample(_timed(command, folder, peer_env(materials.scratch), log), "ran, nothing checked")


def papermill(materials: Materials, template: Path) -> list[Candidate]:
    """Bare papermill, with an MLflow database made by the notebook, and with one migrated beforehand."""
    return [
        Candidate(BARE, partial(_papermill, materials, None)),
        Candidate("papermill, database migrated before", partial(_papermill, materials, template)),
    ]


# -------------------------------------------------------------------------------------------- nbgrader


@dataclass(frozen=True)
class Nbgrader:
    """A course with one assignment and a submission of each learner."""

    materials: Materials
    learners: tuple[str, ...] = (_LEARNER,)

    @property
    def _lab(self) -> str:
        return self.materials.bundle.lab.id

    @property
    def _tasks(self) -> list[str]:
        return [task.id for task in self.materials.bundle.lab.tasks]

    @property
    def _log(self) -> Path:
        return self.materials.scratch / "nbgrader.log"

    def _call(self, course: Path, *words: str) -> None:
        run_well([program("nbgrader"), *words], course, peer_env(self.materials.scratch), self._log)

    @cached_property
    def _course(self) -> Path:
        """The course as it is before autograding: released, submitted, the learner enrolled."""
        course = self.materials.fresh("nbgrader-course")
        (course / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"
        )
        sources = {task: f"{asserts.source(self._lab, task)}\n\n{task}(globals())" for task in self._tasks}
        content = self.materials.checked_notebook(sources)
        submitted = [course / "submitted" / learner / self._lab for learner in self.learners]
        for folder in (course / "source" / self._lab, *submitted):
            self.materials.lay_out(folder)
            write_notebook(content, folder / self.materials.bundle.notebook_name)
        self._call(course, "generate_assignment", self._lab)
        for learner in self.learners:
            self._call(course, "db", "student", "add", learner)
        return course

    def once(self) -> Sample:
        """Autograde what was submitted in a fresh copy of the course."""
        course = self.materials.scratch / "nbgrader"
        shutil.rmtree(course, ignore_errors=True)
        shutil.copytree(self._course, course)
        command = [program("nbgrader"), "autograde", self._lab]
        figures = _timed(command, course, peer_env(self.materials.scratch), self._log)
        return Sample(figures, self._score(course))

    def _score(self, course: Path) -> str:
        self._call(course, "export", "--to", "grades.csv")
        with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        scores = dict.fromkeys(f"{float(row['score']):g}/{float(row['max_score']):g}" for row in rows)
        return " and ".join(scores)


# ----------------------------------------------------------------------------------------------- Otter

_OTTER_TEST = """
OK_FORMAT = False
name = "{task}"
points = {points}


@test_case(points={points})
def check(env):
    {task}(env)
"""


@dataclass(frozen=True)
class Otter:
    """An autograder archive and a submission; `python` is the interpreter of Otter's own environment."""

    materials: Materials
    python: Path
    submissions: int = 1

    def _env(self) -> dict[str, str]:
        # Otter runs the notebook in a temporary folder: one inside a repository, as the brief promises.
        env = peer_env(self.materials.scratch, self.python)
        return {**env, "TMPDIR": str(self.materials.scratch / "otter" / "tmp")}

    @property
    def _log(self) -> Path:
        return self.materials.scratch / "otter.log"

    @cached_property
    def _archive(self) -> Path:
        """The autograder: the same asserts as tests, the data as support files."""
        folder = self.materials.lay_out(self.materials.fresh("otter-source"))
        (folder / "tests").mkdir()
        for task in self.materials.bundle.lab.tasks:
            test = _OTTER_TEST.format(task=task.id, points=task.points)
            text = f"from otter.test_files import test_case\n\n{asserts.source(self.materials.bundle.lab.id, task.id)}\n{dedent(test)}"
            (folder / "tests" / f"{task.id}.py").write_text(text, encoding="utf-8")
        command = [program("otter", self.python), "generate", "-t", "tests", "--no-environment"]
        files = [str(path.relative_to(folder)) for path in sorted(folder.glob("*")) if path.name[0] != "."]
        names = [name for name in files if name not in ("tests", "autograder.zip")]
        run_well([*command, *names], folder, self._env(), self._log)
        return next(folder.glob("*autograder*.zip"))

    def once(self) -> Sample:
        """Run the autograder on each submission, one after the other, in a fresh folder each."""
        samples = [self._one() for _ in range(self.submissions)]
        figures = {name: sum(sample.figures[name] for sample in samples) for name in samples[0].figures}
        return Sample(figures, " and ".join(dict.fromkeys(sample.score for sample in samples)))

    def _one(self) -> Sample:
        folder = self.materials.fresh("otter")
        (folder / "tmp").mkdir()
        name = self.materials.bundle.notebook_name
        write_notebook(self.materials.plain_notebook(), folder / name)
        command = [program("otter", self.python), "run", name, "-a", str(self._archive), "-o", "out"]
        (folder / "out").mkdir()
        figures = _timed(command, folder, self._env(), self._log)
        return Sample(figures, _otter_score(folder / "out" / "results.json"))


def _otter_score(path: Path) -> str:
    try:
        tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
    except (OSError, ValueError, KeyError) as error:
        raise Failed(f"Otter left no result ({type(error).__name__})") from error
    points = [test for test in tests if test.get("max_score")]
    return f"{sum(test['score'] for test in points):g}/{sum(test['max_score'] for test in points):g}"


def rivals(materials: Materials, template: Path, otter_python: Path | None) -> list[Candidate]:
    """Every other tool; Otter only where its environment is there."""
    found = [*papermill(materials, template)]
    found.append(Candidate("nbgrader autograde", Nbgrader(materials).once))
    if otter_python is not None:
        found.append(Candidate("otter run", Otter(materials, otter_python).once))
    return found
