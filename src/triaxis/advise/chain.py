"""The choice among models: one criterion after the other, keeping everyone whom the data cannot tell from the best."""

from collections.abc import Sequence
from dataclasses import dataclass

from triaxis.advise.advice import Figure, Step
from triaxis.advise.goals import COST, DIVERSITY, SHARE
from triaxis.advise.spending import Spending
from triaxis.advise.view import LEADS, UNKNOWN, Duel, View

PAIRED = "tested on shared prompts"
APART = "by intervals that do not overlap, since these were not tested against each other"


@dataclass(frozen=True)
class Race:
    """Models against each other at one floor, each with its draws."""

    view: View
    floor: float | None
    spending: Spending

    def value(self, criterion: str, model: str) -> Figure | None:
        """What counts for `criterion`: a share, answers per prompt of the run, or money of a draw (negative: less is better)."""
        if criterion == SHARE:
            return self.view.share(model, self.floor)
        if criterion == COST:
            price = self.view.prices.get(model)
            return None if price is None else Figure(-price, -price, -price)
        found = self.view.usable(model, self.floor, self.spending.draws[model])
        most = max(self.spending.prompts.values())
        return None if found is None else found.times(self.spending.prompts[model] / most)

    def duel(self, criterion: str, a: str, b: str) -> Duel:
        """`a` less `b`; by paired tests where there are some, else by whether their intervals overlap."""
        budget = {SHARE: 1, DIVERSITY: self.spending.common}.get(criterion)
        found = None if budget is None else self.view.duel(a, b, self.floor, budget)
        return found or self._by_intervals(criterion, a, b)

    def _by_intervals(self, criterion: str, a: str, b: str) -> Duel:
        one, other = self.value(criterion, a), self.value(criterion, b)
        if one is None or other is None or None in (one.low, one.high, other.low, other.high):
            gap = Figure(one.value - other.value) if one and other else Figure(0.0)
            return Duel(gap, UNKNOWN, None)
        low, high = (one.low or 0.0) - (other.high or 0.0), (one.high or 0.0) - (other.low or 0.0)
        return Duel(Figure(one.value - other.value, low, high), LEADS if low > 0 else "is behind" if high < 0 else UNKNOWN, None)

    def is_tested(self, criterion: str, models: Sequence[str]) -> bool:
        """Whether these were tested against each other in pairs."""
        budget = {SHARE: 1, DIVERSITY: self.spending.common}.get(criterion)
        return budget is not None and len(models) > 1 and self.view.duel(models[0], models[1], self.floor, budget) is not None

    def order(self, criterion: str, models: Sequence[str]) -> list[str]:
        """`models` with the best first: by their mean lead over the others where these were tested, else by their own values."""
        if self.is_tested(criterion, models):
            return sorted(models, key=lambda m: -sum(self.duel(criterion, m, o).difference.value for o in models if o != m))
        return sorted(models, key=lambda m: -_value(self.value(criterion, m)))

    def step(self, criterion: str, models: Sequence[str]) -> Step:
        """Who is best of `models` by `criterion`, and whom it does not beat beyond doubt."""
        ordered = self.order(criterion, models)
        best = ordered[0]
        beaten = tuple(m for m in ordered[1:] if self.duel(criterion, best, m).verdict == LEADS)
        kept = tuple(m for m in ordered if m not in beaten)
        how = PAIRED if self.is_tested(criterion, ordered) else APART
        return Step(criterion, best, self.value(criterion, best), kept, beaten, "known exactly" if criterion == COST else how)


def chain(race: Race, criteria: Sequence[str]) -> tuple[Step, ...]:
    """Steps through `criteria` until one model is left; one that nobody has a value for is passed over."""
    left, steps = list(race.spending.draws), []
    for criterion in criteria:
        known = [m for m in left if race.value(criterion, m) is not None]
        if not known or (criterion == COST and len(known) < len(left)):
            continue
        steps.append(race.step(criterion, known))
        left = list(steps[-1].kept)
        if len(left) == 1:
            break
    return tuple(steps)


def rivals(race: Race, steps: Sequence[Step], pick: str) -> list[tuple[str, Duel]]:
    """Models that no criterion told from `pick`, and that the first one, which the goal is about, cannot tell from it either."""
    duels = [(m, race.duel(steps[0].criterion, pick, m)) for m in steps[-1].kept if m != pick]
    return [(m, duel) for m, duel in duels if duel.verdict == UNKNOWN]


def _value(figure: Figure | None) -> float:
    return float("-inf") if figure is None else figure.value
