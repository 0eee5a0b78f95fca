"""Rows on their way to counts, partitioned by prompt and spilled to disk once they outgrow memory.

The one idea: everything that needs to see a whole cell works on one bucket of prompts at a time, so a file of any size, with its cells
scattered all over it, is measured in the memory of one bucket.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

BUCKETS = 64


class RowBuffer:
    """Frames with a `prompt` code column go in; whole prompts come out, bucket by bucket.

    Up to `memory` bytes stay in memory as one bucket. Beyond it rows move to `BUCKETS` files of a temporary folder, removed with the buffer.
    """

    def __init__(self, *, memory: int) -> None:
        self._memory = memory
        self._held: list[pl.DataFrame] = []
        self._held_bytes = 0
        self._folder: TemporaryDirectory[str] | None = None
        self._flushes = 0

    def append(self, frame: pl.DataFrame) -> None:
        """Takes the rows of `frame`."""
        self._held.append(frame)
        self._held_bytes += int(frame.estimated_size())
        if self._held_bytes > self._memory:
            self._spill()

    def buckets(self) -> Iterator[pl.DataFrame]:
        """All rows so far, each prompt whole within one frame; may be asked for again."""
        if self._folder is None:
            yield from (pl.concat(self._held, rechunk=True),) if self._held else ()
            return
        if self._held:
            self._spill()
        for bucket in range(BUCKETS):
            files = sorted(Path(self._folder.name).glob(f"{bucket:03}-*.arrow"))
            if files:
                yield pl.concat([pl.read_ipc(f, memory_map=False) for f in files], rechunk=True)

    def close(self) -> None:
        """Forgets all rows and removes what was spilled."""
        self._held.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="triaxis-")
        frame = pl.concat(self._held).with_columns((pl.col("prompt") % BUCKETS).alias("_bucket"))
        self._held.clear()
        self._held_bytes = 0
        for (bucket,), rows in frame.partition_by("_bucket", as_dict=True, include_key=False).items():
            rows.write_ipc(Path(self._folder.name) / f"{bucket:03}-{self._flushes:06}.arrow")
        self._flushes += 1
