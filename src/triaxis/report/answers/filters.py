"""What the bar takes away: classes that a floor keeps over those that chance would keep, by domain, and what was lost."""

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from triaxis.report.answers.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Room,
    Section,
    Table,
    count_cell,
    domain_name,
    figure,
    figure_cell,
    heads,
    high_floor,
    left_words,
    named_cell,
    point,
    prompts_words,
    rows_of,
    shown_name,
    unique,
    where,
)
from triaxis.report.answers.population import thin
from triaxis.report.levels import floor_words
from triaxis.report.phrase import Sentence
from triaxis.report.text import floor_name, interval, number, percent
from triaxis.report.view import GateView, Row

MOST_LINES, MOST_VARIANTS, MOST_ROWS = 8, 40, 60
HOW = (
    "Classes that the floor keeps, over those that are kept when as many answers are left out by chance: 1 where the bar takes "
    "answers whatever they say, under 1 where it takes whole kinds of answers. The expectation under thinning is exact.",
    "A second quality column says which of the lost classes hold an answer that the other bar would have accepted.",
)


def filters(view: GateView, room: Room) -> Section | None:
    """The section on the filter effect; None without rows."""
    rows = rows_of(view, "filter_effect")
    first = rows.filter(pl.col("second").is_null(), pl.col("value").is_not_null())
    second = rows.filter(pl.col("second").is_not_null())
    if not first.height and not second.height:
        return None
    told = [*_sentences(view, first), *_second_sentence(view, second)]
    start, *more = told or [("What each floor keeps and loses, below.",)]
    blocks: list[Block] = [*_figures(first, room), *_table(view, first, room), *_second_table(second, room)]
    return Section("filter", "What does the bar take away?", start, blocks, HOW, more)


def _sentences(view: GateView, rows: pl.DataFrame) -> Iterator[Sentence]:
    """At the highest floor that leaves a fifth of the samples: all domains, then the domain that loses most."""
    own = rows.filter(pl.col("model").is_null()) if rows["model"].null_count() else rows
    gated = own.filter(pl.col("floor").is_not_null())
    top = high_floor(view)
    floors = sorted(gated["floor"].unique().to_list())
    known = [floor for floor in floors if top is None or floor <= top] or floors[:1]
    if not known:
        return
    here = gated.filter(pl.col("floor") == known[-1]).to_dicts()
    whole = next((row for row in here if row["domain"] is None), here[0])
    start = f"At floor {floor_name(known[-1])} the bar keeps {figure(whole)} times as many different answers as chance would"
    where = "" if whole["domain"] is None else f" in {domain_name(whole['domain'])}"
    beside = f"1: it takes answers whatever they say; {percent(whole['usable_share'])} usable, {prompts_words(whole)}"
    yield (f"{start}{where} ({beside}){_worst(here)}.",)


def _worst(rows: list[Row]) -> str:
    single = sorted((row for row in rows if row["domain"] is not None), key=lambda row: float(row["value"]))
    if len(single) < 2:
        return ""
    low, high = single[0], single[-1]
    return f"; least in {domain_name(low['domain'])}: {figure(low)}, most in {domain_name(high['domain'])}: {figure(high)}"


def _second_sentence(view: GateView, rows: pl.DataFrame) -> Iterator[Sentence]:
    own = rows.filter(pl.col("accepted").is_not_null())
    together = own.filter(pl.col("model").is_null(), pl.col("domain").is_null())
    found = (together if together.height else own).sort("floor", maintain_order=True).to_dicts()
    if found:
        row = found[-1]
        bar = f"{shown_name(row['second'])} at {floor_name(row['second_floor'])}"
        lost = f"Of {number(row['lost_classes'], 1)} lost classes per prompt at floor {floor_name(row['floor'])}"
        beside = "" if row.get("accepted_kept") is None else f" (of the kept ones {percent(row['accepted_kept'])})"
        yield (f"{lost}, {bar} would have accepted {_share(row)}{beside}.",)


