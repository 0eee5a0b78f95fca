"""What draws cost, under four names: price, tokens, FLOP, parameters; and how many different usable answers a unit of each buys.

The four are never folded into one and never called "per sample": a ranking per parameter is another ranking than one per token,
and dividing by size favours small models almost by construction. A cost that the data do not tell is not run, with the reason.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure import usable
from triaxis.measure.axes import Axes
from triaxis.measure.cells import Cells
from triaxis.measure.remarks import of_models
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Curve, Resampling
from triaxis.results import ModelInfo
from triaxis.stats.bands import unless_rounding

UNITS = PRICE, TOKENS, FLOP, PARAMETERS = "price", "tokens", "FLOP", "parameters"
GROWING = (PRICE, TOKENS, FLOP)
"""The units in which every draw costs something; the number of parameters is the same for any number of draws."""

ENOUGH = 0.9
"""Share of a model's samples that have to say what they cost; their mean then stands for the others."""

COST_FIGURES = "figures per cost"
NO_COST = "needs column tokens or cost, or --models FILE with parameters"
SIZE_FIGURES = "cost in FLOP and parameters, size curves"
NO_SIZE = "needs parameters in the model table"


class Rate(NamedTuple):
    """What one draw costs: weights of the prompt's tokens, of the response's tokens and of the `cost` column. `once` is no matter
    how many draws."""

    prompt_token: float = 0.0
    token: float = 0.0
    cost: float = 0.0
    once: float = 0.0

    def of_draws(self, per_sample: np.ndarray, budget: float) -> np.ndarray:
        """(cells,) cost of `budget` draws, given means `per_sample` (cells, 3) that are NaN where nothing is said."""
        weights = np.array(self[:3])
        paid = weights != 0
        return np.asarray(budget * (per_sample[:, paid] @ weights[paid]) + self.once)


class Said(NamedTuple):
    """Shares of a model's measured samples that say the tokens of the prompt, those of the response, and the money; 0 to 1."""

    prompt_tokens: float
    tokens: float
    cost: float


class Missing(NamedTuple):
    """What could not run and why; `model` is None where the reason holds for all."""

    analysis: str
    reason: str
    model: str | None = None


@dataclass(frozen=True)
class Costs:
    """Rates of the models of one store, by unit and model; what is `missing`, and `notes` on how the rates were made."""

    store: RunStore
    rates: Mapping[str, Mapping[str, Rate]]
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()
    _means: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def per_sample(self, cells: Cells) -> np.ndarray:
        """(cells, 3) means over the samples that say them: prompt tokens, tokens, cost; NaN where none does. For one model."""
        out = np.full((len(cells), 3), np.nan)
        if not len(cells):
            return out
        keys, means = self._of_model(int(cells.model[0]))
        wanted = cells.prompt * len(self.store.domains) + cells.domain
        place = np.searchsorted(keys, wanted)
        there = place < keys.size
        there[there] = keys[place[there]] == wanted[there]
        out[there] = means[place[there]]
        return out

    def of_draws(self, unit: str, model: str, cells: Cells, budget: float) -> np.ndarray:
        """(cells,) cost of `budget` draws of `model` in `unit`, NaN for prompts whose samples do not say it."""
        return self.rates[unit][model].of_draws(self.per_sample(cells), budget)

    def _of_model(self, code: int) -> tuple[np.ndarray, np.ndarray]:
        if code not in self._means:
            mine = self.store.totals.filter(pl.col("model") == code)
            keys = mine["prompt"].cast(pl.Int64).to_numpy() * len(self.store.domains) + mine["domain"].cast(pl.Int64).to_numpy()
            order = np.argsort(keys)
            self._means[code] = keys[order], np.stack([_ratio(mine, name) for name in Said._fields], axis=1)[order]
        return self._means[code]


