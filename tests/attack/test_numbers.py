"""What a hostile stranger found in the numbers: each test is a case that once came out wrong."""

import polars as pl

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
