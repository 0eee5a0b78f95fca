"""Small cells and canonical batches for the tests of `triaxis.measure`: written out, or random by seed."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from triaxis.diversity.equivalence import parse_equivalence
from triaxis.measure.cells import Cells, build_cells
from triaxis.measure.ingest import IngestOptions, ingest
from triaxis.measure.options import Options
from triaxis.measure.run import Provenance, measure_batches
from triaxis.measure.store import RunStore
from triaxis.records import CANONICAL
from triaxis.results import Results

Cell = Sequence[tuple[str, float]]
WORDS = ("red", "green", "blue", "sky", "sea")


def batch(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A canonical batch of `rows` with a `label` column; what a row does not say is null."""
    schema = {**CANONICAL, "label": pl.String(), "row": pl.Int64()}
    return pl.DataFrame([{"row": number, **row} for number, row in enumerate(rows)], schema=schema)


def cell_rows(cell: Cell, *, prompt: str = "p", model: str = "m") -> list[dict[str, Any]]:
    """Rows of one cell of (class, quality) samples, numbered in order."""
    return [
        {"prompt_id": prompt, "model": model, "response": label, "label": label, "quality": quality, "sample_index": i}
        for i, (label, quality) in enumerate(cell)
    ]


def store_of(rows: Sequence[Mapping[str, Any]] | pl.DataFrame, equivalence: str = "column:label", **options: Any) -> RunStore:
    """The one run store of `rows`."""
    frame = rows if isinstance(rows, pl.DataFrame) else batch(rows)
    (store,) = ingest([frame], IngestOptions(parse_equivalence(equivalence), "quality", **options)).stores
    return store


def cells_from(*cells: Cell) -> Cells:
    """Measured cells, one a prompt, of one model; samples numbered in order. Made without ingest, to be fast."""
    found: dict[tuple[int, int, float], list[int]] = {}
    for prompt, cell in enumerate(cells):
        for index, (label, quality) in enumerate(cell):
            found.setdefault((prompt, sum(map(ord, label)), quality), []).append(index)
    prompt_codes, klass, quality = (np.array(column) for column in zip(*found, strict=True))
    places = found.values()
    none = np.zeros(len(found), dtype=np.int64)
    count, first, last = (np.array([of(p) for p in places]) for of in (len, min, max))
    return build_cells(none, prompt_codes, none, klass, quality, count, first, last)


def measured(
    batches: pl.DataFrame | Sequence[pl.DataFrame],
    equivalence: str = "column:label",
    *,
    options: Options | None = None,
    **counting: Any,
) -> Results:
    """Results of canonical batches."""
    frames = [batches] if isinstance(batches, pl.DataFrame) else batches
    how = IngestOptions(parse_equivalence(equivalence), "quality", **counting)
    return measure_batches(frames, how, options or Options(draws=200), lambda: Provenance("test"))[0]


def random_batch(seed: int, *, prompts: int = 11, numbered: bool = True, gaps: bool = True) -> pl.DataFrame:
    """Two models, two domains, cells of 2 to 5 samples with repeated texts; `gaps` leaves some qualities null or NaN."""
    rng = np.random.default_rng(seed)
    rows = []
    for prompt in range(prompts):
        for model in ("a", "b"):
            for index in range(rng.integers(2, 6)):
                words = rng.choice(WORDS, rng.integers(1, 4))
                quality = rng.choice([0.0, 1.0, 2.5, 7.0, None, float("nan")] if gaps else [0.0, 1.0, 2.5, 7.0])
                rows.append(
                    {
                        "prompt_id": f"p{prompt}",
                        "prompt": f"say {prompt}",
                        "model": model,
                        "domain": "xy"[prompt % 2],
                        "response": " ".join(words),
                        "label": str(words[0]),
                        "quality": None if quality is None else float(quality),
                        "sample_index": index if numbered else None,
                    }
                )
    return batch(rows)


def shuffled(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The rows of `frame` in another order, numbered anew."""
    return frame.sample(fraction=1, shuffle=True, seed=seed).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))


def average_distinct(cell: Cell, floor: float, n: int) -> float:
    """U(tau, n) as the words say it: usable classes among `n` samples, averaged over every choice of them."""
    chosen = [len({label for label, quality in draw if quality >= floor}) for draw in combinations(cell, n)]
    return sum(chosen) / len(chosen)
