"""Does tuning narrow or widen here? Domain by metric, at no floor and above floors, beside how open each domain is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

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
    digits_of,
    domain_name,
    figure,
    figure_cell,
    floors_shown,
    heads,
    left_words,
    named_cell,
    prompts_words,
    rounded,
    rows_of,
    shown_name,
    together,
    unique,
    where,
)
from triaxis.report.levels import LEVELS, floor_words
from triaxis.report.phrase import Sentence, named
from triaxis.report.text import floor_name, interval, number, plural, signed, trimmed
from triaxis.report.view import GateView, Row

VERDICTS = ("narrows", "widens", "same within delta", "cannot tell")
ORDER = ("usable", *LEVELS)
MOST_PAIRS, MOST_DOMAINS, MOST_METRICS, MOST_CLOUDS = 30, 40, 20, 24
HOW = (
    "Each cell is the model less its reference on the prompts that both have, for one metric and domain: narrows or widens where "
    "the 95 % band excludes no change, the same where it lies within the stated margin, else cannot tell. The band holds for all "
    "floors of one pair, domain and metric together; over several of these nothing is corrected.",
    "Where a metric is a similarity, narrower means more of it: the verdict has the right sign, the difference is as measured.",
    "Openness: different usable answers among equally many, estimated on all models; beside a pair, on the models that "
    "are not compared. It tells how many different right answers a task admits, not how well a model does.",
)
TONES = {"narrows": "narrows", "widens": "widens", "same within delta": "same", "cannot tell": "unsure"}


class Pair(NamedTuple):
    """From which model to which."""

    reference: str
    model: str


def domains(view: GateView, room: Room) -> Section | None:
    """The section on changes by domain; None without rows."""
    rows = rows_of(view, "domain_changes")
    open_rows = rows_of(view, "openness").filter(pl.col("value").is_not_null())
    if not rows.height:
        return _only_openness(view, open_rows, room)
    pairs = [Pair(*key) for key in unique(rows.select("reference", "model").iter_rows())]
    shown = pairs[: room.most(MOST_PAIRS, 1)]
    left = left_words(len(pairs) - len(shown), "pair", "domain_changes")
    blocks: list[Block] = [_matrix(view, rows, shown, room, left), *_clouds(view, rows, shown, room)]
    blocks += [*_effects(view, room), *_openness(view, open_rows, room)]
    first, *more = sentences(view, rows, pairs[0])
    return Section("domains", "Does tuning narrow or widen here?", first, blocks, HOW, [*more, *_effect_sentence(view)])


def _only_openness(view: GateView, rows: pl.DataFrame, room: Room) -> Section | None:
    """Without pairs of models there is still how open each domain is."""
    found = list(_openness(view, rows, room))
    if not found:
        return None
    single = rows.filter(pl.col("domain").is_not_null())
    ordered = sorted(_of_floor(single, floors_shown(view, rows)[0]), key=lambda row: float(row["value"]))
    if not ordered:
        return None
    low, high = ordered[0], ordered[-1]
    most = f"Most open is {domain_name(high['domain'])} with" if len(ordered) > 1 else f"{domain_name(high['domain'])} has"
    told = f"{most} {figure(high)} different usable answers among {high['equal_count']}"
    rest = f"; least {domain_name(low['domain'])} with {figure(low)}" if len(ordered) > 1 else ""
    return Section("domains", "How open is each domain?", (f"{told}{rest}, {floor_words(low['floor'])}.",), found, HOW[2:])


def _of_floor(rows: pl.DataFrame, floor: float | None) -> list[Row]:
    return rows.filter(where("floor", floor)).to_dicts()


def _of_pair(rows: pl.DataFrame, pair: Pair) -> pl.DataFrame:
    return rows.filter(pl.col("reference") == pair.reference, pl.col("model") == pair.model)


def _metrics(rows: pl.DataFrame) -> list[tuple[str, str]]:
    """(level, metric), by level as the page orders them."""
    found = unique(rows.select("level", "metric").iter_rows())
    return sorted(found, key=lambda one: ORDER.index(one[0]) if one[0] in ORDER else len(ORDER))


def sentences(view: GateView, rows: pl.DataFrame, pair: Pair) -> list[Sentence]:
    """How often the first metric changes which way over domains, at no floor and at the highest floor; then all metrics."""
    own = _of_pair(rows, pair)
    metrics = _metrics(own)
    level, metric = next((key for key in metrics if key == ("usable", f"U({view.budget})")), metrics[0])
    found = own.filter(pl.col("level") == level, pl.col("metric") == metric)
    floors = floors_shown(view, found)
    told = [text for floor in dict.fromkeys((floors[0], floors[-1])) if (text := _counts(_of_floor(found, floor), floor))]
    start: Sentence = ("From ", named(view, pair.reference), " to ", named(view, pair.model), f", by {trimmed(metric, 60)}: ")
    first: Sentence = (*start, "; ".join(told), ".")
    every = _of_floor(own.filter(pl.col("domain").is_not_null() | pl.lit(own["domain"].null_count() == own.height)), floors[0])
    return [first, (f"Over all metrics and domains, {floor_words(floors[0])}: {_tally(every)}.",)]


def _counts(rows: list[Row], floor: float | None) -> str:
    """`with no floor it narrows in 4 of 6 domains, ..., most in code: −1.20 [−1.60, −0.80]`."""
    where = "with no floor" if floor is None else f"at floor {floor_name(floor)}"
    whole = next((row for row in rows if row["domain"] is None), None)
    single = [row for row in rows if row["domain"] is not None]
    if not single or len(single) == 1:
        row = whole or (single[0] if single else None)
        return "" if row is None else f"{where} it {_verdict_words(row)} ({_difference(row)}, {prompts_words(row)})"
    extreme = [row for row in single if row["difference"] is not None]
    biggest = max(extreme, key=lambda row: abs(row["difference"]), default=None)
    most = "" if biggest is None else f", largest in {domain_name(biggest['domain'])}: {_difference(biggest)}"
    return f"{where} it {_tally(single, 'domain')}{most}"


def _verdict_words(row: Row) -> str:
    words = {"same within delta": "stays the same within delta", "cannot tell": "cannot be told"}
    return words.get(row["verdict"], str(row["verdict"]))


def _tally(rows: list[Row], noun: str = "place") -> str:
    """`narrows in 4, widens in 0, is the same in 1 and cannot be told in 1 of 6 domains`."""
    count = Counter(row["verdict"] for row in rows)
    told = f"narrows in {count['narrows']}, widens in {count['widens']}, is the same within delta in {count['same within delta']}"
    return f"{told} and cannot be told in {count['cannot tell']} of {plural(len(rows), noun)}"


def _difference(row: Row) -> str:
    if row["difference"] is None:
        return "no figure"
    digits = digits_of(row["value_reference"])
    return f"{signed(row['difference'], digits)} {interval(row['low'], row['high'], digits)}".rstrip()


def _matrix(view: GateView, rows: pl.DataFrame, pairs: Sequence[Pair], room: Room, left: str) -> Figure:
    """Domain by metric, one variant for each pair and floor."""
    floors = floors_shown(view, rows)
    variants = [
        (f"{_pair_words(pair)}, {floor_words(floor)}", _grid(_of_floor(_of_pair(rows, pair), floor), _metrics(rows), room))
        for pair in pairs
        for floor in floors
    ]
    kept = [(words, grid) for words, grid in variants if grid["rows"]]
    title, words = "Domain by metric", "Verdicts by domain and metric, as a table"
    note = "Under each verdict the difference, model less reference."
    return Figure("domain-changes", title, words, kept, "From → to, floor", note, left, is_half=False)


def _pair_words(pair: Pair) -> str:
    return f"{shown_name(pair.reference)} → {shown_name(pair.model)}"


def _grid(rows: list[Row], metrics: Sequence[tuple[str, str]], room: Room) -> dict[str, Any]:
    by_key = {(row["domain"], row["level"], row["metric"]): row for row in rows}
    named_domains = sorted({row["domain"] for row in rows if row["domain"] is not None})
    whole: list[str | None] = [None] if any(row["domain"] is None for row in rows) and len(named_domains) != 1 else []
    shown: list[str | None] = [*whole, *named_domains][: room.most(MOST_DOMAINS + 1)]
    kept = [key for key in metrics if any((domain, *key) in by_key for domain in shown)][: room.most(MOST_METRICS, 3)]
    cells = [[_grid_cell(by_key.get((domain, *key))) for key in kept] for domain in shown]
    open_values = [_openness_of(rows, domain) for domain in shown]
    beside = {"beside": "openness", "besides": open_values} if any(value is not None for value in open_values) else {}
    columns = [trimmed(f"{level}: {metric}", 60) for level, metric in kept]
    names = [domain_name(domain) for domain in shown]
    return {"k": "matrix", "corner": "domain", "rows": names, "columns": columns, "cells": cells, **beside}


def _grid_cell(row: Row | None) -> list[float | None] | None:
    if row is None:
        return None
    verdict = VERDICTS.index(row["verdict"]) if row["verdict"] in VERDICTS else VERDICTS.index("cannot tell")
    return [verdict, *(rounded(row[name]) for name in ("difference", "low", "high")), row["prompts_left"]]


def _openness_of(rows: list[Row], domain: str | None) -> float | None:
    found = [row["openness"] for row in rows if row["domain"] == domain and row["openness"] is not None]
    return rounded(found[0]) if found else None


def _clouds(view: GateView, rows: pl.DataFrame, pairs: Sequence[Pair], room: Room) -> Iterator[Figure]:
    """Change against openness, a point for each domain."""
    own = rows.filter(pl.col("domain").is_not_null(), pl.col("openness").is_not_null(), pl.col("difference").is_not_null())
    floors = floors_shown(view, own) if own.height else []
    variants = []
    for pair in pairs:
        for level, metric in _metrics(own):
            found = _of_pair(own, pair).filter(pl.col("level") == level, pl.col("metric") == metric)
            start = f"{_pair_words(pair)}, {trimmed(metric, 60)}"
            variants += [(f"{start}, {floor_words(f)}", _cloud(_of_floor(found, f), metric)) for f in floors]
    kept = [(words, cloud) for words, cloud in variants if len(cloud["p"]) >= 3]
    if kept:
        shown = kept[: room.most(MOST_CLOUDS, 1)]
        yield Figure(
            "domain-openness",
            "Change against openness",
            "Change of each domain against its openness",
            shown,
            "Show",
            "",
            left_words(len(kept) - len(shown), "chart", "domain_changes"),
        )


def _cloud(rows: list[Row], metric: str) -> dict[str, Any]:
    tones = {"narrows": "tone0", "widens": "tone1"}
    points = [
        [
            rounded(row["openness"]),
            *(rounded(row[name]) for name in ("difference", "low", "high")),
            domain_name(row["domain"]),
            tones.get(row["verdict"], "soft"),
        ]
        for row in rows[:60]
    ]
    groups = [["narrows", "tone0"], ["widens", "tone1"], ["the same, or cannot tell", "soft"]]
    return {
        "k": "points",
        "x": "openness",
        "y": f"change of {trimmed(metric, 60)}",
        "p": points,
        "h": [[0, ""]],
        "groups": groups,
    }


def _effect_sentence(view: GateView) -> Iterator[Sentence]:
    """The first correlation of change with openness that was measured."""
    row = next(iter(_effect_rows(view).filter(pl.col("low").is_not_null()).to_dicts()), None)
    if row is None:
        return
    sure = row["low"] is not None and (row["low"] > 0 or row["high"] < 0)
    which = "open" if row["rho"] > 0 else "closed"
    goes = f"{which} tasks are widened more, or narrowed less" if sure else "no link is beyond doubt"
    told = f"Change against openness over {plural(row['count'], row['across'].removesuffix('s'))}, {trimmed(row['metric'], 60)}, "
    rho = f"{floor_words(row['floor'])}: rank correlation {number(row['rho'])} {interval(row['low'], row['high'])}".rstrip()
    yield (f"{told}{rho}; {goes}.",)


def _effect_rows(view: GateView) -> pl.DataFrame:
    return together(rows_of(view, "openness_effect")).filter(pl.col("rho").is_not_null())


def _effects(view: GateView, room: Room) -> Iterable[Table]:
    rows = _effect_rows(view)
    if not rows.height:
        return
    most = room.most(40, 5)
    columns = heads("from", "to", "metric", "floor", "across", "rank correlation#", "how many#")
    table = [_effect(row) for row in rows.head(most).to_dicts()]
    note = "Of the change with openness: above 0, tuning widens open tasks more (or narrows them less) than closed ones."
    yield Table(
        "Does the change go with openness?", note, columns, table, left_words(rows.height - most, "row", "openness_effect")
    )


def _effect(row: Row) -> list[Cell]:
    rho = f"{number(row['rho'])} {interval(row['low'], row['high'])}".rstrip()
    start = [named_cell(row["reference"]), named_cell(row["model"]), Cell([trimmed(row["metric"], 60)])]
    return [*start, Cell([floor_words(row["floor"])]), Cell([row["across"]]), Cell([rho], row["rho"]), count_cell(row["count"])]


def _openness(view: GateView, rows: pl.DataFrame, room: Room) -> Iterable[Table]:
    """Openness by domain on all models, at few floors."""
    own = rows.filter(pl.col("left_out").is_null())
    if not own.height:
        return
    floors = floors_shown(view, own)
    by_key = {(row["domain"], row["floor"]): row for row in own.to_dicts()}
    known = unique(own["domain"])
    most = room.most(MOST_DOMAINS + 1, 4)
    columns = [Column("domain"), *(Column(floor_words(floor), True) for floor in floors)]
    table = [[Cell([domain_name(d)], is_name=True), *(_open_cell(by_key.get((d, f))) for f in floors)] for d in known[:most]]
    equal = unique(own["equal_count"].drop_nulls())
    among = f" among {equal[0]} usable ones" if equal else ""
    note = f"Different usable answers{among}; under it a lower bound of all that there are (Chao1)."
    yield Table("How open each domain is", note, columns, table, left_words(len(known) - most, "domain", "openness"))


def _open_cell(row: Row | None) -> Cell:
    if row is None:
        return Cell(["–"])
    bound = [] if row["chao1"] is None else [f"at least {number(row['chao1'], 1)}"]
    return figure_cell(row, " · ".join([*bound, prompts_words(row)]))
