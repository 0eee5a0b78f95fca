"""The finding in three sentences, and every flip as one, composed from the tables and from nothing else.

The one idea: a sentence is a tuple of plain strings and `Name`s, so that a page can colour and isolate model names, Markdown
can escape them, and the text alone still reads.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from triaxis.report.text import floor_name, interval, number, percent, plural, trimmed, visible
from triaxis.report.view import GateView, Lead, Row
from triaxis.results import Caution


class Name(NamedTuple):
    """A model's name inside a sentence; `mark` is shown behind it when a warning stands by the model."""

    model: str
    mark: str = ""


Sentence = tuple[str | Name, ...]
MARK = "†"
FEWEST_PROMPTS = 10  # fewer give no interval: design, usable diversity


def plain(sentence: Sentence) -> str:
    """The sentence as text."""
    return "".join(visible(part.model) + part.mark if isinstance(part, Name) else visible(part) for part in sentence)


def three(view: GateView) -> tuple[Sentence, Sentence, Sentence]:
    """Who gives most and from which floor that changes; the surest flip; what was counted, over what, and what to distrust."""
    return finding(view), turning_point(view), gate_and_caution(view)


def finding(view: GateView) -> Sentence:
    """The first sentence: the leader at the lowest floor, and every later change of the lead that the data support."""
    rows = [row for row in view.ranking(view.base_floor) if row["value"] is not None]
    if not rows:
        return ("No usable diversity could be measured; the section at the end says why.",)
    if len(rows) == 1:
        return _single(view, rows[0])
    duel = view.duel(view.base_floor)
    if duel is None:
        return _uncompared(view, rows)
    opening = _opening(view, rows, duel)
    return (*opening, *_changes(view, duel["winner"]), ".")


def _name(view: GateView, model: str) -> Name:
    return Name(model, MARK if view.is_warned(model) else "")


def _where(view: GateView) -> str:
    floor = "With no quality floor" if view.base_floor is None else f"At floor {floor_name(view.base_floor)}"
    return f"{floor} ({plural(view.budget or 0, 'draw')} per prompt) "


def _what(view: GateView) -> str:
    return "answers" if view.base_floor is None else "usable answers"


def _amount(row: Row) -> str:
    bounds = interval(row["low"], row["high"])
    return f"{number(row['value'])} per prompt{' ' + bounds if bounds else ''}"


def _bounded(row: Row) -> str:
    return f"{number(row['value'])} {interval(row['low'], row['high'])}".rstrip()


def _single(view: GateView, row: Row) -> Sentence:
    start = (_where(view), _name(view, row["model"]), f" gives {_bounded(row)} different {_what(view)} per prompt")
    end = "; with one model there is nothing to compare it to."
    high = view.shown_floors[-1] if view.shown_floors else None
    later = next(iter(view.ranking(high)), None) if high != view.base_floor else None
    if later is None or later["value"] is None:
        return *start, end
    return *start, f", and {number(later['value'])} at floor {floor_name(high)}{end}"


def _uncompared(view: GateView, rows: Sequence[Row]) -> Sentence:
    first, second = rows[:2]
    start = (_where(view), _name(view, first["model"]), f" shows the most different {_what(view)}, {_amount(first)}, before ")
    doubt = "; the models were not compared on shared prompts, so this is no verdict."
    return *start, _name(view, second["model"]), f" with {number(second['value'])}{doubt}"


def _opening(view: GateView, rows: Sequence[Row], duel: Row) -> Sentence:
    values = {row["model"]: row for row in rows}
    leader, second = duel["leader"], duel["runner_up"]
    if duel["winner"] is not None:
        row = values.get(duel["winner"], rows[0])
        return _where(view), _name(view, duel["winner"]), f" gives the most different {_what(view)}, {_amount(row)}"
    both = (_name(view, leader), " from ", _name(view, second))
    gap = f"difference {number(abs(duel['difference']))} {interval(duel['low'], duel['high'])}".rstrip()
    if duel["verdict"] == "same within delta":
        return _where(view), *_swap(both, " and "), f" give equally many different {_what(view)} within the stated margin ({gap})"
    if duel["low"] is None:
        why = "with too few prompts for an interval" if duel["prompts"] < FEWEST_PROMPTS else "with no band on it, so no verdict"
        reason = f" in different {_what(view)} ({gap}), {why}"
        return _where(view), *_swap(both, " is before "), reason
    row = values.get(leader, rows[0])
    start = (_where(view), _name(view, leader), f" shows the most different {_what(view)}, {_amount(row)}")
    return *start, ", but the data cannot tell it from ", _name(view, second), f" ({gap})"


def _swap(both: Sentence, word: str) -> Sentence:
    return both[0], word, both[2]


def _changes(view: GateView, first: str | None) -> Iterator[str | Name]:
    """`; from floor 2 B leads with 5.73` for up to three changes, then what happens above the last clear floor."""
    changes = [lead for lead in view.leads if lead.first != view.base_floor][:3]
    changes = [lead for i, lead in enumerate(changes) if i or lead.model != first]
    for lead in changes:
        yield f"; from floor {floor_name(lead.first)} "
        yield _name(view, lead.model or "")
        yield f" leads{_value_at(view, lead)}"
    last = view.floors[-1] if view.floors else None
    surest = view.leads[-1].last if view.leads else None
    if view.base_floor is not None and surest is not None and last is not None and surest < last and first is not None:
        yield f"; above floor {floor_name(surest)} the data cannot tell"
    elif view.base_floor is not None and not view.leads:
        yield ", and no floor has a clear leader"


def _value_at(view: GateView, lead: Lead) -> str:
    row = next((r for r in view.ranking(lead.first) if r["model"] == lead.model), None)
    return f" with {number(row['value'])}" if row else ""


