"""Mean quality of models: by hand, per domain, and nothing where nothing is gated."""

import numpy as np
import polars as pl
import pytest

from tests.measure.ensemble.mixing import axes_of
from tests.measure.samples import batch, cell_rows, cells_from, store_of
from triaxis.measure.options import Options
from triaxis.measure.quality_means import mean_quality, quality_of_counts

CELLS = ([("a", 1.0), ("a", 2.0), ("b", 6.0)], [("c", 1.0)])


def test_each_prompt_counts_once_however_many_samples_it_has() -> None:
    assert mean_quality(cells_from(*CELLS)) == pytest.approx([3.0, 1.0])


def test_a_row_for_all_domains_and_one_for_each() -> None:
    rows = [{**row, "domain": "xy"[n]} for n, cell in enumerate(CELLS) for row in cell_rows(cell, prompt=f"p{n}")]
    store = store_of(batch(rows))
    found = pl.concat(quality_of_counts(store, axes_of(store), Options()).tables["quality"])
    assert found.select("domain", "value", "prompts").rows() == [(None, 2.0, 2), ("x", 3.0, 1), ("y", 1.0, 1)]
    assert np.isnan(found["low"].to_numpy()).all()


def test_ten_prompts_give_an_interval() -> None:
    rows = [row for n in range(12) for row in cell_rows([("a", float(n))], prompt=f"p{n:02}")]
    store = store_of(batch(rows))
    first = quality_of_counts(store, axes_of(store), Options(draws=200)).tables["quality"][0].row(0, named=True)
    assert first["low"] < first["value"] == 5.5 < first["high"]


def test_nothing_without_a_quality() -> None:
    rows = [row | {"quality": None} for row in cell_rows([("a", 1.0)])]
    store = store_of(batch(rows))
    assert quality_of_counts(store, axes_of(store), Options()).tables == {}
