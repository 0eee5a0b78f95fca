"""Vega-Lite specifications of the folded charts, built with altair and filled with data in the browser.

The one idea: a specification names its data sets and carries no figure and no colour; the page supplies rows, colour scales,
width and the light or dark theme, so one specification serves every gate, domain and selection.
"""

from functools import lru_cache
from typing import Any

Spec = dict[str, Any]
MODEL_COLOR = {
    "field": "name",
    "type": "nominal",
    "legend": {"title": None, "orient": "top", "symbolType": "square"},
    "scale": {},
}


@lru_cache(maxsize=1)
def specifications() -> dict[str, Spec]:
    """Every chart by name, as Vega-Lite JSON without data."""
    charts = {"curves": _curves(), "map": _winner_map(), "difference": _difference(), "parts": _parts()}
    charts |= {"dots": _dots(), "sizes": _sizes()}
    return {name: _bare(chart.to_dict()) for name, chart in charts.items()}


def _bare(spec: Spec) -> Spec:
    """Without the schema's address and altair's default theme: the page asks for nothing and brings its own."""
    return {key: value for key, value in spec.items() if key not in {"$schema", "config"}}


def _curves() -> Any:
    """U over floors, one line a model, with a band where intervals exist."""
    import altair as alt

    floor = alt.X(
        "floor:Q",
        title="quality floor",
        scale=alt.Scale(zero=False, nice=False, padding=14),
        axis=alt.Axis(grid=False, format=".6~r"),
    )
    color = alt.Color.from_dict(MODEL_COLOR)
    base = alt.Chart(alt.NamedData("curves")).encode(x=floor, color=color)
    known = "isValid(datum.low)"
    band = base.transform_filter(known).mark_area(opacity=0.16, clip=True).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    # Bands are not clipped to the range of the measure; a picture of them is.
    line = base.mark_line(strokeWidth=2.2, strokeJoin="round").encode(y=alt.Y("value:Q", scale=alt.Scale(domainMin=0)))
    size = alt.condition("datum.isPoint === false", alt.value(0), alt.value(42))
    point = base.mark_point(filled=True, opacity=1).encode(y="value:Q", tooltip="tip:N", size=size)
    here = alt.Chart(alt.NamedData("here")).mark_rule(strokeDash=[3, 3], opacity=0.55).encode(x="floor:Q")
    return alt.layer(here, band, line, point).properties(height=340)


def _winner_map() -> Any:
    """Who leads at every floor and budget."""
    import altair as alt

    cells = alt.Chart(alt.NamedData("map")).encode(
        x=alt.X(
            "floor:N", title="quality floor", sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False, domain=False)
        ),
        y=alt.Y("budget:N", title="draws per prompt", sort=None, axis=alt.Axis(ticks=False, domain=False)),
    )
    tiles = cells.mark_rect(cornerRadius=2).encode(color=alt.Color.from_dict(MODEL_COLOR), tooltip="tip:N")
    return tiles


def _difference() -> Any:
    """The difference of two models over floors, with its band; above zero the first is ahead."""
    import altair as alt

    base = alt.Chart(alt.NamedData("difference")).encode(
        x=alt.X(
            "floor:Q",
            title="quality floor",
            scale=alt.Scale(zero=False, nice=False, padding=14),
            axis=alt.Axis(grid=False, format=".6~r"),
        ),
    )
    zero = alt.Chart(alt.NamedData("zero")).mark_rule(strokeWidth=1.4).encode(y="y:Q")
    band = base.transform_filter("isValid(datum.low)").mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    line = base.mark_line(strokeWidth=1.6, opacity=0.6).encode(y="value:Q")
    color = alt.Color.from_dict(MODEL_COLOR)
    point = base.mark_point(filled=True, size=70, opacity=1).encode(y="value:Q", color=color, tooltip="tip:N")
    return alt.layer(zero, band, line, point).properties(height=240)


def _parts() -> Any:
    """Usable share against diversity among the usable, one point a model."""
    import altair as alt

    title = "different among equally many usable"
    base = alt.Chart(alt.NamedData("parts")).encode(
        x=alt.X(
            "share:Q", title="usable share", axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[0, 1], padding=12)
        ),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False, padding=16)),
    )
    color = alt.Color("color:N", scale=None)
    rule = base.transform_filter("isValid(datum.low)").mark_rule(opacity=0.35).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    point = base.mark_point(filled=True, size=80, opacity=1).encode(color=color, tooltip="tip:N")
    right, left = base.mark_text(align="left", dx=9, fontSize=11), base.mark_text(align="right", dx=-9, fontSize=11)
    upright = base.mark_text(align="left", dx=-4, dy=-11, fontSize=11)
    upleft = base.mark_text(align="right", dx=4, dy=-11, fontSize=11)
    places = {"right:N": right, "left:N": left, "upright:N": upright, "upleft:N": upleft}
    names = [mark.encode(text=field, color=color) for field, mark in places.items()]
    return alt.layer(rule, point, *names).properties(height=320)


def _dots() -> Any:
    """One figure a model with its interval, a row each, in the order given."""
    import altair as alt

    row = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(ticks=False, domain=False))
    base = alt.Chart(alt.NamedData("dots")).encode(y=row)
    color = alt.Color("color:N", scale=None)
    here = alt.X("value:Q", title="", scale=alt.Scale(zero=True, padding=10), axis=alt.Axis(tickCount=5, format=".4~r"))
    band = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=1.6, opacity=0.6)
    rule = band.encode(x=alt.X("low:Q", title=""), x2="high:Q", color=color)
    point = base.mark_point(filled=True, size=80, opacity=1).encode(x=here, color=color, tooltip="tip:N")
    return alt.layer(rule, point)


def _sizes() -> Any:
    """U over the number of parameters, one line for each family and stage, with intervals."""
    import altair as alt

    axis = alt.Axis(grid=False, format="~s", tickCount=4, labelExpr="replace(datum.label, 'G', 'B')")
    size = alt.X("parameters:Q", title="parameters", scale=alt.Scale(type="log", nice=False, padding=22), axis=axis)
    base = alt.Chart(alt.NamedData("sizes")).encode(x=size, color=alt.Color.from_dict(MODEL_COLOR))
    rule = base.transform_filter("isValid(datum.low)").mark_rule(opacity=0.5).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    value = alt.Y("value:Q", title="", scale=alt.Scale(domainMin=0))
    line = base.mark_line(strokeWidth=2).encode(y=value)
    point = base.mark_point(filled=True, size=80, opacity=1).encode(y=value, tooltip="tip:N")
    return alt.layer(rule, line, point).properties(height=300)
