"""The second sentence, and every flip as one: which models change places along the floors, and how sure that is."""

from triaxis.report.phrase import Sentence, at_floor, lead_of, named
from triaxis.report.text import floor_name, percent
from triaxis.report.view import GateView, Row


def turning_point(view: GateView) -> Sentence:
    """The surest flip with both differences, else that there is none, else what the floor costs."""
    if len(view.models) < 2 or view.base_floor is None:
        return _cost_of_floor(view)
    counts = view.pair_verdicts
    total = sum(counts.values())
    if not total:
        return ("No pair of models was compared, so nothing can be said about flips.",)
    if len(view.gated_floors) == 1:
        return ("There is one quality floor only, so no two models can change places.",)
    if view.flips:
        return (*_surest(view, view.flips[0]), _others(counts["flip"], total))
    return _only_pair(view, view.all_flips[0]) if total == 1 else (_no_flip(counts, total),)


def _others(flips: int, total: int) -> str:
    words = f" In all, {flips} of {total:,} pairs of models {'changes' if flips == 1 else 'change'} places beyond doubt."
    return words if total > 1 else ""


def _surest(view: GateView, row: Row) -> Sentence:
    below, above = row["leader_below"], row["leader_above"]
    ends = (at_floor(row["below"], below), at_floor(row["above"], above))
    ends = ends if all(ends) else (f" at floor {floor_name(row['low'])}", f" at floor {floor_name(row['high'])}")
    start = ("The order flips: ", named(view, below), " is ahead of ", named(view, above))
    return *start, f"{ends[0]} and behind it{ends[1]}."


def _no_flip(counts: dict[str, int], total: int) -> str:
    changed = counts["undecided"]
    if not changed:
        return f"No two models change places: none of {total:,} pairs reverses its order at any floor."
    words = (
        "reverses its order somewhere, but not surely" if changed == 1 else "reverse their order somewhere, none of them surely"
    )
    return f"No two models change places beyond doubt: {changed:,} of {total:,} pairs {words}."


def _only_pair(view: GateView, row: Row) -> Sentence:
    """What is said of the only pair, when it does not flip."""
    if row["verdict"] == "none":
        return _steady(view, row)
    pair = (named(view, row["model_a"]), " and ", named(view, row["model_b"]))
    return *pair, " change places along the floors, but not beyond doubt."


def _cost_of_floor(view: GateView) -> Sentence:
    rows = [row for row in view.ranking(view.base_floor) if row["value"] is not None]
    if view.base_floor is None:
        return (f"{_ungated(view)}, so nothing is gated: no floor, no flip, and repeated mistakes count as variety.",)
    if not rows:
        return ("Nothing was measured.",)
    model, *floors = rows[0]["model"], *dict.fromkeys((view.base_floor, view.shown_floors[-1]))
    kept = [(floor, row) for floor in floors for row in view.ranking(floor) if row["model"] == model]
    shares = [f"{percent(row['usable_share'])} of its samples at floor {floor_name(floor)}" for floor, row in kept]
    return (named(view, model), " keeps ", " and ".join(shares), " as usable.")


def _ungated(view: GateView) -> str:
    return "There is no quality column" if view.summary.gate.quality is None else "No sample has a quality"


def flip(view: GateView, row: Row) -> Sentence:
    """One row of `flips` as a sentence, with what is certain from its `low` and `high`."""
    if row["verdict"] == "none":
        return _steady(view, row)
    if row["verdict"] == "flip" and row["crossings"] > 1:
        return _to_and_fro(view, row)
    below, above = row["leader_below"], row["leader_above"]
    return (
        f"At {_below(view, row)} ",
        named(view, below),
        f" leads{_brackets(row['below'], below)}, {_above(view, row)} ",
        named(view, above),
        f"{_brackets(row['above'], above)}; {_doubt(row)}.",
    )


def _below(view: GateView, row: Row) -> str:
    """`floors up to 2`, `floors 1 to 2`, `floor 1`: where the old leader leads."""
    first, last = row["begins"], row["last_floor_below"]
    return f"floors up to {floor_name(last)}" if first is None and last != view.base_floor else _floors(first, last)


def _above(view: GateView, row: Row) -> str:
    """`from 3 up`, `at floors 3 to 5`, `at floor 3`: where the new leader leads."""
    first, last = row["floor"], row["ends"]
    return f"from {floor_name(first)} up" if last is None and first != view.gated_floors[-1] else f"at {_floors(first, last)}"


def _floors(first: float | None, last: float | None) -> str:
    if first is None or last is None or first == last:
        return f"floor {floor_name(last if first is None else first)}"
    return f"floors {floor_name(first)} to {floor_name(last)}"


def _to_and_fro(view: GateView, row: Row) -> Sentence:
    """A flip whose ends are sure, with smaller changes of the lead between them."""
    below, above = row["leader_below"], row["leader_above"]
    start = (f"At floor {floor_name(row['low'])} ", named(view, below), f" leads{_brackets(row['below'], below, '')}, at floor ")
    end = (f"{floor_name(row['high'])} ", named(view, above), f"{_brackets(row['above'], above, '')}, both beyond doubt")
    return *start, *end, f"; between these floors the lead changes hands {row['crossings']} times."


def _brackets(end: Row | None, ahead: str, at: str = " at ") -> str:
    if (by := lead_of(end, ahead)) is None or end is None:
        return ""
    return f" (by {by}{at}{floor_name(end['floor'])})" if at else f" (by {by})"


def _doubt(row: Row) -> str:
    low, high = row["low"], row["high"]
    old = "" if low is None else f"{'up to' if row['is_sure_below'] else 'at'} {floor_name(low)}"
    above = ("from", " up") if row["is_sure_above"] else ("at", "")
    new = "" if high is None else f"{above[0]} {floor_name(high)}{above[1]}"
    if old and new:
        return f"beyond doubt {old} and {new}"
    if new:
        return f"undecided: the new lead is beyond doubt {new}, the old one nowhere"
    if old:
        return f"undecided: the old lead is beyond doubt {old}, the new one nowhere"
    return "undecided: neither lead is beyond doubt anywhere"


def _steady(view: GateView, row: Row) -> Sentence:
    first, second = named(view, row["model_a"]), named(view, row["model_b"])
    if row["leader_below"] is None:
        return first, " and ", second, " have the same mean at every floor."
    ahead, behind = (first, second) if row["leader_below"] == row["model_a"] else (second, first)
    return ahead, " is behind ", behind, " at no floor."
