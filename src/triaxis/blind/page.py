"""The response table as one HTML file: no script, nothing from outside, every text escaped."""

import hashlib
from base64 import b64encode
from typing import Any, NamedTuple

import jinja2
import polars as pl

from triaxis.blind.response import Blindness
from triaxis.blind.words import moved, sentences

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 460, 200, 52, 12, 12, 30
MOST_NAME = 160


class Line(NamedTuple):
    """One evaluation in a chart: its points as SVG coordinates, and the band of its interval (empty without one)."""

    name: str
    points: str
    band: str
    tone: int
    is_own: bool


class Chart(NamedTuple):
    """Change of the score in percent over the dose, for one damage; `ticks` are (coordinate, words) of both axes."""

    lines: tuple[Line, ...]
    doses: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]
    zero: float


STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1c1c22, #e8e8ee); --paper: light-dark(#fff, #17171c);
 --fine: light-dark(#5c5c66, #a0a0aa); --line: light-dark(#dcdce2, #3a3a44); }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem; margin: 2rem auto;
 padding: 0 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
.fine { color: var(--fine); font-size: .87rem; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { padding: .22rem .7rem; text-align: right;
 border-bottom: 1px solid var(--line); white-space: nowrap; } th { text-align: right; font-weight: 600; }
th:first-child, td:first-child { text-align: left; max-width: 26rem; overflow: hidden; text-overflow: ellipsis; }
.seen { font-weight: 600; } svg { max-width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--fine); }
.axis { stroke: var(--line); } .zero { stroke: var(--fine); stroke-dasharray: 3 3; }
.line { fill: none; stroke-width: 2; } .own { stroke-dasharray: 6 4; } .band { stroke: none; opacity: .16; }
.s0 { stroke: #0b6bcb; } .s1 { stroke: #c2410c; } .s2 { stroke: #15803d; } .s3 { stroke: #7e22ce; } .s4 { stroke: #a16207; }
.s5 { stroke: #0f766e; } .f0 { fill: #0b6bcb; } .f1 { fill: #c2410c; } .f2 { fill: #15803d; } .f3 { fill: #7e22ce; }
.f4 { fill: #a16207; } .f5 { fill: #0f766e; } .key { display: inline-block; margin-right: 1rem; }
.key svg { width: 22px; height: 8px; vertical-align: middle; }
"""

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{{ style_hash }}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{ title }} · blindness · triaxis</title>
<style>{{ style }}</style>
</head>
<body>
<p class="fine">Can your own evaluation see it?</p>
<h1><bdi>{{ title }}</bdi></h1>
<ul>{% for one in sentences %}<li>{{ one }}</li>{% endfor %}</ul>
{% for part in parts %}
<h2>Damage to {{ part.damage.axis }}: {{ part.damage.name }}</h2>
<p class="fine">What is planted: {{ part.damage.says }}. It can reach {{ "%.0f" % (100 * part.damage.most) }} % of the samples.</p>
<svg viewBox="0 0 {{ width }} {{ height }}" width="{{ width }}" height="{{ height }}" role="img" aria-label="Change of each score in percent over the dose">
{% for at, said in part.chart.levels %}<line class="axis" x1="{{ left }}" x2="{{ width - right }}" y1="{{ at }}" y2="{{ at }}"/><text x="{{ left - 5 }}" y="{{ at + 4 }}" text-anchor="end">{{ said }}</text>{% endfor %}
{% for at, said in part.chart.doses %}<text x="{{ at }}" y="{{ height - 8 }}" text-anchor="middle">{{ said }}</text>{% endfor %}
<line class="zero" x1="{{ left }}" x2="{{ width - right }}" y1="{{ part.chart.zero }}" y2="{{ part.chart.zero }}"/>
{% for line in part.chart.lines %}{% if line.band %}<polygon class="band f{{ line.tone }}" points="{{ line.band }}"/>{% endif %}<polyline class="line{% if line.is_own %} own{% endif %} s{{ line.tone }}" points="{{ line.points }}"/>{% endfor %}
</svg>
<p class="fine">Change of the score in % over the dose. {% for line in part.chart.lines %}<span class="key"><svg viewBox="0 0 22 8" aria-hidden="true"><line class="line{% if line.is_own %} own{% endif %} s{{ line.tone }}" x1="0" x2="22" y1="4" y2="4"/></svg> <bdi>{{ line.name[:160] }}</bdi></span>{% endfor %}</p>
<div class="scroll"><table>
<thead><tr><th scope="col">evaluation</th><th scope="col">dose</th><th scope="col">reached</th><th scope="col">score before</th><th scope="col">after</th><th scope="col">change, interval</th><th scope="col">seen</th><th scope="col">diversity</th><th scope="col">usable</th><th scope="col">quality</th><th scope="col">complexity</th></tr></thead>
<tbody>
{% for row in part.rows %}<tr><td title="{{ row.evaluation }}"><bdi>{{ row.evaluation[:160] }}</bdi></td><td>{{ share(row.dose) }}</td><td>{{ share(row.reached) }}</td><td>{{ number(row.before) }}</td><td>{{ number(row.after) }}</td><td>{{ row.reason or "–" if row.change is none else moved(row) }}</td><td{% if row.seen %} class="seen"{% endif %}>{{ "–" if row.seen is none else "yes" if row.seen else "no" }}</td>{% for axis in axes %}<td>{{ truth(row[axis]) }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
{% endfor %}
<h2>How it was made</h2>
<p class="fine">Dose: share of the samples asked for; reached: share truly damaged. The last four columns are the proof: what triaxis measures of each axis at that dose, as a relative change. Intervals: half of the prompts drawn {{ made.replicates }} times, before and after scored on the same half; simultaneous at {{ "%.0f" % (100 * made.confidence) }} % over the {{ made.family }}. Seen: the interval excludes 0. Dose 0 is the same file scored once more: the evaluation's own noise.</p>
{% if not_planted %}<h3>Not planted</h3><ul>{% for one in not_planted %}<li>{{ one.analysis }}: {{ one.reason }}</li>{% endfor %}</ul>{% endif %}
{% if notes %}<h3>Notes</h3><ul>{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul>{% endif %}
<dl class="fine">{% for name, value in made.items() %}<dt>{{ name }}</dt><dd><bdi>{{ value }}</bdi></dd>{% endfor %}{% if command %}<dt>command</dt><dd><bdi>{{ command }}</bdi></dd>{% endif %}</dl>
</body>
</html>
"""  # noqa: E501
AXES = ("diversity", "usable_diversity", "quality", "complexity")


def page(found: Blindness, *, title: str, command: str | None = None) -> str:
    """The page; same results, same bytes."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    digest = b64encode(hashlib.sha256(STYLE.encode("utf-8")).digest()).decode("ascii")
    return environment.from_string(TEMPLATE).render(
        title=title, command=command, style=STYLE, style_hash=f"sha256-{digest}", sentences=list(sentences(found)),
        parts=[_part(found, axis) for axis in dict.fromkeys(one.axis for one in found.damages)], made=found.made,
        notes=found.notes, not_planted=found.not_planted, axes=AXES, moved=moved, share=_share, number=_number, truth=_truth,
        width=WIDTH, height=HEIGHT, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _part(found: Blindness, axis: str) -> dict[str, Any]:
    damage = next(one for one in found.damages if one.axis == axis)
    rows = found.table.filter(pl.col("axis") == axis)
    return {"damage": damage, "rows": rows.to_dicts(), "chart": chart(rows)}


def chart(rows: pl.DataFrame) -> Chart:
    """The change in percent over the dose: the user's evaluations with their bands, and for contrast the first figure of ours."""
    ours = rows.filter("is_own")["evaluation"].to_list()[:1]
    known = rows.filter(pl.col("percent").is_not_null() & (~pl.col("is_own") | pl.col("evaluation").is_in(ours)))
    banded_only = known.filter(~pl.col("is_own"))
    ends = [*known["percent"], *banded_only["percent_low"].drop_nulls(), *banded_only["percent_high"].drop_nulls()]
    low, high = float(min([0.0, *ends])), float(max([0.0, *ends]))
    span = max(high - low, 1e-6)
    most: float = max(rows["dose"].to_list(), default=1.0) or 1.0

    def x(dose: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * dose / most, 1)

    def y(percent: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - percent) / span, 1)

    lines = []
    for tone, name in enumerate(known["evaluation"].unique(maintain_order=True)):
        mine = known.filter(pl.col("evaluation") == name).sort("dose").to_dicts()
        points = " ".join(f"{x(row['dose'])},{y(row['percent'])}" for row in mine)
        is_own = name in ours
        banded = [row for row in mine if row["percent_low"] is not None and not is_own]
        upper = [f"{x(row['dose'])},{y(row['percent_high'])}" for row in banded]
        lower = [f"{x(row['dose'])},{y(row['percent_low'])}" for row in reversed(banded)]
        lines.append(Line(name, points, " ".join([*upper, *lower]), tone % 6, is_own))
    doses = tuple((x(dose), f"{dose:.0%}") for dose in sorted(set(rows["dose"])) if dose in {0.0, most} or dose >= 0.25)
    levels = tuple((y(value), f"{value:.3g} %") for value in sorted({low, 0.0, high}))
    return Chart(tuple(lines), doses, levels, y(0.0))


def _share(value: float) -> str:
    return f"{value:.0%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _truth(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f} %" if abs(value) >= 5e-4 else "0"
