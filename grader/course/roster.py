"""Who is in a class: names and e-mail addresses on one side, opaque ids on the other.

Everything else in a course knows learners by their opaque id only. The id is made from the course's key, so
that it stays the same for a learner and tells nothing to whoever lacks the key.
"""

from __future__ import annotations

import csv
import hmac
import io
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from confusable_homoglyphs import confusables

from sandbox.errors import UsageError

MAX_BYTES = 8 * 2**20
_WRITTEN_OUT = re.compile(r"\\x\{[0-9a-f]{2,6}\}")
_DIGITS = 10  # of an opaque id: 40 bits, enough to tell any two learners of a school apart


@dataclass(frozen=True)
class Learner:
    """One line of a roster. Only `id` is needed."""

    id: str  # what the school calls them: the name of their folder or file
    name: str = ""
    email: str = ""
    lms_id: str = ""  # of the learning management system: Canvas's ID, Moodle's Identifier
    login: str = ""  # Canvas's SIS Login ID
    section: str = ""


COLUMNS = tuple(field.name for field in fields(Learner))


def clean(text: str) -> str:
    """Text fit for a roster: what cannot be printed written out, then normal form C.

    In this order: an accent may follow what is written out, and cleaning twice must change nothing.
    """
    printable = "".join(char if char.isprintable() else f"\\x{{{ord(char):02x}}}" for char in text)
    return unicodedata.normalize("NFC", printable).strip()


def skeleton(text: str) -> str:
    """What a name looks like: two names with the same skeleton cannot be told apart by eye."""
    visible = _WRITTEN_OUT.sub("", text)  # what `clean` wrote out cannot be seen in the name of a folder
    plain = unicodedata.normalize("NFKC", visible).casefold()
    return "".join(_latin(char) for char in plain if char.isprintable() and not char.isspace())


def _latin(char: str) -> str:
    if char.isascii():
        return char
    found = confusables.is_confusable(char, preferred_aliases=["latin"], greedy=False)
    for row in found or []:
        for other in row["homoglyphs"]:
            if other["c"].isascii():
                return str(other["c"]).casefold()
    return char


def _spelt(name: str) -> str:
    return " ".join(name.casefold().split())


def _marks(learner: Learner) -> list[tuple[str, str]]:
    """What tells a learner from others besides their id."""
    found = {kind: getattr(learner, kind).casefold() for kind in ("email", "lms_id", "login")}
    return [(kind, value) for kind, value in {**found, "name": skeleton(learner.name)}.items() if value]


