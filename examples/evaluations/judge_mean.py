"""Mean judge score: the mean over all samples of the score that a judge gave. Prints one number.

    triaxis blind samples.parquet --eval 'python examples/evaluations/judge_mean.py {file}'
"""

# ruff: noqa: T201

import sys

import polars as pl


def read(path: str) -> pl.DataFrame:
    """The samples in `path`, whatever format triaxis wrote them in."""
    if path.endswith(".parquet"):
        return pl.read_parquet(path)
    return pl.read_csv(path) if path.endswith(".csv") else pl.read_ndjson(path, infer_schema_length=None)


if __name__ == "__main__":
    column = sys.argv[2] if len(sys.argv) > 2 else "quality"
    print(read(sys.argv[1])[column].cast(pl.Float64).mean())
