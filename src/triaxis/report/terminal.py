"""The short table that the command prints: models ranked at a reference floor, two more floors beside it, notes below."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from triaxis.report import wording
from triaxis.report.text import floor_name, number, percent, plural, trimmed, visible
from triaxis.report.view import GateView, Row, views
from triaxis.results import Results

MOST_MODELS = 20
MOST_NOTES = 8
WIDE = 100
NUMBERS, WIDE_NUMBERS = 61, 79  # columns that the figures take; the rest is for names
MOST_TEXT = 300


@dataclass(frozen=True)
class Short:
    """Sentences, tables and notes of some results; intervals of the later floors are shown where there is room."""

    results: Results

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for view in views(self.results):
            yield from _gate(view, width=options.max_width)
            yield Text()
        yield from _notes(self.results)


def terminal(results: Results) -> RenderableType:
    """A rich renderable; nothing in it is read as markup or as a control sequence."""
    return Short(results)


def _gate(view: GateView, *, width: int) -> Iterator[RenderableType]:
    first, second, third = wording.three(view)
    yield Text(wording.plain(first), style="bold")
    if view.ranking(view.base_floor):
        yield _table(view, width=width)
        yield Text(wording.plain(second))
    yield Text(wording.plain(third), style="dim")


def _table(view: GateView, *, width: int) -> Table:
    floors = view.shown_floors
    rankings = [{row["model"]: row for row in view.ranking(floor)} for floor in floors]
    title = Text(f"Different usable answers in {plural(view.budget or 0, 'draw')} per prompt")
    found = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    found.add_column("model", overflow="ellipsis", no_wrap=True)
    for floor in floors:
        found.add_column(Text("no floor" if floor is None else f"floor {floor_name(floor)}"), justify="right", no_wrap=True)
    shared = floors[len(floors) // 2] if floors else None
    found.add_column(Text("usable" if shared is None else f"usable\nat {floor_name(shared)}"), justify="right", no_wrap=True)
    found.add_column("prompts", justify="right", no_wrap=True)
    for model in list(rankings[0])[:MOST_MODELS]:
        found.add_row(*_row(view, model, [ranking.get(model) for ranking in rankings], width=width))
    if len(rankings[0]) > MOST_MODELS:
        found.caption = Text(f"{len(rankings[0]) - MOST_MODELS} more models are in tables/usable_diversity.parquet")
    return found


def _row(view: GateView, model: str, rows: list[Row | None], *, width: int) -> Iterator[Text]:
    mark = wording.MARK if view.is_warned(model) else ""
    tone = view.protagonists.index(model) if model in view.protagonists else None
    style = "" if tone is None else ("bold dark_orange", "bold dodger_blue2", "bold green4")[tone]
    yield Text(
        _cut(visible(" ".join(model.split())), max(width - (NUMBERS if width < WIDE else WIDE_NUMBERS), 12)) + mark, style=style
    )
    yield from (_value(row, has_interval=width >= WIDE or not place) for place, row in enumerate(rows))
    middle = rows[len(rows) // 2]
    yield Text(percent(middle["usable_share"]) if middle else "–")
    yield Text(str(rows[0]["prompts"]) if rows[0] else "–")


def _cut(name: str, width: int) -> str:
    return name if cell_len(name) <= width else f"{name[: max(width - 1, 1)]}…"


def _value(row: Row | None, *, has_interval: bool) -> Text:
    """`6.99 [6.5, 7.5]`, the interval dimmed."""
    if row is None or row["value"] is None:
        return Text("–")
    known = has_interval and row["low"] is not None and row["high"] is not None
    bounds = "" if not known else f" [{number(row['low'], 1)}, {number(row['high'], 1)}]"
    return Text.assemble(number(row["value"]), (bounds, "dim"))


def _notes(results: Results) -> Iterator[Text]:
    items = results.manifest.not_run
    for item in items[:MOST_NOTES]:
        words = f"not run: {trimmed(item.analysis, MOST_TEXT)}: {trimmed(item.reason, MOST_TEXT)}"
        yield Text(visible(" ".join(words.split())), style="dim")
    if len(items) > MOST_NOTES:
        yield Text(f"and {len(items) - MOST_NOTES} more analyses were not run; the page lists them", style="dim")
    lost = int(results.tables["unmeasured"]["samples"].sum())
    if lost:
        yield Text(f"{plural(lost, 'sample')} could not be measured; the page says why", style="dim")
