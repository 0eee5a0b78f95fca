"""Mixtures that the results know: the fewest members that beat the best single model beyond doubt at the same budget.

More members than these are taken only where they are better beyond doubt than fewer. The data decide by intervals alone, each
for its own number of members; `benchmarks/planted_ensemble.py` counts how often that goes wrong.
"""

import math
from typing import NamedTuple

import polars as pl

from triaxis.advise.advice import Figure, Share
from triaxis.advise.view import Row, View
from triaxis.advise.words import figure, mixed, money
from triaxis.stats.steps import surest_step

PRICE = "price"
ROUNDING = 1e-9


class Offer(NamedTuple):
    """What is spent on each prompt: an `amount` of money where `is_money`, else of draws."""

    amount: float
    is_money: bool

    @property
    def unit(self) -> str | None:
        """The unit in the tables."""
        return PRICE if self.is_money else None

    def __str__(self) -> str:
        return f"{money(self.amount)} a prompt" if self.is_money else f"{self.amount:g} draws"


class Mixture(NamedTuple):
    """The best single model `alone`, or a mixture that is better: its `shares` under `offer`, and what it gives per prompt.

    `over_one` is what it gives beyond the best single model that the same offer buys; of a single model, what the most
    promising mixture, `other`, would.
    """

    shares: tuple[Share, ...]
    offer: Offer
    value: Figure
    over_one: Figure | None
    alone: str
    other: tuple[Share, ...]

    @property
    def is_better(self) -> bool:
        """Whether several models are better than one beyond doubt."""
        return len(self.shares) > 1

    @property
    def evidence(self) -> str:
        """Draws, value and lead over one model, in words."""
        lead = f"{figure(self.over_one)} more than the best single model for {self.offer} ({self.alone})"
        if self.is_better:
            return f"mixture: {mixed(self.shares)} give {figure(self.value)} on prompts that it was not chosen on, {lead}"
        if self.over_one is None or len(self.other) < 2:
            return f"no mixture: for {self.offer} none was found that gains on {self.alone} alone"
        is_worse = self.over_one.high is not None and self.over_one.high <= 0
        doubt = "is no better" if is_worse else "is not better beyond doubt"
        return f"no mixture: the most promising one, {mixed(self.other)}, {doubt}: {lead}"


def mixture_at(view: View, floor: float | None, offer: Offer) -> tuple[Mixture | None, str | None]:
    """The mixture for the largest worked-out amount up to `offer`; or None, with the reason."""
    rows = view.rows("ensemble").filter(pl.col("cost_unit").eq_missing(offer.unit), pl.col("value").is_not_null())
    if rows.is_empty():
        return None, _not_worked_out(view, offer)
    level = None if _leaves_none_out(view, floor) else floor
    here = rows.filter(pl.col("floor").eq_missing(level))
    if here.is_empty():
        floors = sorted(f for f in rows["floor"].unique().to_list() if f is not None)
        known = ", ".join(f"{f:g}" for f in floors)
        again = f"type one of them, or measure again with --floor {floor or 0:g}"
        return None, f"mixtures were worked out at floors {known} only; {again}"
    every = sorted(here["amount"].unique().to_list())
    amounts = [amount for amount in every if amount <= offer.amount * (1 + ROUNDING)]
    if not amounts or (offer.is_money and offer.amount > every[-1] * (1 + ROUNDING)):
        return None, _outside(view, every, offer)
    return _best(view, here.filter(amount=amounts[-1]).sort("members").to_dicts(), level), None


def _not_worked_out(view: View, offer: Offer) -> str:
    if offer.is_money and not view.rows("ensemble").is_empty():
        return "mixtures were not worked out for money: that is done for all domains together, of two models with a price or more"
    return "mixtures were not worked out: they need classes that models share (an equivalence such as lexical@prompt)"


def _outside(view: View, amounts: list[float], offer: Offer) -> str:
    """What to measure, where the offer lies outside of what was worked out."""
    if not offer.is_money:
        return f"mixtures were worked out for {amounts[0]:g} draws and more, not for {offer.amount:g}"
    known = f"mixtures were worked out for {money(amounts[0])} to {money(amounts[-1])} a prompt, the budget gives {offer}"
    if offer.amount > amounts[-1]:
        prompts = max(view.prompts(m) for m in view.models)
        enough = f"--budget '${math.ceil(amounts[-1] * prompts * 100) / 100:,.2f}' is the most that it pays for"
        return f"{known}: {enough}; measure again with more samples for each prompt, or buy more prompts"
    draws = int(offer.amount / min(view.prices.values(), default=math.inf) * (1 + ROUNDING))
    return f"{known}: " + (f"measure again with --budget {draws}" if draws >= 2 else "too little for two draws of any model")


def _leaves_none_out(view: View, floor: float | None) -> bool:
    """Whether every sample reaches `floor`, which then is the same as none."""
    shares = [view.share(model, floor) for model in view.models]
    return floor is None or all(share is not None and share.value >= 1 - ROUNDING for share in shares)


def _best(view: View, rows: list[Row], floor: float | None) -> Mixture:
    """The row that `surest_step` takes; where that is the single model, the row that promises most beside it."""
    place = surest_step([row["over_one_low"] for row in rows], [row["gain_low"] for row in rows])
    chosen = rows[place]
    other = chosen if place else max(rows[1:], key=lambda row: row["over_one"] or 0.0, default=chosen)
    over_one = None if other["over_one"] is None else Figure(other["over_one"], other["over_one_low"], other["over_one_high"])
    return Mixture(
        _shares(view, chosen, floor), Offer(chosen["amount"], chosen["cost_unit"] is not None),
        Figure(chosen["value"], chosen["low"], chosen["high"]), over_one, rows[0]["added"], _shares(view, other, floor),
    )  # fmt: skip


def _shares(view: View, row: Row, floor: float | None) -> tuple[Share, ...]:
    same = [pl.col(name).eq_missing(value) for name, value in (("floor", floor), ("cost_unit", row["cost_unit"]))]
    table = view.rows("ensemble_draws").filter(*same, amount=row["amount"], members=row["members"])
    found = [Share(r["model"], r["draws"]) for r in table.to_dicts()]
    return tuple(sorted(found, key=lambda share: (-share.draws, share.model)))
