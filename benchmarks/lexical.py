"""Lexical metrics beside the packages that people use for them, values compared, in one run.

    python -m venv peers
    peers/bin/pip install torch diversity nltk rouge-score spacy openai sacrebleu lexicalrichness
    python benchmarks/lexical.py --peers peers/bin/python

`diversity` 0.3.1 needs spacy and openai without saying so. Peers get an environment of their own because they bring torch and
older packages. Without `--peers` only ours is measured. `--stream` measures memory of the tallies up to 10 million texts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

import _lexical_limits
import _texts
from _lexical_runs import peak
from _table import show

HERE = Path(__file__).parent


class Race(NamedTuple):
    """One metric: our way and the peer's, number of texts and words of each, and to which difference the values must agree."""

    metric: str
    ours: str
    peer: str
    count: int
    words: int
    within: float | None


RACES = (
    Race("self-BLEU, NLTK", "our_self_bleu", "nltk_self_bleu", 500, 67, 1e-9),
    Race("pairwise BLEU, NLTK", "our_pairwise_bleu", "nltk_pairwise_bleu", 100, 67, 1e-9),
    Race("ROUGE-L homogenization, diversity", "our_rouge_l", "diversity_rouge_l", 70, 67, 5e-4),
    Race("ROUGE-L homogenization, diversity", "our_rouge_l", "diversity_rouge_l", 30, 200, 5e-4),
    Race("chrF, sacrebleu", "our_chrf", "sacrebleu_chrf", 70, 67, 1e-9),
    Race("self-repetition, diversity", "our_self_repetition", "diversity_self_repetition", 5_000, 67, 1e-9),
    Race("n-gram diversity, joined, diversity", "our_ngram_diversity", "diversity_ngram_diversity", 10_000, 67, 5e-4),
    Race("compression gzip, diversity (twice)", "our_compression", "diversity_compression", 10_000, 67, None),
    Race("compression zstd, diversity (gzip twice)", "our_zstd_compression", "diversity_compression", 10_000, 67, None),
    Race("MATTR 50, lexicalrichness", "our_mattr", "lexicalrichness_mattr", 500, 200, 1e-9),
)
OUR_SIZES = (("our_rouge_l", 1_000, 67), ("our_rouge_l", 1_000, 200), ("our_pairwise_bleu", 1_000, 67), ("our_chrf", 1_000, 67))
STREAMED = ("distinct:2", "ngram-diversity", "ead", "mattr:10", "compression:gzip", "compression:zstd")


def run(python: str, way: str, count: int, words: int, repeats: int) -> dict[str, float]:
    """What `_lexical_runs.py` prints, under `python`."""
    command = [python, str(HERE / "_lexical_runs.py"), way, made(count, words), str(repeats)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(HERE.parent / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@cache
def made(count: int, words: int) -> str:
    """A file with that many texts."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8", delete=False) as file:
        json.dump(_texts.texts(count, words=words), file)
    return file.name


def race(one: Race, peers: str | None) -> list[object]:
    """One row of the table; raises AssertionError where the values differ and should not."""
    ours = run(sys.executable, one.ours, one.count, one.words, 5)
    cells = [one.metric, f"{one.count:,} x {one.words}", *_cells(ours)]
    if peers is None:
        return [*cells, *["not run"] * 4]
    theirs = run(peers, one.peer, one.count, one.words, 1)
    if one.within is not None:
        assert abs(ours["value"] - theirs["value"]) <= one.within, f"{one.metric}: {ours['value']} and {theirs['value']}"
    return [*cells, *_cells(theirs), f"{theirs['seconds'] / ours['seconds']:,.0f}"]


def _cells(found: dict[str, float]) -> list[object]:
    """Milliseconds, MiB and value."""
    return [1e3 * found["seconds"], round(found["mebibytes"]), f"{found['value']:.6g}"]


def pair_rates() -> list[list[object]]:
    """Pairs a second of the pairwise metrics at a thousand texts."""
    rows = []
    for way, count, words in OUR_SIZES:
        found = run(sys.executable, way, count, words, 2)
        rate = f"{count * (count - 1) / 2 / found['seconds']:,.0f}"
        rows.append([way.removeprefix("our_"), f"{count:,} x {words}", found["seconds"], rate, round(found["mebibytes"])])
    return rows


def stream(name: str, sizes: tuple[int, ...]) -> list[list[object]]:
    """Value, seconds and peak memory of one tally, each size in a process of its own."""
    rows: list[list[object]] = []
    for size in sizes:
        command = [sys.executable, __file__, "--tally", name, str(size)]
        done = subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True)
        value, seconds, before, after = json.loads(done.stdout)
        rows.append([name, f"{size:,}", value, seconds, round(before), round(after)])
    return rows


def tally(name: str, size: int) -> None:
    """Streams `size` texts in blocks of 20,000 into one tally."""
    import triaxis.diversity.lexical  # noqa: F401  registers
    from triaxis.registry import create
    from triaxis.responses import Responses

    made = create("diversity", name).tally()
    made.add(Responses(_texts.short_texts(20_000, seed=10**6)))
    before, seconds = peak(), 0.0
    for block in range(size // 20_000):
        responses = Responses(_texts.short_texts(20_000, seed=block))
        start = time.process_time()
        made.add(responses)
        seconds += time.process_time() - start
    print(json.dumps([made.value(), seconds, before, peak()]))


def main() -> None:
    """Command line: the peers' interpreter, or the memory of streams."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="a Python that has the peers installed")
    parser.add_argument("--stream", type=int, nargs="*", metavar="TEXTS", help="sizes of streams, e.g. 100000 1000000 10000000")
    parser.add_argument("--tally", nargs=2, metavar=("NAME", "TEXTS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.tally:
        tally(options.tally[0], int(options.tally[1]))
    elif options.stream is not None:
        sizes = tuple(options.stream or (100_000, 1_000_000))
        rows = [row for name in STREAMED for row in stream(name, sizes)]
        show("Streams", ["metric", "texts", "value", "CPU s", "MiB after one block", "peak MiB"], rows)
    else:
        title = "Lexical metrics, CPU time, one thread, splitting into words included"
        head = ["metric, peer", "texts x words", "ms", "MiB", "value", "peer ms", "MiB", "value", "times ours"]
        show(title, head, [race(one, options.peers) for one in RACES])
        limits = ["metric", "texts of 67 words", "ms", "limit", "ms", "times the limit"]
        show("Beside the least work there is, split into words already", limits, _lexical_limits.rows())
        show("Pairs", ["metric", "texts x words", "s", "pairs a second", "MiB"], pair_rates())


if __name__ == "__main__":
    main()
