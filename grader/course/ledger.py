"""The ledger: every attempt of a class, each committed once; the one truth of a course.

An attempt is known by its key: learner, submission, lab, lab version and image. A key that has a verdict is
not graded again, unless a mentor asks for another round. Trouble of ours is kept too, as a row without a
verdict, and never counts as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, create_engine, delete, event, select, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from grader.result import Result
from sandbox.errors import InfrastructureError, UsageError

SCHEMA = 1
_PATIENCE = 30.0  # seconds that a locked database is waited for


@dataclass(frozen=True, order=True)
class Key:
    """What makes two gradings the same."""

    learner: str  # opaque id
    lab: str
    submission: str  # sha256 of what was handed in
    lab_version: str
    image: str


@dataclass(frozen=True)
class Verdict:
    """A graded attempt as the ledger has it."""

    number: int  # counts attempts as they were committed; later is larger, whatever the clock said
    key: Key
    round: int
    result: Result


@dataclass(frozen=True)
class Trouble:
    """Why a submission has no verdict yet: our side's fault."""

    key: Key
    message: str
    times: int
    at: datetime


class _Base(DeclarativeBase):
    pass


class _Attempt(_Base):
    """A verdict."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("learner", "lab", "submission", "lab_version", "image", "round"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    learner: Mapped[str] = mapped_column(index=True)
    lab: Mapped[str] = mapped_column(index=True)
    submission: Mapped[str]
    lab_version: Mapped[str]
    image: Mapped[str]
    round: Mapped[int]
    result: Mapped[str]  # JSON of `grader.result.Result`


class _Published(_Base):
    """The attempts that the gradebook has taken over."""

    __tablename__ = "published"

    number: Mapped[int] = mapped_column(ForeignKey("attempts.number", ondelete="CASCADE"), primary_key=True)


class _Trouble(_Base):
    """Our side's failures, by key; removed when a verdict comes."""

    __tablename__ = "troubles"

    learner: Mapped[str] = mapped_column(primary_key=True)
    lab: Mapped[str] = mapped_column(primary_key=True)
    submission: Mapped[str] = mapped_column(primary_key=True)
    lab_version: Mapped[str]
    image: Mapped[str]
    message: Mapped[str]
    times: Mapped[int]
    at: Mapped[datetime]


class _Folder(_Base):
    """Where a lab's submissions were found last."""

    __tablename__ = "folders"

    lab: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]


