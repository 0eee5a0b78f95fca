"""What a data set holds: quality, diversity and complexity beside each other by domain, holes, and how the axes go together."""

from collections import Counter
from collections.abc import Iterable, Iterator

import polars as pl

from triaxis.report.answers.blocks import (
    Block,
    Cell,
    Column,
    Room,
    Section,
    Table,
    count_cell,
    domain_name,
    figure,
    floors_shown,
    heads,
    left_words,
    named_cell,
    null_words,
    rows_of,
    together,
    unique,
)
from triaxis.report.levels import floor_words
from triaxis.report.phrase import Sentence, named
from triaxis.report.text import interval, number, plural, trimmed, visible
from triaxis.report.view import GateView, Row

AXES = ("quality", "diversity", "complexity")
WORST = ("hole", "thin", "cannot tell", "covered")
MOST_LINES, MOST_ROWS, MOST_HOLES = 16, 60, 60
HOW = (
    "Three axes, never a sum: each measure stands in its own unit, with its 95 % interval over prompts, and what chance gives.",
    "A hole is a region of the reference, or a label of the taxonomy, with no usable rows where some were expected; thin, with "
    "beyond doubt fewer than expected. Regions are told by the words that set them apart.",
    "Correlations are rank correlations over rows, resampling prompts; they say what goes together in this data set, no more.",
)


def profile(view: GateView, room: Room) -> Section | None:
    """The section on what the data hold; None without rows."""
    rows, holes, links = (rows_of(view, name) for name in ("profile", "holes", "axis_correlations"))
    if not rows.height and not holes.height and not links.height:
        return None
    told = [*_sentence(view, rows), *_hole_sentence(holes), *_link_sentence(view, links)]
    first, *more = told or [("What was measured, by axis, below.",)]
    blocks: list[Block] = [*_axes(view, rows, room), *_holes(holes, room), *_links(links, room)]
    return Section("profile", "What does this data set hold?", first, blocks, HOW, more)


def _sentence(view: GateView, rows: pl.DataFrame) -> Iterator[Sentence]:
    """The first measure of each axis, for the first data set."""
    own = together(rows)
    own = (own if own.height else rows).filter(pl.col("value").is_not_null())
    if not own.height:
        return
    model = own["model"][0]
    found = [own.filter(pl.col("model") == model, pl.col("axis") == axis).head(1).to_dicts() for axis in AXES]
    told = [f"{row['axis']} ({_measure(row)}) {figure(row)}{_beside(row)}" for one in found for row in one]
    most = own.filter(pl.col("model") == model)["rows"].drop_nulls().to_list()
    count = f" ({plural(max(most), 'row')})" if most else ""
    yield (named(view, model), f"{count}: {'; '.join(told)}.")


def _beside(row: Row) -> str:
    return f", {null_words(row)}" if null_words(row) else ""


def _measure(row: Row) -> str:
    name = trimmed(row["measure"], 80)
    return name if row["floor"] is None else f"{name}, {floor_words(row['floor'])}"


def _hole_sentence(rows: pl.DataFrame) -> Iterator[Sentence]:
    own = together(rows)
    own = own if own.height else rows
    if not own.height:
        return
    count = Counter(own["verdict"])
    kinds = unique(own["region"])
    biggest = max((row for row in own.to_dicts() if row["verdict"] == "hole"), key=lambda row: row["expected"] or 0, default=None)
    told = (
        f"Of {plural(len(kinds), 'region')} looked at (over all floors), {count['hole']:,} are holes and {count['thin']:,} thin"
    )
    if biggest is None:
        yield (f"{told}.",)
        return
    expected = "" if biggest["expected"] is None else f", {number(biggest['expected'], 1)} expected"
    region = f"{floor_words(biggest['floor'])}: {visible(trimmed(biggest['region'] or '', 100))}"
    yield (f"{told}; the largest hole, {region} ({biggest['usable_rows'] or 0:,} usable rows{expected}).",)


def _link_sentence(view: GateView, rows: pl.DataFrame) -> Iterator[Sentence]:
    """The strongest link that is beyond doubt."""
    own = together(rows)
    sure = (pl.col("low") > 0) | (pl.col("high") < 0)
    known = (own if own.height else rows).filter(sure).to_dicts()
    if not known:
        return
    row = max(known, key=lambda one: abs(one["rho"]))
    pair = f"{trimmed(row['measure_a'], 60)} ({row['axis_a']}) and {trimmed(row['measure_b'], 60)} ({row['axis_b']})"
    rho = f"rho {number(row['rho'])} {interval(row['low'], row['high'])} over {plural(row['rows'], 'row')}"
    whose = (" in ", named(view, row["model"])) if rows["model"].n_unique() > 1 else ()
    yield ("The axes are not independent here: ", f"{pair} go together with {rho}", *whose, ".")


