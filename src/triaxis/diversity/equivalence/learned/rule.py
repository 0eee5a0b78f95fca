"""Learned equivalence: two answers are the same when a head trained on people's judgements gives their pair enough probability.

It sees more than a cosine (rare words, names, numbers, pieces aligned with one another, the kind of prompt) and is still a
classifier with errors: the share of held-out pairs that it gets right stands in its rule.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.diversity.equivalence.labels import NO_CLASS
from triaxis.diversity.equivalence.learned.artefact import Artefact
from triaxis.diversity.equivalence.learned.features import Answers, read_answers
from triaxis.diversity.equivalence.partition import DEFAULT_RULE, RULE_WORDS, PartitionRule, known_rule, with_rule
from triaxis.diversity.equivalence.waves import Question, partition_cells
from triaxis.errors import InputError
from triaxis.protocols import Embedder, Progress, Scope

TEXTS_AT_ONCE = 4096
"""Answers whose vectors are held at a time, some 80 MB; cells are never split."""


class LearnedSpec(NamedTuple):
    """What the text after `learned:` asks for: a folder with an artefact (None: the shipped one), a threshold where given."""

    folder: str | None
    threshold: float | None


def parse_learned(text: str = "") -> LearnedSpec:
    """`FOLDER`, `THRESHOLD`, `FOLDER@THRESHOLD` or nothing, as typed after `learned:`.

    >>> parse_learned("mine@0.7"), parse_learned("0.7")
    (LearnedSpec(folder='mine', threshold=0.7), LearnedSpec(folder=None, threshold=0.7))
    """
    folder, _, last = text.rpartition("@")
    try:
        threshold = float(last)
    except ValueError:
        return LearnedSpec(text or None, None)
    return LearnedSpec(folder or None, _checked(threshold))


def _checked(threshold: float) -> float:
    if not 0 < threshold <= 1:
        raise InputError(f"the threshold of learned is a probability in (0, 1], got {threshold}; type for example learned:0.5")
    return threshold


class Learned:
    """Classes by P(same) of pairs; equal texts are always the same. `labels` of a cell reads and embeds each answer once.

    Raises `InputError` when `embedder` is not the one that the head of `artefact` was fitted on.
    """

    scope: Scope = "cell"
    is_pairwise = True
    columns = ("prompt",)

    def __init__(
        self, artefact: Artefact, embedder: Embedder, *, threshold: float | None = None, name: str = "learned",
        partition: PartitionRule = DEFAULT_RULE, progress: Progress | None = None,
    ) -> None:  # fmt: skip
        if embedder.name != artefact.encoder_name:
            raise InputError(
                f"this head was fitted on the encoder {artefact.encoder_name}, got {embedder.name}: vectors of another encoder "
                "mean nothing to it; fit one of your own with triaxis fit equivalence --encoder"
            )
        self.artefact, self.embedder, self.progress = artefact, embedder, progress
        self.given_threshold = None if threshold is None else _checked(threshold)
        self.partition = known_rule(partition)
        self.named, self.name = name, with_rule(name, partition)
        self.rule = f"P(same meaning) of at least {self.threshold:g} {self._by()} {RULE_WORDS[partition]}"

    @property
    def threshold(self) -> float:
        """The probability from which two answers are the same."""
        return self.artefact.threshold if self.given_threshold is None else self.given_threshold

    @property
    def notes(self) -> tuple[str, ...]:
        """Trouble with the encoder's cache, if there was any."""
        trouble = getattr(self.embedder, "trouble", "")
        return (f"vectors are not kept: {trouble}",) if trouble else ()

    def partitioned(self, rule: PartitionRule) -> "Learned":
        """The same probabilities under partition rule `rule`."""
        return self._changed(rule, self.progress)

    def reporting(self, progress: Progress) -> "Learned":
        """This rule, telling `progress` how many texts are embedded."""
        return self._changed(self.partition, progress)

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64, -1 where there is no response. The order of samples decides who is a first member."""
        return self.labels_of_cells([samples])[0]

    def labels_of_cells(self, cells: Sequence[pl.DataFrame]) -> list[np.ndarray]:
        """(samples,) int64 labels of each cell, -1 where there is no response; cells are embedded together."""
        return [labels for part in _parts(cells) for labels in self._labels(part)]

    def answers(self, texts: Sequence[str], prompts: Sequence[str | None] | None = None) -> Answers:
        """`texts`, answers to `prompts` (none known by default), read and embedded: for `probabilities_of` and `matrix`."""
        asked = [None] * len(texts) if prompts is None else prompts
        return read_answers(texts, asked, self.embedder, self.artefact.head.words, progress=self.progress)

    def probabilities(
        self, first: Sequence[str], second: Sequence[str], prompts: Sequence[str | None] | None = None
    ) -> np.ndarray:
        """(pairs,) float64 P(same) of `first[i]` and `second[i]`, answers to `prompts[i]`; symmetric, 1 for equal texts."""
        if not len(first):
            return np.zeros(0)
        asked = [None] * len(first) if prompts is None else list(prompts)
        answers = self.answers([*first, *second], [*asked, *asked])
        places = np.arange(len(first))
        return self.artefact.head.probabilities(answers, places, places + len(first))

    def distances(self, sets: Sequence[Sequence[str]], prompts: Sequence[str | None]) -> np.ndarray:
        """(sets,) float64 mean P(different) over the pairs of each set of answers: 0-1, more diverse upward; NaN for under two.

        `prompts` holds what each set answers. Terms of the prompt itself are left out (`Head.without_prompt_terms`), so that
        sets of different prompts compare.
        """
        head = self.artefact.head.without_prompt_terms()
        starts = np.cumsum([0, *map(len, sets)])
        asked = [prompt for texts, prompt in zip(sets, prompts, strict=True) for _ in texts]
        found = np.full(len(sets), np.nan)
        if not asked:
            return found
        answers = self.answers([text for texts in sets for text in texts], asked)
        for place, texts in enumerate(sets):
            rows, columns = np.triu_indices(len(texts), k=1)
            if rows.size:
                found[place] = 1 - head.probabilities(answers, rows + starts[place], columns + starts[place]).mean()
        return found

    def _labels(self, cells: Sequence[pl.DataFrame]) -> list[np.ndarray]:
        present = [np.flatnonzero(cell["response"].is_not_null().to_numpy()) for cell in cells]
        texts = [text for cell in cells for text in cell["response"].drop_nulls()]
        prompts = [_prompt(cell) for cell, places in zip(cells, present, strict=True) for _ in places]
        if not texts:
            return [np.full(cell.height, NO_CLASS, dtype=np.int64) for cell in cells]
        answers = self.answers(texts, prompts)
        starts = np.cumsum([0, *(places.size for places in present)])

        def ask(questions: Sequence[Question]) -> np.ndarray:
            pairs = np.concatenate([question.pairs + starts[question.cell] for question in questions])
            return self.artefact.head.probabilities(answers, pairs[:, 0], pairs[:, 1])

        found = partition_cells([places.size for places in present], ask, self.threshold, rule=self.partition)
        return [_placed(cell.height, places, labels) for cell, places, labels in zip(cells, present, found, strict=True)]

    def _changed(self, rule: PartitionRule, progress: Progress | None) -> "Learned":
        return Learned(
            self.artefact, self.embedder, threshold=self.given_threshold, name=self.named, partition=rule, progress=progress
        )

    def _by(self) -> str:
        held = self.artefact.held_out
        if not {"accuracy", "accuracy_low", "accuracy_high"} <= set(held):
            return f"by a head on {self.artefact.encoder_name}"
        return (
            f"by a head on {self.artefact.encoder_name} (right on {held['accuracy']:.0%} of held-out pairs, "
            f"{held['accuracy_low']:.0%} to {held['accuracy_high']:.0%})"
        )


def _parts(cells: Sequence[pl.DataFrame]) -> Iterator[list[pl.DataFrame]]:
    """Runs of whole cells with up to `TEXTS_AT_ONCE` samples together, or one cell with more."""
    part: list[pl.DataFrame] = []
    for cell in cells:
        if part and sum(held.height for held in part) + cell.height > TEXTS_AT_ONCE:
            yield part
            part = []
        part.append(cell)
    if part:
        yield part


def _prompt(cell: pl.DataFrame) -> str | None:
    return cell["prompt"][0] if "prompt" in cell.columns and cell.height else None


def _placed(samples: int, places: np.ndarray, labels: np.ndarray) -> np.ndarray:
    whole = np.full(samples, NO_CLASS, dtype=np.int64)
    whole[places] = labels
    return whole
