"""Rows that could not be used: counted, kept with their place and reason, never the end of a run.

The one idea: memory stays bounded whatever comes. Counts and the first few rejects live in memory, all of them in a
spooled temporary file that `Rejects.write` copies out.
"""

import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from triaxis.errors import RecordsError

RAW_CHARACTERS = 2000
"""Longest excerpt of a rejected row that is kept."""

FIRST = 20
"""Rejects that stay in memory to be shown."""


class Place(NamedTuple):
    """Where a row came from: `unit` is `line` or `row` of `file`, counted from 1; `sample` its position in a list."""

    file: str
    unit: str
    number: int
    sample: int | None = None

    def __str__(self) -> str:
        """Such as `answers.jsonl, line 12` or `runs.parquet, row 3, sample 0`."""
        inside = "" if self.sample is None else f", sample {self.sample}"
        return f"{self.file}, {self.unit} {self.number}{inside}"


class Problem(NamedTuple):
    """Why one row cannot be used: a `reason` from a small fixed set, what came, and the row as it was."""

    number: int
    reason: str
    detail: str = ""
    raw: str = ""
    sample: int | None = None


class Reject(NamedTuple):
    """One rejected row."""

    place: Place
    reason: str
    detail: str
    raw: str

    def __str__(self) -> str:
        """Place, reason and what came, in one line."""
        return f"{self.place}: {self.reason}" + (f" ({self.detail})" if self.detail else "")


class Rejects:
    """All rows rejected in one pass over the input; with `strict` the first one raises `RecordsError` instead."""

    def __init__(self, *, strict: bool = False) -> None:
        """No rejects yet."""
        self._strict = strict
        self._reasons: Counter[str] = Counter()
        self._files: Counter[str] = Counter()
        self._first: list[Reject] = []
        self._spool = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 - lives as long as this object
        weakref.finalize(self, self._spool.close)

    @property
    def count(self) -> int:
        """Rows rejected."""
        return self._reasons.total()

    @property
    def by_reason(self) -> Mapping[str, int]:
        """Rows rejected for each reason, most frequent first."""
        return MappingProxyType(dict(self._reasons.most_common()))

    @property
    def by_file(self) -> Mapping[str, int]:
        """Rows rejected in each file."""
        return MappingProxyType(dict(self._files))

    @property
    def first(self) -> tuple[Reject, ...]:
        """The first few rejects."""
        return tuple(self._first)

    def add(self, reject: Reject) -> None:
        """Keep one reject; raises `RecordsError` with its place when strict."""
        reject = reject._replace(detail=_clean(reject.detail)[:200], raw=_clean(reject.raw[:RAW_CHARACTERS]))
        if self._strict:
            raise RecordsError(f"{reject}. Correct the row, or leave `--strict` out to set such rows aside and go on")
        self._reasons[reject.reason] += 1
        self._files[reject.place.file] += 1
        if len(self._first) < FIRST:
            self._first.append(reject)
        self._spool.write(orjson.dumps(_as_json(reject)) + b"\n")

    def write(self, path: str | Path) -> None:
        """Write all rejects to `path` as JSON lines: file, line or row, sample, reason, detail, raw."""
        self._spool.seek(0)
        with Path(path).open("wb") as out:
            shutil.copyfileobj(self._spool, out)
        self._spool.seek(0, 2)


def _as_json(reject: Reject) -> dict[str, Any]:
    place = reject.place
    inside = {} if place.sample is None else {"sample": place.sample}
    return {
        "file": place.file,
        place.unit: place.number,
        **inside,
        "reason": reject.reason,
        "detail": reject.detail,
        "raw": reject.raw,
    }


def _clean(text: str) -> str:
    """Lone surrogates cannot be written as UTF-8."""
    return text.encode("utf-8", "replace").decode()
