"""The answer without a goal: models that no other one beats on every axis at once, and which of them are there beyond doubt."""

from collections.abc import Sequence
from dataclasses import replace

from triaxis.advise.advice import Candidate, Figure
from triaxis.advise.chain import Race
from triaxis.advise.goals import DIVERSITY, SHARE
from triaxis.advise.view import LEADS


def candidates(race: Race) -> tuple[Candidate, ...]:
    """Every model of `race` on every axis, with its place on the front."""
    view = race.view
    found = [
        Candidate(
            m, n, view.share(m, race.floor), view.usable(m, race.floor, n), view.quality(m), view.complexity(m, race.floor),
            view.prices.get(m),
        )
        for m, n in race.spending.draws.items()
    ]  # fmt: skip
    return tuple(replace(one, on_front=_on_front(one, found), is_sure=_is_sure(race, one, found)) for one in found)


def axes_of(one: Candidate) -> tuple[float | None, ...]:
    """Numbers where more is better: usable share, usable diversity, complexity, cost of a draw turned round."""
    figures = (one.usable_share, one.usable_diversity, one.complexity)
    return (*(None if f is None else f.value for f in figures), None if one.cost_of_draw is None else -one.cost_of_draw)


def _on_front(one: Candidate, every: Sequence[Candidate]) -> bool:
    return not any(_dominates(axes_of(other), axes_of(one)) for other in every if other is not one)


def _dominates(a: tuple[float | None, ...], b: tuple[float | None, ...]) -> bool:
    """Whether `a` is at least as good on each axis that both have, and better on one."""
    both = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    return bool(both) and all(x >= y for x, y in both) and any(x > y for x, y in both)


def _is_sure(race: Race, one: Candidate, every: Sequence[Candidate]) -> bool:
    """Whether each other model is behind `one` beyond doubt on some axis."""
    return all(_ahead_somewhere(race, one, other) for other in every if other is not one)


def _ahead_somewhere(race: Race, one: Candidate, other: Candidate) -> bool:
    if any(race.duel(axis, one.model, other.model).verdict == LEADS for axis in (SHARE, DIVERSITY)):
        return True
    if one.cost_of_draw is not None and other.cost_of_draw is not None and one.cost_of_draw < other.cost_of_draw:
        return True
    return _apart(one.complexity, other.complexity)


def _apart(a: Figure | None, b: Figure | None) -> bool:
    return a is not None and b is not None and a.low is not None and b.high is not None and a.low > b.high
