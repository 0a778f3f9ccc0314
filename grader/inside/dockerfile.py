"""Reads a Dockerfile into plain steps, which the engine then takes one by one, each under a job's limits.

A documented subset (docs/decisions/0013): one stage, FROM, ARG, ENV, WORKDIR, COPY and ADD of the folder's own
files, RUN, USER, EXPOSE, LABEL, STOPSIGNAL, HEALTHCHECK, ENTRYPOINT, CMD. What is not understood is refused, with
its line. It runs where the work lies, in a sandbox; nothing outside reads the learner's text. Standard library only.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import signal
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

MOST_BYTES = 64 * 2**20  # of what one COPY takes along
MOST_STEPS = 40
_MTIME = 1_700_000_000  # the same files make the same layer
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})")


class BadDockerfile(Exception):
    """It cannot be built: the text says in which line, and why."""


@dataclass
class Recipe:
    """What a Dockerfile asks for. `steps` and `settings` are plain JSON; the files of a COPY stay behind in `files`."""

    base: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    files: list[bytes] = field(default_factory=list)  # one tar archive for each COPY

    def plain(self) -> dict[str, Any]:
        """The recipe without its files: of those only how many bytes, and the paths in the image."""
        return {"base": self.base, "steps": self.steps, "settings": self.settings}

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """(path in the image, content) of every file of every COPY, also those that a later step removes; then
        what steps and settings say, under their kind."""
        for archive in self.files:
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                for entry in tar:
                    held = tar.extractfile(entry) if entry.isreg() else None
                    yield f"/{entry.name}", held.read() if held else b""
        for step in self.steps:
            yield str(step["kind"]).upper(), json.dumps(step).encode()
        yield "ENV, LABEL or CMD", json.dumps(self.settings).encode()


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number of the first line, whole instruction), comments left out and continued lines joined."""
    parts: list[str] = []
    begun = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith("#") or (not line.strip() and not parts):
            continue
        begun = begun if parts else number
        if line.rstrip().endswith("\\"):
            parts.append(line.rstrip()[:-1])
            continue
        yield begun, " ".join([*parts, line]).strip()
        parts = []
    if parts:
        yield begun, " ".join(parts).strip()


