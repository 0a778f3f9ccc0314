"""The list of promises itself, and what becomes of a probe that breaks one or says nothing."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from sandbox import probe, promises
from sandbox.errors import PromiseBroken
from sandbox.promises import Finding


class Kept:
    """An engine about which the findings are made up."""

    name = "docker"
    isolates = True

    def __init__(self, home: Path) -> None:
        self.home = home

    def identity(self) -> str:
        return "daemon:image"


def all_kept() -> list[Finding]:
    return [Finding(one.id, True, "") for one in promises.PROMISES]


def test_every_promise_has_a_probe_and_every_probe_a_promise() -> None:
    tried = set(probe.PROBES) | {one.id for one in promises.PROMISES if one.ends}
    assert tried == {one.id for one in promises.PROMISES}
    assert {one.id for one in promises.PROMISES if one.ends} <= set(probe._ROLES)


def test_what_did_not_report_is_broken() -> None:
    inner = next(one for one in promises.PROMISES if one.inner)
    said = Finding(inner.id, True, "")
    assert not promises._verdict(inner, True, []).kept
    assert not promises._verdict(inner, True, [said, said]).kept, "the stack's network did not report"
    assert promises._verdict(inner, True, [said, said, said]).kept
    assert not promises._verdict(inner, True, [said, said, Finding(inner.id, False, "reached")]).kept


def test_what_is_about_warm_sandboxes_is_tried_there_alone() -> None:
    warm = next(one for one in promises.PROMISES if not one.fresh)
    assert not promises._verdict(warm, True, []).kept
    assert promises._verdict(warm, True, [Finding(warm.id, True, "")]).kept


def test_a_good_result_is_kept_for_a_day_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    monkeypatch.setattr(promises, "findings", lambda _engine: tried.append(1) or all_kept())
    engine = Kept(tmp_path)
    for _ in range(2):
        promises.check(engine, print)  # type: ignore[arg-type]
    assert len(tried) == 1
    (record,) = (tmp_path / "cache").glob("promises-*.json")
    for age, again in ((25 * 3600, True), (-3600, True), (3600, False)):
        record.write_text(json.dumps({"at": time.time() - age}))
        before = len(tried)
        promises.check(engine, print)  # type: ignore[arg-type]
        assert (len(tried) > before) is again
    record.write_text("half a rec")
    promises.check(engine, print)  # type: ignore[arg-type]


def test_another_image_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    monkeypatch.setattr(promises, "findings", lambda _engine: tried.append(1) or all_kept())
    promises.check(Kept(tmp_path), print)  # type: ignore[arg-type]
    monkeypatch.setattr(Kept, "identity", lambda _self: "daemon:another")
    promises.check(Kept(tmp_path), print)  # type: ignore[arg-type]
    assert len(tried) == 2


def test_a_broken_promise_is_not_kept_and_names_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [Finding(one.id, one.id != "disk-cap", "wrote 99 MiB") for one in promises.PROMISES]
    monkeypatch.setattr(promises, "findings", lambda _engine: broken)
    for _ in range(2):
        with pytest.raises(
            PromiseBroken, match=r"more bytes than its limit.*disk-cap.*wrote 99 MiB"
        ) as error:
            promises.check(Kept(tmp_path), print)  # type: ignore[arg-type]
        assert "mlops doctor" in error.value.next_step
    assert not list(tmp_path.glob("cache/promises-*"))
