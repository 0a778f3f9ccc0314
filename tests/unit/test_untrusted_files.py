from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.untrusted_files import UnsafeFile, exists, read_file, remove, write_file


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_file(tmp_path, "a/b/c.txt", b"one")
    write_file(tmp_path, "a/b/c.txt", b"two")
    assert read_file(tmp_path, "a/b/c.txt", 10) == b"two"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c.txt"]
    assert read_file(tmp_path, "a/nothing", 10) is None
    assert read_file(tmp_path, "nothing/here", 10) is None


def test_links_are_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"s")
    root = tmp_path / "root"
    root.mkdir()
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    with pytest.raises(UnsafeFile):
        read_file(root, "file", 10)
    with pytest.raises(UnsafeFile):
        read_file(root, "folder/secret", 10)
    with pytest.raises(UnsafeFile):
        write_file(root, "folder/new", b"x")
    write_file(root, "file", b"mine")  # replaces the link, not what it points to
    assert (outside / "secret").read_bytes() == b"s"
    assert not (root / "file").is_symlink()
    assert [path.name for path in outside.iterdir()] == ["secret"]


def test_pipes_and_sizes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnsafeFile):
        read_file(tmp_path, "pipe", 10)
    write_file(tmp_path, "big", b"x" * 11)
    with pytest.raises(UnsafeFile, match="larger"):
        read_file(tmp_path, "big", 10)


def test_exists_and_remove_see_the_link_itself(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"t")
    (tmp_path / "link").symlink_to(target)
    assert exists(tmp_path, "link")
    assert not exists(tmp_path, "no/where")
    remove(tmp_path, "link")
    remove(tmp_path, "link")
    assert target.exists()


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", ""])
def test_names_that_climb_are_a_programming_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="relative"):
        write_file(tmp_path, name, b"x")