class Reader:
    """Reads one Dockerfile of a folder."""

    def __init__(self, folder: Path, name: str = "Dockerfile") -> None:
        self._folder = folder
        self._name = name
        self._line = 0
        self._recipe = Recipe(settings={"env": {}, "labels": {}, "ports": [], "user": "", "workdir": "/"})
        self._arguments: dict[str, str] = {}

    def read(self) -> Recipe:
        """Return the recipe. Raises BadDockerfile."""
        path = self._folder / self._name
        if not path.is_file() or path.is_symlink():
            raise BadDockerfile(f"there is no {self._name}")
        for number, line in _logical_lines(path.read_bytes()[: 2**18].decode("utf-8", "replace")):
            self._line = number
            word, _, rest = line.partition(" ")
            method = getattr(self, f"_do_{word.lower()}", None)
            if method is None:
                raise self._bad(f"{word[:20]} is not understood here")
            if word.upper() not in ("FROM", "ARG") and not self._recipe.base:
                raise self._bad("the first instruction must be FROM")
            method(rest.strip())
            if len(self._recipe.steps) > MOST_STEPS:
                raise self._bad(f"more than {MOST_STEPS} steps; join some")
        if not self._recipe.base:
            raise BadDockerfile(f"{self._name} has no FROM")
        return self._recipe

    def _bad(self, why: str) -> BadDockerfile:
        return BadDockerfile(f"{self._name}, line {self._line}: {why}")

    def _filled(self, text: str) -> str:
        """Variables of ARG and ENV put in, as the builder does outside of RUN."""
        known = {**self._arguments, **self._recipe.settings["env"]}

        def value(found: re.Match[str]) -> str:
            have, how = known.get(found[1] or found[2], ""), found[3] or ""
            if how.endswith("-"):
                return have or str(found[4])
            return str(found[4]) if how.endswith("+") and have else "" if how.endswith("+") else have

        return _VARIABLE.sub(value, text)

    def _pairs(self, text: str) -> dict[str, str]:
        """KEY=value ... or the old form KEY value."""
        try:
            words = shlex.split(self._filled(text))
        except ValueError as error:
            raise self._bad(str(error)) from None
        if words and "=" not in words[0]:
            return {words[0]: " ".join(words[1:])}
        if not words or any("=" not in word for word in words):
            raise self._bad("write KEY=value")
        return dict(word.split("=", 1) for word in words)

    def _flags(self, text: str, *known: str) -> tuple[dict[str, str], str]:
        """Leading --name=value words, and the rest."""
        flags: dict[str, str] = {}
        while found := re.match(r"--([a-z-]+)(?:=(\S+))?\s+", text):
            if found[1] not in known:
                raise self._bad(f"--{found[1]} is not understood here")
            flags[found[1]], text = self._filled(found[2] or ""), text[found.end() :]
        return flags, text

    def _words(self, text: str) -> list[str] | None:
        """The JSON form of a command, None for the shell form."""
        if not text.startswith("["):
            return None
        try:
            words = json.loads(text)
        except ValueError:
            raise self._bad("the list in brackets is not valid JSON (double quotes, commas)") from None
        if not all(isinstance(word, str) for word in words):
            raise self._bad("the list in brackets holds something that is no text")
        return list(words)

    def _command(self, text: str) -> list[str]:
        return self._words(text) or ["/bin/sh", "-c", text]

    def _do_from(self, text: str) -> None:
        if self._recipe.base:
            raise self._bad("a second FROM: only one stage is understood here")
        _, text = self._flags(text, "platform")
        self._recipe.base = self._filled(text).split()[0] if text else ""

    def _do_arg(self, text: str) -> None:
        name, _, value = text.partition("=")
        self._arguments[name.strip()] = self._filled(value.strip().strip("\"'"))

    def _do_env(self, text: str) -> None:
        self._recipe.settings["env"].update(self._pairs(text))

    def _do_label(self, text: str) -> None:
        self._recipe.settings["labels"].update(self._pairs(text))

    def _do_workdir(self, text: str) -> None:
        self._recipe.settings["workdir"] = self._place(self._filled(text))
        self._recipe.steps.append({"kind": "folder", "path": self._recipe.settings["workdir"]})

    def _do_user(self, text: str) -> None:
        self._recipe.settings["user"] = self._fitting(
            r"[\w.-]{1,32}(:[\w.-]{1,32})?", text, "a user or user:group"
        )

    def _do_expose(self, text: str) -> None:
        for port in self._filled(text).split():
            self._recipe.settings["ports"].append(self._fitting(r"\d{1,5}(/tcp|/udp)?", port, "a port"))

    def _do_stopsignal(self, text: str) -> None:
        name = self._filled(text)
        known = {name, f"SIG{name}"} & set(signal.Signals.__members__)
        if not known and not (name.isdigit() and 0 < int(name) < signal.NSIG):
            raise self._bad(f"{name[:20]} is no signal")
        self._recipe.settings["stop_signal"] = name

    def _fitting(self, pattern: str, text: str, wanted: str) -> str:
        """The text with its variables put in; refused here, since the engine would refuse it as if we had asked."""
        filled = self._filled(text)
        if not re.fullmatch(pattern, filled):
            raise self._bad(f"{filled[:40]!r} is not {wanted}")
        return filled

    def _do_healthcheck(self, text: str) -> None:
        """Accepted and left to those who run the image elsewhere: here checks ask by themselves."""

    def _do_cmd(self, text: str) -> None:
        self._recipe.settings["cmd"] = self._command(text)

    def _do_entrypoint(self, text: str) -> None:
        self._recipe.settings["entrypoint"] = self._command(text)

    def _do_run(self, text: str) -> None:
        if "<<" in text or text.startswith("--"):
            raise self._bad("RUN with here-documents or --mount is not understood here")
        settings = self._recipe.settings
        self._recipe.steps.append(
            {
                "kind": "run",
                "command": self._command(text),
                "env": dict(settings["env"]),
                # For this step alone: what ARG says is no part of the image.
                "arguments": {
                    key: self._arguments[key] for key in self._arguments if key not in settings["env"]
                },
                "user": settings["user"],
                "workdir": settings["workdir"],
                "line": self._line,
            }
        )

    def _do_add(self, text: str) -> None:
        self._do_copy(text)

    def _do_copy(self, text: str) -> None:
        flags, text = self._flags(text, "chown", "chmod", "link")
        words = self._words(text) or shlex.split(self._filled(text))
        if len(words) < 2:
            raise self._bad("COPY needs what to take and where to put it")
        *sources, target = words
        files = self._sources(sources)
        many = (
            len(sources) > 1
            or target.endswith(("/", "."))
            or any((self._folder / one).is_dir() for one in sources)
        )
        named = {
            (f"{self._place(target)}/{inner}" if many or inner != path.name else self._place(target)): path
            for inner, path in files
        }
        archive = self._archive(named, flags)
        self._recipe.files.append(archive)
        self._recipe.steps.append(
            {
                "kind": "copy",
                "files": len(self._recipe.files) - 1,
                "bytes": len(archive),
                "paths": sorted(named)[:200],
            }
        )

    def _place(self, target: str) -> str:
        """A path in the image, absolute and without dots."""
        joined = PurePosixPath(self._recipe.settings["workdir"]) / target
        parts: list[str] = []
        for part in joined.parts[1:]:
            if part == "..":
                parts = parts[:-1]
            else:
                parts.append(part)
        return "/" + "/".join(parts)

    def _sources(self, names: list[str]) -> list[tuple[str, Path]]:
        """(path below the target, file) of everything that the sources name and .dockerignore leaves."""
        ignored = self._ignored()
        found: list[tuple[str, Path]] = []
        for name in names:
            if re.match(r"https?:|git@", name):
                raise self._bad("there is no network here to fetch from")
            relative = PurePosixPath(name.lstrip("/"))
            if ".." in relative.parts:
                raise self._bad(f"{name} is outside of the folder")
            before = len(found)
            for path in sorted(self._folder.glob(str(relative))) if str(relative) != "." else [self._folder]:
                found += self._below(path, ignored)
            if len(found) == before:
                raise self._bad(f"{name[:80]} is not there, or .dockerignore leaves it out")
        return found

    def _below(self, path: Path, ignored: list[tuple[bool, re.Pattern[str]]]) -> Iterator[tuple[str, Path]]:
        inside = [path] if path.is_file() or path.is_symlink() else sorted(path.rglob("*"))
        start = path.parent if inside == [path] else path
        for file in inside:
            whole = file.relative_to(self._folder).as_posix()
            parts = whole.split("/")
            prefixes = ["/".join(parts[: n + 1]) for n in range(len(parts))]
            left_out = False
            for keeps, pattern in ignored:
                if any(pattern.fullmatch(prefix) for prefix in prefixes):
                    left_out = not keeps
            if not left_out and (file.is_file() or file.is_symlink()):
                yield file.relative_to(start).as_posix(), file

    def _ignored(self) -> list[tuple[bool, re.Pattern[str]]]:
        """(whether the line keeps, its pattern) of .dockerignore; the last one that fits a path decides."""
        path = self._folder / ".dockerignore"
        if not path.is_file() or path.is_symlink():
            return []
        rules = []
        for line in path.read_bytes()[: 2**16].decode("utf-8", "replace").splitlines():
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            keeps, text = text.startswith("!"), text.lstrip("!").strip("/")
            rules.append((keeps, re.compile(_pattern(text.removeprefix("./")))))
        return rules

    def _archive(self, named: dict[str, Path], flags: dict[str, str]) -> bytes:
        """A tar of the files under their names in the image, root's unless --chown says otherwise."""
        owner = flags.get("chown", "0:0").split(":")
        if not all(part.isdigit() for part in owner):
            raise self._bad("--chown wants numbers here, e.g. --chown=1000:1000")
        held, room = io.BytesIO(), MOST_BYTES
        with tarfile.open(fileobj=held, mode="w") as tar:
            for name, path in sorted(named.items()):
                entry = tarfile.TarInfo(name.lstrip("/"))
                entry.mtime, entry.uid, entry.gid = _MTIME, int(owner[0]), int(owner[-1])
                if path.is_symlink():
                    entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
                    tar.addfile(entry)
                    continue
                data = path.read_bytes()
                room -= len(data)
                if room < 0:
                    raise self._bad(f"COPY takes more than {MOST_BYTES // 2**20} MB along")
                mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
                entry.mode = int(flags["chmod"], 8) if flags.get("chmod", "").isdigit() else mode
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        return held.getvalue()


def _pattern(text: str) -> str:
    """A line of .dockerignore as a regular expression: `*` stops at slashes, `**` does not."""
    made = ""
    for part in re.findall(r"\*\*/?|\*|\?|\[[^\]]*\]|[^*?\[]+|\[", text):
        if part.startswith("**"):
            made += r"(?:.*/)?" if part.endswith("/") else ".*"
        elif part == "*":
            made += "[^/]*"
        elif part == "?":
            made += "[^/]"
        elif part.startswith("[") and part.endswith("]"):
            made += part
        else:
            made += re.escape(part)
    return made
