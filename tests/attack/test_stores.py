"""What a hostile stranger found in stores that are added."""

import pytest

from tests.measure.samples import cell_rows, store_of
from triaxis.measure import Options
from triaxis.measure.gated import measure_gate
from triaxis.measure.store import RunStore, add

CELL = [("a", 1.0), ("b", 2.0), ("a", 2.0)]


def stores(*, overlap: bool) -> list[RunStore]:
    """Yesterday's samples of two prompts, and today's: of one more prompt, and again of the second where they `overlap`."""
    first = [row for prompt in ("p", "q") for row in cell_rows(CELL, prompt=prompt)]
    second = [row for prompt in ("q" if overlap else "s", "r") for row in cell_rows(CELL, prompt=prompt)]
    return [store_of(first), store_of(second)]


@pytest.mark.parametrize("overlap", [True, False])
def test_added_stores_that_share_samples_are_told(overlap: bool) -> None:
    notes = measure_gate(add(stores(overlap=overlap)), Options(draws=200)).summary.notes
    told = [note for note in notes if "count twice" in note]
    assert [note.split()[:2] for note in told] == ([["1", "cells"]] if overlap else [])


def test_runs_that_share_a_cell_but_no_sample_are_not_suspected() -> None:
    rows = cell_rows(CELL)
    both = add([store_of(rows[:1]), store_of(rows[1:])])
    assert not measure_gate(both, Options(draws=200)).summary.notes
