"""Vectors on disk: one SQLite file per encoder, keyed by the content of a text.

SQLite's journal makes a write whole or absent, whoever else writes and whenever the process is killed; what the disk itself
spoils is found by a checksum per entry. A cache may lose entries, may stop working, and never gives a wrong vector.
"""

import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar
from weakref import finalize
from zlib import crc32

import numpy as np

FORMAT = 1
"""Raised whenever the same encoder name would give other bits: older files are then not looked at."""

ASKED_AT_ONCE = 900  # under SQLITE_MAX_VARIABLE_NUMBER of every SQLite since 2004
PATIENCE_SECONDS = 30.0  # how long a writer waits for another one

TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB, is_cut INTEGER, checksum INTEGER)"
SELECT = "SELECT key, vector, is_cut, checksum FROM vectors WHERE key IN (%s)"
REPLACE = "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)"

Answer = TypeVar("Answer")


class Stored(NamedTuple):
    """A vector as it was stored: float32 bytes, and whether its text was longer than the encoder reads."""

    vector: bytes
    is_cut: bool


class VectorCache:
    """The vectors of one encoder. Trouble with the disk turns it off, with the reason in `trouble`; it raises nothing.

    `corrupted` counts entries whose checksum did not fit: they are not given out, and are replaced when written again.
    """

    def __init__(self, directory: Path, encoder: str) -> None:
        digest = blake2b(f"{FORMAT} {encoder}".encode(), digest_size=8).hexdigest()
        self.path = directory / f"{_slug(encoder)}-{digest}.sqlite"
        self.corrupted = 0
        self.moved_aside = 0
        self.trouble = ""
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._closing: finalize[[], VectorCache] | None = None
        self._file: tuple[int, int] | None = None

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Stored]:
        """What is there of `keys`."""
        found: dict[bytes, Stored] = {}
        for start in range(0, len(keys), ASKED_AT_ONCE):
            asked = list(keys[start : start + ASKED_AT_ONCE])
            found |= self._attempt(partial(self._select, asked=asked)) or {}
        return found

    def put(self, entries: Sequence[tuple[bytes, Stored]]) -> None:
        """Writes `entries` in one transaction, over what was there."""
        rows = [(key, *stored, _checksum(key, stored)) for key, stored in entries]

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(REPLACE, rows)

        self._attempt(write)

    def close(self) -> None:
        """Closes the file; the next call opens it again."""
        if self._closing:
            self._closing()
        self._connection = self._closing = None

    def _select(self, connection: sqlite3.Connection, asked: Sequence[bytes]) -> dict[bytes, Stored]:
        rows = connection.execute(SELECT % ",".join("?" * len(asked)), asked).fetchall()
        found = {}
        for key, vector, is_cut, checksum in rows:
            stored = Stored(vector, is_cut)
            if isinstance(vector, bytes) and is_cut in {0, 1} and _checksum(key, stored) == checksum:
                found[key] = stored
            else:
                self.corrupted += 1
        return found

    def _attempt(self, act: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        """`act` on the open file. A spoiled file is moved aside once and `act` done on a new one; else the cache goes off."""
        with self._lock:
            for is_retry in (False, True):
                if self.trouble:
                    break
                try:
                    return act(self._open())
                except (OSError, sqlite3.OperationalError) as error:  # full, read-only, locked: the file itself may be fine
                    self._turn_off(error)
                except sqlite3.DatabaseError as error:
                    self._begin_anew(error, is_retry=is_retry)
        return None

    def _turn_off(self, error: Exception) -> None:
        self.trouble = f"{self.path}: {error}"
        self.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._connection = sqlite3.connect(self.path, PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
            self._closing = finalize(self, self._connection.close)
            self._file = _identity(self.path)
            for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", TABLE):
                self._connection.execute(line)
        return self._connection

    def _begin_anew(self, error: sqlite3.DatabaseError, *, is_retry: bool) -> None:
        """Makes room for a new file; turns the cache off when that was done before, or cannot be done."""
        self.close()
        try:
            self._move_aside()
        except OSError:
            is_retry = True
        if is_retry:
            self._turn_off(error)

    def _move_aside(self) -> None:
        """Renames the spoiled file, unless another process has just done so."""
        with _locked(self.path.with_suffix(".lock")):
            if _identity(self.path) == self._file:
                for suffix in ("", "-wal", "-shm"):
                    part = Path(f"{self.path}{suffix}")
                    if part.exists():
                        part.replace(f"{part}.corrupt")
                self.moved_aside += 1


def _checksum(key: bytes, stored: Stored) -> int:
    return crc32(stored.vector, crc32(key, int(stored.is_cut)))


def _slug(encoder: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", encoder).strip("-")[:60] or "encoder"


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def as_rows(vectors: Sequence[bytes]) -> np.ndarray:
    """(vectors, dimensions) float32 from stored bytes of equal length."""
    return np.frombuffer(b"".join(vectors), dtype=np.float32).reshape(len(vectors), -1)
