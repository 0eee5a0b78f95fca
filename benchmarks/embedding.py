"""Embedding: ours against plain `SentenceTransformer.encode` with the same weights, with repeats and without; then the cache.

    python benchmarks/embedding.py [--texts 500] [--rounds 3]

Ways take turns within each round, in one process for each number of threads, and the best of the rounds counts: what other
processes do to the machine meets all of them. Loading is not timed. All ways are checked to give the same vectors to 1e-5.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import orjson
from _table import show

from triaxis.models.embedding import CachedEmbedder, minilm, products
from triaxis.models.embedding.batching import Batch, unit_rows
from triaxis.protocols import Progress

REPEATS = 5
Ways = dict[str, Callable[[Sequence[str]], np.ndarray]]
WORDS = """the a of to and in is it that for was on are as with they be at one have this from or had by hot but some what there we
can out other were all your when up use word how said each she which do their time if will way about many then them would write
like so these her long make thing see him two has look more day could go come did my sound no most number who over know water
than call first people may down side been now find any new work part take get place made live where after back little only round
man year came show every good me give our under name very through just form much great think say help low line before turn cause
same mean differ move right boy old too does tell sentence set three want air well also play small end put home read hand port
large spell add even land here must big high such follow act why ask men change went light kind off need house picture try us
again animal point mother world near build self earth father"""


def mixed_texts(count: int, *, seed: int = 0) -> list[str]:
    """Different texts of 3 to 180 words, as many short as long ones on a log scale."""
    rng, words = np.random.default_rng(seed), WORDS.split()
    lengths = np.exp(rng.uniform(np.log(3), np.log(180), count)).astype(int)
    return [f"{number} " + " ".join(rng.choice(words, length)) for number, length in enumerate(lengths)]


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    start = perf_counter()
    run()
    return perf_counter() - start


def encoders() -> Ways:
    """The ways that are compared, loaded and warm."""
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(minilm.weights_folder()), device="cpu")
    ours, found = minilm.minilm(), products.has_onednn
    ours.embed(["warm"])
    products.has_onednn = lambda: False  # type: ignore[assignment]
    plain = minilm.minilm()
    plain.embed(["warm"])
    products.has_onednn = found
    return {
        "triaxis": ours.embed,
        "triaxis without oneDNN": plain.embed,
        "SentenceTransformer.encode": lambda t: theirs.encode(list(t)),
    }


def compare(count: int, rounds: int) -> list[tuple[str, str, float, float]]:
    """(texts, way, wall seconds, CPU seconds), the best of the rounds."""
    once, some = mixed_texts(count), mixed_texts(count // REPEATS, seed=1)
    repeated = [some[i] for i in np.random.default_rng(2).permutation(np.repeat(np.arange(len(some)), REPEATS))]
    ways = encoders()
    return [
        (label, way, *best)
        for label, texts in ((f"{count} different", once), (f"{len(some)} different, {REPEATS} times each", repeated))
        for way, best in in_turns(ways, texts, rounds).items()
    ]


def in_turns(ways: Ways, texts: Sequence[str], rounds: int) -> dict[str, tuple[float, float]]:
    """The least wall and CPU seconds of each way; all ways have to give the same vectors."""
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    vectors: dict[str, np.ndarray] = {}
    for _ in range(rounds):
        for way, embed in ways.items():
            wall, cpu = perf_counter(), process_time()
            vectors[way] = embed(texts)
            taken[way].append((perf_counter() - wall, process_time() - cpu))
    assert all(np.abs(found - vectors["triaxis"]).max() < 1e-5 for found in vectors.values())
    return {way: (min(wall for wall, _ in times), min(cpu for _, cpu in times)) for way, times in taken.items()}


def in_a_process(threads: int, count: int, rounds: int) -> list[list[object]]:
    """`compare` where torch has so many threads from the start."""
    command = [sys.executable, __file__, "--texts", str(count), "--rounds", str(rounds), "--compare"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    rows: list[list[object]] = orjson.loads(done.stdout.splitlines()[-1])
    return rows


class Random:
    """Vectors of 384 random numbers at no cost, so that the cache is what takes time."""

    name = "random"
    dimensions: int | None = 384

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        return np.concatenate([batch.vectors for batch in self.batches(texts)])

    def batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        rng = np.random.default_rng(0)
        for start in range(0, len(texts), 16):
            part = texts[start : start + 16]
            rows = unit_rows(rng.standard_normal((len(part), 384)), part, encoder=self.name)
            yield Batch(np.arange(start, start + len(part)), rows, np.zeros(len(part), dtype=bool))


def cache_rows(count: int) -> list[tuple[str, float, str]]:
    """What the cache costs a text: (what, microseconds a text, hit rate)."""
    texts = [f"text {number}" for number in range(count)]
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        for what in ("first run: looked for, embedded for nothing, stored", "second run: all there"):
            made = CachedEmbedder(Random(), Path(directory))
            seconds = timed(lambda made=made: made.embed(texts))
            rows.append((what, seconds / count * 1e6, f"{made.counts.hits / made.counts.distinct:.0%}"))
        made = CachedEmbedder(Random(), Path(directory))
        seconds = timed(lambda: [made.embed([text]) for text in texts[:2000]])
        rows.append(("2,000 calls of one text each", seconds / 2000 * 1e6, f"{made.counts.hits / made.counts.distinct:.0%}"))
        size = made.cache_path.stat().st_size / count
    print(f"\n{size:,.0f} bytes a text on disk, {384 * 4:,} of them numbers")
    return rows


def write(directory: str, start: int, stop: int) -> None:
    """Stores the vectors of some texts in a cache that others write too."""
    made = CachedEmbedder(Random(), Path(directory))
    seconds = timed(lambda: made.embed([f"text {number}" for number in range(start, stop)]))
    print(orjson.dumps([seconds, made.counts.embedded, made.trouble]).decode())


def writers(count: int, parts: Sequence[tuple[int, int]]) -> tuple[float, int, int]:
    """Seconds of the slower one, texts embedded by all, and what is right in the end, of processes that write at once."""
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(len(parts)) as pool:

        def run(part: tuple[int, int]) -> list[object]:
            command = [sys.executable, __file__, "--write", directory, *map(str, part)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            answer: list[object] = orjson.loads(done.stdout)
            return answer

        found = list(pool.map(run, parts))
        assert not any(trouble for _, _, trouble in found)
        made = CachedEmbedder(Random(), Path(directory))
        made.embed([f"text {number}" for number in range(count)])
        assert made.counts.corrupted == 0
        return max(float(str(seconds)) for seconds, _, _ in found), sum(int(str(n)) for _, n, _ in found), made.counts.hits


def show_encoders(texts: int, rounds: int) -> None:
    """The tables of ways, for one thread and for as many as there are cores."""
    for threads in sorted({1, os.cpu_count() or 1}):
        found = in_a_process(threads, texts, rounds)
        theirs = {label: (wall, cpu) for label, way, wall, cpu in found if way.startswith("Sentence")}
        rows = [(*row, theirs[row[0]][0] / row[2], theirs[row[0]][1] / row[3]) for row in found]
        head = ("texts", "way", "seconds", "CPU seconds", "times as fast", "times less CPU")
        show(f"all-MiniLM-L6-v2, {threads} threads, load {os.getloadavg()[0]:.1f}", head, rows)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--compare", action="store_true", help="one process of the comparison")
    parser.add_argument("--write", nargs=3, help="one process of the writers")
    options = parser.parse_args()
    if options.compare:
        print(orjson.dumps(compare(options.texts, options.rounds)).decode())
    elif options.write:
        write(options.write[0], int(options.write[1]), int(options.write[2]))
    else:
        show_encoders(options.texts, options.rounds)
        show("cache of 50,000 texts", ("what", "microseconds a text", "hit rate"), cache_rows(50_000))
        ways = {"one process, 20,000 texts": [(0, 20_000)], "two at once, half of them shared": [(0, 13_333), (6_667, 20_000)]}
        rows = [(way, *writers(20_000, parts)) for way, parts in ways.items()]
        show("writers", ("way", "seconds", "texts embedded", "of 20,000 there and right"), rows)


if __name__ == "__main__":
    main()
