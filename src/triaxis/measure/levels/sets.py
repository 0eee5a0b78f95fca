"""The same metrics where a cell is a whole set: all answers of one model in one domain, cut to one size for all models.

The interval leaves out a tenth of the prompts at a time (grouped jackknife, Tukey 1958): prompts drawn with replacement would
repeat answers, and repeats are what diversity counts.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from scipy.special import stdtrit

from triaxis.errors import Undefined
from triaxis.measure.axes import UNGATED
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.figures import MOST_AT_ONCE, Undefineds, read, say_why
from triaxis.measure.levels.nulls import joined_arrays, joined_prompt_texts, shuffled_words
from triaxis.measure.sampling import prompt_rank
from triaxis.protocols import Diversity
from triaxis.responses import Responses

GROUPS = 10
FEWEST = 20
"""A set of fewer usable answers has no value here: the others would have to be cut down to it."""


class AnswerSet:
    """All answers of one model in one domain, prompts in a seeded order that is the same for every model."""

    def __init__(self, model: str, domain: str, cells: Sequence[LevelCell], *, seed: int) -> None:
        ordered = sorted(cells, key=lambda cell: (prompt_rank(cell.prompt, seed), cell.prompt))
        self.model, self.domain, self.prompts = model, domain, len(ordered)
        self.responses = _joined([cell.responses for cell in ordered])
        self.quality = np.concatenate([cell.quality for cell in ordered])
        self.prompt = np.repeat(np.arange(len(ordered)), [len(cell.responses) for cell in ordered])
        self._order = np.argsort(np.concatenate([_draws(cell, seed) for cell in ordered]), kind="stable")

    def usable(self, floor: float) -> np.ndarray:
        """Positions of answers of at least quality `floor`, in a seeded order in which sets are cut.

        Any first of them are a random sample of all of them. The first prompts would be fewer prompts of the model that has more
        usable answers to each, and answers to one prompt are alike.
        """
        return np.asarray(self._order[self.quality[self._order] >= floor])


def _draws(cell: LevelCell, seed: int) -> np.ndarray:
    """(answers,) random numbers, the same for the first, second ... answer to a prompt by any model."""
    return np.random.default_rng(prompt_rank(cell.prompt, seed)).random(len(cell.responses))


def _joined(parts: Sequence[Responses]) -> Responses:
    arrays = joined_arrays(parts, ("vectors", "labels", "outcomes", "prompts"))
    texts = [text for part in parts for text in part.texts]
    return replace(parts[0], texts=texts, prompt_texts=joined_prompt_texts(parts), **arrays)


def answer_sets(cells: Sequence[LevelCell], *, seed: int) -> list[AnswerSet]:
    """One set for each model and domain."""
    keys = dict.fromkeys((cell.model, cell.domain) for cell in cells)
    return [AnswerSet(m, d, [c for c in cells if (c.model, c.domain) == (m, d)], seed=seed) for m, d in keys]


def set_rows(metric: Diversity, sets: Sequence[AnswerSet], floors: np.ndarray, *, seed: int) -> pl.DataFrame:
    """Rows of `diversity_levels` for one metric over whole sets, without the gate; then the mean over the domains of a model."""
    undefined = Undefineds()
    each = [row for floor in floors for row in _at_floor(metric, sets, float(floor), undefined, seed)]
    schema = {"domain": pl.String, "floor": pl.Float64, "size": pl.Int64, "value": pl.Float64, "error": pl.Float64}
    rows = pl.DataFrame(each, schema_overrides=schema | {"shuffled": pl.Float64})
    together = _over_domains(rows)
    half = float(stdtrit(GROUPS - 1, 0.975)) * pl.col("error")
    fixed = {"level": metric.traits.level, "metric": metric.name, "direction": metric.traits.higher_is}
    return pl.concat([together, rows.select(together.columns)]).with_columns(
        (pl.col("value") - half).clip(lower_bound=metric.traits.low).alias("low"),
        (pl.col("value") + half).clip(upper_bound=metric.traits.high).alias("high"),
        *(pl.lit(value).alias(name) for name, value in fixed.items()),
        pl.lit(None, dtype=pl.Float64).alias("other_prompts"),
        pl.lit(None, dtype=pl.Float64).alias("length_correlation"),
        pl.lit(undefined.foremost, dtype=pl.String).alias("reason"),
    )


def _over_domains(rows: pl.DataFrame) -> pl.DataFrame:
    """The mean over the domains of each model and floor, each with equal weight; null where a domain has none of that figure."""
    known = {name: pl.col(name).is_not_null().all() for name in ("value", "shuffled", "error")}
    mean = [pl.when(known[name]).then(pl.col(name).mean()).alias(name) for name in ("value", "shuffled")]
    error = pl.when(known["error"]).then(pl.col("error").pow(2).sum().sqrt() / pl.len()).alias("error")
    counts = [pl.col("prompts").sum(), pl.col("prompts_left").sum(), pl.col("undefined").sum(), pl.col("size").min()]
    found = rows.group_by("model", "floor", maintain_order=True).agg(*mean, error, *counts)
    return found.with_columns(pl.lit(None, dtype=pl.String).alias("domain"))


def _at_floor(
    metric: Diversity, sets: Sequence[AnswerSet], floor: float, undefined: Undefineds, seed: int
) -> list[dict[str, object]]:
    usable = [_read(metric, found, found.usable(floor), undefined) for found in sets]
    sizes = _sizes(metric, sets, usable)
    rows: list[dict[str, object]] = []
    for found, places in zip(sets, usable, strict=True):
        chosen = np.sort(places[: sizes.get(found.domain, 0)])
        is_large = chosen.size >= FEWEST
        value, error, null = _figures(metric, found, chosen, undefined, seed) if is_large else (None, None, None)
        rows.append({
            "model": found.model, "domain": found.domain, "floor": None if floor == UNGATED else floor, "size": chosen.size,
            "value": value, "error": error, "shuffled": null, "prompts": found.prompts,
            "prompts_left": np.unique(found.prompt[chosen]).size,
            "undefined": int(value is None and found.usable(floor).size >= FEWEST),
        })  # fmt: skip
    return rows


def _read(metric: Diversity, found: AnswerSet, usable: np.ndarray, undefined: Undefineds) -> np.ndarray:
    """Those of the `usable` answers that the metric reads."""
    kept: np.ndarray = usable[read(metric, found.responses.at(usable))]
    if usable.size >= FEWEST > kept.size:
        say_why(metric, found.responses.at(np.sort(usable)), FEWEST, undefined)
    return kept


def _sizes(metric: Diversity, sets: Sequence[AnswerSet], usable: Sequence[np.ndarray]) -> dict[str, int]:
    """One size for the sets of each domain: the smallest of at least 20 usable answers, within the metric's limit."""
    sizes: dict[str, int] = {}
    for found, places in zip(sets, usable, strict=True):
        if places.size >= FEWEST:
            sizes[found.domain] = min(sizes.get(found.domain, metric.traits.limit or 10**9), places.size)
    return sizes