def _axes(view: GateView, rows: pl.DataFrame, room: Room) -> Iterable[Table]:
    """A row for each data set and domain, a column for each axis."""
    if not rows.height:
        return
    floors = floors_shown(view, rows)
    named_domains = rows["domain"].drop_nulls().n_unique()
    own = rows if named_domains > 1 else together(rows)
    keys = unique(own.sort("domain", nulls_last=False, maintain_order=True).select("model", "domain").iter_rows())
    most = room.most(MOST_ROWS, 4)
    shown = own.filter(pl.col("floor").is_null() | pl.col("floor").is_in([f for f in floors if f is not None]))
    by_key: dict[tuple[str, str | None, str], list[Row]] = {}
    for row in shown.iter_rows(named=True):
        by_key.setdefault((row["model"], row["domain"], row["axis"]), []).append(row)
    columns = [Column("data set"), Column("domain"), *(Column(axis, is_long=True) for axis in AXES)]
    table = [
        [named_cell(m), Cell([domain_name(d)], is_name=True), *(_axis(by_key.get((m, d, a), []), room) for a in AXES)]
        for m, d in keys[:most]
    ]
    left = left_words(len(keys) - most, "row", "profile")
    yield Table("By domain", "Each axis in its own units, with what chance gives.", columns, table, left)


def _axis(rows: list[Row], room: Room) -> Cell:
    most = room.most(MOST_LINES, 3)
    lines = [f"{_measure(row)}: {_told(row)}" for row in rows[:most]]
    lost = max((row["unmeasured"] or 0 for row in rows), default=0)
    small = [f"{plural(len(rows) - most, 'more measure')} in tables/profile.parquet"] if len(rows) > most else []
    small += [f"{plural(lost, 'row')} without a value"] if lost else []
    return Cell(lines or ["–"], None, " · ".join(small))


def _told(row: Row) -> str:
    if row["value"] is None:
        return f"not measured, {trimmed(row['reason'] or 'no reason', 160)}"
    return f"{figure(row)}{f' ({null_words(row)})' if null_words(row) else ''}"


def _holes(rows: pl.DataFrame, room: Room) -> Iterable[Table]:
    """Holes and thin regions first, the largest on top."""
    if not rows.height:
        return
    place = {verdict: i for i, verdict in enumerate(WORST)}

    def rank(row: Row) -> tuple[int, bool, float]:
        return place.get(row["verdict"], len(WORST)), row["domain"] is not None, -(row["expected"] or 0)

    found = sorted(rows.to_dicts(), key=rank)
    most = room.most(MOST_HOLES, 5)
    columns = heads("verdict", "data set", "domain", "kind", "region~", "for example~", "floor")
    columns += heads("usable rows#", "expected#", "rows#", "in the reference#")
    yield Table("Holes", "", columns, [_hole(row) for row in found[:most]], left_words(len(found) - most, "region", "holes"))


def _hole(row: Row) -> list[Cell]:
    tone = {"hole": "narrows", "thin": "narrows", "covered": ""}.get(row["verdict"], "unsure")
    texts = [Cell([trimmed(row[name] or "", 200)], is_name=True) for name in ("region", "example")]
    domain = Cell([domain_name(row["domain"])], is_name=True)
    start = [Cell([row["verdict"]], tone=tone), named_cell(row["model"]), domain, Cell([row["kind"]])]
    expected = Cell([number(row["expected"], 1)], row["expected"])
    counts = [count_cell(row["usable_rows"]), expected, count_cell(row["rows"]), count_cell(row["reference_rows"])]
    return [*start, *texts, Cell([floor_words(row["floor"])]), *counts]


def _links(rows: pl.DataFrame, room: Room) -> Iterable[Table]:
    if not rows.height:
        return
    own = together(rows)
    found = sorted((own if own.height else rows).to_dicts(), key=lambda row: -abs(row["rho"] or 0))
    most = room.most(MOST_ROWS, 5)
    columns = heads("data set", "this~", "goes with~", "rank correlation#", "rows#", "note~")
    yield Table(
        "How the axes go together",
        "",
        columns,
        [_link(row) for row in found[:most]],
        left_words(len(found) - most, "pair", "axis_correlations"),
    )


def _link(row: Row) -> list[Cell]:
    rho = "–" if row["rho"] is None else f"{number(row['rho'])} {interval(row['low'], row['high'])}".rstrip()
    sides = [Cell([f"{row[f'axis_{side}']}: {trimmed(row[f'measure_{side}'], 80)}"]) for side in ("a", "b")]
    return [
        named_cell(row["model"]),
        *sides,
        Cell([rho], row["rho"]),
        count_cell(row["rows"]),
        Cell([trimmed(row["reason"] or "", 200)]),
    ]
