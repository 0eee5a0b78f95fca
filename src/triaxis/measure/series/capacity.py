"""Capacity left: how many of the answers that a run began with a later checkpoint still gives.

The one idea: the answers of the first step are themselves a sample, so one half of its draws names them and the other half shows
how many of them the first step finds again. That is the ceiling that later steps are held against, and not 1.
"""

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure.series.runs import Run
from triaxis.measure.store import RunStore
from triaxis.stats.hypergeometric import hit_probability


def split_budget(run: Run) -> tuple[int, int]:
    """Draws of the first step that name its answers, and draws in which every step may give them again."""
    return run.length // 2, run.length - run.length // 2


def capacity_left(store: RunStore, run: Run, floors: np.ndarray) -> np.ndarray:
    """(prompts, steps, floors) share of the first step's usable classes that a step gives in n draws; 0 to 1, NaN if it had none.

    The classes are those that half of the first step's draws give, the expectation taken over all halves exactly. For the
    first step itself the n draws come from the other half. Raises `Undefined` where classes mean nothing across models, or the
    first step has one sample.
    """
    if store.header.scope == "cell":
        rule = store.header.equivalence
        raise Undefined(f"needs classes that models share, got --equivalence {rule} (cell); type --equivalence {rule}@prompt")
    if not split_budget(run)[0]:
        raise Undefined("needs 2 samples of each prompt at the first step")
    out = np.full((run.prompts, len(run.steps), floors.size), np.nan)
    first = _counts(store, run, 0)
    for place in range(len(run.steps)):
        counts = first if place == 0 else _counts(store, run, place)
        for at, floor in enumerate(floors):
            out[:, place, at] = _share_again(run, place, _members(first, floor), _members(counts, floor))
    return out


def _counts(store: RunStore, run: Run, place: int) -> pl.DataFrame:
    """Counts of one step by prompt `row`, class and quality."""
    cells = run.cells[place]
    codes = {"prompt": cells.prompt, "domain": cells.domain}
    rows = pl.DataFrame({name: pl.Series(code, dtype=pl.UInt32) for name, code in codes.items()} | {"row": run.rows[place]})
    return store.counts_of_model(run.models[place]).join(rows, on=["prompt", "domain"])


def _members(counts: pl.DataFrame, floor: float) -> pl.DataFrame:
    """Usable samples `m` of each (row, class)."""
    usable = counts.filter(pl.col("quality") >= floor)
    return usable.group_by("row", "class").agg(pl.col("count").cast(pl.Int64).sum().alias("m")).sort("row", "class")


def _share_again(run: Run, place: int, first: pl.DataFrame, later: pl.DataFrame) -> np.ndarray:
    """(prompts,) expected share of the first step's classes that the step at `place` gives again."""
    named, drawn = split_budget(run)
    joined = first.join(later.rename({"m": "again"}), on=["row", "class"], how="left", maintain_order="left").fill_null(0)
    row, start = joined["row"].to_numpy(), joined["m"].to_numpy()
    size = [_sizes(run, 0), _sizes(run, place)]
    named_by = _hit(size[0][row], start, named)
    if place == 0:  # in the named half and in a disjoint draw: either one, less those in at least one of the two
        both = named_by + _hit(size[0][row], start, drawn) - _hit(size[0][row], start, named + drawn)
    else:
        both = named_by * _hit(size[1][row], joined["again"].to_numpy(), drawn)
    whole = np.bincount(row, weights=named_by, minlength=run.prompts)
    found = np.bincount(row, weights=both, minlength=run.prompts)
    is_there = (whole > 0) & (size[1] > 0)
    return np.asarray(np.divide(found, whole, out=np.full(run.prompts, np.nan), where=is_there))


def _sizes(run: Run, place: int) -> np.ndarray:
    """(prompts,) samples of each prompt at one step, 0 where it lacks the prompt."""
    sizes = np.zeros(run.prompts, dtype=np.int64)
    sizes[run.rows[place]] = run.cells[place].size
    return sizes


def _hit(size: np.ndarray, members: np.ndarray, draws: int) -> np.ndarray:
    """Probability that `draws` of `size` samples hold one of `members`, elementwise; 0 where there are fewer samples."""
    out = np.zeros(size.size)
    for n in np.unique(size[size >= draws]):
        mine = size == n
        out[mine] = hit_probability(int(n), [draws])[members[mine], 0]
    return out
