"""Evaluations by what people type: a command of their own, or `mean:COLUMN`, `pass@1:COLUMN`, `perplexity:FOLDER`.

Each gives one number for a table of samples, or raises `Undefined` with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np

from triaxis.blind.command import Processes, parse_command, parse_score, run_command
from triaxis.blind.perplexity import Perplexity
from triaxis.blind.table import Table
from triaxis.errors import InputError, Undefined, near

BUILT_IN = ("mean", "pass@1", "perplexity")
MOST_HASHED = 10_000_000


class Evaluation(Protocol):
    """One number for a table of samples."""

    @property
    def name(self) -> str:
        """What was typed."""
        ...

    @property
    def identity(self) -> str:
        """What a score depends on besides the samples."""
        ...

    @property
    def is_lower_better(self) -> bool:
        """Whether a higher score is a worse one."""
        ...

    def score(self, table: Table) -> float:
        """One finite number for the samples in `table`; raises `Undefined` with the reason."""
        ...


@dataclass(frozen=True)
class Command:
    """A command of the user's; each run gets a file of its own, so that it may do with it what it likes."""

    name: str
    words: tuple[str, ...]
    is_lower_better: bool = False
    key: str = "score"
    timeout: float = 600.0
    processes: Processes = field(default_factory=Processes, compare=False)

    @property
    def identity(self) -> str:
        """The command, where it finds its score, and the contents of the files that it names."""
        files = [_digest(Path(word)) for word in self.words]
        return "\0".join([*self.words, self.key, *(found for found in files if found)])

    def score(self, table: Table) -> float:
        """Writes `table`, runs the command on it, reads the score."""
        with TemporaryDirectory(prefix="triaxis-blind-", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / f"samples{table.suffix}"
            table.write(file)
            return parse_score(run_command(self.words, file, timeout=self.timeout, processes=self.processes), key=self.key)

    def stop(self) -> None:
        """Kills every run."""
        self.processes.stop()


def _digest(path: Path) -> str | None:
    """The hash of a file of moderate size, None for anything else."""
    try:
        return sha256(path.read_bytes()).hexdigest() if path.is_file() and path.stat().st_size <= MOST_HASHED else None
    except (OSError, ValueError):
        return None


@dataclass(frozen=True)
class MeanOf:
    """The mean of a column over all rows that have a number there: what "mean judge score" is."""

    name: str
    column: str
    is_lower_better: bool = False

    @property
    def identity(self) -> str:
        """What was typed."""
        return self.name

    def score(self, table: Table) -> float:
        """The mean."""
        return float(np.mean(_numbers(table, self.column)[1]))


@dataclass(frozen=True)
class PassAt1:
    """The mean over models and prompts of the share of right answers (a column of 0 and 1): pass@1 of Chen et al. 2021."""

    name: str
    column: str
    is_lower_better: bool = False

    @property
    def identity(self) -> str:
        """What was typed."""
        return self.name

    def score(self, table: Table) -> float:
        """pass@1, a fraction in 0-1."""
        known, values = _numbers(table, self.column)
        if not np.isin(values, (0.0, 1.0)).all():
            raise Undefined(f"pass@1 needs 0 and 1 in {self.column}")
        keys = [_keys(table, name) for name in ("model", "prompt_id" if table.column("prompt_id") is not None else "prompt")]
        cells: dict[tuple[str, ...], list[float]] = {}
        for place, value in zip(known, values, strict=True):
            cells.setdefault(tuple(key[place] for key in keys), []).append(float(value))
        return float(np.mean([np.mean(found) for found in cells.values()]))


def _keys(table: Table, name: str) -> list[str]:
    return [str(value) for value in table.column(name) or [""] * len(table)]


def _numbers(table: Table, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions of rows with a number in `column`, and the numbers; `Undefined` where there are none."""
    values = table.column(column)
    if values is None:
        raise Undefined(f"no column {column!r}; there are: {', '.join(table.columns[:20])}")
    numbers = np.array([_number(value) for value in values], dtype=np.float64)
    known = np.flatnonzero(np.isfinite(numbers))
    if not known.size:
        raise Undefined(f"no numbers in column {column!r}")
    return known, numbers[known]


def _number(value: Any) -> float:
    try:
        return float("nan") if value is None else float(value)
    except (TypeError, ValueError):
        return float("nan")


def check_columns(names: Sequence[str], table: Table) -> None:
    """Raises `InputError` for a column that was typed and that `table` lacks, before anything is planted."""
    for name in names:
        if table.own(name) not in table.columns:
            there = ", ".join(table.columns[:20])
            raise InputError(f"unknown column {name!r}{near(name, table.columns)}; there are: {there}")


def parse_evaluations(
    typed: Sequence[str], *, is_lower_better: bool = False, key: str = "score", timeout: float = 600.0
) -> tuple[Evaluation, ...]:
    """The evaluations that `typed` names; `InputError` for one that is neither a command with {file} nor built in."""
    return tuple(_parsed(text, is_lower_better, key, timeout) for text in dict.fromkeys(typed))


def _parsed(text: str, is_lower_better: bool, key: str, timeout: float) -> Evaluation:
    kind, _, argument = text.partition(":")
    if kind in BUILT_IN and " " not in text.strip():
        if not argument:
            raise InputError(f"expected {kind}:{'FOLDER' if kind == 'perplexity' else 'COLUMN'} for --eval, got {text!r}")
        if kind == "perplexity":
            return Perplexity(text, Path(argument))
        return (MeanOf if kind == "mean" else PassAt1)(text, argument, is_lower_better)
    return Command(text, parse_command(text), is_lower_better, key, timeout)
