"""The first sentence: who gives most at the lowest floor, whether the data can tell, and from which floor that changes."""

from collections.abc import Iterator, Sequence

from triaxis.report.phrase import Name, Sentence, amount, gap, named, without_band
from triaxis.report.text import floor_name, interval, number, plural
from triaxis.report.units import counted, drawn, each
from triaxis.report.view import GateView, Lead, Row

SAME = 1e-9  # means closer than this are equal: what is left of rounding
MOST_CHANGES = 3


def finding(view: GateView) -> Sentence:
    """The leader at the lowest floor, and every later change of the lead that the data support."""
    rows = [row for row in view.ranking(view.base_floor) if row["value"] is not None]
    if not rows:
        return ("No usable diversity could be measured; the section at the end says why.",)
    if len(rows) == 1:
        return _single(view, rows[0])
    duel = view.duel(view.base_floor)
    if duel is None:
        return _uncompared(view, rows)
    first = None if (tied := _tied(rows, duel)) else duel["winner"]
    opening = _tie(view, rows, tied) if tied else _opening(view, rows, duel)
    return (*opening, *_changes(view, first, duel["leader"]), ".")


def _where(view: GateView) -> str:
    floor = "With no quality floor" if view.base_floor is None else f"At floor {floor_name(view.base_floor)}"
    return f"{floor} ({drawn(view)}) "


def _answers(view: GateView) -> str:
    """`usable answers`, and for a set where they are counted: `usable answers across prompts`."""
    return f"{counted(view)}{' across prompts' if view.is_set else ''}"


def _single(view: GateView, row: Row) -> Sentence:
    value = f"{number(row['value'])} {interval(row['low'], row['high'])}".rstrip()
    start = (_where(view), named(view, row["model"]), f" gives {value} different {_answers(view)}{each(view)}")
    end = "; with one model there is nothing to compare it to."
    high = view.shown_floors[-1] if view.shown_floors else None
    later = next(iter(view.ranking(high)), None) if high != view.base_floor else None
    if later is None or later["value"] is None:
        return *start, end
    return *start, f", and {number(later['value'])} at floor {floor_name(high)}{end}"


def _uncompared(view: GateView, rows: Sequence[Row]) -> Sentence:
    first, second = rows[:2]
    why = "the lead was not tested here" if view.table("winner_map").height else _why_uncompared(view)
    if tied := _first_tied(rows):
        return *_tie(view, rows, tied), f"; {why}, so this is no verdict."
    most = f" shows the most different {_answers(view)}, {amount(view, first)}, before "
    start = (_where(view), named(view, first["model"]), most)
    return *start, named(view, second["model"]), f" with {number(second['value'])}; {why}, so this is no verdict."


def _why_uncompared(view: GateView) -> str:
    return "the sets were not compared" if view.is_set else "the models were not compared on shared prompts"


def _first_tied(rows: Sequence[Row]) -> int:
    """How many models share the largest value, 0 when one is alone."""
    same = sum(rows[0]["value"] - row["value"] < SAME for row in rows)
    return same if same > 1 else 0


def _tied(rows: Sequence[Row], duel: Row) -> int:
    """How many models share the largest value, 0 when one is alone or the shared prompts tell the first two apart."""
    return _first_tied(rows) if abs(duel["difference"]) < SAME else 0


def _tie(view: GateView, rows: Sequence[Row], tied: int) -> Sentence:
    """`6 of 26 models tie for the most different usable answers, 3.00 per prompt, every draw a different one`."""
    value = rows[0]["value"]
    is_full = view.budget and view.budget > 1 and view.budget - value < SAME
    full = f", every {'sample' if view.is_set else 'draw'} a different one" if is_full else ""
    most = f" for the most different {_answers(view)}, {number(value)}{each(view)}{full}"
    who = f"all {tied}" if tied == len(rows) else f"{tied} of {len(rows)}"
    pair = (named(view, rows[0]["model"]), " and ", named(view, rows[1]["model"]))
    start = (_where(view), *pair, f" tie{most}") if tied == 2 else (f"{_where(view)}{who} models tie{most}",)
    last = rows[-1]
    return start if tied == len(rows) else (*start, "; ", named(view, last["model"]), f" shows the fewest, {amount(view, last)}")


