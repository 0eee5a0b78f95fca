"""A picture of 1200 x 630 pixels to share: the finding in one sentence, and the best models below two floors.

The one idea: the card is an SVG made of rectangles and short texts, turned into PNG by vl-convert on this machine.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from html import escape

from triaxis.report import costs, wording
from triaxis.report.text import floor_name, number, plural, trimmed, visible
from triaxis.report.units import heading
from triaxis.report.view import GateView, Row, views
from triaxis.results import Results

WIDTH, HEIGHT, MARGIN = 1200, 630, 64
INK, SOFT, PAPER, BAR, LINE = "#1b1d21", "#5c626b", "#fdfdfb", "#c4c9d0", "#e4e4df"
TONES = ("#c8500a", "#0868ac", "#007a5c")
FONT = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"
MOST_BARS = 5
PANEL_TOP = 306


def card(results: Results) -> bytes:
    """The card as PNG."""
    import vl_convert

    png: bytes = vl_convert.svg_to_png(svg(results), scale=1)
    return png


def svg(results: Results) -> str:
    """The card as SVG; text is cut to fit and escaped."""
    seen = views(results)
    body = _finding(results, seen[0]) if seen else [_text(MARGIN, 200, "Nothing was measured.", 42)]
    start = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="{FONT}">'
    return "".join([start, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>', *body, "</svg>"])


def headline(view: GateView) -> str:
    """The change of the lead in one short sentence, else the finding."""
    duel = view.duel(view.base_floor)
    if view.change is None or duel is None:
        return wording.plain(wording.finding(view))
    first = _name(view, duel["leader"])
    close = f"{first} and {_name(view, duel['runner_up'])} are too close to tell"
    across = " across prompts" if view.is_set else ""
    start = f"{first} gives the most different usable answers{across}" if duel["winner"] else close
    end = (
        f"{'from' if view.change.is_whole else 'at'} floor {floor_name(view.change.first)} {_name(view, view.change.model)} leads"
    )
    return f"At floor {floor_name(view.base_floor)} {start}; {end}."


def _name(view: GateView, model: str | None) -> str:
    return visible(trimmed(model or "", 60)) + (wording.MARK if view.is_warned(model) else "")


def _finding(results: Results, view: GateView) -> Iterator[str]:
    yield _text(MARGIN, 74, "USABLE DIVERSITY", 17, color=SOFT)
    yield _text(MARGIN + 190, 74, fitted(visible(results.manifest.title), 850, 17), 17, weight=700)
    size = 40 if width_of(headline(view), 40) < 3 * 1010 else 31
    for i, line in enumerate(wrapped(headline(view), WIDTH - 2 * MARGIN, size)[:4]):
        yield _text(MARGIN, 132 + i * size * 1.24, line, size, weight=700)
    floors = _two_floors(view)
    most = max((row["high"] or row["value"] or 0 for floor in floors for row in view.ranking(floor)), default=1) or 1
    for i, floor in enumerate(floors):
        yield from _panel(view, floor, MARGIN + i * 560, most)
    yield from _footer(view)


def _two_floors(view: GateView) -> Sequence[float | None]:
    """The lowest floor, and where the lead first changes, else the highest shown."""
    shown = view.shown_floors
    return shown if len(shown) < 2 else (shown[0], shown[1] if view.change is not None else shown[-1])


def _panel(view: GateView, floor: float | None, left: float, most: float) -> Iterator[str]:
    title = "no floor" if floor is None else f"quality floor {floor_name(floor)}"
    yield _text(left, PANEL_TOP, title, 20, color=SOFT)
    yield f'<path d="M{left} {PANEL_TOP + 14}h512" stroke="{LINE}" stroke-width="2"/>'
    rows = [row for row in view.ranking(floor) if row["value"] is not None][:MOST_BARS]
    for place, row in enumerate(rows):
        yield from _bar(view, row, left, PANEL_TOP + 48 + place * 42, most)


def _bar(view: GateView, row: Row, left: float, y: float, most: float) -> Iterator[str]:
    tone = view.protagonists.index(row["model"]) if row["model"] in view.protagonists else None
    color = BAR if tone is None else TONES[tone]
    width = max(row["value"] / most * 215, 2)
    name = fitted(_name(view, row["model"]), 220, 18)
    yield _text(left + 226, y, name, 18, color=INK if tone is None else color, anchor="end", weight=400 if tone is None else 700)
    yield f'<rect x="{left + 236}" y="{y - 17}" width="{width:.1f}" height="22" rx="3" fill="{color}"/>'
    yield _text(left + 244 + width, y, number(row["value"]), 18, weight=400 if tone is None else 700)


def _footer(view: GateView) -> Iterator[str]:
    rows = view.ranking(view.base_floor)
    prompts = plural(max((row["prompts"] or 0 for row in rows), default=0), "prompt")
    made = f"{heading(view)} · {prompts} · {visible(view.summary.gate.label)}"
    caution = " ".join(wording.marked(warning) for warning in view.summary.warnings)
    cost = costs.brief(view)
    if cost is not None:
        yield _text(MARGIN, HEIGHT - (80 if caution else 54), fitted(wording.plain(cost), WIDTH - 2 * MARGIN, 16), 16, color=SOFT)
    if caution:
        yield _text(MARGIN, HEIGHT - 54, fitted(caution, WIDTH - 2 * MARGIN, 16), 16, color=SOFT)
    yield _text(MARGIN, HEIGHT - 28, fitted(made, WIDTH - 2 * MARGIN - 90, 16), 16, color=SOFT)
    yield _text(WIDTH - MARGIN, HEIGHT - 28, "triaxis", 16, color=SOFT, anchor="end", weight=700)


def _text(x: float, y: float, words: str, size: int, *, color: str = INK, anchor: str = "start", weight: int = 400) -> str:
    shown = escape(" ".join(words.split()))
    place = f'x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text {place} fill="{color}">{shown}</text>'


def width_of(text: str, size: float) -> float:
    """About how wide `text` is in bold Liberation Sans, in pixels; a little too wide rather than too narrow."""
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    return 0.33 if character in "iljtfI.,;:'|!()[] -" else 0.87 if character in "mwMW@%" else 0.7 if character.isupper() else 0.58


def fitted(text: str, room: float, size: float) -> str:
    """`text`, cut with an ellipsis where it is wider than `room` pixels."""
    while width_of(text, size) > room and len(text) > 1:
        text = text[: max(min(len(text) - 2, int(len(text) * room / width_of(text, size))), 0)] + "…"
    return text


def wrapped(text: str, room: float, size: float) -> list[str]:
    """`text` as lines of at most `room` pixels; a word that is too long is cut."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if width_of(joined, size) <= room:
            lines[-1] = joined
        else:
            lines.append(fitted(word, room, size))
    return [line for line in lines if line]
