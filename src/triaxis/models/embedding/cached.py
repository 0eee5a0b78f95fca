"""An embedder that asks the disk first, and `open_embedder`, which makes one from a name.

Vectors are written batch by batch as they come: whatever interrupts a long run, what it paid for is there at the next start.
"""

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from triaxis.models.embedding.batching import Batch, Streaming, embed_once, key_of
from triaxis.models.embedding.cache import Stored, VectorCache, as_rows
from triaxis.models.embedding.errors import EmbeddingError
from triaxis.protocols import Embedder, Progress
from triaxis.registry import create

READ_AT_ONCE = 9_000
CHUNK = 512
"""Texts at a time for an embedder of somebody else, which hands nothing over before the end of a call."""


class CacheWarning(UserWarning):
    """The cache does not work; embedding goes on without it."""


class Counts(NamedTuple):
    """What happened to the texts so far: asked for, different ones per call, found on disk, embedded, spoiled entries replaced.

    `truncated` counts the different texts of which the encoder read only the beginning, those found on disk included.
    """

    asked: int = 0
    distinct: int = 0
    hits: int = 0
    embedded: int = 0
    corrupted: int = 0
    truncated: int = 0


def open_embedder(spec: str, *, cache: Path | Literal["default"] | None = "default") -> Embedder:
    """The embedder that `spec` names (`minilm`, `hf:NAME_OR_PATH`, `openai:MODEL@BASE_URL`), each text remembered on disk.

    `cache` is a directory, or None for no disk; by default TRIAXIS_CACHE, else XDG_CACHE_HOME/triaxis, else ~/.cache/triaxis.
    Raises `InputError` for an unknown name or weights that are not the right ones, `MissingDependency` without the extra.
    """
    embedder: Embedder = create("embedder", spec)
    directory = cache_directory() if cache == "default" else cache
    return embedder if directory is None else CachedEmbedder(embedder, directory / "embeddings")


def cache_directory() -> Path:
    """Where the user wants triaxis to keep what can be made again, read from the environment now."""
    if chosen := os.environ.get("TRIAXIS_CACHE"):
        return Path(chosen)
    shared = os.environ.get("XDG_CACHE_HOME", "")  # the XDG specification: a relative path is to be ignored
    return (Path(shared) if os.path.isabs(shared) else Path("~/.cache").expanduser()) / "triaxis"


class CachedEmbedder:
    """`embedder`, but no text twice: not within a call, not in the next, not in the next process."""

    def __init__(self, embedder: Embedder, directory: Path) -> None:
        self.name = embedder.name
        self.dimensions: int | None = getattr(embedder, "dimensions", None)
        self._embedder = embedder
        self._cache = VectorCache(directory, embedder.name)
        self._counts = Counts()
        self._cut: set[bytes] = set()
        self._has_warned = False

    @property
    def counts(self) -> Counts:
        """What happened so far."""
        return self._counts._replace(corrupted=self._cache.corrupted, truncated=len(self._cut))

    @property
    def truncated(self) -> int:
        """Different texts so far of which only the beginning was read."""
        return len(self._cut)

    @property
    def trouble(self) -> str:
        """Why the cache does not work, with its path; empty while it does."""
        return self._cache.trouble

    @property
    def moved_aside(self) -> int:
        """Spoiled cache files that were put aside, as `*.corrupt`."""
        return self._cache.moved_aside

    @property
    def cache_path(self) -> Path:
        """The file that holds the vectors."""
        return self._cache.path

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        """(texts, dimensions) float32, each row of length 1. Warns once when the cache does not work."""
        self._count(asked=len(texts))
        rows = embed_once(texts, self._batches, dimensions=self.dimensions, progress=progress)
        self.dimensions = rows.shape[1] or None
        return rows

    def _batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        self._count(distinct=len(texts))
        keys = [key_of(text) for text in texts]
        missing: list[int] = []
        for start in range(0, len(texts), READ_AT_ONCE):
            yield from self._read(keys, range(start, min(start + READ_AT_ONCE, len(texts))), missing)
        self._warn()
        for batch in _streamed(self._embedder, [texts[place] for place in missing]):
            moved = batch._replace(where=np.array(missing, dtype=np.int64)[batch.where])
            self._write(keys, moved)
            yield moved
        self._warn()

    def _read(self, keys: Sequence[bytes], places: range, missing: list[int]) -> Iterator[Batch]:
        """One batch with what is on disk of `places`, if anything; the rest is added to `missing`."""
        stored = self._cache.get([keys[place] for place in places])
        found = [place for place in places if keys[place] in stored]
        missing.extend(place for place in places if keys[place] not in stored)
        self._count(hits=len(found))
        if found:
            entries = [stored[keys[place]] for place in found]
            is_cut = np.array([entry.is_cut for entry in entries], dtype=bool)
            yield self._noted(keys, Batch(np.array(found), self._rows(entries), is_cut))

    def _rows(self, entries: Sequence[Stored]) -> np.ndarray:
        sizes = {len(entry.vector) // 4 for entry in entries}
        if len(sizes) > 1:
            raise EmbeddingError(f"{self._cache.path} holds vectors of {sorted(sizes)} dimensions for {self.name}; delete it")
        return as_rows([entry.vector for entry in entries])

    def _write(self, keys: Sequence[bytes], batch: Batch) -> None:
        self._count(embedded=len(batch.where))
        self._noted(keys, batch)
        rows = zip(batch.where.tolist(), batch.vectors, batch.is_cut.tolist(), strict=True)
        self._cache.put([(keys[place], Stored(vector.tobytes(), is_cut)) for place, vector, is_cut in rows])

    def _noted(self, keys: Sequence[bytes], batch: Batch) -> Batch:
        self._cut.update(keys[place] for place in batch.where[batch.is_cut].tolist())
        return batch

    def _count(self, **more: int) -> None:
        self._counts = self._counts._replace(**{name: getattr(self._counts, name) + count for name, count in more.items()})

    def _warn(self) -> None:
        if self._cache.trouble and not self._has_warned:
            self._has_warned = True
            warnings.warn(f"embedding goes on without its cache, {self._cache.trouble}", CacheWarning, stacklevel=2)


def _streamed(embedder: Embedder, texts: Sequence[str]) -> Iterator[Batch]:
    """Batches of any embedder: its own where it has them, else one per chunk, in which nothing is known to be cut."""
    if not texts:
        return
    if isinstance(embedder, Streaming):
        yield from embedder.batches(texts)
        return
    for start in range(0, len(texts), CHUNK):
        vectors = embedder.embed(texts[start : start + CHUNK])
        yield Batch(np.arange(start, start + len(vectors)), vectors, np.zeros(len(vectors), dtype=bool))
