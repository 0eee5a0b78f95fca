"""Advice held against prompts that it was not made on.

Prompts are split in half by seed, again and again. One half is measured and advised on; on the other half the advised choice, the
mixture that promises most whether sure or not (the advised choice where there is none), the choices by mean quality and by raw
diversity, and the best single model there (which nobody could know) are worth what they are worth.
The one idea: splits overlap, so their spread is no standard error. The interval resamples prompts: each prompt counts with its
mean regret over the splits in which it was held out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.advise import GOALS, Advice, advise
from triaxis.advise.advice import Share
from triaxis.advise.goals import SHARE
from triaxis.advise.mixtures import Offer, mixture_at
from triaxis.advise.regrets import by_quality, by_raw_diversity
from triaxis.advise.view import View
from triaxis.errors import InputError
from triaxis.measure.api import Reading, measure_paths
from triaxis.measure.ensemble.pool import Plan, Shelf, ranked, shelf_of
from triaxis.measure.levels.choice import NONE
from triaxis.measure.options import Options, Progress
from triaxis.measure.run import Provenance, measure_stores
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import Results
from triaxis.stats.bootstrap import MIN_PROMPTS

ADVISED, BY_QUALITY, BY_RAW, BY_CHANCE = "advised", "highest mean quality", "most raw diversity", "a model by chance"
PROMISING = "most promising mixture"
RULES = (ADVISED, PROMISING, BY_QUALITY, BY_RAW, BY_CHANCE)
FEWEST = 2 * MIN_PROMPTS


class Row(NamedTuple):
    """One rule under one goal: what it loses per held-out prompt against the best single model there.

    In different usable answers for `draws` draws; for in-distribution work in the usable share. `low` and `high` are a 95 %
    interval over prompts. `worth` is what the choice gives; `best` what the best model gives, picked on the held-out prompts
    themselves, so that a choice as good as can be still loses a little. `mixtures` is the share of splits that advised one.
    """

    file: str
    gate: str
    goal: str
    floor: float | None
    draws: int
    rule: str
    worth: float
    best: float
    lost: float
    low: float | None
    high: float | None
    prompts: int
    splits: int
    mixtures: float


@dataclass(frozen=True)
class Regrets:
    """Rows of all files and goals, and (file, gate or goal, reason) of what was refused."""

    rows: tuple[Row, ...]
    not_run: tuple[tuple[str, str, str], ...]


class _Split(NamedTuple):
    """Held-out prompts and what each rule gives on them; NaN elsewhere. `values` (rules, prompts), `best` (prompts,)."""

    values: np.ndarray
    best: np.ndarray
    advice: Advice


def regrets(
    paths: Sequence[str | Path], reading: Reading, *, splits: int = 20, draws: int = 400, seed: int = 0,
    goals: Sequence[str] = tuple(GOALS), progress: Progress | None = None,
) -> Regrets:  # fmt: skip
    """Every file measured once, then advised on in `splits` random halves; what cannot be split is refused with the reason."""
    rows: list[Row] = []
    refused: list[tuple[str, str, str]] = []
    for path in paths:
        options = Options(examples=0, draws=draws, seed=seed)
        stores = measure_paths([path], reading, counts_only(options), progress=progress).stores
        for store in stores:
            label = store.header.quality_source or store.header.quality or "ungated"
            halves: dict[int, Results] = {}
            for goal in goals:
                try:
                    rows += regret_of_store(
                        store, options, goal=goal, splits=splits, file=Path(path).name, halves=halves, progress=progress
                    )
                except InputError as reason:
                    refused.append((Path(path).name, f"{label}, {goal}", str(reason)))
    return Regrets(tuple(rows), tuple(refused))


def counts_only(options: Options) -> Options:
    """`options` without whatever reads texts or looks at populations: a half needs counts and mixtures only."""
    levels = replace(options.levels, metrics=(NONE,), complexity=())
    return replace(options, levels=levels, answers=replace(options.answers, populations=False))


def regret_of_store(
    store: RunStore, options: Options, *, goal: str, splits: int, file: str = "", halves: dict[int, Results] | None = None,
    progress: Progress | None = None,
) -> list[Row]:  # fmt: skip
    """A row for each rule; `InputError` where there are too few prompts to advise on a half, or a single model.

    `halves` keeps results of halves by seed, to be asked again for another goal.
    """
    known = {} if halves is None else halves
    shelf = shelf_of(store, (), seed=options.seed)
    if len(shelf.models) < 2:
        raise InputError(f"needs two models on the same prompts, got {len(shelf.models)}")
    if len(shelf.prompts) < FEWEST:
        raise InputError(f"needs {FEWEST} prompts that all models share, ten in each half, got {len(shelf.prompts)}")
    found = []
    for number in range(splits):
        seed = options.seed + number
        seen = ranked(store, shelf.prompts, seed) < len(shelf.prompts) // 2
        if seed not in known:
            half = on_prompts(store, shelf.prompts[seen], shelf.models)
            known[seed] = measure_stores([half], counts_only(options), Provenance("half"))
        found.append(_split(known[seed], shelf, seen, goal))
        if progress is not None:
            progress(f"splitting {file}, {goal}", number + 1, splits)
    return _rows(found, store, goal, file, options)


def _split(results: Results, shelf: Shelf, seen: np.ndarray, goal: str) -> _Split:
    """Advice from the `results` of the prompts that are `seen`, and what it and other rules are worth on the others."""
    advice = advise(results, goal=goal)
    if not advice.choice:
        raise InputError(advice.buy or advice.sentence)
    view = View(results, results.manifest.gates[0], None)
    pool = shelf.at(-np.inf if advice.floor is None else advice.floor).on(~seen)
    draws = sum(share.draws for share in advice.choice)
    others = by_quality(view), by_raw_diversity(view, dict.fromkeys(view.models, draws))
    draws = 1 if counts_shares(goal) else draws
    mixture = (_promising(view, advice, draws) or advice.choice) if GOALS[goal].mixes else ()
    chosen = (_chosen(choice, shelf, draws) for choice in (advice.choice, mixture))
    plans = [*chosen, *(_alone(model, shelf, draws) for model in others)]
    able = np.flatnonzero(shelf.reach >= draws)
    each = np.stack([pool.worth(Plan([(int(m), draws)])) for m in able])
    held = [pool.worth(plan) if plan else np.full(pool.prompts, np.nan) for plan in plans]
    values = np.full((len(RULES), seen.size), np.nan)
    values[:, ~seen] = np.stack([*held, each.mean(axis=0)])
    best = np.full(seen.size, np.nan)
    best[~seen] = each[each.mean(axis=1).argmax()]
    return _Split(values, best, advice)


def _promising(view: View, advice: Advice, draws: int) -> tuple[Share, ...]:
    """The mixture with the largest lead over one model for as many draws, beyond doubt or not; nothing where there is none."""
    mixture, _ = mixture_at(view, advice.floor, Offer(draws, is_money=False))
    return () if mixture is None or mixture.offer.amount != draws or len(mixture.other) < 2 else mixture.other


def counts_shares(goal: str) -> bool:
    """Whether `goal` asks for usable answers first: then a choice is worth its usable share, which is what one draw gives."""
    return GOALS[goal].criteria[0] == SHARE


def on_prompts(store: RunStore, prompts: np.ndarray, models: Sequence[str]) -> RunStore:
    """The part of `store` that counts `models` on `prompts` (prompts, 2: codes of prompt and domain)."""
    wanted = pl.DataFrame({"prompt": prompts[:, 0], "domain": prompts[:, 1]}).cast(pl.UInt32)
    codes = pl.DataFrame({"model": [store.models.index(m) for m in models], "new": range(len(models))}).cast(pl.UInt32)
    parts = tuple(_recoded(frame, wanted, codes) for frame in store.frames())
    totals, spread = (_recoded(frame, wanted, codes) for frame in (store.totals, store.spread))
    header = store.header.model_copy(update={"title": "half"})
    return replace(store, header=header, models=tuple(models), parts=parts, totals=totals, spread=spread, lost=store.lost.clear())


def _recoded(frame: pl.DataFrame, wanted: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """Rows of the `wanted` prompts and of the models in `codes`, with their new codes."""
    kept = frame.join(wanted, on=["prompt", "domain"], how="semi", maintain_order="left")
    joined = kept.join(codes, on="model", maintain_order="left")
    return joined.with_columns(pl.col("new").alias("model")).select(frame.columns).sort("model")


def _chosen(choice: tuple[Share, ...], shelf: Shelf, draws: int) -> Plan | None:
    """The draws of a mixture; of a single model `draws`; None of nothing."""
    if len(choice) == 1:
        return _alone(choice[0].model, shelf, draws)
    return Plan(sorted((shelf.models.index(share.model), share.draws) for share in choice)) if choice else None


def _alone(model: str | None, shelf: Shelf, draws: int) -> Plan | None:
    """So many draws of one model, fewer where it has fewer."""
    if model is None:
        return None
    place = shelf.models.index(model)
    return Plan([(place, min(draws, int(shelf.reach[place])))])


def _rows(found: list[_Split], store: RunStore, goal: str, file: str, options: Options) -> list[Row]:
    """Means over prompts of their mean over splits, each prompt counting once."""
    values, best = np.stack([one.values for one in found]), np.stack([one.best for one in found])
    advice = found[-1].advice
    rows = []
    for place, rule in enumerate(RULES):
        worth, lost = _over_splits(values[:, place]), _over_splits(best - values[:, place])
        if np.isnan(lost).all():
            continue
        mean, low, high = Resampling(options.draws, options.seed).interval(lost[:, None])
        ends = [None if np.isnan(end[0]) else float(end[0]) for end in (low, high)]
        gate = store.header.quality_source or store.header.quality or "ungated"
        draws = 1 if counts_shares(goal) else sum(share.draws for share in advice.choice)
        row = Row(
            file, gate, goal, advice.floor, draws, rule, float(np.nanmean(worth)), float(np.nanmean(_over_splits(best))),
            float(mean[0]), ends[0], ends[1], int((~np.isnan(lost)).sum()), len(found),
            float(np.mean([one.advice.is_mixture for one in found])),
        )  # fmt: skip
        rows.append(row)
    return rows


def _over_splits(values: np.ndarray) -> np.ndarray:
    """(prompts,) mean over the splits in which the prompt was held out; NaN where it never was."""
    held = ~np.isnan(values)
    total = np.where(held, values, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, held.sum(axis=0), out=np.full(values.shape[1], np.nan), where=held.any(axis=0)))


def markdown(found: Regrets) -> Iterator[str]:
    """The rows as a Markdown table, then what was refused."""
    yield "| data, gate | goal | floor | draws | rule | worth | loses [95 %] | mixtures |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in found.rows:
        floor = "none" if row.floor is None else f"{row.floor:g}"
        ends = "" if row.low is None or row.high is None else f" [{row.low:.2f}, {row.high:.2f}]"
        mixed = f"{row.mixtures:.0%}" if row.rule == ADVISED else ""
        yield (
            f"| {row.file}, {row.gate} | {row.goal} | {floor} | {row.draws} | {row.rule} | {row.worth:.2f} of {row.best:.2f} |"
            f" {row.lost:.2f}{ends} | {mixed} |"
        )
    for file, what, reason in found.not_run:
        yield f"\nnot run: {file}, {what}: {reason}"
