"""One task of a peer, in the peers' own interpreter: `python _semantic_peers.py TASK VECTORS.npy OUT.npz`; see semantic.py.

Imports nothing of triaxis. Writes what the peer found to OUT.npz (`value`, or `first` and `second` of pairs) beside its seconds,
wall-clock and CPU, which leave out imports and reading the file.
"""

import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np

THRESHOLD = 0.9
FLOORS = np.linspace(0, 9.75, 41)

Found = dict[str, np.ndarray]


def vendi_dual(vectors: np.ndarray) -> Callable[[], Found]:
    """vendi-score, its fastest route."""
    from vendi_score import vendi

    return lambda: {"value": np.array(vendi.score_dual(vectors))}


def vendi_kernel(vectors: np.ndarray) -> Callable[[], Found]:
    """vendi-score with a Python kernel, as its page shows it."""
    from vendi_score import vendi

    return lambda: {"value": np.array(vendi.score(list(vectors), lambda a, b: float(a @ b)))}


def vendi_floors(vectors: np.ndarray) -> Callable[[], Found]:
    """vendi-score once for each floor; quality runs from 0 to 10 over the rows."""
    from vendi_score import vendi

    quality = np.linspace(0, 10, len(vectors))
    return lambda: {"value": np.array([vendi.score_dual(vectors[quality >= floor]) for floor in FLOORS])}


def faiss_range(vectors: np.ndarray) -> Callable[[], Found]:
    """faiss, exact: everything within the threshold of each row."""
    import faiss

    faiss.omp_set_num_threads(1)

    def run() -> Found:
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        first, second = [], []
        for start in range(0, len(vectors), 10_000):
            limits, _, found = index.range_search(vectors[start : start + 10_000], THRESHOLD)
            first.append(start + np.repeat(np.arange(len(limits) - 1), np.diff(limits).astype(np.int64)))
            second.append(found)
        return _pairs(np.concatenate(first), np.concatenate(second))

    return run


def faiss_top(vectors: np.ndarray) -> Callable[[], Found]:
    """faiss, exact: the ten nearest of each row, of which those within the threshold; misses what lies beyond ten."""
    import faiss

    faiss.omp_set_num_threads(1)

    def run() -> Found:
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        cosine, near = index.search(vectors, 11)
        row, column = np.nonzero(cosine >= THRESHOLD)
        return _pairs(row, near[row, column])

    return run


def semhash_self(vectors: np.ndarray) -> Callable[[], Found]:
    """semhash from vectors: index and self-deduplication; pairs are asked for again after the clock has stopped."""
    from semhash import SemHash

    kept = {}

    def run() -> Found:
        kept["index"] = SemHash.from_embeddings(vectors, [str(i) for i in range(len(vectors))], model=None)
        return {"value": np.array(len(kept["index"].self_deduplicate(threshold=THRESHOLD).selected))}

    def after() -> Found:
        index = kept["index"].index
        near = index.query_threshold(index.vectors, threshold=THRESHOLD)
        row = np.repeat(np.arange(len(near)), [len(found) for found, _ in near])
        return _pairs(row, np.concatenate([found for found, _ in near]).astype(np.int64))

    run.after = after  # type: ignore[attr-defined]
    return run


def _pairs(row: np.ndarray, column: np.ndarray) -> Found:
    pairs = np.unique(np.sort(np.stack([row, column], axis=1)[row != column], axis=1), axis=0)
    return {"first": pairs[:, 0], "second": pairs[:, 1]}


TASKS = {task.__name__: task for task in (vendi_dual, vendi_kernel, vendi_floors, faiss_range, faiss_top, semhash_self)}


def main() -> None:
    """Runs one task and writes what it found."""
    task, given, out = sys.argv[1:]
    run = TASKS[task](np.load(given))
    wall, cpu = perf_counter(), process_time()
    found = run()
    spent = {"seconds": perf_counter() - wall, "cpu": process_time() - cpu}
    if hasattr(run, "after"):
        found |= run.after()
    np.savez(out, **found, **spent)


if __name__ == "__main__":
    main()
