"""What a value would be if the answers had nothing to do with one another, or were the same words in no order.

A similarity means nothing without its zero (design 5.9). `other_prompts` takes answers of one model to different prompts of the
domain; `shuffled` deals out the words of a cell anew at equal lengths.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.figures import Undefineds, first_read, set_size
from triaxis.protocols import Diversity
from triaxis.responses import Responses

Item = TypeVar("Item")

MOST_SETS = 20
MOST_SHUFFLED = 8
NULL_SIZE = 10
"""Answers in a set across prompts, for metrics that do not depend on the number."""


def other_prompts(metric: Diversity, cells: Sequence[LevelCell], floor: float, *, size: int) -> float:
    """Mean value over sets of answers to different prompts, one answer each, at or above `floor`; NaN where there are too few.

    Classes mean nothing across prompts, so a metric of classes has no such null.
    """
    if "labels" in metric.traits.needs:
        return np.nan
    read = ((cell, first_read(metric, cell.responses, cell.usable(floor), 1)) for cell in cells)
    answers = [(cell, places[0]) for cell, places in read if places.size]
    wanted = set_size(metric, size) or max(metric.traits.smallest, min(NULL_SIZE, len(answers)))
    groups = _spread([answers[start : start + wanted] for start in range(0, len(answers) - wanted + 1, wanted)], MOST_SETS)
    return _mean(metric, (_together(group) for group in groups))


def _spread(items: list[Item], most: int) -> list[Item]:
    """At most `most` of `items`, evenly spaced: the first ones would all be of the first domain."""
    return [items[place] for place in np.unique(np.linspace(0, len(items) - 1, most).astype(np.int64))] if items else []


def _together(answers: Sequence[tuple[LevelCell, int]]) -> Responses:
    parts = [cell.responses.at(np.array([place])) for cell, place in answers]
    arrays = joined_arrays(parts, ("vectors", "outcomes", "prompts"))
    labels = np.arange(len(parts))  # classes of different prompts are different classes
    asked = joined_prompt_texts(parts)
    return replace(parts[0], texts=[part.texts[0] for part in parts], labels=labels, prompt_texts=asked, **arrays)


def joined_arrays(parts: Sequence[Responses], names: Sequence[str]) -> dict[str, Any]:
    """The arrays called `names` of `parts` one after another; None where a part has none."""
    found = {name: [getattr(part, name) for part in parts] for name in names}
    return {name: None if any(array is None for array in each) else np.concatenate(each) for name, each in found.items()}


def joined_prompt_texts(parts: Sequence[Responses]) -> list[str | None] | None:
    """The texts of the prompts of `parts` one after another; None where a part has none."""
    found = [part.prompt_texts for part in parts]
    return None if any(texts is None for texts in found) else [text for texts in found for text in texts or ()]


def shuffled(metric: Diversity, cells: Sequence[LevelCell], *, size: int, seed: int) -> float:
    """Mean value of up to 8 cells after their words were dealt out anew at equal lengths; NaN where there are too few answers.

    Only for metrics that read texts and nothing else, and ungated: it costs as much as the values.
    """
    if metric.traits.needs != {"text"}:
        return np.nan
    rng = np.random.default_rng(seed)
    wanted = set_size(metric, size) or metric.traits.smallest
    most = set_size(metric, size) or NULL_SIZE
    chosen = _spread([cell for cell in cells if cell.order.size >= wanted], MOST_SHUFFLED)
    return _mean(metric, (shuffled_words(cell.responses.at(np.sort(cell.order[:most])).texts, rng) for cell in chosen))


def shuffled_words(texts: Sequence[str], rng: np.random.Generator) -> Responses:
    """`texts` with all their words dealt out anew: as many words to each text as it had."""
    words = [text.split() for text in texts]
    pool = [word for some in words for word in some]
    dealt = iter([pool[place] for place in rng.permutation(len(pool))])
    return Responses([" ".join(next(dealt) for _ in some) for some in words])


def _mean(metric: Diversity, sets: Iterator[Responses]) -> float:
    undefined = Undefineds()
    values = [value for responses in sets if not np.isnan(value := undefined.value(metric, responses))]
    return float(np.mean(values)) if values else np.nan
