"""An embedder without weights, for tests of what is around one: a text's vector is made from its hash, batch by batch."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b

import numpy as np

from triaxis.models.embedding.batching import Batch, distinct, gather, unit_rows
from triaxis.protocols import Progress


class HashedVectors:
    """`asked` holds every text that it was really asked for; `before` is called before each batch of `together`."""

    dimensions: int | None = 6

    def __init__(self, name: str = "hashed", *, together: int = 4, before: Callable[[int], None] | None = None) -> None:
        self.name = name
        self.asked: list[str] = []
        self.truncated = 0
        self._together = together
        self._before = before or (lambda _: None)

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        different, where = distinct(texts)
        found = gather(self.batches(different), texts=len(different), dimensions=self.dimensions, progress=progress)
        rows: np.ndarray = found[where]
        return rows

    def batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        for number, start in enumerate(range(0, len(texts), self._together)):
            self._before(number)
            part = list(texts[start : start + self._together])
            self.asked += part
            is_cut = np.array([len(text) > 100 for text in part], dtype=bool)
            yield Batch(np.arange(start, start + len(part)), vectors(part), is_cut)


def vectors(texts: Sequence[str]) -> np.ndarray:
    """(texts, 6) float32 unit rows."""
    seeds = [int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") for text in texts]
    rows = np.array([np.random.default_rng(seed).standard_normal(6) for seed in seeds]).reshape(len(texts), 6)
    return unit_rows(rows, texts, encoder="hashed")
