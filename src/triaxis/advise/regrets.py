"""What simpler rules would have lost: the model with the highest mean quality, and the one with the most raw diversity."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from triaxis.advise.advice import Figure, Regret, Share
from triaxis.advise.view import Duel, View

BY_QUALITY, BY_RAW = "highest mean quality", "most diversity without a floor"


def regrets(
    view: View, floor: float | None, draws: Mapping[str, int], choice: tuple[Share, ...], value: Figure,
    tested: Mapping[str, Figure] | None = None,
) -> Iterator[Regret]:  # fmt: skip
    """One for each rule that the results can follow; `choice` is worth `value` for each prompt, each model gets its `draws`.

    `tested` are leads of a mixture over single models, where they are known with an interval.
    """
    for rule, model in ((BY_QUALITY, by_quality(view)), (BY_RAW, by_raw_diversity(view, draws))):
        if model is not None:
            yield _regret(_Chosen(view, floor, draws, choice, value, tested or {}), rule, model)


def by_quality(view: View) -> str | None:
    """The candidate with the highest mean quality; None when nothing is gated."""
    known = [(found.value, m) for m in view.models if (found := view.quality(m)) is not None]
    return max(known, key=lambda one: one[0])[1] if known else None


def by_raw_diversity(view: View, draws: Mapping[str, int]) -> str | None:
    """The candidate with the most different answers in its `draws`, whatever their quality."""
    known = [(found.value, m) for m in view.models if m in draws and (found := view.usable(m, None, draws[m])) is not None]
    return max(known, key=lambda one: one[0])[1] if known else None


class _Chosen(NamedTuple):
    """What was advised, and on what grounds."""

    view: View
    floor: float | None
    draws: Mapping[str, int]
    choice: tuple[Share, ...]
    value: Figure
    tested: Mapping[str, Figure]

    def duel(self, model: str) -> Duel | None:
        """The paired test of a single model that was advised against `model`, at equal draws."""
        one = self.choice[0]
        if len(self.choice) > 1 or self.draws.get(model) != one.draws:
            return None
        return self.view.duel(one.model, model, self.floor, one.draws)


def _regret(chosen: _Chosen, rule: str, model: str) -> Regret:
    if [share.model for share in chosen.choice] == [model]:
        return Regret(rule, model, Figure(0.0, 0.0, 0.0), "the same choice")
    if model in chosen.tested:
        return Regret(rule, model, chosen.tested[model], "on prompts that the mixture was not chosen on")
    duel = chosen.duel(model)
    if duel is not None:
        return Regret(rule, model, duel.difference, f"on shared prompts: {duel.verdict}")
    other = chosen.view.usable(model, chosen.floor, chosen.draws[model]) if model in chosen.draws else None
    lost = None if other is None else Figure(chosen.value.value - other.value)
    return Regret(rule, model, lost, "no interval: the two were not tested against each other")
