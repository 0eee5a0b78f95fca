"""Classes by a model that looks at two answers at a time: a fine-tuned classifier, entailment both ways, a judge.

What the model is does not matter here: it is a `PairScorer`. Equal texts are the same without asking; every other pair is asked
once, of all cells together (see `waves`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.diversity.equivalence.labels import NO_CLASS
from triaxis.diversity.equivalence.partition import DEFAULT_RULE, RULE_WORDS, PartitionRule, known_rule, with_rule
from triaxis.diversity.equivalence.waves import Question, partition_cells
from triaxis.errors import InputError
from triaxis.protocols import Pair, PairScorer, Progress, Scope


class _Cell(NamedTuple):
    """One cell: its texts, where they stand in its frame, and its prompt."""

    texts: list[str]
    places: np.ndarray
    samples: int
    prompt: str | None


class PairClasses:
    """Two answers are the same when `scorer` gives their pair at least `threshold`; `partition` makes classes of pairs.

    A pair that the scorer cannot tell leaves a sample without a class (-1, counted as unmeasured): see `partition_cells`.
    """

    scope: Scope = "cell"
    is_pairwise = True

    def __init__(
        self, scorer: PairScorer, *, threshold: float = 0.5, name: str | None = None, partition: PartitionRule = DEFAULT_RULE,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        if not 0 < threshold <= 1:
            raise InputError(f"the threshold of {scorer.name} is a probability in (0, 1], got {threshold}; type for example @0.5")
        self.scorer, self.threshold, self.partition = scorer, threshold, known_rule(partition)
        self.named = name or scorer.name
        self.name = with_rule(self.named, partition)
        self.rule = f"at least {threshold:g} for saying the same, by {scorer.name}, {RULE_WORDS[partition]}"
        self.columns = ("prompt",) if scorer.reads_prompt else ()
        self.progress = progress

    @property
    def notes(self) -> tuple[str, ...]:
        """What the scorer has to say of the pairs so far."""
        return tuple(getattr(self.scorer, "notes", ()))

    def partitioned(self, rule: PartitionRule) -> "PairClasses":
        """The same pairs under partition rule `rule`."""
        return PairClasses(self.scorer, threshold=self.threshold, name=self.named, partition=rule, progress=self.progress)

    def reporting(self, progress: Progress) -> "PairClasses":
        """This rule, telling `progress` how many pairs of a wave are done."""
        return PairClasses(
            self.scorer, threshold=self.threshold, name=self.named, partition=self.partition, progress=progress
        )

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64, -1 where there is no response or no telling. The order of samples decides who is a first member."""
        return self.labels_of_cells([samples])[0]

    def labels_of_cells(self, cells: Sequence[pl.DataFrame]) -> list[np.ndarray]:
        """(samples,) int64 labels of each cell, -1 where there is no response or no telling; pairs of all cells share batches."""
        known = [_cell(samples) for samples in cells]
        found = partition_cells(
            [len(cell.texts) for cell in known], lambda asked: self._ask(known, asked), self.threshold, rule=self.partition
        )
        return [_placed(cell, labels) for cell, labels in zip(known, found, strict=True)]

    def _ask(self, cells: Sequence[_Cell], questions: Sequence[Question]) -> np.ndarray:
        """(pairs,) scores of a wave: 1 for equal texts, each distinct other pair asked once."""
        pairs = [pair for question in questions for pair in self._pairs(cells[question.cell], question.pairs)]
        distinct = dict.fromkeys(pair for pair in pairs if pair.first != pair.second)
        scores = dict(zip(distinct, self.scorer.scores(list(distinct), progress=self.progress), strict=True)) if distinct else {}
        return np.array([scores.get(pair, 1.0) for pair in pairs], dtype=np.float64)

    def _pairs(self, cell: _Cell, positions: np.ndarray) -> list[Pair]:
        prompt = cell.prompt if self.scorer.reads_prompt else None
        return [Pair(cell.texts[first], cell.texts[second], prompt) for first, second in positions.tolist()]


def _cell(samples: pl.DataFrame) -> _Cell:
    prompt = samples["prompt"][0] if "prompt" in samples.columns and samples.height else None
    known = [(place, text) for place, text in enumerate(samples["response"].to_list()) if text is not None]
    return _Cell([text for _, text in known], np.array([place for place, _ in known], dtype=np.int64), samples.height, prompt)


def _placed(cell: _Cell, labels: np.ndarray) -> np.ndarray:
    whole = np.full(cell.samples, NO_CLASS, dtype=np.int64)
    whole[cell.places] = labels
    return whole
