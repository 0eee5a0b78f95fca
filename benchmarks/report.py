"""Building the report: seconds and size, small and large; against altair's own inlined page of the curves alone.

python benchmarks/report.py
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import polars as pl
from _table import show

import triaxis.measure
from triaxis import report
from triaxis.results import Results


def samples(models: int, prompts: int, domains: int, levels: int) -> pl.DataFrame:
    """Ten labelled answers per model and prompt, with short texts."""
    rng = np.random.default_rng(0)
    rows = models * prompts * 10
    model, prompt = np.repeat(np.arange(models), prompts * 10), np.tile(np.repeat(np.arange(prompts), 10), models)
    label = rng.integers(0, 2 + model % 7, rows)
    return pl.DataFrame({
        "model": [f"model-{m:03}" for m in model], "prompt_id": [f"prompt-{p:04}" for p in prompt], "prompt": "Name one thing.",
        "domain": [f"domain-{p % domains:02}" for p in prompt], "sample_index": np.tile(np.arange(10), models * prompts),
        "response": [f"answer number {x}" for x in label], "label": label, "quality": rng.integers(0, levels, rows) / levels,
    })  # fmt: skip


def altair_page(results: Results) -> int:
    """Characters of altair's inlined page of the curves."""
    chart = results.plot()
    return len(chart.to_html(inline=True))


def row(name: str, frame: pl.DataFrame) -> tuple[object, ...]:
    """One line of the table."""
    results = triaxis.measure.run(frame, equivalence="column:label", draws=200)
    start = perf_counter()
    with TemporaryDirectory() as folder:
        written = report.write(results, Path(folder))
        seconds, size = perf_counter() - start, written.page.stat().st_size / 2**20
    start = perf_counter()
    other = altair_page(results) / 2**20
    return name, frame.height, seconds, size, perf_counter() - start, other


def main() -> None:
    """Prints the table."""
    report.page(triaxis.measure.run(samples(2, 12, 1, 2), equivalence="column:label", draws=200))  # first use reads its assets
    rows = [
        row("14 models, 100 prompts", samples(14, 100, 1, 10)),
        row("60 models, 200 prompts, 8 domains, 256 levels", samples(60, 200, 8, 256)),
    ]
    head = ("input", "samples", "report s", "report MiB", "altair page of curves s", "altair MiB")
    show("Report (page, card, summary)", head, rows)


if __name__ == "__main__":
    main()
