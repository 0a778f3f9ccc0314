"""Folders of strangers, packed: what is taken, what is refused, and that nothing is followed."""

from __future__ import annotations

import os
import socket
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from grader.inside.bench import unpack
from grader.lab import Task, WorkTable
from grader.notebook import Rejected
from grader.work import contents, pack, untouched

TABLE = WorkTable(folders=("project",), megabytes=1, files=50, leave_out=("project/state",))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "ana"
    (folder / "project" / "inner").mkdir(parents=True)
    (folder / "project" / "a.py").write_text("print(1)\n")
    (folder / "project" / "inner" / "b.txt").write_bytes(b"\0\xff")
    (folder / "secret.txt").write_text("not handed in")
    return folder


def names(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=BytesIO(archive), errors="surrogateescape") as tar:
        return tar.getnames()


def test_the_same_work_gives_the_same_bytes(root: Path) -> None:
    first = pack(root, TABLE)
    os.utime(root / "project" / "a.py", (1, 1))
    assert pack(root, TABLE) == first
    assert names(first) == ["project", "project/a.py", "project/inner", "project/inner/b.txt"]
    (root / "project" / "a.py").chmod(0o755)
    assert pack(root, TABLE) != first


def test_what_tools_keep_for_themselves_stays_behind(root: Path) -> None:
    before = pack(root, TABLE)
    for folder in ("__pycache__", ".ipynb_checkpoints", "state/runs"):
        (root / "project" / folder).mkdir(parents=True)
        (root / "project" / folder / "x").touch()
    assert pack(root, TABLE) == before


def test_a_missing_folder_is_left_out(tmp_path: Path) -> None:
    assert names(pack(tmp_path, TABLE)) == []


def test_links_are_taken_as_links(root: Path, tmp_path: Path) -> None:
    (root / "project" / "host").symlink_to("/etc/passwd")
    (root / "project" / "everything").symlink_to("/")
    archive = pack(root, TABLE)
    assert contents(archive)["project/host"] == "-> /etc/passwd"
    assert contents(archive)["project/everything"] == "-> /"
    assert b"root:" not in archive
    unpack(archive, tmp_path / "out")
    assert (tmp_path / "out" / "project" / "host").readlink() == Path("/etc/passwd")


def test_odd_names_survive(root: Path, tmp_path: Path) -> None:
    odd = [os.fsdecode(b"project/\xff\xfe"), "project/line\nend", "project/-rf", "project/" + "n" * 250]
    for name in odd:
        (root / name).touch()
    unpack(pack(root, TABLE), tmp_path / "out")
    assert all((tmp_path / "out" / name).exists() for name in odd)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    before = Path.cwd()
    os.fchdir(folder)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(before)
        os.close(folder)


def _hard_link(path: Path) -> None:
    path.hardlink_to(path.parents[1] / "secret.txt")


def _large(path: Path) -> None:
    path.write_bytes(b"x" * (2**20 + 1))


def _many(path: Path) -> None:
    path.mkdir()
    for number in range(60):
        (path / str(number)).touch()


def _deep(path: Path) -> None:
    Path(path, *["d"] * 45).mkdir(parents=True)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (_fifo, "neither a file nor a folder"),
        (_socket, "neither a file nor a folder"),
        (_hard_link, "hard link"),
        (_large, "more than 1 MB"),
        (_many, "more than 50 files"),
        (_deep, "40 folders deep"),
    ],
)
def test_what_is_no_work_is_refused(root: Path, made: Callable[[Path], None], told: str) -> None:
    made(root / "project" / "odd")
    with pytest.raises(Rejected, match=told):
        pack(root, TABLE)


def test_a_folder_that_is_a_link_is_refused(root: Path, tmp_path: Path) -> None:
    (root / "project").rename(root / "elsewhere")
    (root / "project").symlink_to("/etc")
    with pytest.raises(Rejected, match="is a link"):
        pack(root, TABLE)


def test_hard_links_in_ones_own_work_are_fine(root: Path) -> None:
    (root / "project" / "again.py").hardlink_to(root / "project" / "a.py")
    assert "project/again.py" in names(pack(root, TABLE, own=True))


def test_a_task_is_attempted_when_something_below_its_paths_differs(root: Path) -> None:
    tasks = [
        Task(id="t1", title="A", points=1, paths=("project/inner",)),
        Task(id="t2", title="B", points=1, paths=("project/a.py", "project/.git")),
        Task(id="t3", title="C", points=1),
    ]
    before = pack(root, TABLE)
    assert untouched(tasks, before, before) == ["t1", "t2"]
    (root / "project" / ".git").mkdir()
    (root / "project" / ".git" / "index").write_text("looked at")
    (root / "project" / "innermost").touch()
    assert untouched(tasks, before, pack(root, TABLE)) == ["t1", "t2"]
    (root / "project" / "a.py").unlink()
    assert untouched(tasks, before, pack(root, TABLE)) == ["t1"]
    assert untouched(tasks, before, b"") == []
