"""Which texts are embedded together: every distinct text once, as batches that say where their rows belong.

The one idea: a row may depend on its own text only, never on what else was asked for. Float sums depend on the shape of a
matrix product, so an encoder's shapes are fixed beforehand (`packs`, `equal_lengths`) and spare room is filled with nothing.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from triaxis.errors import InputError
from triaxis.models.embedding.errors import EmbeddingError
from triaxis.protocols import Embedder, Progress


class Batch(NamedTuple):
    """Vectors that are ready: positions in the texts that were asked for, unit rows, and which texts were cut."""

    where: np.ndarray
    vectors: np.ndarray
    is_cut: np.ndarray


@runtime_checkable
class Streaming(Embedder, Protocol):
    """An embedder that hands over its batches as they are ready, so that what is there survives a later failure."""

    dimensions: int | None

    def batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        """Batches in any order that together hold every text of `texts` (distinct, well formed) once."""
        ...


class Distinct(NamedTuple):
    """The different texts in order of first appearance, and for every text its position among them: (texts,) int64."""

    texts: list[str]
    where: np.ndarray


def distinct(texts: Sequence[str]) -> Distinct:
    """Every different text of `texts` once; a lone surrogate counts as U+FFFD, since no encoder can read it.

    Raises `InputError` when one of them is no string.
    """
    found: dict[str, int] = {}
    where = np.empty(len(texts), dtype=np.int64)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"texts to embed must be strings, got {type(text).__name__} at position {position}")
        where[position] = found.setdefault(_well_formed(text), len(found))
    return Distinct(list(found), where)


def key_of(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return blake2b(text.encode(), digest_size=16).digest()


def _well_formed(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def embed_once(
    texts: Sequence[str], batches: Callable[[list[str]], Iterable[Batch]], *, dimensions: int | None, progress: Progress | None
) -> np.ndarray:
    """(texts, dimensions) float32: every different text of `texts` goes through `batches` once."""
    different, where = distinct(texts)
    found = gather(batches(different), texts=len(different), dimensions=dimensions, progress=progress)
    rows: np.ndarray = found if len(different) == len(texts) else found[where]
    return rows


def gather(batches: Iterable[Batch], *, texts: int, dimensions: int | None, progress: Progress | None = None) -> np.ndarray:
    """(texts, dimensions) float32 from batches in any order; without texts (0, dimensions), 0 where those are unknown."""
    rows, done = np.empty((texts, dimensions or 0), dtype=np.float32), 0
    for batch in batches:
        if not rows.shape[1]:
            rows = np.empty((texts, batch.vectors.shape[1]), dtype=np.float32)
        if batch.vectors.shape[1] != rows.shape[1]:
            came = f"{rows.shape[1]} and {batch.vectors.shape[1]}"
            raise EmbeddingError(f"one encoder must give vectors of one length, got {came} dimensions (some may be cached ones)")
        rows[batch.where] = batch.vectors
        done += len(batch.where)
        if progress:
            progress("embedding", done, texts)
    if done != texts:
        raise EmbeddingError(f"an encoder must give one vector per text, got {done} for {texts} texts")
    return rows


def unit_rows(vectors: np.ndarray, texts: Sequence[str], *, encoder: str) -> np.ndarray:
    """`vectors` (rows, d) as float32 of length 1. Raises `EmbeddingError` for a row without direction, naming its text."""
    exact = np.asarray(vectors, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        length = np.sqrt((exact * exact).sum(axis=1))
    bad = np.flatnonzero(~np.isfinite(length) | (length == 0))
    if bad.size:
        what = "a zero vector" if length[bad[0]] == 0 else "NaN or infinity"
        raise EmbeddingError(f"{encoder} must give a finite vector for every text, got {what} for {texts[bad[0]][:60]!r}")
    unit: np.ndarray = (exact / length[:, None]).astype(np.float32)
    return unit


def packs(lengths: np.ndarray, *, slots: int) -> Iterator[np.ndarray]:
    """Positions of texts that fill `slots` token slots together: always the longest that still fits, longest first.

    lengths: (texts,) tokens each, at most `slots`. Best fit decreasing leaves a few per cent of the slots empty.
    """
    waiting: dict[int, list[int]] = {}
    for position in np.argsort(lengths, kind="stable")[::-1].tolist():
        waiting.setdefault(int(lengths[position]), []).append(position)
    known: list[int] = []
    for length in waiting:
        insort(known, length)
    while known:
        yield np.array(_one_pack(waiting, known, slots), dtype=np.int64)


def _one_pack(waiting: dict[int, list[int]], known: list[int], room: int) -> list[int]:
    members: list[int] = []
    while fitting := bisect_right(known, room):
        length = known[fitting - 1]
        members.append(waiting[length].pop())
        room -= length
        if not waiting[length]:
            known.pop(fitting - 1)
    return members


def equal_lengths(lengths: np.ndarray, *, slots: int) -> Iterator[np.ndarray]:
    """Positions of texts of exactly equal length, at most `slots` tokens (or one text) together, shortest first."""
    order = np.argsort(lengths, kind="stable")
    for same in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        if same.size:
            step = rows_together(int(lengths[same[0]]), slots=slots)
            yield from (same[start : start + step] for start in range(0, len(same), step))


def rows_together(length: int, *, slots: int) -> int:
    """How many texts of `length` tokens share a batch: a function of the length alone, so that shapes are."""
    return max(1, slots // max(length, 1))
