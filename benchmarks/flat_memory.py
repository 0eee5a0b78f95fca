"""Does memory stay flat? Peak memory of every diversity metric that is declared mergeable or bounded, at 100k, 1 M and 10 M rows.

    python benchmarks/flat_memory.py [--sizes 100000 1000000 10000000] [--metrics vendi,distinct ...]

Each metric at each size runs in a process of its own, whose peak resident memory is taken. Rows are made block by block from a
seed and never repeat: words drawn anew, in a few formats, with an answer at their end; unit vectors of 32 dimensions; 1,000
classes. The tally sees them once. A metric is flat when the largest size takes at most 10 % and 16 MiB more than the smallest.
All of it takes about an hour on a quiet core.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from time import perf_counter

import numpy as np
from _table import show

from triaxis import registry
from triaxis.diversity import register_all
from triaxis.errors import TriaxisError
from triaxis.protocols import StreamedDiversity
from triaxis.responses import Responses

BLOCK = 10_000
WORDS = 4_000
DIMENSIONS = 32
CLASSES = 1_000
MIB = 2**20
FORMS = (
    "{0}. The answer is \\boxed{{{1}}}", "- {0}\n- \\boxed{{{1}}}", "```\n{0}\n```\n\\boxed{{{1}}}", "**{0}** \\boxed{{{1}}}",
)  # fmt: skip


def blocks(rows: int, needs: frozenset[str], *, seed: int = 0) -> Iterator[Responses]:
    """`rows` responses in blocks, with the parts that `needs` names; no block repeats."""
    rng = np.random.default_rng(seed)
    words = np.array([f"{'bdfgklmnprstvz'[rank % 14]}{'aeiou'[rank % 5]}{rank}" for rank in range(WORDS)])
    for start in range(0, rows, BLOCK):
        size = min(BLOCK, rows - start)
        texts = sentences(words, size, rng) if "text" in needs else [""] * size
        vectors = rng.standard_normal((size, DIMENSIONS), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        yield Responses(texts, vectors, rng.integers(0, CLASSES, size), rng.random(size) < 0.5)


def sentences(words: np.ndarray, size: int, rng: np.random.Generator) -> list[str]:
    """`size` texts: ten words (sixty in the first hundred) and an answer; common words are common (1 / rank)."""
    drawn = words[np.minimum((len(words) ** rng.random((size, 10))).astype(np.int64), len(words) - 1)].tolist()
    drawn[:100] = [list(chain.from_iterable(drawn[at : at + 6])) for at in range(min(100, size))]
    answers = rng.integers(0, 1_000, size).tolist()
    forms = [FORMS[at] for at in rng.integers(0, len(FORMS), size)]
    return [form.format(" ".join(row), answer) for form, row, answer in zip(forms, drawn, answers, strict=True)]


def streamed() -> tuple[str, ...]:
    """Names of all metrics whose tallies add up."""
    register_all()
    made = ((name, create(name)) for name in registry.names("diversity"))
    return tuple(name for name, metric in made if metric is not None and metric.traits.growth != "in-memory")


def create(name: str) -> StreamedDiversity | None:
    """The metric, or None where it needs a package or an argument."""
    try:
        found: StreamedDiversity = registry.create("diversity", name)
    except TriaxisError:
        return None
    return found


def measure(name: str, rows: int) -> None:
    """Prints peak memory, seconds and value of one metric as JSON."""
    register_all()
    metric: StreamedDiversity = registry.create("diversity", name)
    begin, tally = perf_counter(), metric.tally()
    for block in blocks(rows, metric.traits.needs):
        tally.add(block)
    try:
        value: float | str = tally.value()
    except TriaxisError as error:
        value = str(error)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB
    print(json.dumps({"peak": peak, "seconds": perf_counter() - begin, "value": value}))


def row(name: str, sizes: list[int]) -> list[object]:
    """One row of the table: peaks, growth and verdict."""
    runs = [json.loads(_run(name, rows)) for rows in sizes]
    peaks = [run["peak"] for run in runs]
    is_flat = peaks[-1] <= 1.1 * peaks[0] + 16
    value = runs[-1]["value"]
    growth = registry.create("diversity", name).traits.growth
    shown = f"{value:.4g}" if isinstance(value, float) else str(value)
    return [name, growth, *(f"{peak:.0f}" for peak in peaks), "flat" if is_flat else "GROWS", f"{runs[-1]['seconds']:.0f}", shown]


def _run(name: str, rows: int) -> str:
    command = [sys.executable, __file__, "--child", name, str(rows)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Runs every metric at every size and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--metrics", nargs="+", help="names; all that are streamed when left out")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        measure(options.child[0], int(options.child[1]))
        return
    head = ["metric", "growth", *(f"MiB at {rows:,}" for rows in options.sizes), "memory", "seconds at the largest", "value"]
    known = streamed()
    show("Peak memory of streamed diversity metrics", head, [row(name, options.sizes) for name in options.metrics or known])


if __name__ == "__main__":
    main()