def costs_of(store: RunStore, models: Mapping[str, ModelInfo]) -> Costs:
    """Rates of every model of `store`, from its totals and the rows of a model table, in each unit where they can be known."""
    if store.totals.is_empty() and not models:
        return Costs(store, {}, (Missing(COST_FIGURES, NO_COST),))
    said = _said(store)
    infos = {model: models.get(model, ModelInfo(model=model)) for model in store.models}
    with_prompts = _all_say_prompts(said, infos)
    found: dict[str, dict[str, Rate]] = {unit: {} for unit in UNITS}
    missing = [] if models else [Missing(f"{SIZE_FIGURES}, base-to-tuned pairs", "need --models FILE")]
    for model in store.models:
        for unit in UNITS if models else (PRICE, TOKENS):
            try:
                found[unit][model] = rate(unit, said[model], infos[model], with_prompts=with_prompts)
            except Undefined as reason:
                analysis = SIZE_FIGURES if str(reason) == NO_SIZE else f"cost in {unit}"
                missing.append(Missing(analysis, str(reason), model))
    notes = tuple(_notes(found, said, infos, with_prompts=with_prompts))
    return Costs(store, {unit: rates for unit, rates in found.items() if rates}, tuple(dict.fromkeys(missing)), notes)


def rate(unit: str, said: Said, info: ModelInfo, *, with_prompts: bool) -> Rate:
    """What a draw of one model costs in `unit`; raises `Undefined` with what it would need.

    A forward pass takes about two floating-point operations a parameter and token (Kaplan et al. 2020, arXiv 2001.08361, 2.1);
    `with_prompts` counts the tokens of the prompt as well.
    """
    if unit == PRICE:
        return _price(said, info)
    if unit == TOKENS:
        return Rate(token=_need(1.0, said.tokens, "tokens"))
    if info.parameters is None:
        raise Undefined(NO_SIZE)
    if unit == PARAMETERS:
        return Rate(once=info.parameters / 1e9)
    operations = 2 * info.parameters
    return Rate(operations if with_prompts else 0.0, _need(operations, said.tokens, "tokens"))


def _price(said: Said, info: ModelInfo) -> Rate:
    """The `cost` column where every sample has it, else prices of the table, else the column where nearly every sample has it."""
    is_priced = info.price_in is not None or info.price_out is not None
    if said.cost >= 1 or (said.cost >= ENOUGH and not is_priced):
        return Rate(cost=1.0)
    if not is_priced:
        raise Undefined(f"needs column cost{_so_far(said.cost)}, or prices in --models FILE")
    if info.price_out is None:
        raise Undefined("needs price_out beside price_in in the model table")
    of_prompt = _need(info.price_in or 0.0, said.prompt_tokens, "prompt_tokens")
    return Rate(of_prompt / 1e6, _need(info.price_out, said.tokens, "tokens") / 1e6)


def _need(weight: float, said: float, column: str) -> float:
    """`weight`, once enough samples say `column`, or when it weighs nothing."""
    if weight and said < ENOUGH:
        raise Undefined(f"needs column {column}{_so_far(said)}")
    return weight


def _so_far(said: float) -> str:
    return f" in 9 of 10 samples ({_share(said)} have it)" if said else ""


