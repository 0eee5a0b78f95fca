"""Semantic diversity against its peers, in one run: mean pairwise distance, near duplicates, Vendi, Vendi at many floors.

    python -m venv peers && peers/bin/pip install vendi-score faiss-cpu semhash scikit-learn
    python benchmarks/semantic.py --peers peers/bin/python [--share 0.1]

Peers run in their own interpreter, a process for each call, one thread, turn about with ours; imports and reading are not timed.
Without `--peers` only what needs no other package runs. `--share` makes every input smaller. Vectors are noisy clusters with a
tenth of near copies, the case that near-duplicate tools are for. CPU seconds are compared, the best of `--rounds`.
"""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np
from _semantic_peers import FLOORS, THRESHOLD
from _table import show
from scipy.spatial.distance import pdist

from triaxis.diversity.semantic import cosine_distance, floor_sweep, near_duplicates, vendi
from triaxis.diversity.semantic.gram import GramTally
from triaxis.diversity.semantic.vendi import vendi_of_gram

BLOCK = 4096
HEAD = ["what", "way", "seconds", "CPU seconds", "times ours", "value"]


class Timed(NamedTuple):
    """What a way found, and the least wall-clock and CPU seconds of its rounds."""

    found: Any
    seconds: float
    cpu: float


class Peers(NamedTuple):
    """The peers' interpreter, or None, and a folder for what goes to them."""

    python: str | None
    folder: Path

    def ways(self, vectors: np.ndarray, *tasks: str) -> dict[str, Callable[[], Timed]]:
        """A way for each task, none without an interpreter."""
        if self.python is None:
            return {}
        given = self.folder / f"{len(vectors)}x{vectors.shape[1]}.npy"
        np.save(given, vectors)
        return {task: lambda task=task: self._run(task, given) for task in tasks}

    def _run(self, task: str, given: Path) -> Timed:
        out = self.folder / f"{task}.npz"
        script = Path(__file__).with_name("_semantic_peers.py")
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        subprocess.run([str(self.python), str(script), task, str(given), str(out)], check=True, env=environment)
        with np.load(out) as found:
            return Timed(dict(found), float(found["seconds"]), float(found["cpu"]))


def timed(call: Callable[[], Any]) -> Callable[[], Timed]:
    """A way that runs in this process."""

    def run() -> Timed:
        wall, cpu = perf_counter(), process_time()
        found = call()
        return Timed(found, perf_counter() - wall, process_time() - cpu)

    return run


def turns(ways: dict[str, Callable[[], Timed]], rounds: int) -> dict[str, Timed]:
    """Every way `rounds` times, turn about; the least seconds of each."""
    every = [{name: way() for name, way in ways.items()} for _ in range(rounds)]
    return {
        name: Timed(every[0][name].found, min(r[name].seconds for r in every), min(r[name].cpu for r in every)) for name in ways
    }


def clusters(rows: int, columns: int, *, seed: int = 0) -> np.ndarray:
    """(rows, columns) float32 unit rows around 1,000 directions, a tenth of them near copies of others."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((1000, columns), dtype=np.float32)
    made = centres[rng.integers(0, 1000, rows)] + 0.7 * rng.standard_normal((rows, columns), dtype=np.float32)
    copies = rng.permutation(rows)[: rows // 10]
    noise = 0.1 * rng.standard_normal((copies.size, columns), dtype=np.float32)
    made[copies] = made[rng.integers(0, rows, copies.size)] + noise
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True))


def table(what: str, found: dict[str, Timed], value: Callable[[Timed], str]) -> list[list[object]]:
    """Rows of the table; the first way is ours."""
    ours = next(iter(found.values()))
    return [[what, name, one.seconds, one.cpu, one.cpu / ours.cpu, value(one)] for name, one in found.items()]


def pairwise(rows: int, rounds: int) -> list[list[object]]:
    """Mean cosine distance of all pairs: closed form against scipy's pdist."""
    vectors = clusters(rows, 384)
    ways = {
        "triaxis, closed form": timed(lambda: cosine_distance(vectors)),
        "scipy pdist, mean": timed(lambda: float(pdist(vectors, "cosine").mean())),
    }
    found = turns(ways, rounds)
    a, b = (one.found for one in found.values())
    assert abs(a - b) < 1e-6
    return table(f"mean pairwise distance, {rows:,} x 384", found, lambda one: f"{one.found:.6f}")


def join(rows: int, rounds: int, peers: Peers) -> list[list[object]]:
    """All pairs at cosine 0.9 and above."""
    vectors = clusters(rows, 256)

    def ours() -> dict[str, np.ndarray]:
        pairs = near_duplicates(vectors, THRESHOLD)
        return {"first": pairs.first, "second": pairs.second}

    found = turns({"triaxis": timed(ours), **peers.ways(vectors, "faiss_range", "faiss_top", "semhash_self")}, rounds)
    sets = {name: pair_set(one.found) for name, one in found.items()}
    exact = sets["triaxis"]
    if "faiss_range" in sets:
        assert all(is_tie(vectors, pair) for pair in exact ^ sets["faiss_range"]), "the exact ways differ by more than rounding"
    share = {name: len(pairs & exact) / max(len(exact), 1) for name, pairs in sets.items()}
    label = {id(one): f"{len(sets[name]):,} pairs, {share[name]:.2%} of ours" for name, one in found.items()}
    return table(f"near duplicates, {rows:,} x 256, cosine {THRESHOLD}", found, lambda one: label[id(one)])


