"""The diversity of a data set: different texts, near-duplicates of answers and of prompts, and the run's metrics at equal size.

A share of near-duplicates means something beside what chance gives: pairs of answers to different prompts where a prompt has
several, else pairs across domains, else the same words dealt out anew to texts of the same lengths.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure.levels.nulls import shuffled_words
from triaxis.measure.levels.sets import answer_sets, set_rows
from triaxis.measure.levels.table import metric_rows
from triaxis.measure.outcome import Seen
from triaxis.measure.profile.distinct import FORMS, classes, distinct_share
from triaxis.measure.profile.figures import DIVERSITY, NONE, Figure, profile_row
from triaxis.measure.profile.rows import DataSet
from triaxis.measure.profile.twins import Join, Places, Twins, by_vectors, by_words, twins
from triaxis.measure.profile.word_pairs import THRESHOLD
from triaxis.measure.tables import Resampling
from triaxis.protocols import Progress

COSINE = 0.9
NO_ROW = "no row reaches the floor"
NO_TEXT = "no row has such a text"
Rows = Iterator[dict[str, Any]]


class View(NamedTuple):
    """Texts of a data set that are looked at for copies: its answers, or its prompts, each once. `of` are rows of the set."""

    name: str
    of: np.ndarray
    texts: list[str]
    vectors: np.ndarray | None
    places: Places


def diversity_rows(data: DataSet, whole: DataSet, progress: Progress | None = None) -> Rows:
    """Rows of `profile` on the axis of diversity: copies and near-duplicates. `whole` holds all domains of the same model."""
    for view in (answers(data), asked(data)):
        for form in FORMS:
            yield from _distinct(data, view, form)
        yield from _by_words(data, whole, view, progress)
        if view.vectors is not None:
            yield from _by_vectors(data, whole, view, progress)


def answers(data: DataSet) -> View:
    """The answers of `data`, one for each row."""
    every = np.arange(len(data))
    return View("responses", every, list(data.responses.texts), data.responses.vectors, _places(data, every, data.level))


def asked(data: DataSet) -> View:
    """The prompts of `data`, each once however many answers it has, at the floors that its best answer reaches."""
    texts = data.prompts
    known = np.array([text is not None for text in texts], dtype=bool)
    level = np.zeros(len(data.names), dtype=np.int64)
    np.maximum.at(level, data.prompt, data.level)
    rows = np.flatnonzero(known)
    rows = rows[np.unique(data.prompt[rows], return_index=True)[1]]
    vectors = None if data.responses.prompts is None else data.responses.prompts[rows]
    return View("prompts", rows, [str(texts[row]) for row in rows], vectors, _places(data, rows, level[data.prompt[rows]]))


def _places(data: DataSet, rows: np.ndarray, level: np.ndarray) -> Places:
    return Places(data.prompt[rows], data.tenth[rows], level, data.floors.size)


def _distinct(data: DataSet, view: View, form: str) -> Rows:
    klass = classes(view.texts, form)
    for place in range(data.floors.size):
        figure, rows = distinct_share(klass, view.places, place)
        yield _row(data, view, f"distinct {view.name}, {form}", place, _Found(figure, rows))


def _by_words(data: DataSet, whole: DataSet, view: View, progress: Progress | None) -> Rows:
    def found(texts: list[str]) -> tuple[np.ndarray, Join]:
        return by_words(texts, threshold=THRESHOLD, progress=progress)

    own, null = found(view.texts), _elsewhere(data, whole, view)
    if null is None:
        dealt = shuffled_words(view.texts, np.random.default_rng(data.seed)).texts
        shares = _null_shares(view, view, *found(list(dealt)))
    else:
        shares = _null_shares(null, view, *(own if null.texts is view.texts else found(null.texts)))
    yield from _near(data, view, f"near-duplicate {view.name}, words {THRESHOLD:g}", *own, shares)


def _by_vectors(data: DataSet, whole: DataSet, view: View, progress: Progress | None) -> Rows:
    measure, null = f"near-duplicate {view.name}, cosine {COSINE:g}", _elsewhere(data, whole, view)
    shares = [NONE] * data.floors.size
    if null is not None and null.vectors is not None:
        shares = _null_shares(null, view, *by_vectors(null.vectors, threshold=COSINE, progress=progress))
    if view.vectors is not None:
        yield from _near(data, view, measure, *by_vectors(view.vectors, threshold=COSINE, progress=progress), shares)


def _near(data: DataSet, view: View, measure: str, rows: np.ndarray, join: Join, null: Sequence[float]) -> Rows:
    try:
        known: Twins | str = twins(view.places.at(rows), join)
    except Undefined as reason:
        known = str(reason)
    for place in range(data.floors.size):
        figure, count = (Figure(NONE), 0) if isinstance(known, str) else known.share(place)
        why = known if isinstance(known, str) else None
        yield _row(data, view, measure, place, _Found(figure, count, null[place], why))


class _Found(NamedTuple):
    """A figure of `rows` rows with its null, or why there is none."""

    figure: Figure
    rows: int
    null: float = NONE
    why: str | None = None


def _row(data: DataSet, view: View, measure: str, place: int, found: _Found) -> dict[str, Any]:
    usable = int((view.places.level > place).sum())
    of_data = int(np.unique(data.prompt[data.level > place]).size) if view.name == "prompts" else usable
    reason = found.why or (None if found.rows else NO_TEXT if of_data else NO_ROW)
    counts: dict[str, Any] = {"rows": found.rows, "unmeasured": of_data - found.rows, "reason": reason, "null": found.null}
    return profile_row(data, DIVERSITY, measure, found.figure, floor=float(data.floors[place]), **counts)


def _elsewhere(data: DataSet, whole: DataSet, view: View) -> View | None:
    """`view` and as many texts with which it has nothing to do, only pairs of the two counting; None where there are none.

    They are answers to other prompts, where a prompt has several; else those of other domains.
    """
    if view.name == "responses" and len(data.names) > 1 and np.bincount(data.prompt).max(initial=0) > 1:
        return view._replace(places=view.places._replace(apart=data.prompt))
    if data.domain is None:
        spread = view.places._replace(apart=data.domains[view.of])
        return view._replace(places=spread) if np.unique(data.domains).size > 1 else None
    return _with_others(data, whole, view)


def _with_others(data: DataSet, whole: DataSet, view: View) -> View | None:
    every = answers(whole) if view.name == "responses" else asked(whole)
    mine = set(data.names)
    code = np.array([name in mine for name in whole.names])
    others = np.flatnonzero(~code[every.places.prompt])
    if not others.size:
        return None
    order = np.random.default_rng(data.seed).permutation(others.size)[: len(view.texts)]
    drawn = others[np.sort(order)]
    places, theirs = view.places, every.places.at(drawn)
    apart = np.repeat([0, 1], [len(view.texts), drawn.size])
    texts = [*view.texts, *(every.texts[place] for place in drawn)]
    parts = None if view.vectors is None or every.vectors is None else [view.vectors, every.vectors[drawn]]
    prompt, tenth, level = (
        np.concatenate(both)
        for both in ((places.prompt, theirs.prompt), (places.tenth, theirs.tenth), (places.level, theirs.level))
    )
    vectors = None if parts is None else np.concatenate(parts)
    return View(view.name, view.of, texts, vectors, Places(prompt, tenth, level, places.floors, apart))


def _null_shares(null: View, view: View, rows: np.ndarray, join: Join) -> list[float]:
    """The share of the rows of `view`, which come first in `null`, that have a near-duplicate there; NaN where it gave up."""
    try:
        found = twins(null.places.at(rows), join)
    except Undefined:
        return [NONE] * null.places.floors
    return [found.share(floor, rows < len(view.texts))[0].value for floor in range(null.places.floors)]


def metric_profile(seen: Seen, tables: Mapping[str, pl.DataFrame], resampling: Resampling) -> pl.DataFrame:
    """Rows of `profile` for the run's metrics at equal size, from the gate's `diversity_levels` where it has them."""
    found = tables.get("diversity_levels")
    if found is None or not found.height:
        frames = list(_measured(seen, resampling))
        found = pl.concat(frames, how="diagonal_relaxed") if frames else None
    return pl.DataFrame() if found is None else _as_profile(found)


def _measured(seen: Seen, resampling: Resampling) -> Iterator[pl.DataFrame]:
    sets = answer_sets(seen.cells, seed=resampling.seed) if seen.unit == "set" else []
    for metric in seen.metrics:
        if seen.unit == "set":
            yield set_rows(metric, sets, seen.floors, seed=resampling.seed)
        else:
            yield metric_rows(metric, seen.cells, seen.floors, size=seen.size, resampling=resampling)


def _as_profile(levels: pl.DataFrame) -> pl.DataFrame:
    size = pl.when(pl.col("size").is_null()).then(pl.lit("")).otherwise(pl.format(", {} rows", "size"))
    null = pl.coalesce(pl.col("other_prompts").fill_nan(None), pl.col("shuffled").fill_nan(None))
    return levels.select(
        "model", "domain", pl.lit(DIVERSITY).alias("axis"), pl.format("{}{}", "metric", size).alias("measure"), "floor",
        *(pl.col(name).fill_nan(None) for name in ("value", "low", "high")), null.cast(pl.Float64).alias("null"),
        pl.col("size").alias("rows"), pl.col("undefined").cast(pl.Int64).alias("unmeasured"),
        pl.when(pl.col("value").fill_nan(None).is_null()).then("reason").alias("reason"),
    )  # fmt: skip
