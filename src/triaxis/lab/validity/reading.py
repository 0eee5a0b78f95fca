"""What a metric is given of a set: its texts, vectors of one kind, or classes of one rule.

The one idea: a metric on vectors or classes is as valid as these are, so each way of making them is a row of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from triaxis.lab.validity.judged import JudgedSet
from triaxis.protocols import Diversity, Embedder, Equivalence, Progress
from triaxis.responses import Responses

TEXT = "text"


@dataclass(frozen=True)
class Readings:
    """Everything that metrics can be given: `vectors` and those of the `prompts`, and `labels` by the name of the rule."""

    texts: Sequence[str]
    encoder: str | None
    vectors: np.ndarray | None
    prompts: np.ndarray | None
    labels: Mapping[str, np.ndarray]

    def of(self, metric: Diversity) -> list[str]:
        """Names of what `metric` is given in turn; none where it needs what is not here, such as right and wrong answers."""
        needs = metric.traits.needs
        if "outcomes" in needs or {"vectors", "labels"} <= needs:
            return []
        if needs & {"vectors", "encoder"}:
            return [self.encoder] if self.encoder else []
        return list(self.labels) if "labels" in needs else [TEXT]

    def sets(self, sets: Sequence[JudgedSet], reading: str) -> Iterator[Responses]:
        """The responses of each of `sets`, with the labels that are called `reading`, if any are."""
        asked: list[str | None] = [None] * len(self.texts)
        for one in sets:
            for place in one.places:
                asked[place] = one.prompt if one.prompt.strip() else None
        whole = Responses(self.texts, self.vectors, self.labels.get(reading), prompts=self.prompts, prompt_texts=asked)
        return (whole.at(one.places) for one in sets)


def readings(
    texts: Sequence[str], sets: Sequence[JudgedSet], *, embedder: Embedder | None, rules: Sequence[Equivalence],
    progress: Progress | None = None,
) -> Readings:  # fmt: skip
    """Vectors of `embedder` for responses and prompts, and classes of each of `rules`, made once for all metrics."""
    labels = {f"classes: {rule.name}": _labels(texts, sets, rule) for rule in rules}
    if embedder is None:
        return Readings(texts, None, None, None, labels)
    vectors = embedder.embed(texts, progress=progress)
    asked = embedder.embed([one.prompt for one in sets], progress=progress)
    prompts = np.full_like(vectors, np.nan)
    for one, prompt in zip(sets, asked, strict=True):
        prompts[one.places] = prompt if one.prompt.strip() else np.nan
    return Readings(texts, embedder.name, vectors, prompts, labels)


def _labels(texts: Sequence[str], sets: Sequence[JudgedSet], rule: Equivalence) -> np.ndarray:
    cells = [_cell(texts, one) for one in sets]
    together = getattr(rule, "labels_of_cells", None)  # a classifier reads and embeds all answers at once
    found = together(cells) if together else [rule.labels(cell) for cell in cells]
    labels = np.full(len(texts), -1, dtype=np.int64)
    for one, own in zip(sets, found, strict=True):
        labels[one.places] = own
    return labels


def _cell(texts: Sequence[str], one: JudgedSet) -> pl.DataFrame:
    """The set in the columns that rules read."""
    samples, count = [texts[place] for place in one.places], len(one.places)
    return pl.DataFrame({"prompt_id": [one.name] * count, "prompt": [one.prompt] * count, "response": samples})
