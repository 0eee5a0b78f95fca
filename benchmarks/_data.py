"""Inputs of the benchmarks: seeded, of stated size, made anew on the machine that measures."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


def write_samples(
    path: Path, *, models: int, prompts: int, samples: int, classes: int = 30, levels: int = 10, seed: int = 0
) -> int:
    """Writes models x prompts x samples rows in random order as Parquet (1 M rows a row group) and returns their number.

    Class sizes fall like 1 / rank; `levels` quality values. Columns: model, prompt_id, sample_index, label, quality.
    """
    rng = np.random.default_rng(seed)
    rows = models * prompts * samples
    order = rng.permutation(rows).astype(np.int32)
    weights = 1 / np.arange(1, classes + 1)
    names = pa.array([f"model-{m:03}" for m in range(models)]), pa.array([f"prompt-{p:05}" for p in range(prompts)])
    writer = None
    for start in range(0, rows, 1_000_000):
        code = order[start : start + 1_000_000]
        model, prompt, index = code // (prompts * samples), code // samples % prompts, code % samples
        table = pa.table({
            "model": names[0].take(pa.array(model)), "prompt_id": names[1].take(pa.array(prompt)),
            "sample_index": pa.array(index.astype(np.int64)),
            "label": pa.array(rng.choice(classes, code.size, p=weights / weights.sum()).astype(np.int64)),
            "quality": pa.array(rng.integers(1, levels + 1, code.size).astype(np.float64)),
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()
    return rows


def cell_frame(*, cells: int, samples: int, classes: int = 30, levels: int = 256, seed: int = 0) -> pl.DataFrame:
    """Canonical label rows of one model with `cells` prompts, as a frame with the columns of `write_samples`."""
    rng = np.random.default_rng(seed)
    rows = cells * samples
    weights = 1 / np.arange(1, classes + 1)
    return pl.DataFrame({
        "model": ["model"] * rows, "prompt_id": np.repeat([f"prompt-{p:05}" for p in range(cells)], samples),
        "sample_index": np.tile(np.arange(samples), cells), "label": rng.choice(classes, rows, p=weights / weights.sum()),
        "quality": rng.integers(0, levels, rows) / levels,
    })  # fmt: skip
