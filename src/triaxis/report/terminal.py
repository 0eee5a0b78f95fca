"""The short table that the command prints: models ranked at a reference floor, two more floors beside it, notes below."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from triaxis.report import answers, costs, levels, own_floors, remarks, robust, trust, wording
from triaxis.report.both_units import twin_of, two_numbers
from triaxis.report.text import brief_floor, number, percent, plural, shared_start, trimmed, visible
from triaxis.report.units import heading
from triaxis.report.view import GateView, Row, views
from triaxis.results import Results

MOST_MODELS = 20
MOST_NOTES = 8
WIDE = 100
ROOM_FOR_NAMES = 24  # columns; intervals of later floors give way to names
GAP = 3  # columns between two cells of the table
MOST_TEXT = 300


@dataclass(frozen=True)
class Short:
    """Sentences, tables and notes of some results; intervals of the later floors are shown where there is room."""

    results: Results

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        seen = views(self.results)
        for view in seen:
            yield from _gate(view, width=options.max_width)
            if view.is_set and (twin := twin_of(view, seen)) is not None:
                yield Text(wording.plain(two_numbers(view, seen[twin])))
            yield Text()
        if (own := own_floors.own_floors(self.results)) is not None:
            yield from (Text(visible(own_floors.line(own))), Text())
        yield from _notes(self.results)


def terminal(results: Results) -> RenderableType:
    """A rich renderable; nothing in it is read as markup or as a control sequence."""
    return Short(results)


def _gate(view: GateView, *, width: int) -> Iterator[RenderableType]:
    first, second, third = wording.three(view)
    if view.summary.gate.bars:
        yield Text(f"Gate of {', '.join('all other domains' if d == '*' else d for d in view.summary.gate.bars)}", style="italic")
    yield Text(wording.plain(first), style="bold")
    if view.ranking(view.base_floor):
        yield Text()
        yield Text(heading(view), style="italic")
        yield from _table(view, width=width)
        yield Text(wording.plain(second))
        if firm := robust.line(view):
            yield Text(visible(firm))
        if (cost := costs.sentence(view)) is not None:
            yield Text(wording.plain(cost))
        yield from (Text(visible(line)) for line in (*levels.lines(view), *trust.lines(view)))
    yield from (_answer(title, said) for title, said in answers.lines(view))
    yield Text(wording.plain(third), style="dim")


def _answer(title: str, said: wording.Sentence) -> Text:
    return Text.assemble((title, "bold"), " ", " ".join(wording.plain(said).split()))


def _table(view: GateView, *, width: int) -> Iterator[RenderableType]:
    """Models by rank. Floors and names take a second line before anything is cut."""
    floors = view.shown_floors
    rankings = [{row["model"]: row for row in view.ranking(floor)} for floor in floors]
    shown = list(rankings[0])[:MOST_MODELS]
    heads = [*(_floor_head(floor) for floor in floors), *_usable_head(floors), "prompts"]
    for is_wide in (width >= WIDE, False):
        figures = [list(_figures(model, rankings, is_wide=is_wide)) for model in shown]
        taken = sum(_widest([head, *column]) + GAP for head, column in zip(heads, zip(*figures, strict=True), strict=True))
        if width - taken - 2 >= ROOM_FOR_NAMES:
            break
    start, names = shortened(shown, max(width - taken - 2, 12))
    found = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    found.add_column("model", overflow="fold")
    for head in heads:
        found.add_column(Text(head), justify="right", no_wrap=True)
    for model, name, row in zip(shown, names, figures, strict=True):
        found.add_row(Text(name + (wording.MARK if view.is_warned(model) else ""), style=_style(view, model)), *row)
    if len(rankings[0]) > MOST_MODELS:
        more = plural(len(rankings[0]) - MOST_MODELS, "more model")
        found.caption = Text(f"{more}: see tables/{view.stored('usable_diversity')}.parquet")
    yield found
    if start:
        yield Text(f"… stands for {start}", style="dim")


def _floor_head(floor: float | None) -> str:
    return "no floor" if floor is None else f"floor\n{brief_floor(floor)}"


def _usable_head(floors: Sequence[float | None]) -> list[str]:
    """The floor whose usable share is shown; without a floor everything is usable, and no column says so."""
    shared = floors[len(floors) // 2] if floors else None
    return [] if shared is None else [f"usable\nat {brief_floor(shared)}"]


def _figures(model: str, rankings: Sequence[dict[str, Row]], *, is_wide: bool) -> Iterator[Text]:
    rows = [ranking.get(model) for ranking in rankings]
    yield from (_value(row, has_interval=is_wide or not place) for place, row in enumerate(rows))
    middle = rows[len(rows) // 2]
    if middle is not None and middle["floor"] is not None:
        yield Text(percent(middle["usable_share"]))
    yield Text(f"{rows[0]['prompts']:,}" if rows[0] else "–")


def _style(view: GateView, model: str) -> str:
    tones = ("bold dark_orange", "bold dodger_blue2", "bold green4")
    return tones[view.protagonists.index(model)] if model in view.protagonists else ""


def _widest(cells: Sequence[Text | str]) -> int:
    return max(cell_len(line) for cell in cells for line in str(cell).splitlines() or [""])


def shortened(names: Sequence[str], room: int) -> tuple[str, list[str]]:
    """What all names start with where leaving it out is needed, and the names, still distinct, in `room` columns.

    Too long names are cut in the middle while they stay distinct; else they are left whole, to be wrapped.
    """
    plain = [visible(" ".join(name.split())) for name in names]
    if max(map(cell_len, plain), default=0) <= room:
        return "", plain
    start = shared_start(plain)
    short = [f"…{name.removeprefix(start)}" if start else name for name in plain]
    cut = [_middle_cut(name, room - 1) for name in short]
    return start, cut if len(set(cut)) == len(set(plain)) and max(map(cell_len, cut)) <= room else short


def _middle_cut(name: str, room: int) -> str:
    if cell_len(name) <= room:
        return name
    head = (room - 1) // 2
    return f"{name[:head]}…{name[len(name) - (room - 1 - head) :]}"


def _value(row: Row | None, *, has_interval: bool) -> Text:
    """`6.99 [6.5, 7.5]`, the interval dimmed."""
    if row is None or row["value"] is None:
        return Text("–")
    known = has_interval and row["low"] is not None and row["high"] is not None
    bounds = "" if not known else f" [{number(row['low'], 1)}, {number(row['high'], 1)}]"
    return Text.assemble(number(row["value"]), (bounds, "dim"))


def _notes(results: Results) -> Iterator[Text]:
    skipped = [f"not run: {trimmed(x.analysis, MOST_TEXT)}: {trimmed(x.reason, MOST_TEXT)}" for x in results.manifest.not_run]
    lines = [f"note: {trimmed(note, MOST_TEXT)}" for note in remarks.notes(results)]
    yield from _some(lines, "notes are on the page")
    yield from _some(skipped, "analyses were not run; the page lists them")
    if remarks.lost(results):
        yield Text(f"{remarks.lost_words(results)}; the page says why", style="dim")


def _some(lines: Sequence[str], rest: str) -> Iterator[Text]:
    yield from (Text(visible(" ".join(line.split())), style="dim") for line in lines[:MOST_NOTES])
    if len(lines) > MOST_NOTES:
        yield Text(f"and {len(lines) - MOST_NOTES} more {rest}", style="dim")
