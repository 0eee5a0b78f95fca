"""From a budget to draws and prompts: how many draws each prompt gets, on how many prompts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from triaxis.advise.request import Budget
from triaxis.advise.view import View


@dataclass(frozen=True)
class Spending:
    """Draws for each prompt by model, and the prompts they are made on; `notes` say how that came about.

    A model that is missing from `draws` is too dear for a single draw, or has no price.
    """

    draws: Mapping[str, int]
    prompts: Mapping[str, int]
    notes: tuple[str, ...] = ()

    @property
    def common(self) -> int | None:
        """The one number of draws that all models have on the same prompts; None where they differ."""
        return next(iter(self.draws.values())) if len(set(self.draws.values())) == len(set(self.prompts.values())) == 1 else None


def spend(view: View, budget: Budget | None) -> Spending:
    """Draws on the prompts of the run, as many as the budget gives each; on fewer prompts where that is less than one."""
    prompts = max((view.prompts(m) for m in view.models), default=0)
    if budget is None:
        return _equal(view, view.tested[-1], prompts, ())
    if not budget.is_money:
        return _samples(view, budget, prompts)
    if not view.prices:
        missing = (
            f"{budget} cannot be turned into draws: needs column cost, or column tokens and --models FILE with prices, when it is"
            " measured; answered in samples"
        )
        return _equal(view, view.tested[-1], prompts, (missing,))
    return _money(view, budget, prompts)


def _equal(view: View, draws: int, prompts: int, notes: tuple[str, ...]) -> Spending:
    return Spending(dict.fromkeys(view.models, draws), dict.fromkeys(view.models, prompts), notes)


def _samples(view: View, budget: Budget, prompts: int) -> Spending:
    each = int(budget.amount // max(prompts, 1))
    if each < 1:
        few = int(budget.amount)
        return _equal(view, view.tested[0], few // view.tested[0], (f"{budget} are fewer than the {prompts} prompts of the run",))
    draws = max((n for n in view.tested if n <= each), default=view.tested[0])
    return _equal(view, draws, prompts, _left_over(view, budget, each, draws, prompts))


def _left_over(view: View, budget: Budget, each: int, draws: int, prompts: int) -> tuple[str, ...]:
    if draws == each:
        return ()
    if draws == view.tested[-1]:
        more = f"more prompts, {int(budget.amount) // draws} in all, are a better use than draws that nobody measured"
        return (f"{budget} would give each of {prompts} prompts {each} draws, {draws} were measured: {more}",)
    return (f"{budget} would give each of {prompts} prompts {each} draws; {draws} is the largest tested number up to that",)


def _money(view: View, budget: Budget, prompts: int) -> Spending:
    draws, on = {}, {}
    for model, price in ((m, view.prices.get(m)) for m in view.models):
        if price is None:
            continue
        each = math.inf if price <= 0 else budget.amount / (price * prompts)
        able = [n for n in view.tested if n <= each * (1 + 1e-9)]
        draws[model] = max(able, default=view.tested[0])
        on[model] = prompts if able else int(budget.amount / (price * view.tested[0]))
    dear = [m for m in draws if not on[m]]
    unpriced = [m for m in view.models if m not in view.prices]
    notes = [f"no price, so not considered for money: {', '.join(unpriced)}"] if unpriced else []
    notes += [f"too dear for a single prompt: {', '.join(dear)}"] if dear else []
    return Spending({m: draws[m] for m in draws if on[m]}, {m: on[m] for m in draws if on[m]}, tuple(notes))


def prompts_for(need: float, per_prompt: float) -> int:
    """Prompts at which `per_prompt` different usable answers each come to `need`."""
    return math.ceil(need / per_prompt - 1e-9)
