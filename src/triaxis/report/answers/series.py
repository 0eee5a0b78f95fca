"""How a run moves from checkpoint to checkpoint: formats, accuracy, usable diversity, and where something changed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from triaxis.report.answers.blocks import (
    Block,
    Figure,
    Room,
    Section,
    Words,
    domain_name,
    figure,
    floors_shown,
    left_words,
    point,
    rounded,
    rows_of,
    shown_name,
    together,
    unique,
    where,
)
from triaxis.report.answers.changes import CHANGES, at_step, change_table, moved, time_table, what
from triaxis.report.answers.population import thin
from triaxis.report.levels import floor_words
from triaxis.report.phrase import Sentence, named
from triaxis.report.text import number, percent, plural
from triaxis.report.view import GateView, Row

STACKED = "format share"
ORDER = (
    *(STACKED, "format entropy", "dominant share", "formats differ", "accuracy", "usable diversity", "usable share", "pass@k"),
    *("capacity left", "tail share", "prompts reached", "classes"),
)
MOST_LINES, MOST_FIGURES, MOST_MARKS = 8, 16, 8
HOW = (
    "One prompt set is kept for all steps where that leaves enough prompts, else each step has its own and the number of prompts "
    "says so. Bands are 95 % intervals over prompts, step by step.",
    "A change is a step from which the mean differs beyond what shuffled steps show, with the interval of the step in grey; many "
    "series are looked at, and p is corrected for how many.",
    "pass@k is the probability of a usable answer in k draws. Capacity left is the share of the first step's usable answers that "
    "a step still gives. Shares of thirds: prompts sorted by how hard they are.",
)


class Run(NamedTuple):
    """One run in one domain, None for all."""

    model: str
    domain: str | None


def series(view: GateView, room: Room) -> Section | None:
    """The section on series over steps; None without rows."""
    rows = rows_of(view, "series").filter(pl.col("value").is_not_null())
    if not rows.height:
        return None
    runs, left = _runs(rows, room)
    changes = rows_of(view, "change_points")
    first, *more = [*_sentences(view, rows, changes), *_time_sentence(view)]
    blocks: list[Block] = [*_figures(view, rows, changes, runs, room)]
    blocks += [Words(left, is_fine=True)] if left else []
    blocks += [*change_table(changes, room), *time_table(view, room)]
    return Section("series", "What happens over the run?", first, blocks, HOW, more)


def _runs(rows: pl.DataFrame, room: Room) -> tuple[list[Run], str]:
    """Runs over all domains first, then by domain where there are several."""
    whole = together(rows)
    models = unique(whole["model"]) or unique(rows["model"])
    domains = sorted(rows["domain"].drop_nulls().unique().to_list())
    found = [Run(model, None) for model in models]
    found += [Run(model, domain) for model in models for domain in domains] if len(domains) > 1 else []
    shown = found[: room.most(24, 1)]
    return shown, left_words(len(found) - len(shown), "run or domain", "series")


def _of_run(rows: pl.DataFrame, run: Run) -> pl.DataFrame:
    own = rows.filter(pl.col("model") == run.model)
    return together(own) if run.domain is None else own.filter(pl.col("domain") == run.domain)


def _named_run(run: Run, runs: Sequence[Run]) -> str:
    parts = [shown_name(run.model)] if len({one.model for one in runs}) > 1 else []
    return ", ".join([*parts, *([] if run.domain is None and parts else [domain_name(run.domain)])])


def _measures(rows: pl.DataFrame) -> list[str]:
    found = unique(rows["measure"])
    return sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def _figures(view: GateView, rows: pl.DataFrame, changes: pl.DataFrame, runs: Sequence[Run], room: Room) -> Iterator[Figure]:
    """One chart a measure, with a variant for each run, and for each floor where a measure has several labels."""
    for place, measure in enumerate(_measures(rows)[: room.most(MOST_FIGURES, 3)]):
        own, marks = rows.filter(pl.col("measure") == measure), changes.filter(pl.col("measure") == measure)
        variants = [
            (", ".join(filter(None, [_named_run(run, runs), words])), spec)
            for run in runs
            for words, spec in _variants(view, _of_run(own, run), _of_run(marks, run), measure, room)
        ]
        if variants:
            title = measure[:1].upper() + measure[1:]
            yield Figure(f"series-{place}", title, f"{measure} over the steps of the run", variants, "Show")


def _variants(
    view: GateView, rows: pl.DataFrame, changes: pl.DataFrame, measure: str, room: Room
) -> Iterator[tuple[str, dict[str, Any]]]:
    """By floor where there are several labels, else one chart with a line for each floor or number of draws."""
    if not rows.height or rows["step"].n_unique() < 2:
        return
    floors = _floors(view, rows, changes)
    if _is_labelled(rows):
        for floor in floors:
            own = _at_floor(rows, floor)
            if own.height:
                yield floor_words(floor), _labelled(own, _at_floor(changes, floor), measure, room)
        return
    yield "", _lines(view, rows, changes, measure, room, floors)


def _floors(view: GateView, rows: pl.DataFrame, changes: pl.DataFrame) -> list[float | None]:
    """The floors that the page shows elsewhere, and at most two at which something changes."""
    known = set(rows["floor"])
    changed = changes.filter(pl.col("verdict").is_in(CHANGES)).sort("p", nulls_last=True, maintain_order=True)["floor"]
    found = [*floors_shown(view, rows), *[floor for floor in unique(changed) if floor in known][:2]]
    return sorted(set(found), key=lambda floor: (floor is not None, floor or 0.0))


def _is_labelled(rows: pl.DataFrame) -> bool:
    """Whether steps have several labels each; where every step has one, the label says which, and it is one line."""
    return bool(rows.select("floor", "budget", "step").is_duplicated().any())


def _at_floor(rows: pl.DataFrame, floor: float | None) -> pl.DataFrame:
    return rows.filter(where("floor", floor))


def _labelled(rows: pl.DataFrame, changes: pl.DataFrame, measure: str, room: Room) -> dict[str, Any]:
    """Shares of formats as a stack, anything else as a line for each label; the largest labels first."""
    budget = rows["budget"].drop_nulls().unique().sort().to_list()
    rows = rows.filter(where("budget", budget[-1])) if budget else rows
    order = (
        rows.group_by("label").agg(pl.col("value").mean()).sort(["value", "label"], descending=[True, False])["label"].to_list()
    )
    shown = order[:MOST_LINES]
    by_label = {label: _by_step(rows.filter(where("label", label))) for label in shown}
    marks = _marks(changes)
    if measure != STACKED:
        most = room.most(120, 12)
        lines = [
            {"n": shown_name(label), "p": [point(row["step"], row) for row in thin(by_label[label], most)]} for label in shown
        ]
        return {"k": "lines", "x": "step", "y": measure, "whole": 1, "zero": 1, "s": lines, "v": marks}
    every = [row["step"] for row in thin([{"step": step, "low": None} for step in sorted(set(rows["step"]))], room.most(120, 12))]
    values = {label: {row["step"]: row["value"] for row in found} for label, found in by_label.items()}
    stacked = [{"n": shown_name(label), "p": [rounded(values[label].get(step)) for step in every]} for label in shown]
    others = [] if len(order) <= len(shown) else [_others(stacked, len(order) - len(shown))]
    return {"k": "stack", "x": "step", "y": "share of answers", "xs": every, "s": [*stacked, *others], "v": marks}


def _others(stacked: list[dict[str, Any]], count: int) -> dict[str, Any]:
    """What is left to 1 above the labels that are shown."""
    left = [
        rounded(max(0.0, 1 - sum(value or 0 for value in column))) for column in zip(*(one["p"] for one in stacked), strict=True)
    ]
    return {"n": plural(count, "other format"), "c": "bar", "p": left}


def _lines(
    view: GateView, rows: pl.DataFrame, changes: pl.DataFrame, measure: str, room: Room, floors: Sequence[float | None]
) -> dict[str, Any]:
    """A line for each number of draws of pass@k, else for each floor at the reference number of draws."""
    budgets = rows["budget"].drop_nulls().unique().sort().to_list()
    if measure.startswith("pass@") and len(budgets) > 1:
        floor = next((f for f in reversed(floors) if f is not None), None)
        keys: list[tuple[float | None, int | None, str]] = [(floor, k, f"k = {k}") for k in _few(budgets)]
        title = f"{measure}, {floor_words(floor)}"
    else:
        budget = None if not budgets else view.budget if view.budget in budgets else budgets[-1]
        keys = [(floor, budget, floor_words(floor)) for floor in floors]
        title = measure if budget is None else f"{measure}, {plural(budget, 'draw')} per prompt"
    lines = [_line(rows, *key, room) for key in keys]
    used = {key[0] for key in keys}
    marks = [mark for floor in used for mark in _marks(_at_floor(changes, floor))]
    return {
        "k": "lines",
        "x": "step",
        "y": title,
        "whole": 1,
        "zero": 1,
        "s": [line for line in lines if line["p"]],
        "v": marks[:MOST_MARKS],
    }


def _few(budgets: Sequence[int]) -> list[int]:
    """At most six numbers of draws, the first and last always."""
    if len(budgets) <= 6:
        return list(budgets)
    return unique(budgets[i * (len(budgets) - 1) // 5] for i in range(6))


def _line(rows: pl.DataFrame, floor: float | None, budget: int | None, name: str, room: Room) -> dict[str, Any]:
    own = _at_floor(rows, floor)
    own = own if budget is None else own.filter(where("budget", budget))
    return {"n": name, "p": [point(row["step"], row) for row in thin(_by_step(own), room.most(120, 12))]}


def _by_step(rows: pl.DataFrame) -> list[Row]:
    return rows.sort("step").unique("step", keep="first", maintain_order=True).to_dicts()


def _marks(changes: pl.DataFrame) -> list[list[Any]]:
    """[step, low, high, words] of each change."""
    rows = changes.filter(pl.col("verdict").is_in(CHANGES), pl.col("step").is_not_null()).sort("step").to_dicts()
    told = [f"{row['verdict']}: {what(row)} {moved(row)}" for row in rows]
    return [[row["step"], row["step_low"], row["step_high"], words] for row, words in zip(rows, told, strict=True)][:MOST_MARKS]


def _sentences(view: GateView, rows: pl.DataFrame, changes: pl.DataFrame) -> Iterator[Sentence]:
    """How many series change, and the change that matters most; then what usable diversity did from first to last step."""
    whole, steps = together(rows), rows["step"].sort()
    run = named(view, whole["model"][0] if whole.height else rows["model"][0])
    span = f"from step {steps[0]:,} to {steps[-1]:,}"
    own = together(changes)
    count = Counter(own["verdict"])
    changed = own.filter(pl.col("verdict").is_in(CHANGES)).unique(["model", "measure", "label", "floor", "budget"]).height
    every = own.unique(["model", "measure", "label", "floor", "budget"]).height
    is_told = False
    if not every:
        yield ("Run ", run, f" {span}: no changes were looked for.")
    elif not changed:
        unsure = f" ({count['cannot tell']} cannot be told)" if count["cannot tell"] else ""
        yield ("Run ", run, f" {span}: no change is beyond doubt in any of {every:,} series{unsure}.")
    else:
        row = _main_change(own)
        is_told = row["measure"] == "usable diversity"
        told = f"{what(row)}: {moved(row)} ({plural(row['prompts'], 'prompt')}, p = {number(row['p'], 3)})"
        yield ("Run ", run, f" {span}: {changed:,} of {every:,} series change. At step {at_step(row)} {told}.")
    if not is_told:
        yield from _course(view, whole if whole.height else rows)


def _main_change(changes: pl.DataFrame) -> Row:
    """Of usable diversity where it changes, else of the measure that the page shows first; the surest, then the largest."""
    rows = changes.filter(pl.col("verdict").is_in(CHANGES)).to_dicts()
    order = ("usable diversity", *ORDER)

    def rank(row: Row) -> tuple[Any, ...]:
        place = order.index(row["measure"]) if row["measure"] in order else len(order)
        return place, row["p"] if row["p"] is not None else 1.0, -abs(row["difference"] or 0.0)

    return min(rows, key=rank)


def _course(view: GateView, rows: pl.DataFrame) -> Iterator[Sentence]:
    own = rows.filter(pl.col("measure") == "usable diversity", pl.col("model") == rows["model"][0])
    if not own.height:
        return
    floor = floors_shown(view, own)[-1]
    budgets = own["budget"].drop_nulls().unique().sort().to_list()
    budget = view.budget if view.budget in budgets else (budgets[-1] if budgets else None)
    found = _by_step(_at_floor(own, floor).filter(where("budget", budget)))
    if len(found) > 1:
        first, last = found[0], found[-1]
        yield (
            f"Usable diversity, {floor_words(floor)}, {plural(budget or 0, 'draw')} per prompt: {figure(first)} at step "
            f"{first['step']:,}, {figure(last)} at step {last['step']:,} ({plural(last['prompts_left'] or 0, 'prompt')}).",
        )


def _time_sentence(view: GateView) -> Iterator[Sentence]:
    row = next(iter(together(rows_of(view, "series_times")).filter(pl.col("step").is_not_null()).to_dicts()), None)
    if row is not None:
        label = f" {shown_name(row['label'])}" if row["label"] is not None else ""
        at = at_step(row, ("step", "low", "high"))
        measure = row["measure"][:1].upper() + row["measure"][1:]
        yield (f"{measure}: {percent(row['share'])}{label} from step {at}, {floor_words(row['floor'])}.",)
