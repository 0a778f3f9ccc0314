from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace

import pytest

from grader.course import ledger as module
from grader.course.folder import Course
from grader.course.ledger import Key, Ledger
from grader.result import now
from sandbox.errors import InfrastructureError, UsageError

KEY = Key("l-1", "tiny-sums", "s1", "v1", "lab:1")


def test_a_verdict_is_committed_once(ledger: Ledger, make_result) -> None:
    assert ledger.commit(KEY, make_result("a1", 5))
    assert not ledger.commit(KEY, make_result("a2", 0))
    assert [one.result.attempt for one in ledger.history("tiny-sums")] == ["a1"]
    assert ledger.has(KEY)
    assert not ledger.has(replace(KEY, image="lab:2"))


def test_of_many_threads_one_commits(ledger: Ledger, make_result) -> None:
    done: list[bool] = []
    threads = [
        threading.Thread(target=lambda n=n: done.append(ledger.commit(KEY, make_result(f"a{n}"))))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 7 + [True]


def test_history_is_in_the_order_of_commitment_and_the_last_counts(ledger: Ledger, make_result) -> None:
    ledger.commit(KEY, make_result("a1", 0))
    ledger.commit(replace(KEY, submission="s2"), make_result("a2", 5))
    ledger.commit(KEY, make_result("a3", 5), round=ledger.next_round(KEY))
    assert [one.result.attempt for one in ledger.history("tiny-sums")] == ["a1", "a2", "a3"]
    assert ledger.latest("tiny-sums")["l-1"].result.attempt == "a3"
    assert ledger.attempt_ids() == {"a1", "a2", "a3"}


def test_trouble_is_no_verdict_and_goes_when_there_is_one(ledger: Ledger, make_result) -> None:
    ledger.note_trouble(KEY, "the disk is full", now())
    ledger.note_trouble(KEY, "the disk is still full", now())
    assert not ledger.has(KEY)
    (trouble,) = ledger.troubles("tiny-sums")
    assert (trouble.times, trouble.message) == (2, "the disk is still full")
    ledger.commit(replace(KEY, submission="s2"), make_result())
    assert ledger.troubles("tiny-sums") == []


def test_what_the_gradebook_has_is_not_unpublished(ledger: Ledger, make_result) -> None:
    ledger.commit(KEY, make_result("a1", 0))
    (one,) = ledger.unpublished("tiny-sums")
    ledger.mark_published([one.number])
    ledger.mark_published([one.number])
    assert ledger.unpublished("tiny-sums") == []
    ledger.commit(KEY, make_result("a2"), round=1)
    assert [one.result.attempt for one in ledger.unpublished("tiny-sums")] == ["a2"]


def test_forgetting_leaves_nothing_in_the_file(course: Course, ledger: Ledger, make_result) -> None:
    ledger.commit(KEY, make_result("attempt-of-one"))
    ledger.commit(replace(KEY, learner="l-2"), make_result("attempt-of-two"))
    assert ledger.forget("l-1") == ["attempt-of-one"]
    assert [one.key.learner for one in ledger.history("tiny-sums")] == ["l-2"]
    data = course.ledger.read_bytes()
    assert b"attempt-of-two" in data
    assert b"attempt-of-one" not in data
    assert b"l-1" not in data


def test_a_ledger_of_another_schema_is_refused(course: Course) -> None:
    with sqlite3.connect(course.ledger) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(UsageError, match="schema 99"):
        Ledger(course.ledger)


def test_what_is_no_database_is_refused(course: Course) -> None:
    course.ledger.write_bytes(b"no database" * 100)
    with pytest.raises(UsageError, match="is no ledger"):
        Ledger(course.ledger)


def test_a_locked_ledger_is_our_trouble(course: Course, make_result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    ledger = Ledger(course.ledger)
    other = sqlite3.connect(course.ledger, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(InfrastructureError, match="locked"):
        ledger.commit(KEY, make_result())
    other.execute("ROLLBACK")
    assert ledger.commit(KEY, make_result())
    other.close()
