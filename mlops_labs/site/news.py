"""What keeps a reader current: sources worth following, changes of the curriculum, and a feed of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from xml.etree import ElementTree

from mlops_labs.roadmap import Roadmap
from sandbox.errors import UsageError

_ENTRY = re.compile(r"^## (\d{4}-\d{2}-\d{2})(?:: | )(.+)$", re.M)
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Change:
    """One dated entry of curriculum/CHANGELOG.md."""

    day: date
    title: str
    text: str

    @property
    def anchor(self) -> str:
        """Its place on the page, as the generator makes it from the heading."""
        return re.sub(r"[^a-z0-9-]+", "-", f"{self.day} {self.title}".lower()).strip("-")


def changes(text: str) -> Iterator[Change]:
    """The entries of a changelog, newest first. Raises UsageError when they are out of order."""
    starts = list(_ENTRY.finditer(text))
    last: date | None = None
    for found, end in zip(starts, [*(one.start() for one in starts[1:]), len(text)], strict=True):
        day = date.fromisoformat(found.group(1))
        if last is not None and day > last:
            raise UsageError(f"the curriculum's changelog has {day} after {last}", "put the newest first")
        last = day
        yield Change(day, found.group(2).strip(), text[found.end() : end].strip())


def changes_page(text: str) -> str:
    """The changelog's page, with anchors that the feed can name."""
    parts = [
        "# Changes of the curriculum",
        "What was added to the lessons, labs and the roadmap, or corrected. Follow it with the [feed](feed.xml).",
    ]
    for change in changes(text):
        parts += [f"## {change.day} {change.title} {{ #{change.anchor} }}", change.text]
    return "\n\n".join(parts) + "\n"


def feed(text: str) -> bytes:
    """The changelog as an Atom feed. Its links are relative, since a site may lie anywhere."""
    ElementTree.register_namespace("", _ATOM)
    root = ElementTree.Element(f"{{{_ATOM}}}feed")
    found = list(changes(text))

    def add(
        parent: ElementTree.Element, name: str, value: str = "", **attributes: str
    ) -> ElementTree.Element:
        one = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
        one.text = value or None
        return one

    add(root, "title", "MLOps Labs: changes of the curriculum")
    add(root, "id", _identity("feed"))
    add(root, "updated", f"{found[0].day if found else date(2026, 1, 1)}T00:00:00Z")
    add(add(root, "author"), "name", "MLOps Labs")
    add(root, "link", href="feed.xml", rel="self")
    for change in found:
        entry = add(root, "entry")
        add(entry, "title", change.title)
        add(entry, "id", _identity(f"{change.day} {change.title}"))
        add(entry, "updated", f"{change.day}T00:00:00Z")
        add(entry, "link", href=f"curriculum-changes.html#{change.anchor}")
        add(entry, "content", change.text, type="text")
    body: bytes = ElementTree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _identity(text: str) -> str:
    digest = sha256(f"mlops-labs {text}".encode()).hexdigest()
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def sources_page(known: Roadmap) -> str:
    """Sources worth following, by topic."""
    parts = [
        "# Stay current",
        "Tools change every month; these places say how. Each was looked at on the date beside it. Two or three of them, read "
        "regularly, are worth more than all of them once.",
    ]
    for topic in known.topics:
        rows = [
            f"| [{one.title}]({one.url}) | {one.good_for} | {one.looked_at} |"
            for one in known.sources
            if one.topic == topic.id
        ]
        parts += [f"## {topic.title}", "| source | good for | looked at |\n|---|---|---|\n" + "\n".join(rows)]
    parts += [
        "## Here",
        "[Changes of the curriculum](curriculum-changes.md), also as a [feed](feed.xml). The [roadmap](roadmap.md) dates "
        "its facts about exams and laws, and says which are old.",
    ]
    return "\n\n".join(parts) + "\n"
