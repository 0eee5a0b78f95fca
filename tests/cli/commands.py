"""Small files of samples, and the `triaxis` command run as a person runs it: in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from triaxis.results import Results

REPOSITORY = Path(__file__).resolve().parents[2]
TRIAXIS = (sys.executable, "-c", "import sys; from triaxis.cli import main; sys.argv[0] = 'triaxis'; main()")
FAST = ("--equivalence", "column:label", "--draws", "200", "--examples", "2", "--metrics", "none")
WHOLE = {"report.html", "summary.md", "card.png", "results.json", "examples.json", "store", "tables"}
WORDS = ("red", "green", "blue", "grey")

OF_TEXTS = {
    *("diversity_levels", "complexity", "trust", "shared_phrases", "profile", "holes", "axis_correlations", "series_times"),
}
"""Tables that need the texts: a run that is measured again from its counts has none of them, and says so."""


def samples(prompts: int = 12, models: Sequence[str] = ("alpha", "beta")) -> list[dict[str, Any]]:
    """Four samples in each cell, with a quality and a label."""
    return [
        {
            "prompt_id": f"p{p}",
            "prompt": f"say {p}",
            "response": f"{WORDS[i]} {p}",
            "model": model,
            "sample_index": i,
            "quality": float((i + p + m) % 3),
            "label": WORDS[i % (2 + (p + m) % 3)],
        }
        for p in range(prompts)
        for m, model in enumerate(models)
        for i in range(4)
    ]


def jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    pl.DataFrame(rows).write_parquet(path)
    return path


def environment(**more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY / "src"),
        "OMP_NUM_THREADS": "1",
        "NO_COLOR": "1",
        "COLUMNS": "120",
        **more,
    }


def triaxis(*arguments: str | Path, folder: Path, given: bytes | None = b"", **more: Any) -> subprocess.CompletedProcess[str]:
    """Runs `triaxis` with `arguments` in `folder`, `given` on its standard input."""
    done = subprocess.run(
        [*TRIAXIS, *map(str, arguments)], cwd=folder, env=environment(), input=given, capture_output=True, check=False, **more
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def succeeds(*arguments: str | Path, folder: Path, given: bytes | None = b"") -> str:
    """What `triaxis` prints on standard output; it has to end well and say nothing on standard error."""
    done = triaxis(*arguments, folder=folder, given=given)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(*arguments: str | Path, folder: Path, given: bytes | None = b"", **more: Any) -> str:
    """The message of a command that cannot be used: exit code 2, nothing on standard output, no traceback."""
    done = triaxis(*arguments, folder=folder, given=given, **more)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def same_tables(first: Path, second: Path) -> bool:
    """Whether two runs agree in every table that counts alone can give."""
    one, two = Results.load(first).tables, Results.load(second).tables
    return all(of_counts(frame).equals(of_counts(two[name])) for name, frame in one.items() if name not in OF_TEXTS)


def of_counts(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table that need no text: phrases in common are rows of `population`, too."""
    return frame.filter(~pl.col("measure").str.contains("phrases")) if "measure" in frame.columns else frame
