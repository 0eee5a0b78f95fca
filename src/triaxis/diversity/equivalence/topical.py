"""Topical equivalence: two answers are the same when an encoder puts them nearly as close as it puts paraphrases.

Called topical because a cosine does not tell one decisive changed word ("not", a number, who did what to whom) from a paraphrase.
It says that two answers are about the same thing in the same way; it does not say that they agree.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.diversity.equivalence.calibration import POSITION, ParaphraseVectors, calibrate
from triaxis.diversity.equivalence.labels import NO_CLASS
from triaxis.diversity.equivalence.paraphrases import paraphrase_set
from triaxis.diversity.equivalence.partition import DEFAULT_RULE, RULE_WORDS, PartitionRule, known_rule, partition, with_rule
from triaxis.diversity.spread import has_direction, unit_rows
from triaxis.errors import InputError, Undefined
from triaxis.protocols import Embedder, Progress, Scope
from triaxis.results import Calibration

DEFAULT_ENCODER = "minilm"


class TopicalSpec(NamedTuple):
    """What the text after `topical:` asks for: an encoder's name, and a cosine threshold where one is given."""

    encoder: str
    threshold: float | None


def parse_topical(text: str = "") -> TopicalSpec:
    """`ENCODER`, `THRESHOLD`, `ENCODER@THRESHOLD` or nothing, as typed after `topical:`.

    >>> parse_topical("openai:small@http://localhost:8000/v1@0.7")
    TopicalSpec(encoder='openai:small@http://localhost:8000/v1', threshold=0.7)
    """
    encoder, _, last = text.rpartition("@")
    try:
        threshold = float(last)
    except ValueError:
        return TopicalSpec(text or DEFAULT_ENCODER, None)
    return TopicalSpec(encoder or DEFAULT_ENCODER, _checked(threshold))


def _checked(threshold: float) -> float:
    if not 0 < threshold <= 1:
        raise InputError(f"the threshold of topical is a cosine in (0, 1], got {threshold}; type for example topical:0.7")
    return threshold


class Topical:
    """Classes by cosine, under the partition rule that `partition` names; its threshold is given, or comes with `calibrated`.

    `calibration` is None until then, and without a given threshold `labels` refuses. Texts are read as the encoder reads them:
    most cut long ones (MiniLM after 256 word pieces).
    """

    scope: Scope = "cell"
    is_pairwise = True

    def __init__(
        self,
        embedder: Embedder,
        *,
        threshold: float | None = None,
        calibration: Calibration | None = None,
        name: str = "topical",
        progress: Progress | None = None,
        partition: PartitionRule = DEFAULT_RULE,
    ) -> None:
        self.embedder = embedder
        self.progress = progress
        self.given_threshold = None if threshold is None else _checked(threshold)
        self.calibration = calibration
        self.partition = known_rule(partition)
        self.named = name
        self.name = with_rule(name, partition)
        self.rule = f"{self._bar()} in {embedder.name} {RULE_WORDS[partition]}"

    @property
    def threshold(self) -> float:
        """The cosine from which two answers are the same; `InputError` when it is neither given nor calibrated."""
        if self.given_threshold is not None:
            return self.given_threshold
        if self.calibration is None:
            raise InputError("topical has no threshold yet; call calibrated(samples) first, or give one: topical:0.7")
        return self.calibration.threshold

    def calibrated(self, samples: pl.DataFrame, *, progress: Progress | None = None) -> "Topical":
        """This rule with its `Calibration` on `samples`: one row per prompt, columns `prompt_id` and `response`.

        The order of rows does not matter. Raises `InputError` when a prompt comes twice, and `Undefined` when there are too few
        prompts to measure the zero; a rule with a given threshold needs none, and then stays as it is, without a calibration.
        """
        if samples["prompt_id"].is_duplicated().any():
            raise InputError("expected one row per prompt to calibrate topical, got several of one prompt_id; choose one of each")
        answers = self.vectors(samples.sort("prompt_id"), progress=progress)
        paraphrases = self._paraphrases(progress)
        try:
            found = calibrate(answers, paraphrases, encoder=self.embedder.name, threshold=self.given_threshold)
        except Undefined as error:
            if self.given_threshold is not None:
                return self._with(None, progress)
            raise Undefined(f"{error}; give the cosine yourself, as in topical:0.7, or type --equivalence lexical") from error
        return self._with(found, progress)

    def partitioned(self, rule: PartitionRule) -> "Topical":
        """The same cosines under partition rule `rule`."""
        return self._with(self.calibration, self.progress, rule)

    def _with(
        self, calibration: Calibration | None, progress: Progress | None, rule: PartitionRule | None = None
    ) -> "Topical":
        return Topical(
            self.embedder, threshold=self.given_threshold, calibration=calibration, name=self.named, progress=progress,
            partition=rule or self.partition,
        )  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        """What the encoder has to say of the texts so far: how many it read the beginning of only, and trouble with its cache."""
        cut, trouble = getattr(self.embedder, "truncated", 0), getattr(self.embedder, "trouble", "")
        long = f"{cut} different texts are longer than {self.embedder.name} reads; it saw their beginning only"
        return (*([long] if cut else []), *([f"vectors are not kept: {trouble}"] if trouble else []))

    def vectors(self, samples: pl.DataFrame, *, progress: Progress | None = None) -> np.ndarray:
        """(samples, d) float32 unit rows, NaN where there is no response."""
        responses = samples["response"]
        present = responses.is_not_null().to_numpy()
        found = self.embedder.embed(responses.drop_nulls().to_list(), progress=progress or self.progress)
        rows = np.full((len(responses), max(found.shape[1], 1)), np.nan, dtype=np.float32)
        rows[present, : found.shape[1]] = found
        return rows

    def labels_of(self, vectors: np.ndarray) -> np.ndarray:
        """(samples,) int64 classes of one cell's `vectors` (samples, d), in sample order; -1 for NaN rows."""
        units = unit_rows(vectors)
        present = has_direction(units)
        kept = units[present]
        labels = np.full(len(vectors), NO_CLASS, dtype=np.int64)
        cosines = lambda rows, columns: kept[rows] @ kept[columns].T  # noqa: E731
        labels[present] = partition(len(kept), cosines, self.threshold, rule=self.partition)
        return labels

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64, -1 where there is no response. `samples` is one cell; its order decides who is a first member."""
        return self.labels_of(self.vectors(samples))

    def _paraphrases(self, progress: Progress | None) -> ParaphraseVectors:
        shipped = paraphrase_set()
        sides = [pair.first for pair in shipped.paraphrases] + [pair.second for pair in shipped.paraphrases]
        first, second = np.split(self.embedder.embed(sides, progress=progress), 2)
        return ParaphraseVectors(first, second, shipped.label)

    def _bar(self) -> str:
        """What a cosine has to reach, in words."""
        if self.given_threshold is not None:
            return f"a cosine of at least {self.given_threshold:g} (given)"
        if self.calibration is None:
            return f"a cosine of at least zero + {POSITION} x (ceiling - zero)"
        zero, ceiling = self.calibration.zero, self.calibration.ceiling
        return f"a cosine of at least {self.threshold:.3f} (zero {zero:.3f} + {POSITION} x (ceiling {ceiling:.3f} - zero))"
