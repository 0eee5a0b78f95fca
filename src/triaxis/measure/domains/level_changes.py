"""What changes from a reference to another model, by domain, in what is written: lexical to behavioural levels, and formats.

Paired over the prompts that both models answer. A metric that grows with the number of answers sees sets of one size on both
sides, so that a model with more usable answers is not more diverse for that.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from triaxis.measure.comparisons import TEN_PERCENT, Delta
from triaxis.measure.domains.change_rows import Change, change_rows, effect_rows
from triaxis.measure.domains.changes import nothing_shared
from triaxis.measure.domains.openness import Openness
from triaxis.measure.domains.pairs import ANALYSIS, Pair
from triaxis.measure.domains.set_changes import set_change_rows
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.figures import Undefineds, cell_values, set_size
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.tables import Resampling
from triaxis.protocols import Diversity, PreparedDiversity
from triaxis.results import NotRun

Key = tuple[str, str]


def domain_changes_of_texts(
    seen: Seen, options: Options, *, changes: Sequence[Pair], openness: Openness | None = None, progress: Progress | None = None
) -> Outcome:
    """Tables `domain_changes` and, with `openness`, `openness_effect`: every metric of `seen` at every floor of `seen`.

    Delta is a share of the larger mean; one that counts classes means nothing for these metrics, which then take 10 %.
    """
    delta = options.delta if options.delta.is_share else TEN_PERCENT
    resampling = Resampling(options.draws, options.seed)
    if seen.unit == "set":
        return _of_sets(seen, changes, delta, resampling, progress)
    models = {model: cells_by_prompt(seen.cells, model) for model in dict.fromkeys(name for pair in changes for name in pair)}
    pairs = [pair for pair in changes if models[pair[0]].keys() & models[pair[1]].keys()]
    missing = [nothing_shared(pair) for pair in changes if pair not in pairs]
    rows: list[pl.DataFrame] = []
    effects: list[pl.DataFrame] = []
    for number, metric in enumerate(seen.metrics if pairs else (), start=1):
        found, lacking = _changes(metric, seen, models, pairs, openness)
        missing += lacking
        for change in found:
            rows += change_rows(change, delta=delta, resampling=resampling)
            effects += effect_rows(change, resampling=resampling)
        if progress is not None:
            progress(ANALYSIS, number, len(seen.metrics))
    return Outcome({"domain_changes": rows, "openness_effect": effects}, tuple(missing))


def cells_by_prompt(cells: Sequence[LevelCell], model: str) -> dict[Key, LevelCell]:
    """The cells of `model` by prompt and domain."""
    return {(cell.prompt, cell.domain): cell for cell in cells if cell.model == model}


def _changes(
    metric: Diversity, seen: Seen, models: dict[str, dict[Key, LevelCell]], pairs: Sequence[Pair], openness: Openness | None
) -> tuple[list[Change], list[NotRun]]:
    """The change of every pair in `metric`; every model is measured once, however many pairs it is in."""
    if isinstance(metric, PreparedDiversity):
        metric.prepare([cell.responses for cells in models.values() for cell in cells.values()])
    undefined = Undefineds()
    values = {
        model: dict(zip(cells, _values(metric, list(cells.values()), seen, undefined), strict=True))
        for model, cells in models.items()
    }
    found = [change for pair in pairs for change in _of_pair(metric, seen, pair, values, openness)]
    without = [pair for pair in pairs if pair not in {change.pair for change in found}]
    why = undefined.foremost or f"needs {set_size(metric, seen.size) or metric.traits.smallest} usable answers to a prompt"
    analysis = f"{ANALYSIS} in {metric.name}"
    return found, [NotRun(analysis=analysis, reason=f"{first} to {second}: {why}") for first, second in without]


def _values(metric: Diversity, cells: list[LevelCell], seen: Seen, undefined: Undefineds) -> np.ndarray:
    return cell_values(metric, cells, seen.floors, size=seen.size, undefined=undefined)


def _of_pair(
    metric: Diversity, seen: Seen, pair: Pair, values: dict[str, dict[Key, np.ndarray]], openness: Openness | None
) -> Iterator[Change]:
    """The change of one pair; nothing where no prompt has a value of both."""
    first, second = (values[model] for model in pair)
    keys = sorted(first.keys() & second.keys())
    sides = [np.array([side[key] for key in keys]) for side in (first, second)]
    if np.isnan(sides[0] + sides[1]).all():
        return
    prompts, domains = zip(*keys, strict=True)
    opened = None if openness is None else openness.of_prompts(pair, prompts, domains, seen.floors)
    yield Change(
        pair, metric.traits.level, metric.name, metric.traits.higher_is, set_size(metric, seen.size), seen.floors,
        np.array(domains, dtype=object), sides[0], sides[1], opened,
    )  # fmt: skip


def _of_sets(
    seen: Seen, changes: Sequence[Pair], delta: Delta, resampling: Resampling, progress: Progress | None
) -> Outcome:
    frames: list[pl.DataFrame] = []
    missing: list[NotRun] = []
    for number, metric in enumerate(seen.metrics, start=1):
        for pair in changes:
            rows, lacking = set_change_rows(metric, seen, pair, delta=delta, seed=resampling.seed)
            frames += rows
            missing += lacking
        if progress is not None:
            progress(ANALYSIS, number, len(seen.metrics))
    return Outcome({"domain_changes": frames}, tuple(missing))
