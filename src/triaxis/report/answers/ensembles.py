"""Does a mixture of models help? Value by number of members, what each further member adds, and who gets how many draws."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from triaxis.report.answers.blocks import (
    Block,
    Cell,
    Figure,
    Room,
    Section,
    Table,
    count_cell,
    figure,
    floors_shown,
    heads,
    left_words,
    named_cell,
    point,
    rounded,
    rows_of,
    shown_name,
    together,
    unique,
    where,
)
from triaxis.report.levels import floor_words
from triaxis.report.phrase import Name, Sentence, named
from triaxis.report.text import floor_name, interval, number, plural, signed
from triaxis.report.view import GateView, Row
from triaxis.stats.steps import surest_step

ADDS = "adds"
MOST_PLANS = 24
TONES = {ADDS: "widens"}
HOW = (
    "A mixture gives out one budget: n draws spread over several models, never n draws of each. Draws are given out so that "
    "the expected number of different usable answers is largest, exactly from the counts of each prompt's classes.",
    "The value is taken on prompts that the allocation was not chosen on, so that no mixture looks good for having been picked; "
    "“in sample” is the same on the prompts that it was chosen on. No allocation of this budget exceeds the bound.",
    "“Over one” is what a mixture gives beyond the best single model for as much. The fewest members for which its interval lies "
    "above 0 are taken, more only where the lower ends of their gains add up to more than 0.",
    "The gain is what the member that joined last adds. It “adds nothing” where its interval lies within the stated margin.",
)


class Plan(NamedTuple):
    """What is spent for one prompt, above which floor; `unit` None is samples."""

    floor: float | None
    unit: str | None
    amount: float | None


def ensembles(view: GateView, room: Room) -> Section | None:
    """The section on mixtures; None without rows."""
    rows = together(rows_of(view, "ensemble").filter(pl.col("value").is_not_null())).sort("members", maintain_order=True)
    if not rows.height:
        return None
    plans = _ordered(view, rows)
    draws = together(rows_of(view, "ensemble_draws"))
    told = ((plan, _of(rows, plan), _of(draws, plan)) for plan in _told(plans))
    first, *others = [sentence for plan, own, given in told if (sentence := _sentence(view, own, given, plan))]
    shown = plans[: room.most(MOST_PLANS)]
    left = left_words(len(plans) - len(shown), "budget and floor", "ensemble")
    blocks: list[Block] = [*_figures(view, rows, draws, shown, left), *_tables(rows, draws, plans, room)]
    return Section("ensemble", "Does a mixture help?", first, blocks, HOW, others)


def _ordered(view: GateView, rows: pl.DataFrame) -> list[Plan]:
    """Plans with those in samples first, then near the reference budget and the reference floors first."""
    found = unique(Plan(*key) for key in rows.select("floor", "cost_unit", "amount").iter_rows())
    floors = floors_shown(view, rows)
    floors = [floor for floor in floors if floor is not None] + [None]
    budget = view.budget or 0

    def rank(plan: Plan) -> tuple[Any, ...]:
        place = floors.index(plan.floor) if plan.floor in floors else len(floors)
        return (
            plan.unit is not None,
            plan.unit or "",
            abs((plan.amount or 0) - budget),
            plan.amount or 0,
            place,
            plan.floor or 0,
        )

    return sorted(found, key=rank)


def _told(plans: Sequence[Plan]) -> list[Plan]:
    """The reference plan, the same at another floor, and the first one that counts money."""
    first = plans[0]
    same = [plan for plan in plans[1:] if (plan.unit, plan.amount) == (first.unit, first.amount)]
    money = [plan for plan in plans if plan.unit is not None and plan.floor == first.floor]
    return [first, *same[:1], *money[-1:]]


def _of(rows: pl.DataFrame, plan: Plan) -> list[Row]:
    return rows.filter(where("floor", plan.floor), where("cost_unit", plan.unit), where("amount", plan.amount)).to_dicts()


def _sentence(view: GateView, rows: list[Row], draws: list[Row], plan: Plan) -> Sentence:
    """What one model gives, and whether a mixture gives more for as much, with its draws."""
    if not rows:
        return ()
    alone = rows[0]
    where = "With no floor" if plan.floor is None else f"At floor {floor_name(plan.floor)}"
    first = f" alone gives {figure(alone)} different usable answers for {_spent(plan)} ({plural(alone['prompts'], 'prompt')}); "
    return (f"{where} ", _named(view, alone), first, *_mixture(view, rows, draws), ".")


def _mixture(view: GateView, rows: list[Row], draws: list[Row]) -> Sentence:
    """The mixture that is taken and its lead over the best single model; else the most promising one, and that it is not sure."""
    taken = _taken(rows)
    told = rows[taken] if taken else max(rows[1:], key=lambda row: row["over_one"] or 0.0, default=rows[0])
    shares = _shares(view, _of_members(draws, told))
    if not shares or told["over_one"] is None:
        return ("no mixture was found that gains",)
    lead = _lead(told)
    if taken:
        return ("a mixture of ", *shares, f" gives {figure(told)}, better beyond doubt than the best single model ({lead})")
    doubt = "no better" if told["over_one_high"] is not None and told["over_one_high"] <= 0 else "not better beyond doubt"
    return ("no mixture is better beyond doubt: the most promising one, ", *shares, f", is {doubt} ({lead})")


def _taken(rows: list[Row]) -> int:
    """Position of the row to take: the fewest members that beat the best single model beyond doubt; 0 where none do."""
    return surest_step([row["over_one_low"] for row in rows], [row["gain_low"] for row in rows])


def _of_members(draws: list[Row], told: Row) -> list[Row]:
    """Who draws in the mixture of row `told`, the most first; none where it is a single model."""
    own = [row for row in draws if row["members"] == told["members"] and row["draws"]]
    return sorted(own, key=lambda row: (-row["draws"], row["model"])) if len(own) > 1 else []


def _shares(view: GateView, own: list[Row]) -> Sentence:
    """`5 draws of a, 3 of b, 2 of c`."""
    parts: list[Name | str] = []
    for place, row in enumerate(own):
        count = f"{row['draws']} of " if place else f"{plural(row['draws'], 'draw')} of "
        parts += [f", {count}" if place else count, named(view, row["model"])]
    return tuple(parts)


def _lead(row: Row) -> str:
    return f"{signed(row['over_one'])} {interval(row['over_one_low'], row['over_one_high'])}".rstrip()


def _named(view: GateView, row: Row) -> Name | str:
    return named(view, row["added"]) if row["added"] is not None else "a further model"


def _gain(row: Row) -> str:
    return f"{signed(row['gain'])} {interval(row['gain_low'], row['gain_high'])}".rstrip()


def _spent(plan: Plan) -> str:
    """`10 draws per prompt`, `0.02 of price per prompt`."""
    if plan.amount is None:
        return "its budget"
    draws = plural(round(plan.amount), "draw")
    return f"{draws} per prompt" if plan.unit is None else f"{_amount(plan.amount)} of {plan.unit} per prompt"


def _amount(value: float) -> str:
    return f"{value:,.4g}"


def _named_plan(plan: Plan) -> str:
    return f"{_spent(plan)}, {floor_words(plan.floor)}"


def _figures(view: GateView, rows: pl.DataFrame, draws: pl.DataFrame, plans: Sequence[Plan], left: str) -> Iterator[Figure]:
    curves = [(_named_plan(plan), _curve(_of(rows, plan))) for plan in plans]
    title, note = "Different usable answers by number of models", "Bands are 95 % intervals, each for its own number of models."
    yield Figure("ensemble-curve", title, f"{title}; the table says the same", curves, "Budget", note, left)
    shares = [(words, bars) for plan in plans for words, bars in _allocations(rows, draws, plan)]
    if shares:
        yield Figure("ensemble-draws", "Draws that each model gets", "Draws per prompt by model", shares, "Budget")


def _curve(rows: list[Row]) -> dict[str, Any]:
    value: dict[str, Any] = {"n": "on other prompts", "c": "tone1", "p": [point(row["members"], row) for row in rows]}
    lines = [value]
    for name, column, tone in (("in sample", "in_sample", "tone0"), ("bound", "bound", "soft")):
        found = [[row["members"], rounded(row[column]), None, None] for row in rows if row[column] is not None]
        lines += [{"n": name, "c": tone, "d": 1, "p": found}] if found else []
    return {"k": "lines", "x": "models", "y": "different usable answers per prompt", "whole": 1, "s": lines}


def _allocations(rows: pl.DataFrame, draws: pl.DataFrame, plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """Who draws how often in the mixture that is taken, else in that of two models."""
    steps = _of(rows, plan)
    wanted = steps[_taken(steps) or min(1, len(steps) - 1)]["members"]
    own = [row for row in _of(draws, plan) if row["members"] == wanted and row["draws"]]
    if own:
        bars = [[shown_name(row["model"]), row["draws"], None, None] for row in sorted(own, key=lambda row: -row["draws"])[:40]]
        yield f"{_named_plan(plan)}, {plural(wanted, 'model')}", {"k": "bars", "y": "draws per prompt", "p": bars}


def _tables(rows: pl.DataFrame, draws: pl.DataFrame, plans: Sequence[Plan], room: Room) -> Iterable[Table]:
    first = plans[0]
    columns = heads("models#", "added", "different usable answers#", "over one#", "gain#")
    columns += heads("verdict", "in sample#", "bound#", "prompts#")
    steps = _of(rows, first)
    most = room.most(60, 5)
    shown = [_step(row) for row in steps[:most]]
    yield Table(_named_plan(first).capitalize(), "", columns, shown, left_words(len(steps) - most, "step", "ensemble"))
    if len(plans) > 1:
        yield _overview(rows, draws, plans, room)


def _step(row: Row) -> list[Cell]:
    gain = "–" if row["gain"] is None else _gain(row)
    tone = TONES.get(row["verdict"] or "", "unsure" if row["verdict"] else "")
    return [
        count_cell(row["members"]),
        named_cell(row["added"]) if row["added"] else Cell(["–"]),
        Cell([figure(row)], row["value"]),
        Cell(["–" if row["over_one"] is None else _lead(row)], row["over_one"]),
        Cell([gain], row["gain"]),
        Cell([row["verdict"] or "–"], tone=tone),
        Cell([number(row["in_sample"])], row["in_sample"]),
        Cell([number(row["bound"])], row["bound"]),
        count_cell(row["prompts"]),
    ]


def _overview(rows: pl.DataFrame, draws: pl.DataFrame, plans: Sequence[Plan], room: Room) -> Table:
    """One row a budget and floor: one model, and the mixture that is taken."""
    columns = heads("budget per prompt", "floor", "best alone", "it gives#")
    columns += heads("mixture", "it gives#", "over one#", "bound#", "cost#")
    most = room.most(60, 5)
    table = [_plan_row(_of(rows, plan), _of(draws, plan), plan) for plan in plans[:most]]
    left = left_words(len(plans) - most, "budget and floor", "ensemble")
    note = "The mixture is that of the fewest members that beats the best single model beyond doubt."
    return Table("Every budget and floor", note, columns, table, left)


def _plan_row(rows: list[Row], draws: list[Row], plan: Plan) -> list[Cell]:
    alone, taken = rows[0], _taken(rows)
    last = rows[taken]
    names = [shown_name(row["model"]) for row in _of_members(draws, last)] if taken else []
    nothing = [Cell(["–"]), Cell(["–"])]
    given = [Cell([figure(last)], last["value"]), Cell([_lead(last)], last["over_one"])] if taken else nothing
    bound = Cell([number(last["bound"])], last["bound"])
    cost = Cell(["–" if last["cost"] is None else _amount(last["cost"])], last["cost"])
    spent = _spent(plan).removesuffix(" per prompt")
    start = [Cell([spent]), Cell([floor_words(plan.floor)]), named_cell(alone["added"]), Cell([figure(alone)], alone["value"])]
    return [*start, Cell(names or ["nothing"], is_name=True), *given, bound, cost]
