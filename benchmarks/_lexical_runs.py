"""One way of one lexical metric, measured in a process of its own: ours or a peer's, by the same clock.

    PYTHON benchmarks/_lexical_runs.py WAY TEXTS.json REPEATS

Prints JSON: value, CPU seconds (best of `REPEATS` in one process) and how far the peak memory rose, in MiB. Each way takes
strings, so that splitting them into words is part of its time. `PYTHON` is one that has the peer; see `lexical.py`.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def our_self_bleu() -> Callable[[list[str]], float]:
    from triaxis.diversity.lexical.bleu import self_bleu_score
    from triaxis.diversity.lexical.tokens import whitespace

    return lambda texts: self_bleu_score(whitespace(texts))


def nltk_self_bleu() -> Callable[[list[str]], float]:
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    smooth = SmoothingFunction().method1

    def mean(texts: list[str]) -> float:
        tokens = [text.split() for text in texts]
        scores = [sentence_bleu(tokens[:i] + tokens[i + 1 :], own, smoothing_function=smooth) for i, own in enumerate(tokens)]
        return sum(scores) / len(scores)

    return mean


def our_pairwise_bleu() -> Callable[[list[str]], float]:
    from triaxis.diversity.lexical.bleu import pairwise_bleu_distance
    from triaxis.diversity.lexical.tokens import whitespace

    return lambda texts: 1 - pairwise_bleu_distance(whitespace(texts))


def nltk_pairwise_bleu() -> Callable[[list[str]], float]:
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    smooth = SmoothingFunction().method1

    def mean(texts: list[str]) -> float:
        tokens = [text.split() for text in texts]
        places = range(len(tokens))
        scores = [sentence_bleu([tokens[j]], tokens[i], smoothing_function=smooth) for i in places for j in places if i != j]
        return sum(scores) / len(scores)

    return mean


def our_rouge_l() -> Callable[[list[str]], float]:
    import re

    from triaxis.diversity.lexical.rouge_l import rouge_l_similarity
    from triaxis.diversity.lexical.tokens import whitespace

    return lambda texts: rouge_l_similarity(whitespace([re.sub(r"[^a-z0-9]+", " ", text.lower()) for text in texts]))


def diversity_rouge_l() -> Callable[[list[str]], float]:
    from diversity import homogenization_score

    return lambda texts: homogenization_score(texts, measure="rougel", verbose=False)


def our_self_repetition() -> Callable[[list[str]], float]:
    from triaxis.diversity.lexical.self_repetition import self_repetition_score
    from triaxis.diversity.lexical.tokens import whitespace

    return lambda texts: self_repetition_score(whitespace(texts))


def diversity_self_repetition() -> Callable[[list[str]], float]:
    from diversity import self_repetition_score

    return lambda texts: float(self_repetition_score(texts, verbose=False))


def our_ngram_diversity() -> Callable[[list[str]], float]:
    from triaxis.diversity.lexical.distinct import distinct_sum
    from triaxis.diversity.lexical.tokens import whitespace

    return lambda texts: distinct_sum(whitespace([" ".join(texts)]))


def diversity_ngram_diversity() -> Callable[[list[str]], float]:
    from diversity import ngram_diversity_score

    return ngram_diversity_score


def our_compression() -> Callable[[list[str]], float]:
    from triaxis.diversity.lexical.compression import compression_ratio

    return compression_ratio


def our_zstd_compression() -> Callable[[list[str]], float]:
    from triaxis.diversity.lexical.compression import compression_ratio

    return lambda texts: compression_ratio(texts, codec="zstd")


def diversity_compression() -> Callable[[list[str]], float]:
    from diversity import compression_ratio

    return compression_ratio


def our_chrf() -> Callable[[list[str]], float]:
    from triaxis.diversity.lexical.chrf import chrf_similarity
    from triaxis.diversity.lexical.tokens import characters

    return lambda texts: chrf_similarity(characters(texts))


def sacrebleu_chrf() -> Callable[[list[str]], float]:
    from sacrebleu.metrics import CHRF

    metric = CHRF()

    def mean(texts: list[str]) -> float:
        places = range(len(texts))
        scores = [metric.sentence_score(texts[i], [texts[j]]).score for i in places for j in places if i != j]
        return sum(scores) / len(scores) / 100

    return mean


def our_mattr() -> Callable[[list[str]], float]:
    import numpy as np

    from triaxis.diversity.lexical.tokens import whitespace
    from triaxis.diversity.lexical.type_token import type_token_ratios

    return lambda texts: float(np.nanmean(type_token_ratios(whitespace(_letters_only(texts)))))


def lexicalrichness_mattr() -> Callable[[list[str]], float]:
    from lexicalrichness import LexicalRichness

    def mean(texts: list[str]) -> float:
        rich = [LexicalRichness(text, preprocessor=None, tokenizer=str.split) for text in _letters_only(texts)]
        ratios = [one.mattr(window_size=50) for one in rich if one.words >= 50]
        return sum(ratios) / len(ratios)

    return mean


def _letters_only(texts: list[str]) -> list[str]:
    return [text.lower() for text in texts]


def peak() -> float:
    """Largest resident size of this program so far, MiB (`ru_maxrss` would begin with that of the process that started it)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Command line: which way, on which texts, how often."""
    way, path, repeats = sys.argv[1:]
    function, made = globals()[way](), json.loads(Path(path).read_text(encoding="utf-8"))
    function(made[:5] * 2)  # imports and tables are made before the clock starts
    before, seconds, value = peak(), float("inf"), float("nan")
    for _ in range(int(repeats)):
        start = time.process_time()
        value = function(made)
        seconds = min(seconds, time.process_time() - start)
    print(json.dumps({"value": value, "seconds": seconds, "mebibytes": peak() - before}))


if __name__ == "__main__":
    main()