class Ledger:
    """An open ledger. Safe to use from several threads; one process at a time writes (see `Course.lock`)."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, made when missing.

        Raises:
            UsageError: it is of another schema, or no database at all.
            InfrastructureError: it stays locked, or cannot be written.
        """
        self._path = path
        self._engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _PATIENCE})
        event.listen(self._engine, "connect", _settings)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        with self._told(), self._engine.begin() as connection:
            found = connection.execute(text("PRAGMA user_version")).scalar_one()
            if found not in (0, SCHEMA):
                raise UsageError(
                    f"{path} is a ledger of schema {found}, this program knows {SCHEMA}",
                    "use the version of MLOps Labs that made it",
                )
            _Base.metadata.create_all(connection)
            connection.execute(text(f"PRAGMA user_version = {SCHEMA}"))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def commit(self, key: Key, result: Result, round: int = 0) -> bool:
        """Keep a verdict for ever, at once and only once; False when that round of the key has one already."""
        with self._write() as session:
            if self._find(session, key, round) is not None:
                return False
            row = _Attempt(**key.__dict__, round=round, result=result.model_dump_json())
            session.add(row)
            # Also of what they handed in before: it is no longer what anybody waits for.
            session.execute(delete(_Trouble).where(_Trouble.learner == key.learner, _Trouble.lab == key.lab))
        return True

    def note_trouble(self, key: Key, message: str, at: datetime) -> None:
        """Keep that our side failed for a submission; no verdict comes of it."""
        with self._write() as session:
            row = session.get(_Trouble, (key.learner, key.lab, key.submission))
            if row is None:
                row = _Trouble(learner=key.learner, lab=key.lab, submission=key.submission, times=0)
                session.add(row)
            row.lab_version, row.image = key.lab_version, key.image
            row.message, row.times, row.at = message, row.times + 1, at

    def has(self, key: Key) -> bool:
        """Whether a key has a verdict."""
        with self._told(), self._sessions() as session:
            return self._find(session, key, None) is not None

    def next_round(self, key: Key) -> int:
        """The number of the next grading of a key."""
        with self._told(), self._sessions() as session:
            rounds = session.scalars(select(_Attempt.round).where(*_same(key)))
            return max(rounds, default=-1) + 1

    def latest(self, lab: str) -> dict[str, Verdict]:
        """Learner -> the last verdict committed for them."""
        return {verdict.key.learner: verdict for verdict in self.history(lab)}

    def history(self, lab: str, learner: str | None = None) -> list[Verdict]:
        """Every verdict of a lab in the order of commitment."""
        wanted = select(_Attempt).where(_Attempt.lab == lab).order_by(_Attempt.number)
        if learner is not None:
            wanted = wanted.where(_Attempt.learner == learner)
        with self._told(), self._sessions() as session:
            return [_verdict(row) for row in session.scalars(wanted)]

    def troubles(self, lab: str) -> list[Trouble]:
        """The submissions of a lab that have no verdict because of us."""
        wanted = select(_Trouble).where(_Trouble.lab == lab).order_by(_Trouble.learner)
        with self._told(), self._sessions() as session:
            return [Trouble(_key(row), row.message, row.times, row.at) for row in session.scalars(wanted)]

    def labs(self) -> list[str]:
        """The labs that have a verdict or a trouble."""
        with self._told(), self._sessions() as session:
            found = {*session.scalars(select(_Attempt.lab)), *session.scalars(select(_Trouble.lab))}
        return sorted(found)

    def attempt_ids(self) -> set[str]:
        """The ids of all committed attempts: what may be in the course's attempts folder."""
        with self._told(), self._sessions() as session:
            return {
                Result.model_validate_json(found).attempt
                for found in session.scalars(select(_Attempt.result))
            }

    def unpublished(self, lab: str) -> list[Verdict]:
        """The learners' latest verdicts that the gradebook has not taken over yet."""
        with self._told(), self._sessions() as session:
            known = set(session.scalars(select(_Published.number)))
        return [verdict for verdict in self.latest(lab).values() if verdict.number not in known]

    def mark_published(self, numbers: Sequence[int]) -> None:
        """Keep that the gradebook has these."""
        with self._write() as session:
            for number in numbers:
                session.merge(_Published(number=number))

    def remember_folder(self, lab: str, path: Path) -> None:
        """Keep where a lab's submissions are."""
        with self._write() as session:
            session.merge(_Folder(lab=lab, path=str(path)))

    def folder(self, lab: str) -> Path | None:
        """Where a lab's submissions were found last."""
        with self._told(), self._sessions() as session:
            found = session.get(_Folder, lab)
            return None if found is None else Path(found.path)

    def forget(self, learner: str) -> list[str]:
        """Remove a learner; return the ids of their attempts."""
        with self._write() as session:
            rows = list(session.scalars(select(_Attempt).where(_Attempt.learner == learner)))
            for row in rows:
                session.delete(row)
            session.execute(delete(_Trouble).where(_Trouble.learner == learner))
            session.flush()
            session.execute(text("DELETE FROM published WHERE number NOT IN (SELECT number FROM attempts)"))
        with self._told(), self._engine.connect() as connection:
            connection.execute(text("VACUUM"))  # deleted rows stay readable in the file until then
        return [Result.model_validate_json(row.result).attempt for row in rows]

    @staticmethod
    def _find(session: Session, key: Key, round: int | None) -> _Attempt | None:
        wanted = select(_Attempt).where(*_same(key)).limit(1)
        return session.scalar(wanted if round is None else wanted.where(_Attempt.round == round))

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with self._told(), self._sessions.begin() as session:
            session.execute(text("BEGIN IMMEDIATE"))
            yield session

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise InfrastructureError(
                f"{self._path} cannot be used ({error.orig})", "close what else uses it, then run this again"
            ) from None
        except DatabaseError as error:
            raise UsageError(
                f"{self._path} is no ledger ({error.orig})",
                "restore it from a backup, or name another course",
            ) from None


def _settings(connection: object, _record: object) -> None:
    """Hold nothing back: a verdict that was told has reached the disk, also when the power fails."""
    connection.isolation_level = None  # type: ignore[attr-defined]  # we say BEGIN ourselves
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _same(key: Key) -> list[ColumnElement[bool]]:
    return [getattr(_Attempt, name) == value for name, value in key.__dict__.items()]


def _key(row: _Attempt | _Trouble) -> Key:
    return Key(row.learner, row.lab, row.submission, row.lab_version, row.image)


def _verdict(row: _Attempt) -> Verdict:
    return Verdict(row.number, _key(row), row.round, Result.model_validate_json(row.result))
