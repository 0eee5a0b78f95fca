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

ADDS = "adds"
MOST_PLANS = 24
TONES = {ADDS: "widens"}
HOW = (
    "A mixture gives out one budget: n draws spread over several models, never n draws of each. Draws are given out so that "
    "the expected number of different usable answers is largest, exactly from the counts of each prompt's classes.",
    "The value is taken on prompts that the allocation was not chosen on, so that no mixture looks good for having been picked; "
    "“in sample” is the same on the prompts that it was chosen on. No allocation of this budget exceeds the bound.",
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
    first, *others = [sentence for plan in _told(plans) if (sentence := _sentence(view, _of(rows, plan), plan))]
    shown = plans[: room.most(MOST_PLANS)]
    left = left_words(len(plans) - len(shown), "budget and floor", "ensemble")
    blocks: list[Block] = [*_figures(view, rows, shown, left), *_tables(rows, plans, room)]
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


def _sentence(view: GateView, rows: list[Row], plan: Plan) -> Sentence:
    """What one model gives, and what each further one adds until none does."""
    if not rows:
        return ()
    alone, joined = rows[0], _joined(rows)
    where = "With no floor" if plan.floor is None else f"At floor {floor_name(plan.floor)}"
    first = f" alone gives {figure(alone)} different usable answers for {_spent(plan)} ({plural(alone['prompts'], 'prompt')})"
    start = (f"{where} ", _named(view, alone), first)
    parts = [part for row in joined for part in ("; ", _named(view, row), f" added gives {figure(row)} ({_gain(row)})")]
    after = rows[len(joined) + 1 : len(joined) + 2]
    end = [part for row in after for part in ("; ", _named(view, row), f" on top: {row['verdict']} ({_gain(row)})")]
    return (*start, *parts, *end, ".")


def _joined(rows: list[Row]) -> list[Row]:
    """The members after the first, up to the last that adds something without a doubt, at most three."""
    last = max((i for i, row in enumerate(rows) if row["verdict"] == ADDS), default=0)
    return rows[1 : min(last, 3) + 1]


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


def _figures(view: GateView, rows: pl.DataFrame, plans: Sequence[Plan], left: str) -> Iterator[Figure]:
    curves = [(_named_plan(plan), _curve(_of(rows, plan))) for plan in plans]
    title, note = "Different usable answers by number of models", "Bands are 95 % intervals, each for its own number of models."
    yield Figure("ensemble-curve", title, f"{title}; the table says the same", curves, "Budget", note, left)
    draws = together(rows_of(view, "ensemble_draws"))
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
    """Who draws how often, for the number of models up to which each adds something, else for two."""
    steps = _of(rows, plan)
    members = len(_joined(steps)) + 1
    wanted = max(members, 2) if len(steps) > 1 else 1
    own = [row for row in _of(draws, plan) if row["members"] == wanted and row["draws"]]
    if own:
        bars = [[shown_name(row["model"]), row["draws"], None, None] for row in sorted(own, key=lambda row: -row["draws"])[:40]]
        yield f"{_named_plan(plan)}, {plural(wanted, 'model')}", {"k": "bars", "y": "draws per prompt", "p": bars}


def _tables(rows: pl.DataFrame, plans: Sequence[Plan], room: Room) -> Iterable[Table]:
    first = plans[0]
    columns = heads("models#", "added", "different usable answers#", "gain#")
    columns += heads("verdict", "in sample#", "bound#", "prompts#")
    steps = _of(rows, first)
    most = room.most(60, 5)
    shown = [_step(row) for row in steps[:most]]
    yield Table(_named_plan(first).capitalize(), "", columns, shown, left_words(len(steps) - most, "step", "ensemble"))
    if len(plans) > 1:
        yield _overview(rows, plans, room)


def _step(row: Row) -> list[Cell]:
    gain = "–" if row["gain"] is None else _gain(row)
    tone = TONES.get(row["verdict"] or "", "unsure" if row["verdict"] else "")
    return [
        count_cell(row["members"]),
        named_cell(row["added"]) if row["added"] else Cell(["–"]),
        Cell([figure(row)], row["value"]),
        Cell([gain], row["gain"]),
        Cell([row["verdict"] or "–"], tone=tone),
        Cell([number(row["in_sample"])], row["in_sample"]),
        Cell([number(row["bound"])], row["bound"]),
        count_cell(row["prompts"]),
    ]


def _overview(rows: pl.DataFrame, plans: Sequence[Plan], room: Room) -> Table:
    """One row a budget and floor: one model, and the members up to which each adds something."""
    columns = heads("budget per prompt", "floor", "best alone", "it gives#")
    columns += heads("with", "they give#", "bound#", "cost#")
    most = room.most(60, 5)
    table = [_plan_row(_of(rows, plan), plan) for plan in plans[:most]]
    left = left_words(len(plans) - most, "budget and floor", "ensemble")
    return Table("Every budget and floor", "“With”: the members up to the last that adds something.", columns, table, left)


def _plan_row(rows: list[Row], plan: Plan) -> list[Cell]:
    alone, joined = rows[0], _joined(rows)
    last = joined[-1] if joined else alone
    names = [shown_name(row["added"]) for row in joined]
    together_ = [Cell([figure(last)], last["value"]) if joined else Cell(["–"]), Cell([number(last["bound"])], last["bound"])]
    cost = Cell(["–" if last["cost"] is None else _amount(last["cost"])], last["cost"])
    spent = _spent(plan).removesuffix(" per prompt")
    start = [Cell([spent]), Cell([floor_words(plan.floor)]), named_cell(alone["added"]), Cell([figure(alone)], alone["value"])]
    return [*start, Cell(names or ["nothing"], is_name=True), *together_, cost]