class Roster:
    """The learners of a class by their opaque ids."""

    def __init__(self, key: bytes, learners: Iterable[Learner], closed: bool) -> None:
        """Check and take the learners.

        Args:
            key: the course's.
            learners: in the order of the file.
            closed: whether a learner who is not on it is a mistake; else they are added as they come.

        Raises:
            UsageError: an id twice, or two that look alike.
        """
        self._key = key
        self.closed = closed
        self._by_opaque: dict[str, Learner] = {}
        self._by_look: dict[str, Learner] = {}
        self._by_mark: dict[tuple[str, str], Learner] = {}  # what else tells them apart
        for learner in learners:
            self.add(learner)

    def __iter__(self) -> Iterator[Learner]:
        return iter(self._by_opaque.values())

    def __len__(self) -> int:
        return len(self._by_opaque)

    def opaque(self, learner_id: str) -> str:
        """The opaque id that stands for a learner everywhere else."""
        digest = hmac.new(self._key, clean(learner_id).encode(), "sha256").hexdigest()
        return f"l-{digest[:_DIGITS]}"

    def add(self, learner: Learner) -> str:
        """Take a learner; return their opaque id. Raises UsageError for one who is, or looks like, another."""
        look = skeleton(learner.id)
        twin = self._by_look.get(look)
        if twin is not None and twin.id == learner.id:
            raise UsageError(f"the learner '{learner.id}' is there twice", "leave one line in the roster")
        if twin is not None:
            raise UsageError(
                f"the learners '{twin.id}' and '{learner.id}' ({twin.id!a}, {learner.id!a}) look alike",
                "give one of them another id, so that no mark goes to the wrong person",
            )
        self._refuse_doubt(learner)
        opaque = self.opaque(learner.id)
        self._by_look[look] = learner
        self._by_mark.update(dict.fromkeys(_marks(learner), learner))
        self._by_opaque[opaque] = learner
        return opaque

    def _refuse_doubt(self, learner: Learner) -> None:
        """Refuse who shares an address or id with another, or whose name only looks like another's.

        Two people may be called exactly the same; then their ids tell them apart.
        """
        for kind, value in _marks(learner):
            twin = self._by_mark.get((kind, value))
            if twin is None:
                continue
            if kind != "name":
                raise UsageError(
                    f"the learners '{twin.id}' and '{learner.id}' have the same {kind} '{value}'",
                    "correct one of the two lines",
                )
            if _spelt(twin.name) != _spelt(learner.name):
                raise UsageError(
                    f"the names of '{twin.id}' and '{learner.id}' look alike ('{learner.name}', {learner.name!a})",
                    "spell one of them so that nobody takes one for the other",
                )

    def find(self, learner_id: str) -> Learner | None:
        """The learner of exactly that id."""
        return self._by_opaque.get(self.opaque(learner_id))

    def reveal(self, opaque: str) -> Learner | None:
        """Who is behind an opaque id."""
        return self._by_opaque.get(opaque)

    def remove(self, opaque: str) -> None:
        """Forget a learner."""
        learner = self._by_opaque.pop(opaque, None)
        if learner is not None:
            self._by_look.pop(skeleton(learner.id), None)
            for mark in _marks(learner):
                if self._by_mark.get(mark) is learner:
                    del self._by_mark[mark]

    def require(self, learner_id: str) -> str:
        """The opaque id of a learner who hands something in.

        Raises:
            UsageError: not on a closed roster; or looks like somebody who is.
        """
        if self.find(learner_id) is not None:
            return self.opaque(learner_id)
        twin = self._by_look.get(skeleton(learner_id))
        if self.closed and twin is None:
            raise UsageError(
                f"the learner '{learner_id}' is not on the roster",
                "add them with: mlops class import, or take their work out of the folder",
            )
        return self.add(Learner(id=learner_id))

    def text(self) -> str:
        """The roster as CSV."""
        target = io.StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(learner, name) for name in COLUMNS] for learner in self._by_opaque.values())
        return target.getvalue()


def read_learners(path: Path) -> list[Learner]:
    """Read a roster file: CSV with a header, of whose columns `id` is needed.

    Raises:
        UsageError: missing, unreadable, no CSV, no column `id`, a line without an id.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"there is no roster {path}", "name a CSV file with a column 'id'") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "save it as CSV in UTF-8") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 2**20} MB", "name a roster")
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV: {error}", "save it as CSV in UTF-8") from None
    if not rows or "id" not in rows[0]:
        raise UsageError(f"{path} has no column 'id'", f"give it a header with: {', '.join(COLUMNS)}")
    return [_learner(path, number, row) for number, row in enumerate(rows, 2)]


def _learner(path: Path, number: int, row: dict[str, str]) -> Learner:
    values = {name: clean(row.get(name) or "") for name in COLUMNS}
    if not values["id"]:
        raise UsageError(f"{path}, line {number}: no id", "write one, or take the line out")
    return Learner(**values)


def open_roster(path: Path, key: bytes, source: Path | None = None) -> Roster:
    """The course's roster: the one imported, or that of everybody who has handed in so far.

    Args:
        path: the course's own roster file.
        key: the course's key.
        source: a file to take in its place, from now on.
    """
    closed = path.with_name("roster-closed")  # there once a roster was imported
    if source is not None:
        return Roster(key, read_learners(source), closed=True)
    learners = read_learners(path) if path.exists() else []
    return Roster(key, learners, closed=closed.exists())


def save_roster(path: Path, roster: Roster) -> None:
    """Write the course's roster; readable by its owner only, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(roster.text())
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)
    if roster.closed:
        path.with_name("roster-closed").touch(mode=0o600)
