"""Capacity left: how many of the answers that a run began with a later checkpoint still gives.

The one idea: the answers of the first step are themselves a sample, so one half of its draws names them and the other half shows
how many of them the first step finds again. That is the ceiling that later steps are held against, and not 1.
"""

import numpy as np

from triaxis.errors import Undefined
from triaxis.measure.pairs import keys_of
from triaxis.measure.series.runs import Run
from triaxis.measure.store import RunStore
from triaxis.stats.hypergeometric import hit_probability


def split_budget(run: Run) -> tuple[int, int]:
    """Draws of the first step that name its answers, and draws in which every step may give them again."""
    return run.length // 2, run.length - run.length // 2


def capacity_left(store: RunStore, run: Run, floor: float) -> np.ndarray:
    """(prompts, steps) share of the first step's usable classes that a step gives in n draws; 0 to 1, NaN where it had none.

    The classes are those that half of the first step's draws give, the expectation taken over all halves exactly. For the
    first step itself the n draws come from the other half. Raises `Undefined` where classes mean nothing across models, or the
    first step has one sample.
    """
    if store.header.scope == "cell":
        rule = store.header.equivalence
        raise Undefined(f"needs classes that models share, got --equivalence {rule} (cell); type --equivalence {rule}@prompt")
    named, drawn = split_budget(run)
    if not named:
        raise Undefined("needs 2 samples of each prompt at the first step")
    members = [_members(store, run, place, floor) for place in range(len(run.steps))]
    columns = [_step_share(run, members, place, named, drawn) for place in range(len(run.steps))]
    return np.stack(columns, axis=1)


def _members(store: RunStore, run: Run, place: int, floor: float) -> dict[tuple[int, int], int]:
    """Usable samples of each (prompt row, class) at one step."""
    cells, frame = run.cells[place], store.counts_of_model(run.models[place])
    row = dict(zip(keys_of(cells), run.rows[place].tolist(), strict=True))
    found: dict[tuple[int, int], int] = {}
    for prompt, domain, klass, quality, count in frame.select("prompt", "domain", "class", "quality", "count").iter_rows():
        if quality >= floor and (prompt, domain) in row:
            key = row[prompt, domain], klass
            found[key] = found.get(key, 0) + count
    return found


def _step_share(run: Run, members: list[dict[tuple[int, int], int]], place: int, named: int, drawn: int) -> np.ndarray:
    """(prompts,) expected share of the first step's classes that the step at `place` gives again."""
    first = np.zeros(run.prompts, dtype=np.int64)
    first[run.rows[0]] = run.cells[0].size
    size = np.zeros(run.prompts, dtype=np.int64)
    size[run.rows[place]] = run.cells[place].size
    again, all_of = np.zeros(run.prompts), np.zeros(run.prompts)
    for (row, klass), count in members[0].items():
        start = float(hit_probability(int(first[row]), [named])[count, 0])
        all_of[row] += start
        if not size[row]:
            continue
        if place == 0:  # found by the named half and by a disjoint draw: 1 - neither of the two, counted twice - both missed
            both, other = hit_probability(int(first[row]), [named + drawn, drawn])[count]
            again[row] += start + float(other) - float(both)
        else:
            held = members[place].get((row, klass), 0)
            again[row] += start * float(hit_probability(int(size[row]), [drawn])[held, 0])
    return np.where((all_of > 0) & (size > 0), again / np.maximum(all_of, 1e-300), np.nan)
