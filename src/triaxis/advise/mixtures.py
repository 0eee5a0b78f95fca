"""Mixtures that the results know: members are taken as long as each adds beyond doubt."""

from typing import NamedTuple

import polars as pl

from triaxis.advise.advice import Figure, Share
from triaxis.advise.view import Row, View

ADDS = "adds"
ROUNDING = 1e-9


class Mixture(NamedTuple):
    """A mixture of `shares` for `amount` draws: what it gives per prompt, what its last member added, and the
    best model `alone`."""

    shares: tuple[Share, ...]
    amount: int
    value: Figure
    gain: Figure | None
    verdict: str
    alone: str
    cost: float | None

    @property
    def is_better(self) -> bool:
        """Whether several models are better than one beyond doubt."""
        return len(self.shares) > 1


def mixture_at(view: View, floor: float | None, draws: int) -> tuple[Mixture | None, str | None]:
    """The mixture for the largest worked-out number of draws up to `draws`; or None, with the reason."""
    rows = view.rows("ensemble").filter(pl.col("cost_unit").is_null(), pl.col("value").is_not_null())
    if rows.is_empty():
        return None, "mixtures were not worked out: they need classes that models share (an equivalence such as lexical@prompt)"
    level = None if _leaves_none_out(view, floor) else floor
    here = rows.filter(pl.col("floor").is_null() if level is None else pl.col("floor") == level)
    if here.is_empty():
        floors = sorted(f for f in rows["floor"].unique().to_list() if f is not None)
        known = ", ".join(f"{f:g}" for f in floors)
        again = f"type one of them, or measure again with --floor {floor or 0:g}"
        return None, f"mixtures were worked out at floors {known} only; {again}"
    every = sorted(here["amount"].unique().to_list())
    amounts = [amount for amount in every if amount <= draws]
    if not amounts:
        return None, f"mixtures were worked out for {every[0]:g} draws and more, not for {draws}"
    return _best(view, here.filter(amount=max(amounts)).sort("members").to_dicts(), level), None


def _leaves_none_out(view: View, floor: float | None) -> bool:
    """Whether every sample reaches `floor`, which then is the same as none."""
    shares = [view.share(model, floor) for model in view.models]
    return floor is None or all(share is not None and share.value >= 1 - ROUNDING for share in shares)


def _best(view: View, rows: list[Row], floor: float | None) -> Mixture:
    """Row after row, while the further model adds beyond doubt; the verdict is that of the first row that does not."""
    chosen, last = rows[0], "adds nothing"
    for row in rows[1:]:
        last = row["verdict"]
        if last != ADDS:
            break
        chosen = row
    gain = None if chosen["gain"] is None else Figure(chosen["gain"], chosen["gain_low"], chosen["gain_high"])
    value = Figure(chosen["value"], chosen["low"], chosen["high"])
    return Mixture(_shares(view, chosen, floor), int(chosen["amount"]), value, gain, last, rows[0]["added"], chosen["cost"])


def _shares(view: View, row: Row, floor: float | None) -> tuple[Share, ...]:
    level = pl.col("floor").is_null() if floor is None else pl.col("floor") == floor
    table = view.rows("ensemble_draws").filter(level, pl.col("cost_unit").is_null(), amount=row["amount"], members=row["members"])
    found = [Share(r["model"], r["draws"]) for r in table.to_dicts()]
    return tuple(sorted(found, key=lambda share: (-share.draws, share.model)))
