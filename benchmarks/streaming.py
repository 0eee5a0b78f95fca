"""10 M samples, rows in random order, streamed from Parquet to U; against polars' streaming group-by of the same columns.

    python benchmarks/streaming.py [--models 100 --prompts 1000 --samples 100]

Each way runs in a process of its own, so that its peak memory is its own. The peer only counts (model, prompt, label,
quality) with the range of sample_index; triaxis also checks for repeated samples, and goes on to U at every floor and budget
of every model.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from _data import write_samples
from _table import show

GIB = 2**30


def by_triaxis(path: str) -> int:
    """Rows of the finished table of U."""
    from triaxis.diversity.equivalence import parse_equivalence
    from triaxis.measure.api import Reading, open_samples
    from triaxis.measure.axes import shown_budgets, shown_floors
    from triaxis.measure.ingest import IngestOptions, ingest
    from triaxis.measure.tables import curves
    from triaxis.measure.usable import mean_usable_diversity

    rule = parse_equivalence("column:label")
    stream = open_samples([path], Reading(equivalence="column:label"), rule, examples=False)
    store = ingest(stream, IngestOptions(rule, "quality", examples=0)).stores[0]
    floors, rows = shown_floors(*store.qualities(), ()), 0
    for model in store.models:
        curve = next(curves(store, model, ()))
        rows += mean_usable_diversity(curve.cells, floors, shown_budgets(curve.length, ())).size
    return rows


def by_polars(path: str) -> int:
    """Rows of the grouped counts."""
    import polars as pl

    index = pl.col("sample_index")
    grouped = pl.scan_parquet(path).group_by("model", "prompt_id", "label", "quality")
    counts = grouped.agg(pl.len(), index.min().alias("first"), index.max().alias("last")).collect(engine="streaming")
    return counts.height


def measured(way: str, path: Path) -> dict[str, float]:
    """Seconds, CPU seconds and peak GiB of one way, in its own process."""
    run = subprocess.run(
        [sys.executable, __file__, "--run", way, "--path", str(path)], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def run_here(way: str, path: str) -> None:
    """Prints what `measured` reads."""
    start = perf_counter()
    rows = {"triaxis": by_triaxis, "polars": by_polars}[way](path)
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "seconds": perf_counter() - start,
        "cpu": used.ru_utime + used.ru_stime,
        "gib": used.ru_maxrss * 1024 / GIB,
        "rows": rows,
    }
    print(json.dumps(figures))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    for name, default in (("models", 100), ("prompts", 1000), ("samples", 100), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--run")
    parser.add_argument("--path")
    given = parser.parse_args()
    if given.run:
        run_here(given.run, given.path)
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        path = Path(folder) / "samples.parquet"
        rows = write_samples(path, models=given.models, prompts=given.prompts, samples=given.samples)
        runs = {way: [measured(way, path) for _ in range(given.repeats)] for way in ("triaxis", "polars")}
    best = {way: min(found, key=lambda r: r["seconds"]) for way, found in runs.items()}
    base = best["polars"]
    lines = [
        (
            label,
            best[way]["seconds"],
            best[way]["seconds"] / base["seconds"],
            best[way]["cpu"],
            best[way]["cpu"] / base["cpu"],
            best[way]["gib"],
        )
        for way, label in (("triaxis", "triaxis, rows to U"), ("polars", "polars streaming group-by"))
    ]
    show(f"{rows:,} samples, best of {given.repeats}", ("way", "seconds", "ratio", "CPU seconds", "ratio", "peak GiB"), lines)


if __name__ == "__main__":
    main()
