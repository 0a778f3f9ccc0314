"""Brings all pages together in one folder of Markdown, and tells which committed ones are out of date."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from grader.release import bundle
from mlops_labs import catalogue
from mlops_labs.roadmap import roadmap
from mlops_labs.site import labs, lessons, news, reference, roadmap_page
from sandbox.engine import Progress

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GENERATED = {"reference/commands.md": reference.commands, "reference/checks.md": reference.vocabulary}
_FIRST_HEADING = re.compile(r"^# (.+)$", re.M)


def lesson_sources() -> dict[str, Path]:
    """The lessons by id, in the order of the track."""
    return {name: source for name in catalogue.labs() if (source := catalogue.lesson(name))}


def executed_lesson(source: Path) -> lessons.Page:
    """A lesson's page; its output is made again when the lesson, the flights or the packages have changed."""
    told_by = (ROOT / "mlops_labs" / "flights.py", ROOT / "requirements" / "runtime.txt")
    return lessons.page(source, lessons.executed(source, ROOT / "build" / "lessons", told_by))


def write(target: Path, cache: Path, tell: Progress) -> int:
    """Write every page; return how many.

    Args:
        target: folder of Markdown, made anew.
        cache: where released labs are kept.
        tell: told of what takes time.
    """
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(DOCS, target)
    _write_lessons(target / "lessons", tell)
    known, facts = roadmap(), {name: lessons.read_facts(source) for name, source in lesson_sources().items()}
    (target / "labs").mkdir()
    for lab in catalogue.labs().values():
        text = labs.brief(bundle(lab, cache, tell), known, facts.get(lab.id))
        (target / "labs" / f"{lab.id}.md").write_text(text, encoding="utf-8")
    changelog = (catalogue.curriculum_folder() / "CHANGELOG.md").read_text(encoding="utf-8")
    pages = {
        "track.md": labs.track(catalogue.labs(), known, facts),
        "roadmap.md": roadmap_page.page(known, catalogue.labs(), facts, datetime.now(UTC).date()),
        "sources.md": news.sources_page(known),
        "curriculum-changes.md": news.changes_page(changelog),
        "decisions/index.md": _decisions(),
    }
    for name, text in pages.items():
        (target / name).write_text(text, encoding="utf-8")
    (target / "feed.xml").write_bytes(news.feed(changelog))
    return len(list(target.rglob("*.md")))


def _write_lessons(target: Path, tell: Progress) -> None:
    target.mkdir()
    for name, source in lesson_sources().items():
        tell(f"lesson {name}")
        page = executed_lesson(source)
        (target / f"{name}.md").write_text(page.markdown, encoding="utf-8")
        for file, picture in page.pictures.items():
            (target / file).write_bytes(picture)


def _decisions() -> str:
    rows = []
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        found = _FIRST_HEADING.search(path.read_text(encoding="utf-8"))
        rows.append(f"- [{found.group(1) if found else path.stem}]({path.name})")
    intro = "Why things are as they are: what was decided, what else was possible, and what follows from it."
    return f"# Decisions\n\n{intro}\n\n" + "\n".join(rows) + "\n"


def write_reference() -> None:
    """Write the committed reference pages."""
    for name, make in GENERATED.items():
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(make(), encoding="utf-8")


def drift() -> Iterator[str]:
    """The committed pages that are not what the code would give, a line each."""
    for name, make in GENERATED.items():
        path = DOCS / name
        if not path.exists() or path.read_text(encoding="utf-8") != make():
            yield f"docs/{name} is out of date; run: make reference"


def missing_from_navigation() -> Iterator[str]:
    """The labs and lessons that mkdocs.yml does not lead to, a line each."""
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for lab in catalogue.labs():
        for page in (f"labs/{lab}.md", f"lessons/{lab}.md"):
            if page not in listed:
                yield f"mkdocs.yml does not list {page} under nav; add it there"
