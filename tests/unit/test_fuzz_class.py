"""Whatever lies in a class's folder or roster is work, a refusal of one learner's, or one clear line."""

from __future__ import annotations

import os
import socket
import tempfile
import unicodedata
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course.collect import collect
from grader.course.roster import (
    Learner,
    Roster,
    clean,
    open_roster,
    read_learners,
    save_roster,
    skeleton,
)
from grader.notebook import Rejected
from sandbox.errors import UsageError

KEY = b"k" * 32
texts = st.text(st.characters(codec=None), max_size=12)
bytes_of_names = (
    st.binary(min_size=1, max_size=20).map(lambda name: name.replace(b"\0", b"0").replace(b"/", b"_"))
    | st.sampled_from(
        [b"tiny-sums", b"tiny-sums.ipynb", b"timestamp.txt", b"x.ipynb", b"\xff\n.ipynb", b"ana"]
    )
    | st.text(max_size=6).map(lambda name: (name.replace("\0", "0").replace("/", "_") or "n").encode())
).filter(lambda name: name not in (b".", b".."))
# A name may be drawn twice: nothing that is there already, a link least of all, is opened for writing.
_NEW = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY
KINDS = ("file", "folder", "link", "dangling", "loop", "pipe", "socket", "hard", "sparse")


def _make(at: int, name: bytes, kind: str) -> None:
    """Make an entry in an open folder; what the file system does not take is left out."""
    try:
        match kind:
            case "folder":
                os.mkdir(name, dir_fd=at)
            case "link":
                os.symlink("/proc/version", name, dir_fd=at)
            case "dangling":
                os.symlink("/proc/nowhere", name, dir_fd=at)
            case "loop":
                os.symlink(name, name, dir_fd=at)
            case "pipe":
                os.mkfifo(name, dir_fd=at)
            case "hard":
                other = name[:20] + b"~"
                os.close(os.open(other, _NEW, dir_fd=at))
                os.link(other, name, src_dir_fd=at, dst_dir_fd=at)
            case "socket":
                with socket.socket(socket.AF_UNIX) as made:
                    made.bind(f"/proc/self/fd/{at}/".encode() + name)
            case "file" | "sparse":
                held = os.open(name, _NEW, dir_fd=at)
                os.write(held, b"{}") if kind == "file" else os.ftruncate(held, 2**40)
                os.close(held)
    except OSError:
        return


entries = st.tuples(bytes_of_names, st.sampled_from(KINDS))
classes = st.lists(st.tuples(entries, st.lists(entries, max_size=3)), max_size=5)


def _build(top: Path, tree: list[tuple[tuple[bytes, str], list[tuple[bytes, str]]]]) -> None:
    at = os.open(top, os.O_RDONLY)
    for (name, kind), inner in tree:
        _make(at, name, kind)
        try:
            own = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
        except OSError:
            continue
        for inner_name, inner_kind in inner:
            _make(own, inner_name, inner_kind)
        os.close(own)
    os.close(at)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(classes, st.booleans())
def test_any_folder_is_a_class_or_one_clear_line(tree: object, closed: bool) -> None:
    with tempfile.TemporaryDirectory() as made:
        top = Path(made)
        _build(top, tree)  # type: ignore[arg-type]
        roster = Roster(KEY, [Learner("ana"), Learner("x")], closed)
        try:
            found = collect(top, "tiny-sums", roster)
        except UsageError as error:
            assert "\n" not in str(error) or "\n" in made
            str(error).encode()
            return
        assert len({one.learner for one in found}) == len(found)
        for one in found:
            assert roster.reveal(one.learner) is not None
            try:
                assert len(one.read()) <= 2
            except Rejected as reason:
                assert str(reason).isprintable(), str(reason)
        kept = top / "roster.csv"
        save_roster(kept, roster)
        assert list(open_roster(kept, KEY)) == list(roster)


@given(texts)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once.isprintable()
    assert once == unicodedata.normalize("NFC", once)
    once.encode()


@given(texts, texts)
def test_what_is_the_same_looks_the_same(one: str, other: str) -> None:
    assert skeleton(clean(one)) == skeleton(clean(clean(one)))
    roster = Roster(KEY, [], closed=False)
    try:
        first, second = roster.require(clean(one)), roster.require(clean(other))
    except UsageError as error:
        assert "look alike" in str(error) or "no name" in str(error)
        return
    assert (first == second) == (clean(one) == clean(other))
    assert roster.opaque(one) == first


@given(texts)
def test_a_name_in_letters_that_look_alike_has_one_look(text: str) -> None:
    twin = text.translate(str.maketrans("aeopcx", "аеорсх"))  # noqa: RUF001  # Cyrillic
    assert skeleton(clean(text)) == skeleton(clean(twin))


@given(st.binary(max_size=80) | texts.map(lambda text: b"id,name\n" + text.encode("utf-8", "replace")))
def test_any_bytes_are_a_roster_or_one_clear_line(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as made:
        path = Path(made, "roster.csv")
        path.write_bytes(data)
        try:
            learners = read_learners(path)
            roster = Roster(KEY, learners, closed=True)
        except UsageError as error:
            assert "\n" not in str(error)
            return
        save_roster(path, roster)
        assert list(open_roster(path, KEY)) == learners
