"""What goes into an image, and what never does."""

from __future__ import annotations

import re
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from sandbox import build_context, debian_base, images, wheels
from sandbox.errors import UsageError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with our packages' shape, installed from a wheel: labs lie inside one of them."""
    files = {
        "mlops_labs/__init__.py": "",
        "mlops_labs/_data/labs/x/checks.py": "EXPECTED = 42",
        "mlops_labs/templates/page.html.j2": "<p>",
        "grader/run.py": "x = 1",
        "grader/__pycache__/run.cpython-311.pyc": "bytes",
        "sandbox/engine.py": "",
        "sandbox/images/lab/Dockerfile": "FROM x",
        "labs/x/checks.py": "EXPECTED = 42",
        "tests/test_x.py": "",
        "image/Dockerfile": "FROM x",
        "image/requirements.txt": "a==1",
        "wheels/a-1-py3-none-any.whl": "wheel",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def names(tree: Path) -> list[str]:
    out = BytesIO()
    build_context.write(out, tree / "image", tree, tree / "wheels")
    with tarfile.open(fileobj=BytesIO(out.getvalue())) as tar:
        return tar.getnames()


def test_sources_go_in_and_labs_never(tree: Path) -> None:
    assert names(tree) == [
        "Dockerfile",
        "requirements.txt",
        "wheels/a-1-py3-none-any.whl",
        "lib/mlops_labs/__init__.py",
        "lib/mlops_labs/templates/page.html.j2",
        "lib/grader/run.py",
        "lib/sandbox/engine.py",
    ]


def test_a_link_is_not_followed_into_an_image(tree: Path) -> None:
    (tree / "grader" / "secret.py").symlink_to(tree / "labs" / "x" / "checks.py")
    assert "lib/grader/secret.py" not in names(tree)


@pytest.mark.parametrize(
    ("changed", "new_tag"),
    [
        ("grader/run.py", True),
        ("image/Dockerfile", True),
        ("image/requirements.txt", True),
        ("labs/x/checks.py", False),
        ("tests/test_x.py", False),
    ],
)
def test_the_tag_changes_with_what_is_in_the_image(tree: Path, changed: str, new_tag: bool) -> None:
    before = build_context.fingerprint(tree / "image", tree)
    (tree / changed).write_text("changed")
    assert (build_context.fingerprint(tree / "image", tree) != before) is new_tag


def test_no_lab_of_ours_is_among_the_real_sources() -> None:
    root = Path(images.__file__).parent.parent
    found = [name for name, _path in build_context.sources(root)]
    assert "sandbox/engine.py" in found
    assert not [name for name in found if {"labs", "_data", "curriculum"} & set(Path(name).parts)]


def test_every_image_is_pinned_by_hash_and_names_no_registry() -> None:
    for folder in images.CATALOGUE.values():
        lock = (folder / "requirements.txt").read_text()
        pins = re.findall(r"^[a-z][\w.\-]*==", lock, re.M | re.I)
        assert len(pins) > (20 if folder.name != "hub" else 3)  # that one adds little to another
        assert lock.count("--hash=sha256:") >= len(pins)
        assert not re.search(r"https?://|--(extra-)?index|--find-links|file:", lock)
        assert "rfc3987-syntax" not in lock


def test_what_an_image_adds_to_another_changes_with_that() -> None:
    root, ops = Path(images.__file__).parent.parent, images.recipe("ops")
    assert build_context.fingerprint(ops, root, "lab:1") != build_context.fingerprint(ops, root, "lab:2")
    assert images.image_tag("ops").startswith("mlops-labs/ops:")


def test_every_image_of_a_lab_has_one_for_a_hub_of_the_same_recipe() -> None:
    for name in ("lab", "ops"):
        hub = images.for_hub(name)
        assert images.PARENTS[hub] == name
        assert images.image_tag(hub).startswith(f"mlops-labs/{name}-hub:")
    assert images.image_tag("lab-hub").split(":")[1] != images.image_tag("ops-hub").split(":")[1]
    with pytest.raises(UsageError, match="no image called"):
        images.for_hub("lab-hub")


def test_npms_pins_are_part_of_the_tag_and_its_archives_of_the_context(tree: Path) -> None:
    before = build_context.fingerprint(tree / "image", tree)
    (tree / "image" / "npm.txt").write_text("greet 1.0.0 sha512-x")
    assert build_context.fingerprint(tree / "image", tree) != before
    archive = tree / "greet-1.0.0.tgz"
    archive.write_bytes(b"")
    out = BytesIO()
    build_context.write(out, tree / "image", tree, tree / "wheels", [archive])
    with tarfile.open(fileobj=BytesIO(out.getvalue())) as tar:
        assert {"npm.txt", "npm/greet-1.0.0.tgz"} <= set(tar.getnames())


def test_ops_brings_nothing_that_lab_has() -> None:
    lab, ops = (
        set(
            re.findall(
                r"^([a-z][\w.\-]*)==", (images.recipe(name) / "requirements.txt").read_text(), re.M | re.I
            )
        )
        for name in ("lab", "ops")
    )
    assert not lab & ops


def test_an_unknown_image_is_told() -> None:
    with pytest.raises(UsageError, match="Choose one of: lab, ops"):
        images.image_tag("nope")


def test_wheels_for_every_glibc_up_to_debians() -> None:
    tags = wheels.platforms("amd64")
    assert {
        "manylinux_2_36_x86_64",
        "manylinux_2_28_x86_64",
        "manylinux2014_x86_64",
        "manylinux1_x86_64",
    } <= set(tags)
    assert "manylinux_2_37_x86_64" not in tags
    assert all("aarch64" in tag for tag in wheels.platforms("arm64"))


def test_the_bases_tag_changes_with_its_packages(tmp_path: Path) -> None:
    packages = tmp_path / "packages.txt"
    packages.write_text("git\n")
    before = debian_base.tag(packages)
    packages.write_text("git\nsocat\n")
    assert debian_base.tag(packages) != before
