"""Pair classification: 1,000 cells in waves and batches against one pair at a time, with the same weights and the same labels.

    python benchmarks/pairs.py [--cells 1000] [--samples 10] [--slow-cells 1000]

The slow way is that of NoveltyBench's `partition.py`: a leader against each answer that has no class yet, each pair tokenized and
sent through the model alone. Both ask only the pairs that the rule of the first member needs. Weights are random (their shape is
what costs time), the threshold is the median of a sample of pairs, nothing is kept on disk, loading is not timed. A batch removes
what a pair costs beside its matrix products. The larger the model and the longer the answers, the less that is on a processor, so
the ratio falls with both, as the rows show. On a GPU one pair leaves most of the device idle; that was not measured here.
With `--slow-cells` fewer, the slow way runs on the first cells only and its time is scaled up. All pairs one by one is what one
who skips no pair does: that time is the slow way's time for a pair, times all pairs. Seconds are of the processor, so that other
work on the machine does not count; set OMP_NUM_THREADS=1 for one core.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from _table import show
from embedding import WORDS

from triaxis.diversity.equivalence import PairClasses
from triaxis.models.pairs import SamePairs, open_classifier

SIDE = 128
VOCABULARY = 4000


class Shape(NamedTuple):
    """A model's size, and how many words answers have."""

    name: str
    layers: int
    width: int
    words: tuple[int, int]
    repeats: float


SHAPES = (
    Shape("2 layers of 32, 1-8 words, half of the answers repeated", 2, 32, (1, 8), 0.5),
    Shape("2 layers of 32, 3-25 words", 2, 32, (3, 25), 0.0),
    Shape("BERT-tiny, 1-8 words, half of the answers repeated", 2, 128, (1, 8), 0.5),
    Shape("BERT-tiny, 3-25 words", 2, 128, (3, 25), 0.0),
    Shape("BERT-tiny, 20-120 words", 2, 128, (20, 120), 0.0),
    Shape("BERT-mini, 3-25 words", 4, 256, (3, 25), 0.0),
)


def answers(cells: int, samples: int, shape: Shape, *, seed: int = 0) -> list[list[str]]:
    """`samples` texts for each cell, of `shape.words` words; a share `repeats` of them is a copy of another one of the cell."""
    rng, words = np.random.default_rng(seed), np.array(WORDS.split())
    made = [[" ".join(rng.choice(words, rng.integers(*shape.words))) for _ in range(samples)] for _ in range(cells)]
    return [[texts[rng.integers(samples)] if rng.random() < shape.repeats else text for text in texts] for texts in made]


def save_model(folder: Path, shape: Shape) -> None:
    """Random weights of `shape` with a tokenizer of whole words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(WORDS.split())]
    tokenizer = Tokenizer(models.WordPiece({name: n for n, name in enumerate(names)}, unk_token=names[1]))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **special).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=shape.width, num_hidden_layers=shape.layers,
        num_attention_heads=max(2, shape.width // 64), intermediate_size=4 * shape.width, num_labels=2, initializer_range=0.3,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)


class OneAtATime:
    """The slow way: `classes` of one cell, and how many pairs it asked."""

    def __init__(self, folder: Path, threshold: float) -> None:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModelForSequenceClassification.from_pretrained(folder).eval()
        self.threshold = threshold
        self.pairs = 0

    def score(self, first: str, second: str) -> float:
        import torch

        self.pairs += 1
        sides = [self.tokenizer.encode(t, truncation=True, max_length=SIDE, add_special_tokens=False) for t in (first, second)]
        ids = [self.tokenizer.cls_token_id, *sides[0], self.tokenizer.sep_token_id, *sides[1], self.tokenizer.sep_token_id]
        types = [0] * (len(sides[0]) + 2) + [1] * (len(sides[1]) + 1)
        with torch.inference_mode():
            logits = self.model(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types])).logits
        return float(logits.softmax(-1)[0, 1].item())

    def classes(self, texts: Sequence[str]) -> list[int]:
        """NoveltyBench's loop, but that equal texts are the same without asking, as they are to us."""
        labels, klass = [-1] * len(texts), 0
        for leader, text in enumerate(texts):
            if labels[leader] >= 0:
                continue
            labels[leader] = klass
            for later in range(leader + 1, len(texts)):
                if labels[later] < 0 and (text == texts[later] or self.score(text, texts[later]) >= self.threshold):
                    labels[later] = klass
            klass += 1
        return labels


def compare(shape: Shape, cells: int, samples: int, slow_cells: int) -> list[object]:
    """One row: both times, their ratio, and the pairs that each asked."""
    made = answers(cells, samples, shape)
    frames = [pl.DataFrame({"response": texts}) for texts in made]
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        save_model(folder, shape)
        classifier = open_classifier(str(folder), side=SIDE, spec="benchmark", where=None)
        probe = [(texts[0], texts[1]) for texts in made[:200]]
        threshold = float(np.median(classifier.probabilities(probe)[:, 1]))
        slow = OneAtATime(folder, threshold)
        slow.classes(made[0])
        slow.pairs = 0
        begun = classifier.computed
        start = process_time()
        ours = PairClasses(SamePairs(classifier, order="given"), threshold=threshold).labels_of_cells(frames)
        fast_seconds = process_time() - start
        start = process_time()
        theirs = [slow.classes(texts) for texts in made[:slow_cells]]
        slow_seconds = (process_time() - start) * cells / slow_cells
    every_seconds = slow_seconds * cells * samples * (samples - 1) / 2 / (slow.pairs * cells / slow_cells)
    equal = sum(a.tolist() == b for a, b in zip(ours, theirs, strict=False))
    asked = f"{classifier.computed - begun:,} / {slow.pairs * cells // slow_cells:,}"
    ratios = [slow_seconds / fast_seconds, every_seconds / fast_seconds]
    return [shape.name, asked, fast_seconds, slow_seconds, every_seconds, *ratios, f"{equal} of {slow_cells} cells"]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--slow-cells", type=int, default=1000)
    given = parser.parse_args()
    rows = [compare(shape, given.cells, given.samples, min(given.slow_cells, given.cells)) for shape in SHAPES]
    head = (
        "model and answers", "pairs asked, ours / one by one", "ours, CPU s", "one by one, CPU s", "all pairs, CPU s", "times",
        "times all pairs", "same labels",
    )  # fmt: skip
    show(f"{given.cells} cells of {given.samples} answers", head, rows)


if __name__ == "__main__":
    main()
