"""A column of vectors on its way through a run: buffered by prompt beside the other rows, read back once floors are known."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from triaxis.measure.buffer import RowBuffer
from triaxis.measure.population_vectors.answers import PromptAnswers, RawAnswers, prompt_answers

VECTOR = "vector"


@dataclass
class VectorBuffer:
    """Rows with a vector, by prompt, on disk once they outgrow `memory` bytes. `sizes` counts rows of each dimension."""

    column: str
    memory: int
    rows: RowBuffer = field(init=False)
    sizes: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rows = RowBuffer(memory=self.memory)

    def append(self, codes: pl.DataFrame, vectors: pl.Series) -> None:
        """`codes` are rows of the ingest; `vectors` their lists of float32, null where there is none."""
        sizes = vectors.list.len().fill_null(0).to_numpy()
        self.sizes.update(dict(zip(*(part.tolist() for part in np.unique(sizes, return_counts=True)), strict=True)))
        self.rows.append(codes.with_columns(vectors.alias(VECTOR)))

    def close(self) -> None:
        """Forgets all rows."""
        self.rows.close()

    @property
    def dimensions(self) -> int:
        """Of most vectors, the larger of two that are as common; 0 without any."""
        known = {size: rows for size, rows in self.sizes.items() if size > 0}
        return max(known, key=lambda size: (known[size], size), default=0)


@dataclass
class VectorRows:
    """The rows with vectors that one gate measures.

    `measured` leaves the rows of this gate, each sample once. `names` are those of the codes of models, prompts and domains.
    Reading counts, in `bad`, the rows without a usable vector.
    """

    buffer: VectorBuffer
    measured: Callable[[pl.DataFrame], pl.DataFrame]
    names: Mapping[str, pl.Series]
    read: int = 0
    bad: int = 0

    @property
    def column(self) -> str:
        """Name of the column."""
        return self.buffer.column

    @property
    def dimensions(self) -> int:
        """Entries of a vector."""
        return self.buffer.dimensions

    def answers(self, models: Sequence[str], *, seed: int) -> Iterator[PromptAnswers]:
        """The prompts, a bucket at a time, in no particular order; models are coded by their place in `models`."""
        self.read = self.bad = 0
        place = {name: code for code, name in enumerate(models)}
        table = np.array([place.get(name, -1) for name in self.names["model"]], dtype=np.int64)
        for bucket in self.buffer.rows.buckets():
            yield from self._prompts(self.measured(bucket), table, seed)

    def notes(self) -> tuple[str, ...]:
        """What could not be used of the rows that were read."""
        if not self.bad:
            return ()
        return (
            f"{self.bad:,} of {self.read:,} samples have no vector of {self.dimensions} finite numbers, not all 0, in column"
            f" {self.column!r}: unmeasured in the population",
        )

    def _prompts(self, rows: pl.DataFrame, table: np.ndarray, seed: int) -> Iterator[PromptAnswers]:
        self.read += rows.height
        sound = rows.filter(pl.col(VECTOR).list.len() == self.dimensions).sort("prompt", "domain")
        self.bad += rows.height - sound.height
        if not sound.height:
            return
        vectors = sound[VECTOR].explode().to_numpy().reshape(sound.height, self.dimensions)
        keys = sound.select("prompt", "domain").to_numpy()
        starts = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)])
        models, quality, index = table[sound["model"].to_numpy()], sound["quality"].to_numpy(), sound["index"].to_numpy()
        for start, end in zip(starts, np.r_[starts[1:], sound.height], strict=True):
            prompt, domain = (self.names[name][int(keys[start, at])] for at, name in enumerate(("prompt", "domain")))
            mine = slice(start, end)
            raw = RawAnswers(prompt, domain, models[mine], quality[mine], index[mine], vectors[mine])
            found = prompt_answers(raw, seed=seed)
            self.bad += int(end - start) - len(found.models)
            yield found
