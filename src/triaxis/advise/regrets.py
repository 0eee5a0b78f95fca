"""What simpler rules would have lost: the model with the highest mean quality, and the one with the most raw diversity."""

from collections.abc import Iterator

from triaxis.advise.advice import Figure, Regret, Share
from triaxis.advise.view import View

BY_QUALITY, BY_RAW = "highest mean quality", "most diversity without a floor"


def regrets(view: View, floor: float | None, draws: int, choice: tuple[Share, ...], value: Figure) -> Iterator[Regret]:
    """One for each rule that the results can follow; `choice` is worth `value` at `draws` draws for each prompt."""
    for rule, model in ((BY_QUALITY, by_quality(view)), (BY_RAW, by_raw_diversity(view, draws))):
        if model is not None:
            yield _regret(view, floor, draws, choice, value, rule, model)


def by_quality(view: View) -> str | None:
    """The candidate with the highest mean quality; None when nothing is gated."""
    known = [(found.value, m) for m in view.models if (found := view.quality(m)) is not None]
    return max(known, key=lambda one: one[0])[1] if known else None


def by_raw_diversity(view: View, draws: int) -> str | None:
    """The candidate with the most different answers in `draws` draws, whatever their quality."""
    known = [(found.value, m) for m in view.models if (found := view.usable(m, None, draws)) is not None]
    return max(known, key=lambda one: one[0])[1] if known else None


def _regret(
    view: View, floor: float | None, draws: int, choice: tuple[Share, ...], value: Figure, rule: str, model: str
) -> Regret:
    if [share.model for share in choice] == [model]:
        return Regret(rule, model, Figure(0.0, 0.0, 0.0), "the same choice")
    tested = view.duel(choice[0].model, model, floor, draws) if len(choice) == 1 else None
    if tested is not None:
        return Regret(rule, model, tested.difference, f"on shared prompts: {tested.verdict}")
    other = view.usable(model, floor, draws)
    note = "no interval: the two were not tested against each other"
    return Regret(rule, model, None if other is None else Figure(value.value - other.value), note)