def _share(row: Row) -> str:
    ends = interval(_hundred(row["accepted_low"]), _hundred(row["accepted_high"]), 0)
    return f"{percent(row['accepted'])} {ends}".rstrip()


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _figures(rows: pl.DataFrame, room: Room) -> Iterator[Figure]:
    own = rows.filter(pl.col("floor").is_not_null())
    if own["floor"].n_unique() < 2:
        return
    models = unique(own["model"])
    shown = sorted(models, key=lambda model: model is not None)[: room.most(MOST_VARIANTS, 1)]
    of_model = {m: own.filter(where("model", m)) for m in shown}
    variants = [("all models" if m is None else shown_name(m), _lines(found, room)) for m, found in of_model.items()]
    left = [left_words(len(models) - len(shown), "model", "filter_effect")]
    left += [left_words(own["domain"].drop_nulls().n_unique() - MOST_LINES, "domain", "filter_effect")]
    title = "Kept classes over those that chance keeps"
    words, note = (
        f"{title}, over the floor, a line for each domain",
        "Under 1 the bar takes more kinds of answers than chance would.",
    )
    yield Figure("filter-effect", title, words, variants, "Models", note, " ".join(filter(None, left)), is_half=False)


def _lines(rows: pl.DataFrame, room: Room) -> dict[str, Any]:
    names = sorted(rows["domain"].drop_nulls().unique().to_list())
    shown = [None, *names] if len(names) != 1 else [None]
    if None not in set(rows["domain"]):
        shown = list(names)
    lines = []
    for domain in shown[: MOST_LINES + 1]:
        own = rows.filter(where("domain", domain)).sort("floor").to_dicts()
        tone = {"c": "ink"} if domain is None else {}
        points = [point(row["floor"], row) for row in thin(own, room.most(60, 8))]
        lines += [{"n": domain_name(domain), **tone, "p": points}] if own else []
    return {"k": "lines", "x": "quality floor", "y": "kept, over chance", "s": lines, "h": [[1, "chance"]]}


def _table(view: GateView, rows: pl.DataFrame, room: Room) -> Iterable[Table]:
    """All models together, domain by floor."""
    own = rows.filter(pl.col("model").is_null()) if rows["model"].null_count() else rows.head(0)
    floors = [floor for floor in view.shown_floors if floor is not None and floor in set(own["floor"])]
    if not floors:
        return
    known = unique(own["domain"])
    most = room.most(41, 4)
    by_key = {(row["domain"], row["floor"]): row for row in own.to_dicts()}
    columns = [Column("domain"), *(Column(floor_words(floor), True) for floor in floors)]
    table = [[Cell([domain_name(d)], is_name=True), *(_kept(by_key.get((d, f))) for f in floors)] for d in known[:most]]
    note = "All models together. Under each ratio the classes per prompt that are kept, against chance, and the usable share."
    yield Table("By domain", note, columns, table, left_words(len(known) - most, "domain", "filter_effect"))


def _kept(row: Row | None) -> Cell:
    if row is None:
        return Cell(["–"])
    kept = f"{number(row['kept_classes'])} against {number(row['by_chance'])}"
    return figure_cell(row, f"{kept} · {percent(row['usable_share'])} usable · {prompts_words(row)}")


def _second_table(rows: pl.DataFrame, room: Room) -> Iterable[Table]:
    if not rows.height:
        return
    ordered = rows.sort(pl.col("model").is_not_null(), pl.col("domain").is_not_null(), maintain_order=True)
    most = room.most(MOST_ROWS, 5)
    columns = heads(
        "models", "domain", "floor", "second bar", "lost classes#", "it would have accepted#", "of the kept ones#", "prompts#"
    )
    table = [_second(row) for row in ordered.head(most).to_dicts()]
    note = "Of the classes per prompt that the floor takes away, those with an answer that the second bar accepts."
    yield Table("What another bar would have kept", note, columns, table, left_words(rows.height - most, "row", "filter_effect"))


def _second(row: Row) -> list[Cell]:
    model = Cell(["all"]) if row["model"] is None else named_cell(row["model"])
    bar = Cell([f"{shown_name(row['second'])} ≥ {floor_name(row['second_floor'])}"])
    lost = Cell([number(row["lost_classes"])], row["lost_classes"])
    start = [model, Cell([domain_name(row["domain"])], is_name=True), Cell([floor_words(row["floor"])]), bar]
    kept = row.get("accepted_kept")  # the zero of what it would have accepted
    return [*start, lost, Cell([_share(row)], row["accepted"]), Cell([percent(kept)], kept), count_cell(row["prompts_left"])]
