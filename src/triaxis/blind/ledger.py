"""What was evaluated already: one line for each finished evaluation, written before the next one starts.

A run that is killed goes on where it stopped: a score is looked up by what it is a score of (input, planting, seed, command,
dose, resample) and never computed twice. A failure is written down too, and tried again by the next run.
"""

import threading
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import orjson

from triaxis.errors import InputError

NAME = "evaluations.jsonl"


class Finished(NamedTuple):
    """A score, or why there is none."""

    score: float | None
    reason: str | None = None


class Ledger:
    """Finished evaluations in `folder`/evaluations.jsonl."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = threading.Lock()
        self._known = self._load()

    def find(self, key: str) -> Finished | None:
        """The score of an earlier run, None where there is none."""
        return self._known.get(key)

    def add(self, key: str, finished: Finished, **told: object) -> None:
        """Writes a line; `told` are columns for people."""
        line = orjson.dumps({"key": key, **told, "score": finished.score, "reason": finished.reason}) + b"\n"
        with self._lock, self.path.open("ab") as file:
            file.write(line)

    def _load(self) -> dict[str, Finished]:
        """Scores by key; a line that was torn by a kill is mended away."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lines = self.path.read_bytes().split(b"\n") if self.path.exists() else [b""]
        except OSError as error:
            raise InputError(f"cannot read {self.path}: {error.strerror}; choose another folder with --out") from error
        known, whole = {}, []
        for line in lines:
            try:
                row = orjson.loads(line)
                if row["score"] is not None:
                    known[str(row["key"])] = Finished(float(row["score"]))
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                continue
            whole.append(line)
        if lines != [*whole, b""]:
            self.path.write_bytes(b"".join(line + b"\n" for line in whole))
        return known


def key_of(*parts: object) -> str:
    """A key for an evaluation of what `parts` say."""
    return sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
