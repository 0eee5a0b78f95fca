"""How the axes of a data set go together: rank correlations over rows, never a sum of them.

Rarity stands for diversity, row by row: how far a row is from its nearest other. Length goes with all three, in either direction,
so beside each figure stands what is left of it given length.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from triaxis.diversity.semantic.neighbours import nearest_others
from triaxis.measure.complexity import LENGTH, length_of
from triaxis.measure.profile.figures import COMPLEXITY, DIVERSITY, NONE, QUALITY, Figure
from triaxis.measure.profile.quality import UNGATED
from triaxis.measure.profile.rows import DataSet
from triaxis.measure.profile.word_vectors import nearest_by_words, vocabulary
from triaxis.measure.sampling import prompt_rank
from triaxis.protocols import Complexity
from triaxis.stats.bootstrap import MIN_PROMPTS
from triaxis.stats.ranks import weighted_spearman

FEWEST_ROWS = 10
MOST_ROWS = 2000
"""Rows that correlations are taken over, whole prompts by seed: rarity looks at all pairs of them."""

MOST_DRAWS = 500
_BLOCK_ENTRIES = 2**20
_MOST_UNDEFINED = 0.05


class Column(NamedTuple):
    """A figure of each row: `values` (rows,), NaN where a row has none; `length` names the length that it is held against."""

    axis: str
    measure: str
    values: np.ndarray
    length: str


def rarity(data: DataSet, rows: np.ndarray) -> Column:
    """How far each of `rows` is from its nearest other among them: cosine distance by vectors, else by words (tf-idf).

    0 is a copy; 1 shares no word. NaN where a row has no vector, or no word.
    """
    values, vectors = np.full(rows.size, NONE), data.responses.vectors
    if vectors is not None:
        known = np.flatnonzero(np.isfinite(vectors[rows]).all(axis=1))
        if known.size > 1:
            values[known] = nearest_others(vectors[rows[known]], 1)[:, 0]
        return Column(DIVERSITY, "rarity, vectors", values, LENGTH)
    texts = [data.responses.texts[row] for row in rows]
    found = vocabulary(texts).vectors(texts)
    known = np.flatnonzero(np.diff(found.indptr) > 0)
    for some, distance in nearest_by_words(found[known]) if known.size > 1 else ():
        values[known[some]] = distance
    return Column(DIVERSITY, "rarity, words", values, LENGTH)


def chosen_rows(data: DataSet) -> np.ndarray:
    """Rows of whole prompts, chosen by seed, at most 2,000 (but for one prompt that has more)."""
    if len(data) <= MOST_ROWS:
        return np.arange(len(data))
    order = np.argsort(np.array([prompt_rank(name, data.seed) for name in data.names], dtype=np.uint64), kind="stable")
    upto = np.cumsum(np.bincount(data.prompt)[order])
    kept = order[: max(1, int(np.searchsorted(upto, MOST_ROWS, side="right")))]
    return np.flatnonzero(np.isin(data.prompt, kept))


def correlation_rows(
    data: DataSet, values: Mapping[str, np.ndarray], lengths: Mapping[str, np.ndarray], measures: list[Complexity], *, draws: int
) -> Iterator[dict[str, Any]]:
    """Rows of `axis_correlations`: each pair of axes, and the same given length where neither is length.

    `values` (rows,) of each of `measures` by name, `lengths` of the lengths that they are held against.
    """
    rows = chosen_rows(data)
    quality = data.quality[rows] if data.is_gated else np.full(rows.size, NONE)
    columns = [
        Column(QUALITY, QUALITY, quality, LENGTH),
        *(Column(COMPLEXITY, one.name, values[one.name][rows], length_of(one)) for one in measures),
        rarity(data, rows),
    ]
    for a, b in combinations(columns, 2):
        if a.axis != b.axis:
            yield _row(data, a, b, rows, None, draws)
            length = a.length if a.axis == COMPLEXITY else b.length
            if length not in (a.measure, b.measure):
                yield _row(data, a, b, rows, (length, lengths[length][rows]), draws)


def _row(
    data: DataSet, a: Column, b: Column, rows: np.ndarray, given: tuple[str, np.ndarray] | None, draws: int
) -> dict[str, Any]:
    parts = [a.values, b.values, *([] if given is None else [given[1]])]
    known = ~np.isnan(np.column_stack(parts)).any(axis=1)
    found = correlation([part[known] for part in parts], data.prompt[rows[known]], draws=draws, seed=data.seed)
    why = UNGATED if QUALITY in (a.axis, b.axis) and not data.is_gated else found if isinstance(found, str) else None
    figure = Figure(NONE) if isinstance(found, str) else found
    return {
        "model": data.model, "domain": data.domain, "axis_a": a.axis, "measure_a": a.measure, "axis_b": b.axis,
        "measure_b": b.measure if given is None else f"{b.measure}, given {given[0]}", "rho": figure.value, "low": figure.low,
        "high": figure.high, "rows": int(known.sum()), "reason": why,
    }  # fmt: skip


def correlation(columns: list[np.ndarray], prompt: np.ndarray, *, draws: int, seed: int) -> Figure | str:
    """Spearman's rho of two columns (rows,) without NaN, with a third what it leaves unexplained; or why there is none.

    The interval holds the middle 95 % of resamples of prompts, each with all its rows; none under 10 prompts, or where over 5 %
    of the resamples have no rho. Midranks for ties; the partial is that of ranks (Kendall 1942).
    """
    if prompt.size < FEWEST_ROWS:
        return f"needs {FEWEST_ROWS} rows with both, got {prompt.size}"
    if any(np.ptp(column) == 0 for column in columns):
        return f"all {prompt.size} rows have the same value"
    value = float(_rho(columns, np.ones((1, prompt.size)))[0])
    if np.isnan(value):
        return "length fixes the order"
    member = np.unique(prompt, return_inverse=True)[1]
    prompts = int(member.max()) + 1
    if prompts < MIN_PROMPTS:
        return Figure(value)
    drawn = np.concatenate([_rho(columns, weights[:, member]) for weights in _weights(prompts, draws, prompt.size, seed)])
    if np.isnan(drawn).mean() > _MOST_UNDEFINED:
        return Figure(value)
    return Figure(value, *map(float, np.nanquantile(drawn, (0.025, 0.975))))


def _weights(prompts: int, draws: int, rows: int, seed: int) -> Iterator[np.ndarray]:
    """Blocks of (some draws, prompts) float64: how often each prompt is drawn."""
    rng, left, block = np.random.default_rng(seed), min(draws, MOST_DRAWS), max(1, _BLOCK_ENTRIES // rows)
    while left > 0:
        yield rng.multinomial(prompts, np.full(prompts, 1 / prompts), size=min(block, left)) * 1.0
        left -= block


def _rho(columns: list[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """(draws,) correlation of the first two columns where rows count `weights` times, given the third if there is one."""
    xy = weighted_spearman(columns[0], columns[1], weights)
    if len(columns) == 2:
        return xy
    xz, yz = weighted_spearman(columns[0], columns[2], weights), weighted_spearman(columns[1], columns[2], weights)
    left = (1 - xz**2) * (1 - yz**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(left > 1e-9, np.clip((xy - xz * yz) / np.sqrt(left), -1, 1), np.nan)
