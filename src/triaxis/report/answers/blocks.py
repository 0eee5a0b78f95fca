"""What a section of answers is made of: a sentence, charts, tables, and a folded account of how it was measured.

The one idea: a section is data. One template renders every section, one script draws every chart, and both bound and escape
what they are given; a section decides only what to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from triaxis.report.levels import few_floors
from triaxis.report.phrase import Sentence
from triaxis.report.text import interval, number, plural, trimmed, visible
from triaxis.report.view import GateView, Row
from triaxis.results import empty_table

NAME = 120
"""Most characters of a name of a model or domain."""
FIGURE_DIGITS = 4


class Cell(NamedTuple):
    """One cell of a table: `lines` below each other, `value` to sort by; `small` stands under them."""

    lines: Sequence[str]
    value: float | None = None
    small: str = ""
    is_name: bool = False
    tone: str = ""


class Column(NamedTuple):
    """The head of a column."""

    title: str
    is_number: bool = False
    is_long: bool = False


def heads(*titles: str) -> list[Column]:
    """Columns by title; a title that ends in `#` heads numbers, one that ends in `~` long text.

    >>> heads("model", "draws#")[1]
    Column(title='draws', is_number=True, is_long=False)
    """
    return [Column(title.rstrip("#~"), title.endswith("#"), title.endswith("~")) for title in titles]


class Table(NamedTuple):
    """Rows under columns, with a heading and a fine line above; `left` says what the table does not show."""

    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    left: str = ""
    kind: str = "table"


class Words(NamedTuple):
    """A paragraph; `is_fine` for an aside."""

    text: str
    is_fine: bool = False
    kind: str = "words"


class Figure(NamedTuple):
    """A chart for the script of the page: named variants of a specification, and words for who cannot see it.

    Two halves share a line where there is room.
    """

    key: str
    title: str
    words: str
    variants: Sequence[tuple[str, dict[str, Any]]]
    choose: str = ""
    note: str = ""
    left: str = ""
    is_half: bool = True
    kind: str = "figure"


Block = Table | Words | Figure


class Section(NamedTuple):
    """One question: `sentence` answers it; `more` are further lines for terminal and summary; `how` is folded away."""

    part: str
    title: str
    sentence: Sentence
    blocks: Sequence[Block]
    how: Sequence[str]
    more: Sequence[Sentence] = ()


@dataclass(frozen=True)
class Room:
    """How much a page may hold, a share of the full limits in 0-1."""

    share: float = 1.0

    def most(self, limit: int, least: int = 2) -> int:
        """`limit` cut to the share, at least `least`."""
        return max(least, int(limit * self.share))


def rows_of(view: GateView, name: str) -> pl.DataFrame:
    """Every row of table `name` under the gate of `view`; empty where an older folder lacks the table."""
    return view.whole(name) if name in view.results.tables else empty_table(name)


def together(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of all domains; of the only domain where no such rows were written."""
    whole = rows.filter(pl.col("domain").is_null())
    return whole if whole.height or rows["domain"].n_unique() != 1 else rows


KINDS = {"floor": pl.Float64, "amount": pl.Float64, "budget": pl.Int64}


def where(column: str, value: float | str | None) -> pl.Expr:
    """True where `column` holds `value`, null meeting null."""
    return pl.col(column).eq_missing(pl.lit(value, KINDS.get(column, pl.String)))


def domains_of(rows: pl.DataFrame, most: int) -> tuple[list[str | None], int]:
    """None (all domains) and, where there are several, domains by name up to `most` in all; how many were left out."""
    named = sorted(rows["domain"].drop_nulls().unique().to_list())
    known = [None, *named] if len(named) > 1 or not named else [None]
    shown = known[: max(most, 1)]
    return shown, len(known) - len(shown)


def of_domain(rows: pl.DataFrame, domain: str | None) -> pl.DataFrame:
    """Rows of one domain, None for all together."""
    return together(rows) if domain is None else rows.filter(pl.col("domain") == domain)


def shown_name(name: str | None) -> str:
    """A name as a page shows it: visible, cut; null reads `all`."""
    return "all" if name is None else visible(trimmed(name, NAME))


def domain_name(domain: str | None) -> str:
    """A domain as a page shows it."""
    return "all domains" if domain is None else shown_name(domain)


def rounded(value: float | None) -> float | None:
    """`value` in four significant digits, the form in which charts carry figures."""
    return None if value is None else float(f"{value:.{FIGURE_DIGITS}g}")


def point(x: float | None, row: Row, names: tuple[str, str, str] = ("value", "low", "high")) -> list[float | None]:
    """[x, value, low, high] of a line."""
    return [x, *(rounded(row[name]) for name in names)]


def digits_of(value: float | None) -> int:
    """Decimals by size: three under 1, two under 100, else one."""
    return 2 if value is None else 3 if abs(value) < 1 else 2 if abs(value) < 100 else 1


def figure(row: Row | None) -> str:
    """`5.20 [4.80, 5.60]`, or a dash."""
    if row is None or row["value"] is None:
        return "–"
    digits = digits_of(row["value"])
    return f"{number(row['value'], digits)} {interval(row['low'], row['high'], digits)}".rstrip()


def null_words(row: Row | None) -> str:
    """`null 1.90 [1.70, 2.10]`, with the ceiling where there is one; empty without either."""
    if row is None:
        return ""
    digits = digits_of(row["value"])
    ends = interval(row.get("null_low"), row.get("null_high"), digits)
    parts = [f"null {number(row['null'], digits)} {ends}".rstrip()] if row.get("null") is not None else []
    parts += [f"ceiling {number(row['ceiling'], digits)}"] if row.get("ceiling") is not None else []
    return " · ".join(parts)


def prompts_words(row: Row) -> str:
    """`88 of 100 prompts`."""
    left, total = row.get("prompts_left"), row.get("prompts")
    if total is None:
        return ""
    return plural(total, "prompt") if left is None or left == total else f"{left:,} of {plural(total, 'prompt')}"


def left_words(count: int, noun: str, table: str) -> str:
    """What a table of the results holds and the page does not; empty where nothing is left out."""
    return f"{plural(count, f'more {noun}')}: see tables/{table}.parquet." if count > 0 else ""


def high_floor(view: GateView) -> float | None:
    """The highest floor that leaves a fifth of the samples; where that is the lowest there is, which takes nothing, the next."""
    top = view.shown_floors[-1] if view.shown_floors else None
    above = [floor for floor in view.gated_floors if floor in view.summary.interval_floors and floor != view.base_floor]
    return next(iter(above), top) if top is not None and top == view.base_floor else top


def floors_shown(view: GateView, rows: pl.DataFrame) -> list[float | None]:
    """No floor first, then at most two: of those that the page shows elsewhere, where `rows` has them."""
    known = rows["floor"].unique().to_list()
    gated = [floor for floor in (*view.shown_floors[:-1], high_floor(view)) if floor is not None and floor in known]
    if not gated:
        return few_floors(known)
    return [None, *gated[-2:]] if None in known else list(gated)


def unique(values: Iterable[Any]) -> list[Any]:
    """Values in order of appearance, each once."""
    return list(dict.fromkeys(values))


def named_cell(name: str | None) -> Cell:
    """A cell with a name that came from data."""
    return Cell([shown_name(name)], is_name=True)


def count_cell(count: int | None) -> Cell:
    """A cell with a count."""
    return Cell(["–" if count is None else f"{count:,}"], count)


def figure_cell(row: Row | None, small: str = "") -> Cell:
    """A cell with a value, its interval, and `small` under it."""
    return Cell([figure(row)], None if row is None else row["value"], small)