def turning_point(view: GateView) -> Sentence:
    """The second sentence: the surest flip with both differences, else that there is none, else what the floor costs."""
    if len(view.models) < 2 or view.base_floor is None:
        return _cost_of_floor(view)
    counts = view.pair_verdicts
    total = sum(counts.values())
    if not total:
        return ("No pair of models was compared, so nothing can be said about flips.",)
    if not view.flips:
        rest = f"{counts['none']} keep their order at every floor and {counts['undecided']} cannot be told"
        return (f"No two models change places beyond doubt: of {plural(total, 'pair')}, {rest}.",)
    return (*_surest(view, view.flips[0]), f" {_others(counts['flip'], total)}")


def _others(flips: int, total: int) -> str:
    return f"In all, {flips} of {plural(total, 'pair')} of models {'changes' if flips == 1 else 'change'} places beyond doubt."


def _surest(view: GateView, row: Row) -> Sentence:
    below, above = row["leader_below"], row["leader_above"]
    parts: tuple[str | Name, ...] = ("The order flips: ", _name(view, below), " is ahead of ", _name(view, above))
    ends = (_end(row["below"], below), _end(row["above"], above))
    if all(ends):
        return *parts, f"{ends[0]} and behind it{ends[1]}."
    return *parts, f" up to floor {floor_name(row['last_floor_below'])}, behind it above."


def _end(end: Row | None, ahead: str) -> str:
    return "" if (by := _by(end, ahead)) is None or end is None else f" by {by} at floor {floor_name(end['floor'])}"


def _by(end: Row | None, ahead: str) -> str | None:
    """The difference of a comparison seen from the model `ahead`, with its interval."""
    if end is None or end["difference"] is None:
        return None
    sign = 1 if end["model_a"] == ahead else -1
    bounds = (end["low"], end["high"]) if sign == 1 else (_minus(end["high"]), _minus(end["low"]))
    return f"{number(sign * end['difference'])} {interval(*bounds)}".rstrip()


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _cost_of_floor(view: GateView) -> Sentence:
    rows = [row for row in view.ranking(view.base_floor) if row["value"] is not None]
    if view.base_floor is None:
        missing = "There is no quality column, so nothing is gated: no floor, no flip, and repeated mistakes count as variety."
        return (missing,)
    high = view.shown_floors[-1]
    shares = [
        f"{percent(row['usable_share'])} of its samples at floor {floor_name(floor)}"
        for floor in dict.fromkeys((view.base_floor, high))
        for row in view.ranking(floor)[:1]
    ]
    return (_name(view, rows[0]["model"]), " keeps ", " and ".join(shares), " as usable.") if rows else ("Nothing was measured.",)


def gate_and_caution(view: GateView) -> Sentence:
    """The third sentence: what counts as usable and as different, over how many prompts; then every warning, with its mark."""
    gate = view.summary.gate
    above = f"{gate.quality}{_source(gate.quality_source)} at or above the floor"
    usable = "every sample counts" if gate.quality is None else f"usable means {above}"
    same = f"answers are the same by {gate.equivalence} ({gate.rule})"
    rows = view.ranking(view.base_floor)
    counts = sorted({row["prompts"] for row in rows})
    fewest = f"{counts[0]:,} to " if len(counts) > 1 else ""
    over = f"{fewest}{plural(counts[-1] if counts else 0, 'prompt')}"
    text = f"Here {usable}, and {same}; means over {over}, {_interval_words(view, rows)}."
    cautions = tuple(part for warning in view.summary.warnings for part in (" ", f"{MARK} {caution(warning)}"))
    return (text, *cautions)


def caution(warning: Caution) -> str:
    """The sentence of a warning as one that can stand alone."""
    text = visible(trimmed(warning.sentence, 400))
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _source(source: str | None) -> str:
    return f" from {source}" if source else ""


def _interval_words(view: GateView, rows: Sequence[Row]) -> str:
    if any(row["low"] is not None for row in rows):
        return f"{100 * view.results.manifest.confidence:.0f} % intervals in brackets"
    return "too few for an interval" if all(row["prompts"] < FEWEST_PROMPTS for row in rows) else "without intervals"


def flip(view: GateView, row: Row) -> Sentence:
    """One row of `flips` as a sentence, with interval words from its `low` and `high`."""
    if row["verdict"] == "none":
        return _steady(view, row)
    below, above = row["leader_below"], row["leader_above"]
    start: Sentence = (
        f"At floors up to {floor_name(row['last_floor_below'])} ",
        _name(view, below),
        f" leads{_brackets(row['below'], below)}, from ",
        f"{floor_name(row['floor'])} up ",
        _name(view, above),
        f"{_brackets(row['above'], above)}",
    )
    return (*start, "; ", _doubt(row), ".")


def _brackets(end: Row | None, ahead: str) -> str:
    return "" if (by := _by(end, ahead)) is None or end is None else f" (by {by} at {floor_name(end['floor'])})"


def _doubt(row: Row) -> str:
    low, high = row["low"], row["high"]
    if low is not None and high is not None:
        return f"beyond doubt up to {floor_name(low)} and from {floor_name(high)} up"
    if high is not None:
        return f"undecided: the new lead is beyond doubt from {floor_name(high)} up, the old one nowhere"
    if low is not None:
        return f"undecided: the old lead is beyond doubt up to {floor_name(low)}, the new one nowhere"
    return "undecided: neither lead is beyond doubt anywhere"


def _steady(view: GateView, row: Row) -> Sentence:
    return _name(view, row["model_a"]), " and ", _name(view, row["model_b"]), " keep their order at every floor."
