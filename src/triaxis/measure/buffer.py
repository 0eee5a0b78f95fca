"""Rows on their way to counts, partitioned by prompt and spilled to disk once they outgrow memory.

The one idea: everything that needs to see a whole cell works on one bucket of prompts at a time, so a file of any size, with
its cells scattered all over it, is measured in the memory of one bucket.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

BUCKETS = 64
ONE_BUCKET = 16 * 2**20


class RowBuffer:
    """Frames with code columns go in; whole groups of equal `whole` codes (prompts, unless said) come out, bucket by bucket.

    Up to `memory` bytes stay in memory. Beyond it rows move to `BUCKETS` files of a temporary folder, removed
    with the buffer.
    """

    def __init__(self, *, memory: int, whole: Sequence[str] = ("prompt",)) -> None:
        self._memory = memory
        self._whole = tuple(whole)
        self._held: list[tuple[pl.DataFrame, np.ndarray]] = []
        self._held_bytes = 0
        self._folder: TemporaryDirectory[str] | None = None
        self._flushes = 0

    def append(self, frame: pl.DataFrame) -> None:
        """Takes the rows of `frame`."""
        self._held.append(_by_bucket(frame, self._whole))
        self._held_bytes += int(frame.estimated_size())
        if self._held_bytes > self._memory:
            self._spill()

    def buckets(self) -> Iterator[pl.DataFrame]:
        """All rows so far, each group whole within one frame; may be asked for again."""
        if self._folder is None:
            yield from self._held_buckets()
            return
        if self._held:
            self._spill()
        for bucket in range(BUCKETS):
            files = sorted(Path(self._folder.name).glob(f"{bucket:03}-*.arrow"))
            if files:
                yield pl.concat([pl.read_ipc(f) for f in files], rechunk=True)

    def _held_buckets(self) -> Iterator[pl.DataFrame]:
        """What is held: as one bucket while that is small, which saves handling many."""
        if self._held_bytes <= ONE_BUCKET:
            yield from (pl.concat([frame for frame, _ in self._held], rechunk=True),) if self._held else ()
            return
        for bucket in range(BUCKETS):
            rows = self._held_rows(bucket)
            if rows.height:
                yield rows

    def _held_rows(self, bucket: int) -> pl.DataFrame:
        return pl.concat([frame.slice(ends[bucket], ends[bucket + 1] - ends[bucket]) for frame, ends in self._held], rechunk=True)

    def close(self) -> None:
        """Forgets all rows and removes what was spilled."""
        self._held.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="triaxis-")
        for bucket in range(BUCKETS):
            rows = self._held_rows(bucket)
            if rows.height:
                rows.write_ipc(Path(self._folder.name) / f"{bucket:03}-{self._flushes:06}.arrow")
        self._held.clear()
        self._held_bytes = 0
        self._flushes += 1


def _by_bucket(frame: pl.DataFrame, whole: Sequence[str]) -> tuple[pl.DataFrame, np.ndarray]:
    """`frame` reordered by bucket, and (BUCKETS + 1,) where each bucket starts in it; small batches make this cheap."""
    codes = [frame[name].to_numpy().astype(np.int64) * step for name, step in zip(whole, (1, 7, 31), strict=False)]
    bucket = (np.sum(codes, axis=0) % BUCKETS).astype(np.uint8)
    starts = np.r_[0, np.cumsum(np.bincount(bucket, minlength=BUCKETS))]
    return frame[np.argsort(bucket, kind="stable")], starts
