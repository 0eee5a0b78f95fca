"""The population from a column of vectors, measured the public way, beside the published analysis' own loops.

    python benchmarks/population.py [--models 200 --prompts 1000 --samples 10 --dimensions 384] [--folder DIR]

Prints seconds of each stage, wall-clock and CPU, and peak memory; then, on a part of the file, intra-model cosine, cosine between
models and neighbour mixing as the published analysis computes them (Jiang et al. 2025: matrices of pairwise cosines, Python loops
over pairs of models and over answers), in the same run, with the difference of the values. The released loop counts self pairs on
the diagonal of the model matrix; that is taken out before comparing.
"""

import argparse
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from _table import show

from triaxis import report
from triaxis.measure import Options, measure_paths
from triaxis.measure.api import Reading
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.population_vectors.answers import RawAnswers, prompt_answers
from triaxis.measure.population_vectors.prompt import Design, prompt_figures
from triaxis.measure.population_vectors.tally import Population, Shape
from triaxis.results import Results

READING = Reading(quality="quality", equivalence="column:label@prompt")
NEIGHBOURS = 10
MIB = 2**20


def write_vectors(path: Path, *, models: int, prompts: int, samples: int, dimensions: int, seed: int = 0) -> None:
    """Writes models x prompts x samples rows, model by model: vectors of a topic, a habit of the model, and noise."""
    rng = np.random.default_rng(seed)
    topics = rng.standard_normal((prompts, 1, dimensions), dtype=np.float32)
    names = np.array([f"prompt-{prompt:05}" for prompt in range(prompts)])
    writer = None
    for model in range(models):
        habit = rng.standard_normal((prompts, 1, dimensions), dtype=np.float32) * (0.2 + 0.6 * rng.random())
        vectors = topics + habit + 0.7 * rng.standard_normal((prompts, samples, dimensions), dtype=np.float32)
        rows = prompts * samples
        flat = vectors.reshape(-1)
        table = pa.table({
            "model": pa.array([f"model-{model:03}"] * rows), "prompt_id": np.repeat(names, samples),
            "sample_index": np.tile(np.arange(samples), prompts), "label": rng.integers(0, 30, rows),
            "quality": rng.integers(1, 11, rows).astype(np.float64),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(flat), dimensions),
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(path, table.schema, compression="none")
        writer.write_table(table)
    if writer:
        writer.close()


class Clock:
    """Wall-clock and CPU seconds of each stage, from the progress that `measure` reports when a part of the stage is done."""

    def __init__(self) -> None:
        self.seconds: dict[str, np.ndarray] = {}
        self._since = self._now()

    def __call__(self, stage: str, *_: int) -> None:
        now = self._now()
        self.seconds[stage] = self.seconds.get(stage, np.zeros(2)) + now - self._since
        self._since = now

    def total(self) -> np.ndarray:
        """(2,) wall-clock and CPU seconds so far."""
        return np.sum(list(self.seconds.values()), axis=0)

    @staticmethod
    def _now() -> np.ndarray:
        return np.array([perf_counter(), process_time()])


def measured(path: Path, clock: Clock) -> Results:
    """The public way: U, curves and population of the samples in `path`, no texts looked at."""
    options = Options(examples=0, answers=AnswerOptions(vectors="vector"))
    return measure_paths([path], READING, options, progress=clock).results


def published(frame: pl.DataFrame) -> dict[str, float]:
    """The published loops on all answers: figures, seconds of each in `... s`."""
    models = frame["model"].unique().sort().to_list()
    prompts = frame["prompt_id"].unique().sort().to_list()
    cells = {key: _unit(mine["vector"].to_numpy()) for key, mine in frame.group_by("model", "prompt_id")}
    found: dict[str, float] = {}
    with _timed(found, "intra-model cosine"):
        found["intra-model cosine"] = _intra(cells, models, prompts)
    with _timed(found, "inter-model cosine"):
        found["inter-model cosine"] = _inter(cells, models, prompts)
    with _timed(found, "neighbour mixing"):
        found["neighbour mixing"] = _mixing(cells, models, prompts)
    return found


@contextmanager
def _timed(found: dict[str, float], name: str) -> Iterator[None]:
    start = process_time()
    yield
    found[f"{name} s"] = process_time() - start


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _intra(cells: dict[tuple[object, ...], np.ndarray], models: list[str], prompts: list[str]) -> float:
    """Mean over pairs i < j of each cell, then over cells."""
    means = []
    for model in models:
        for prompt in prompts:
            cosines = cells[model, prompt] @ cells[model, prompt].T
            means.append(np.mean([cosines[i, j] for i in range(len(cosines)) for j in range(i + 1, len(cosines))]))
    return float(np.mean(means))


def _inter(cells: dict[tuple[object, ...], np.ndarray], models: list[str], prompts: list[str]) -> float:
    """H(a, b): all cross pairs, mean over prompts; the diagonal, filled with self pairs as published, is left out."""
    matrix = np.zeros((len(models), len(models)))
    for a, first in enumerate(models):
        for b, second in enumerate(models):
            means = []
            for prompt in prompts:
                cosines = cells[first, prompt] @ cells[second, prompt].T
                means.append(np.mean([cosines[i, j] for i in range(len(cosines)) for j in range(cosines.shape[1])]))
            matrix[a, b] = np.mean(means)
    return float(matrix[~np.eye(len(models), dtype=bool)].mean())


def _mixing(cells: dict[tuple[object, ...], np.ndarray], models: list[str], prompts: list[str]) -> float:
    """Different models among the nearest neighbours of each answer, mean over answers, then prompts."""
    means = []
    for prompt in prompts:
        rows = np.concatenate([cells[model, prompt] for model in models])
        labels = [model for model in models for _ in cells[model, prompt]]
        cosines = rows @ rows.T
        counts = []
        for i in range(len(rows)):
            nearest = [j for j in np.argsort(-cosines[i]) if j != i][:NEIGHBOURS]
            counts.append(len({labels[j] for j in nearest}))
        means.append(np.mean(counts))
    return float(np.mean(means))


def _ungated(results: Results, measure: str) -> float:
    table = results.to_frame("population")
    rows = table.filter(pl.col("measure") == measure, pl.col("floor").is_null(), pl.col("domain").is_null())
    return float(rows["value"][0])


def compare(path: Path, part: Path, *, models: int, prompts: int) -> list[list[object]]:
    """Rows of the table against the published loops, on `models` x `prompts` of the file."""
    chosen = pl.scan_parquet(path).filter(
        pl.col("model") < f"model-{models:03}", pl.col("prompt_id") < f"prompt-{prompts:05}"
    ).collect()  # fmt: skip
    chosen.write_parquet(part)
    theirs = published(chosen)
    clock = Clock()
    ours = measured(part, clock)
    seconds = float(clock.seconds["measuring population in vectors"][1])
    total = sum(theirs[name] for name in theirs if name.endswith(" s"))
    rows: list[list[object]] = []
    for name in ("intra-model cosine", "inter-model cosine", "neighbour mixing"):
        value = _ungated(ours, name)
        rows.append([name, theirs[name], value, f"{abs(value - theirs[name]):.1e}", theirs[f"{name} s"], "", ""])
    alone = _ungated_alone(chosen)
    rows.append(["all three, ungated, no intervals", "", "", "", total, alone, total / alone])
    rows.append(["all three; ours at every floor, with intervals and nulls", "", "", "", total, seconds, total / seconds])
    return rows


def _ungated_alone(frame: pl.DataFrame) -> float:
    """CPU seconds of the accumulator for what the published loops compute, from the same vectors in memory."""
    names = frame["model"].unique().sort().to_list()
    design = Design(np.array([-np.inf]), np.array([0]), np.nan, NEIGHBOURS, 0)
    start = process_time()
    population = Population(Shape(tuple(names), frame["vector"].dtype.size, ("d",)), design)  # type: ignore[attr-defined]
    for (prompt,), mine in frame.group_by("prompt_id"):
        codes = np.searchsorted(names, mine["model"].to_numpy())
        number = mine["sample_index"].to_numpy()
        raw = RawAnswers(str(prompt), "d", codes, np.zeros(mine.height), number, mine["vector"].to_numpy())
        population.add(prompt_figures(prompt_answers(raw, seed=0), design))
    return process_time() - start


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, size in (("models", 200), ("prompts", 1000), ("samples", 10), ("dimensions", 384)):
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--part-models", type=int, default=100)
    parser.add_argument("--part-prompts", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="population-", dir=given.folder) as folder:
        _run(Path(folder), given)


def _run(folder: Path, given: argparse.Namespace) -> None:
    sizes = {name: getattr(given, name) for name in ("models", "prompts", "samples", "dimensions")}
    path = folder / "vectors.parquet"
    write_vectors(path, **sizes)
    clock = Clock()
    results = measured(path, clock)
    clock("putting tables together")
    page = report.write(results, folder / "out").page
    clock("report")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows: list[list[object]] = [[stage, *map(float, seconds)] for stage, seconds in clock.seconds.items()]
    rows += [["all of it", *map(float, clock.total())], ["peak MiB", peak, ""], ["page MiB", page.stat().st_size / MIB, ""]]
    rows += [["file MiB", path.stat().st_size / MIB, ""]]
    named = " x ".join(f"{size:,}" for size in (given.models, given.prompts, given.samples))
    show(f"Population of {named} samples, {given.dimensions}-d vectors", ["stage", "seconds", "CPU seconds"], rows)
    part = {"models": min(given.models, given.part_models), "prompts": min(given.prompts, given.part_prompts)}
    head = ["figure", "published loops", "ours", "difference", "published CPU s", "ours CPU s", "ratio"]
    show(f"On {part['models']} models x {part['prompts']} prompts", head, compare(path, folder / "part.parquet", **part))


if __name__ == "__main__":
    main()
