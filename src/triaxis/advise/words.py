"""The sentence and the lines under it."""

from collections.abc import Iterator

from triaxis.advise.advice import Advice, Candidate, Figure, Regret, Share, Step


def number(value: float, digits: int = 2) -> str:
    """`value` for a reader: two decimals, more where that would show nothing."""
    return f"{value:,.{digits}f}" if abs(value) >= 0.01 or value == 0 else f"{value:.2g}"


def figure(found: Figure | None, digits: int = 2) -> str:
    """`3.20 [2.90, 3.50]`, without ends where there are none."""
    if found is None:
        return "not measured"
    if found.low is None or found.high is None:
        return f"{number(found.value, digits)} (no interval)"
    return f"{number(found.value, digits)} [{number(found.low, digits)}, {number(found.high, digits)}]"


def mixed(choice: tuple[Share, ...]) -> str:
    """`5 draws of a`, or `3 draws of a and 2 of b`."""
    first, *rest = choice
    named = [f"{first.draws} draw{'s' if first.draws > 1 else ''} of {first.model}", *(f"{s.draws} of {s.model}" for s in rest)]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def lines(advice: Advice) -> Iterator[str]:
    """The sentence, then the evidence, a line each."""
    yield advice.sentence
    yield ""
    yield f"Gate: {advice.gate}; {advice.floor_rule}; {'all domains' if advice.domain is None else f'domain {advice.domain}'}."
    yield from (f"Chain: {step_line(step)}" for step in advice.chain)
    yield advice.temperature
    if advice.prompts is not None and advice.total is not None:
        cost = "" if advice.cost is None else f", for {money(advice.cost)}"
        yield f"In total: {figure(advice.total, 1)} different usable answers on {advice.prompts:,} prompts{cost}."
    yield from (f"Regret: {regret_line(regret)}" for regret in advice.regrets)
    yield from table(advice)
    yield from (f"Rests on: {cite}" for cite in advice.cites)
    yield from (f"Note: {note}" for note in advice.notes)


def money(amount: float) -> str:
    """An amount of money in the unit of the prices."""
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.4g}"


def step_line(step: Step) -> str:
    """One criterion in words."""
    value = "" if step.value is None or step.criterion == "cost" else f" with {figure(step.value)}"
    stays = f"; not told from it: {', '.join(step.kept[1:])}" if len(step.kept) > 1 else ""
    beaten = f"; behind beyond doubt: {len(step.beaten)}" if step.beaten else ""
    return f"{step.criterion}: {step.best}{value}{stays}{beaten} ({step.how})."


def regret_line(regret: Regret) -> str:
    """What another rule loses."""
    if regret.lost is None:
        return f"{regret.rule} takes {regret.model}, which has no value here."
    if regret.note == "the same choice":
        return f"{regret.rule} makes the same choice and loses nothing."
    lost = f"{figure(regret.lost)} different usable answers per prompt"
    return f"{regret.rule} takes {regret.model} and loses {lost} ({regret.note})."


def table(advice: Advice) -> Iterator[str]:
    """Every candidate on every axis, those on the front first."""
    complexity = f"complexity ({advice.complexity_measure})" if advice.complexity_measure else "complexity"
    yield f"Candidates (usable share; different usable answers; {complexity}; mean quality; cost of a draw):"
    for one in sorted(advice.candidates, key=_front_first):
        yield f"  {one.model}: {_axes(one)}{_place(one)}"


def _front_first(one: Candidate) -> tuple[bool, float]:
    return not one.on_front, -one.usable_diversity.value if one.usable_diversity else 0.0


def _axes(one: Candidate) -> str:
    cost = "no price" if one.cost_of_draw is None else money(one.cost_of_draw)
    shown = (one.usable_share, one.usable_diversity, one.complexity, one.quality)
    return "; ".join([*(figure(found) for found in shown), cost])


def _place(one: Candidate) -> str:
    if not one.on_front:
        return ""
    return " - on the front" if one.is_sure else " - on the front, not beyond doubt"