def pair_set(found: dict[str, np.ndarray]) -> set[tuple[int, int]]:
    """Pairs as a set."""
    return set(zip(found["first"].tolist(), found["second"].tolist(), strict=True))


def is_tie(vectors: np.ndarray, pair: tuple[int, int]) -> bool:
    """Whether float32 rounding decides about the pair."""
    a, b = vectors[pair[0]].astype(np.float64), vectors[pair[1]].astype(np.float64)
    return bool(abs(a @ b / np.sqrt((a @ a) * (b @ b)) - THRESHOLD) < 1e-6)


def streamed(rows: int, rounds: int) -> list[list[object]]:
    """Linear Vendi of a stream of blocks against the products of the same blocks alone, the machine's own rate."""
    chunk, times = clusters(min(rows, 100_000), 384), max(rows // 100_000, 1)

    def ours() -> float:
        tally = GramTally(lambda gram: vendi_of_gram(gram, order=1))
        for _ in range(times):
            tally.add_rows(chunk)
        return tally.value()

    def products() -> float:
        for _ in range(times):
            for start in range(0, len(chunk), BLOCK):
                block = chunk[start : start + BLOCK]
                product = block.T @ block
        return float(product[0, 0])

    full = chunk[:BLOCK].copy()

    def gemm() -> float:
        for _ in range(times):
            for start in range(0, len(chunk), BLOCK):
                product = full[: len(chunk) - start].T @ chunk[start : start + BLOCK]
        return float(product[0, 0])

    score, alone = "triaxis, to the score", "block.T @ block (ssyrk) alone"
    ways = {score: timed(ours), alone: timed(products), "sgemm of the same shape": timed(gemm)}
    found = turns(ways, rounds)
    rate = found[alone].cpu / found[score].cpu
    value = {score: f"{found[score].found:.4f}, {rate:.2f} of the rate of products"}
    flops = 2 * len(chunk) * times * 384**2
    said = {id(one): value.get(name, f"{flops / one.cpu / 1e9:.0f} GFLOP/s counted full") for name, one in found.items()}
    return table(f"linear Vendi, {len(chunk) * times:,} x 384, streamed", found, lambda one: said[id(one)])


def one_call(rows: int, rounds: int, peers: Peers) -> list[list[object]]:
    """Vendi of one set against vendi-score: its fastest route, and the route of its page on fewer rows."""
    vectors, few = clusters(rows, 384), clusters(max(rows // 100, 50), 384)
    found = turns({"triaxis": timed(lambda: vendi(vectors)), **peers.ways(vectors, "vendi_dual")}, rounds)
    rows_of = table(f"Vendi, {rows:,} x 384", found, lambda one: f"{value_of(one):.5f}")
    small = turns({"triaxis": timed(lambda: vendi(few)), **peers.ways(few, "vendi_kernel")}, rounds)
    for ways in (found, small):
        assert max(map(value_of, ways.values())) - min(map(value_of, ways.values())) < 1e-4 * value_of(next(iter(ways.values())))
    return rows_of + table(f"Vendi, {len(few):,} x 384", small, lambda one: f"{value_of(one):.5f}")


def value_of(one: Timed) -> float:
    """The value, whichever side found it."""
    return float(one.found["value"] if isinstance(one.found, dict) else one.found)


def sweep(rows: int, rounds: int, peers: Peers) -> list[list[object]]:
    """Vendi at 41 floors of quality: one pass against each floor anew."""
    vectors, quality = clusters(rows, 384), np.linspace(0, 10, rows)
    ways = {
        "triaxis, one pass": timed(lambda: floor_sweep(vectors, quality, FLOORS).vendi),
        "triaxis, each floor anew": timed(lambda: np.array([vendi(vectors[quality >= floor]) for floor in FLOORS])),
    }
    found = turns({**ways, **peers.ways(vectors, "vendi_floors")}, rounds)
    values = [one.found["value"] if isinstance(one.found, dict) else one.found for one in found.values()]
    off = {id(one): np.abs(value / values[0] - 1).max() for one, value in zip(found.values(), values, strict=True)}
    assert off[id(found["triaxis, each floor anew"])] < 1e-6
    return table(f"Vendi at {FLOORS.size} floors, {rows:,} x 384", found, lambda one: f"off by {off[id(one)]:.0e}")


def main() -> None:
    """Runs every race and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="Python of an environment that has vendi-score, faiss-cpu and semhash")
    parser.add_argument("--share", type=float, default=1.0, help="of the full sizes")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=["pairwise", "join", "streamed", "one_call", "sweep"])
    options = parser.parse_args()
    size, rounds = (lambda rows: max(int(rows * options.share), 1000)), options.rounds
    with tempfile.TemporaryDirectory() as folder:
        peers = Peers(options.peers, Path(folder))
        races: dict[str, Callable[[], list[list[object]]]] = {
            "pairwise": lambda: pairwise(size(10_000), rounds),
            "join": lambda: join(size(100_000), rounds, peers),
            "streamed": lambda: streamed(size(1_000_000), rounds),
            "one_call": lambda: one_call(size(100_000), rounds, peers),
            "sweep": lambda: sweep(size(100_000), rounds, peers),
        }
        rows = [row for name, race in races.items() if name in (options.only or races) for row in race()]
    show("Semantic diversity", HEAD, rows)


if __name__ == "__main__":
    main()