def _opening(view: GateView, rows: Sequence[Row], duel: Row) -> Sentence:
    leader, second = named(view, duel["leader"]), named(view, duel["runner_up"])
    start = f"{_where(view)}{_among(view, rows, duel)}"
    if duel["winner"] is not None:
        most: Sentence = (start, leader, f" gives the most different {_answers(view)}{_amount(view, rows, duel)}")
        return most if view.base_floor is not None else (*most, ", before ", second, f" ({gap(duel)})")
    if duel["verdict"] == "same within delta":
        return (
            start,
            leader,
            " and ",
            second,
            f" give equally many different {_answers(view)} within the stated margin ({gap(duel)})",
        )
    shows = f" shows the most different {_answers(view)}{_amount(view, rows, duel)}"
    if duel["low"] is None:
        why = without_band(view, duel)
        return start, leader, f"{shows}, before ", second, f" ({gap(duel)}), but {why}, so there is no verdict"
    if duel["low"] > 0:
        return start, leader, f"{shows}, ahead of ", second, f" ({gap(duel)}), but not beyond doubt of every other model"
    return start, leader, f"{shows}, but the data cannot tell it from ", second, f" ({gap(duel)})"


def _among(view: GateView, rows: Sequence[Row], duel: Row) -> str:
    """What the lead is about, where that is not every model on all its prompts: the bars may then show another order."""
    compared, known = set(view.summary.compared), {row["model"] for row in rows}
    among = f"among the {len(compared)} compared of {len(known)} models " if compared and known - compared else ""
    best = next((row["model"] for row in rows if row["model"] in compared or not compared), None)
    shared = "in the domains" if view.is_set else f"on the {plural(duel['prompts'], 'prompt')}"
    return among if best == duel["leader"] else f"{among}{shared} they share "


def _amount(view: GateView, rows: Sequence[Row], duel: Row) -> str:
    row = next((row for row in rows if row["model"] == duel["leader"]), None)
    return f", {amount(view, row)}" if row else ""


def _changes(view: GateView, first: str | None, leader: str) -> Iterator[str | Name]:
    """`; from floor 2 B leads with 5.73` for up to three changes, then what happens above the last clear floor."""
    if view.base_floor is None or len(view.tested_floors) < 2:
        return
    if not view.leads:
        yield from _never_clear(view, leader)
        return
    if len(view.leads) == 1 and view.leads[0].model == first and view.leads[0].spans(view.tested_floors):
        yield f", and leads at every {'floor' if len(view.tested_floors) == len(view.gated_floors) else 'floor with a band'}"
        return
    later = [lead for lead in view.leads if lead.first != view.base_floor]
    for lead in [lead for i, lead in enumerate(later) if i or lead.model != first][:MOST_CHANGES]:
        yield f"; {'from' if lead.is_whole and lead.first != view.tested_floors[-1] else 'at'} floor {floor_name(lead.first)} "
        yield named(view, lead.model or "")
        yield f" leads{_value_at(view, lead)}"
    yield from _above(view)


def _above(view: GateView) -> Iterator[str]:
    """`; from floor 8 up the data cannot tell`: no tested floor above the last clear one has a clear leader."""
    above = [floor for floor in view.tested_floors if floor > (view.leads[-1].last or 0.0)]
    if above and view.leads[-1].last is not None:
        yield f"; {'at' if len(above) == 1 else 'from'} floor {floor_name(above[0])}{'' if len(above) == 1 else ' up'}"
        yield " the data cannot tell"


def _never_clear(view: GateView, leader: str) -> Iterator[str | Name]:
    """Who shows the most at the highest floor of the short table, where it is another model; then that nothing is certain."""
    high = view.shown_floors[-1]
    duel = view.duel(high) if high != view.base_floor else None
    if duel is not None and duel["leader"] != leader and abs(duel["difference"]) > SAME:
        row = next((row for row in view.ranking(high) if row["model"] == duel["leader"]), None)
        yield f"; at floor {floor_name(high)} "
        yield named(view, duel["leader"])
        yield " shows the most" + (f", {number(row['value'])}" if row else "")
    yield "; no floor has a clear leader"


def _value_at(view: GateView, lead: Lead) -> str:
    row = next((r for r in view.ranking(lead.first) if r["model"] == lead.model), None)
    return f" with {number(row['value'])}" if row else ""