def cost_table(curve: Curve, costs: Costs, axes: Axes, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Table `cost` of one curve: for every unit, a frame for each interval budget with a row for each interval floor.

    Only prompts whose samples say what they cost count, in U too.
    """
    units = [unit for unit in UNITS if curve.model in costs.rates.get(unit, {})]
    floors = axes.floors[axes.interval_floors]
    for budget in (n for n in axes.interval_budgets if n <= curve.length and units):
        values = usable.usable_diversity(curve.cells, floors, budget)
        for unit in units:
            paid = costs.of_draws(unit, curve.model, curve.cells, budget)
            known = ~np.isnan(paid)
            if known.any():
                columns = per_unit(values[known], paid[known], resampling)
                yield _frame(curve, floors, columns, unit=unit, budget=budget, prompts=int(known.sum()))


def per_unit(values: np.ndarray, paid: np.ndarray, resampling: Resampling) -> dict[str, np.ndarray]:
    """Columns of (floors,) numbers for U `values` (prompts, floors) and costs `paid` (prompts,); no ratio of nothing paid.

    `classes_per_unit` is mean U over mean cost, a ratio of means over prompts: a mean of ratios would let prompts whose answers
    happen to be short decide. Its interval is that of its linearisation, (U_i - r C_i) / mean C about r (Cochran 1977,
    Sampling Techniques, 6.4), by the same bootstrap over prompts as every other mean.
    """
    mean, expected = paid.mean(), values.mean(axis=0)
    columns = {"mean_cost": np.full(expected.size, mean), "expected_classes": expected}
    if not mean > 0:
        return columns | dict.fromkeys(("classes_per_unit", "low", "high"), np.full(expected.size, np.nan))
    ratio = expected / mean
    spent = ratio * paid[:, None]
    _, low, high = resampling.interval(unless_rounding(values - spent, np.maximum(values, spent)) / mean)
    return columns | {"classes_per_unit": ratio, "low": ratio + low, "high": ratio + high}


def _frame(
    curve: Curve, floors: np.ndarray, columns: Mapping[str, np.ndarray], *, unit: str, budget: int, prompts: int
) -> pl.DataFrame:
    levels = pl.Series("floor", [None if np.isneginf(f) else float(f) for f in floors], dtype=pl.Float64)
    fixed = {"model": curve.model, "domain": curve.domain, "cost_unit": unit}
    names = [pl.lit(value, dtype=pl.String).alias(name) for name, value in fixed.items()]
    return pl.DataFrame({"floor": levels, **columns}).with_columns(*names, budget=pl.lit(budget), prompts=pl.lit(prompts))


def _ratio(totals: pl.DataFrame, name: str) -> np.ndarray:
    """(rows,) mean of `name` over the samples that say it; NaN where none does."""
    total, said = (totals[column].cast(pl.Float64).to_numpy() for column in (name, f"with_{name}"))
    return np.asarray(np.divide(total, said, out=np.full(total.size, np.nan), where=said > 0))


def _said(store: RunStore) -> dict[str, Said]:
    """What the samples of each model say, of all that were measured."""
    measured = dict(store.sizes().group_by("model").agg(pl.col("size").sum()).iter_rows())
    totals = store.totals.group_by("model").agg(pl.col(f"with_{name}").sum() for name in Said._fields)
    counts = {code: said for code, *said in totals.iter_rows()}
    none = [0] * len(Said._fields)
    return {m: Said(*(n / measured[c] for n in counts.get(c, none))) for c, m in enumerate(store.models) if measured.get(c)}


def _all_say_prompts(said: Mapping[str, Said], infos: Mapping[str, ModelInfo]) -> bool:
    """Whether FLOP can count prompts: only when every model that has FLOP says their tokens, or those who do would look dear."""
    sized = [model for model, info in infos.items() if info.parameters is not None and said[model].tokens >= ENOUGH]
    return all(said[model].prompt_tokens >= ENOUGH for model in sized)


def _notes(
    found: Mapping[str, Mapping[str, Rate]], said: Mapping[str, Said], infos: Mapping[str, ModelInfo], *, with_prompts: bool
) -> Iterator[str]:
    if found[FLOP] and not with_prompts:
        lacking = [model for model in found[FLOP] if said[model].prompt_tokens < ENOUGH]
        whom = of_models(lacking, len(found[FLOP])) or " (any model)"
        yield f"FLOP are those of the tokens of responses only: prompt_tokens are not known{whom}"
    if found[PARAMETERS]:
        yield "classes per parameter favour small models almost by construction: the number of classes cannot grow as size does"
    for model, price in found[PRICE].items():
        if price.token and not price.prompt_token and infos[model].price_in is None:
            yield f"{model}: the price leaves out the prompt, since the model table has no price_in"
    for name, column in zip(Said._fields, zip(*said.values(), strict=True), strict=True):
        yield from _partly(name, dict(zip(said, column, strict=True)), found)


def _partly(name: str, shares: Mapping[str, float], found: Mapping[str, Mapping[str, Rate]]) -> Iterator[str]:
    """Notes on models where the mean of most samples stands for all."""
    place = Said._fields.index(name)
    for model, share in shares.items():
        is_used = any(rates[model][place] for rates in found.values() if model in rates)
        if is_used and share < 1:
            yield f"{model}: {_share(share)} of the samples say {name}; their mean stands for the others"


def _share(share: float) -> str:
    """A percentage that is rounded down, so that nearly all is never all."""
    return f"{math.floor(1000 * share) / 10:g} %"
