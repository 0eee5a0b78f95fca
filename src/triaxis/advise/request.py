"""What was asked, checked against what the results hold: gate, domain, floor, budget."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triaxis.errors import InputError, near
from triaxis.results import GateSummary, Results

_MONEY = re.compile(r"^\s*[$€£]\s*([0-9][0-9_,]*\.?[0-9]*)\s*$")
_COUNT = re.compile(r"^\s*([0-9][0-9_,]*)\s*$")


@dataclass(frozen=True)
class Budget:
    """How much there is in all: a number of samples, or of money."""

    amount: float
    is_money: bool

    def __str__(self) -> str:
        return f"${self.amount:,.2f}" if self.is_money else f"{self.amount:,.0f} samples"


def parse_budget(text: str | float | None) -> Budget | None:
    """A budget from text: `$50` is money, `500` samples. `InputError` says what to type."""
    if text is None:
        return None
    money, count = _MONEY.match(str(text)), _COUNT.match(str(text))
    found = money or count
    amount = float(re.sub("[_,]", "", found[1])) if found else 0.0
    if amount <= 0:
        raise InputError(f"expected a budget of money or samples, got {text!r}; type --budget '$50' or --budget 500")
    return Budget(amount, money is not None)


def gate_of(results: Results, asked: str | None, domain: str | None) -> GateSummary:
    """The gate to read: the only one, the one `asked` for by a part of its label, or the only one that has `domain`."""
    gates = results.manifest.gates
    found = [g for g in gates if asked is None or asked.lower() in g.gate.label.lower()]
    if domain is not None and len(found) > 1:
        found = [g for g in found if domain in g.domains] or found
    if len(found) == 1:
        return found[0]
    listed = "; ".join(repr(g.gate.label) for g in (found or gates))
    if not gates:
        raise InputError("expected results with a gate, got none; measure the data again")
    if not found:
        raise InputError(f"no gate has {asked!r} in its name; there are: {listed}")
    raise InputError(f"expected one gate, got {len(found)}: {listed}; type --gate with a part of one name that the others lack")


def check_domain(summary: GateSummary, domain: str | None) -> None:
    """`InputError` with near names when `domain` is not one of this gate."""
    if domain is not None and domain not in summary.domains:
        known = ", ".join(summary.domains[:20])
        raise InputError(f"no domain {domain!r}{near(domain, summary.domains)}; there are: {known}; leave it out for all of them")


def floor_of(
    summary: GateSummary, asked: float | None, domain: str | None, shares: Sequence[tuple[float, float]]
) -> tuple[float | None, str]:
    """The floor, and in words where it comes from. `shares` are (floor, share of samples that reach it), ascending.

    Without one asked for: the bar of the gates file where there is one for this domain; of two values the upper one; else the
    median of quality, the highest tested floor that at least half of the samples reach.
    """
    if summary.gate.quality is None or not summary.floors:
        if asked is not None:
            raise InputError("there is no floor to set: nothing was gated; measure again with --quality COLUMN")
        return None, "no floor: nothing was gated, so what is different counts whether it is good or not"
    if asked is not None:
        return _shown(summary, asked), f"floor {asked:g}, as asked"
    bars = {domain: summary.gate.bars.get(domain)} if domain else summary.gate.bars
    set_ = {bar for bar in bars.values() if bar is not None}
    if len(set_) == 1:
        bar = set_.pop()
        return _shown(summary, bar), f"floor {bar:g}, the bar of the gates file"
    if len(summary.floors) == 2:
        return summary.floors[1], f"floor {summary.floors[1]:g}, the upper one of the two values of {summary.gate.quality}"
    reached = [floor for floor, share in shares if share >= 0.5] or list(summary.floors[:1])
    several = "; the gates file has several bars, --domain takes the one of a domain" if set_ else ""
    rule = f"floor {reached[-1]:g}, the highest tested one that half of the samples reach (no --floor was given{several})"
    return reached[-1], rule


def _shown(summary: GateSummary, floor: float) -> float:
    """The lowest floor shown that is no lower than `floor`: between two values of quality every floor is the same."""
    above = [f for f in summary.floors if f >= floor - 1e-12 * abs(floor)]
    if not above:
        raise InputError(f"no sample reaches floor {floor:g}, the highest is {summary.floors[-1]:g}; type a lower --floor")
    return min(above)