def _figures(
    metric: Diversity, found: AnswerSet, chosen: np.ndarray, undefined: Undefineds, seed: int
) -> tuple[float | None, float | None, float | None]:
    """Value, standard error and shuffled value of the answers at `chosen`; None where undefined."""
    responses = found.responses.at(chosen)
    value = undefined.value(metric, responses)
    if np.isnan(value):
        return None, None, None
    return value, _error(metric, responses, found.prompt[chosen]), _shuffled(metric, responses, seed)


def _error(metric: Diversity, responses: Responses, prompt: np.ndarray) -> float | None:
    """Standard error by leaving out a tenth of the prompts at a time; None under 10 prompts, or where a part has no value."""
    group = np.unique(prompt, return_inverse=True)[1] % GROUPS
    if group.max() < GROUPS - 1:
        return None
    try:
        parts = [metric.value(responses.at(np.flatnonzero(group != left_out))) for left_out in range(GROUPS)]
    except Undefined:
        return None
    spread = np.square(np.array(parts) - np.mean(parts)).sum()
    return float(np.sqrt((GROUPS - 1) / GROUPS * spread))


def _shuffled(metric: Diversity, responses: Responses, seed: int) -> float | None:
    if metric.traits.needs != {"text"}:
        return None
    some = responses.texts[:MOST_AT_ONCE]
    try:
        return float(metric.value(shuffled_words(some, np.random.default_rng(seed)))) if len(some) == len(responses) else None
    except Undefined:
        return None


def grouped_cells(cells: Sequence[LevelCell], *, size: int, seed: int) -> list[LevelCell]:
    """Cells of 2 x `size` answers of one model to different prompts of one domain; the same prompts for every model."""
    wanted, grouped = 2 * size, []
    for one in answer_sets(cells, seed=seed):
        first = np.unique(one.prompt, return_index=True)[1]
        for number, start in enumerate(range(0, first.size - wanted + 1, wanted)):
            places = first[start : start + wanted]
            group, responses = f"{one.domain}, group {number}", one.responses.at(places)
            grouped.append(LevelCell(one.model, one.domain, group, responses, one.quality[places], np.arange(wanted)))
    return grouped
