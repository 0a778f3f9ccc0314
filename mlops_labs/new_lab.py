"""What `mlops lab new` does: a lab folder that is small, real and valid at once, to be changed into one's own."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from grader.lab import find_labs, load_lab
from sandbox.errors import UsageError

_TEMPLATE = Path(__file__).parent / "lab_template"
_ENDING = ".in"  # keeps the template's Python from being taken for ours


def make(name: str, labs: Path) -> Path:
    """Make a lab of that name in a folder of labs; return its own folder.

    Raises:
        UsageError: the name is no slug, or taken; nothing was made.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or len(name) > 64:
        raise UsageError(
            f"'{name[:80]}' cannot be a lab's name", "use words in small letters with hyphens: read-the-logs"
        )
    target = labs / name
    if target.exists():
        raise UsageError(f"{target} exists already", "choose another name")
    if not labs.is_dir():
        raise UsageError(f"{labs} is no folder", "name the folder that holds the labs with --to")
    number = max((lab.definition.number for lab in find_labs(labs).values()), default=0) + 1
    words = {"@ID@": name, "@TITLE@": name.replace("-", " ").capitalize(), "@NUMBER@": str(number)}
    with tempfile.TemporaryDirectory(prefix=".new-", dir=labs) as made:
        draft = Path(made) / name
        for source in sorted(_TEMPLATE.rglob(f"*{_ENDING}")):
            path = draft / source.relative_to(_TEMPLATE).with_suffix("")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(source.read_text(encoding="utf-8"), words), encoding="utf-8")
        load_lab(draft)
        draft.rename(target)
    return target


def _filled(text: str, words: dict[str, str]) -> str:
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text
