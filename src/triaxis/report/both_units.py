"""Within a prompt and across prompts, where a run measured the same samples both ways: two numbers under two names."""

from collections.abc import Sequence

from triaxis.report.phrase import Sentence, named
from triaxis.report.text import floor_name, interval, number
from triaxis.report.units import drawn
from triaxis.report.view import GateView, Row

START = "Within a prompt and across prompts are two numbers, and neither tells the other"


def twin_of(view: GateView, seen: Sequence[GateView]) -> int | None:
    """The place in `seen` of the gate with the same quality and equivalence and the other unit."""
    places = (i for i, one in enumerate(seen) if one.is_set != view.is_set and _same(one) == _same(view))
    return next(places, None)


def _same(view: GateView) -> tuple[str | None, str | None, str]:
    gate = view.summary.gate
    return gate.quality, gate.quality_source, gate.equivalence


def two_numbers(view: GateView, twin: GateView) -> Sentence:
    """Both figures, under their names, of the model that is first under `view` at its lowest floor."""
    inside, across = (twin, view) if view.is_set else (view, twin)
    first = next((row for row in view.ranking(view.base_floor) if row["value"] is not None), None)
    rows = [_row(one, view, first["model"]) for one in (inside, across)] if first else [None, None]
    if first is None or rows[0] is None or rows[1] is None:
        return (f"{START}.",)
    floor = "" if view.base_floor is None else f" at floor {floor_name(view.base_floor)}"
    within = f"{_value(rows[0])} in {drawn(inside)} (within a prompt)"
    beyond = f"{_value(rows[1])} among {drawn(across)} (across prompts)"
    return f"{START}: ", named(view, first["model"]), f"{floor} gives {within} and {beyond}."


def _value(row: Row) -> str:
    return f"{number(row['value'])} {interval(row['low'], row['high'])}".rstrip()


def _row(view: GateView, shown: GateView, model: str) -> Row | None:
    """The row of `model` at the lowest floor of the gate that is `shown`."""
    rows = view.ranking(shown.base_floor)
    return next((row for row in rows if row["model"] == model and row["value"] is not None), None)
