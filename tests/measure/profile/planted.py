"""Small data sets for the tests of the profile: written out, or made by seed."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from triaxis.measure.levels.cells import level_cells
from triaxis.measure.outcome import Seen
from triaxis.protocols import Embedder

Row = tuple[str, str | None, str, float]
"""prompt id, prompt, response, quality."""


def seen_of(
    rows: Sequence[Row], *, domains: Sequence[str] | None = None, models: Sequence[str] | None = None, unit: str = "set",
    floors: Sequence[float] = (), embedder: Embedder | None = None,
) -> Seen:  # fmt: skip
    """What `measure` would see of `rows`; ungated without `floors`."""
    frame = pl.DataFrame(
        [(place, *row) for place, row in enumerate(rows)],
        schema={"row": pl.Int64, "prompt_id": pl.String, "prompt": pl.String, "response": pl.String, "quality": pl.Float64},
        orient="row",
    ).with_columns(
        pl.Series("domain", domains if domains is not None else ["d"] * len(rows), dtype=pl.String),
        pl.Series("model", models if models is not None else ["m"] * len(rows), dtype=pl.String),
        pl.lit(0, dtype=pl.Int64).alias("class"), pl.lit(-1, dtype=pl.Int64).alias("index"),
    )  # fmt: skip
    cells = level_cells(frame, seed=0, embedder=embedder, progress=None)
    return Seen(cells, unit, bool(floors), np.array([-np.inf, *floors]), (), 5, embedder)


def texts_of(topic: int, count: int, rng: np.random.Generator) -> list[str]:
    """`count` texts of eight words: five of the topic's own twelve, three that all topics share."""
    own = np.array([f"topic{topic}word{place}" for place in range(12)])
    shared = np.array([f"shared{place}" for place in range(30)])
    return [" ".join([*rng.choice(own, 5, replace=False), *rng.choice(shared, 3, replace=False)]) for _ in range(count)]
