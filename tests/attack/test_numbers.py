"""What a hostile stranger found in the numbers: each test is a case that once came out wrong."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.measure.samples import batch, cell_rows, measured, random_batch
from triaxis import measure


def test_a_domain_with_larger_cells_shows_all_of_its_own_curve() -> None:
    rows = [
        {"prompt": f"p{p}", "domain": domain, "response": f"{p % 3} {i % 4}", "quality": float(i % 2), "sample_index": i}
        for domain, prompts, size in (("short", range(30), 2), ("long", range(30, 40), 5))
        for p in prompts
        for i in range(size)
    ]
    results = measure.run(pl.DataFrame(rows), equivalence="exact", draws=200, examples=0)
    reach = results.to_frame("cells").select("domain", "largest_budget")
    shown = results.to_frame("usable_diversity").group_by("domain").agg(pl.col("budget").max().alias("largest_budget"))
    assert dict(reach.iter_rows()) == dict(shown.iter_rows()) == {None: 2, "short": 2, "long": 5}


@pytest.mark.parametrize("module", ["usable", "tables"])
def test_small_blocks_of_floors_and_sizes_change_no_number(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million prompts, or a cell of a million samples, are measured in blocks; 17 GB and 7 GB of memory otherwise."""
    frame = random_batch(3, prompts=25)
    whole = measured(frame)
    monkeypatch.setattr(f"triaxis.measure.{module}.MOST_ENTRIES", 20)
    for name, table in measured(frame).tables.items():
        assert_frame_equal(table, whole.tables[name], rel_tol=1e-9)


def test_minus_zero_is_the_quality_zero_whatever_the_order_of_rows() -> None:
    frame = batch([row for p in range(4) for row in cell_rows([("a", 0.0), ("a", -0.0), ("b", 1.0)], prompt=f"p{p}")])
    results = [measured(frame), measured(frame.reverse())]
    assert {str(result.manifest.gates[0].floors) for result in results} == {"(0.0, 1.0)"}
    assert len({result.manifest.data_hash for result in results}) == 1
