"""Results as one HTML file that opens from disk, asks the network for nothing and runs no text that a model wrote.

The one idea: everything that runs or styles is ours and is named by its SHA-256 in the Content-Security-Policy; everything
that came from data is text, either escaped by Jinja or read from a JSON block and set as `textContent`.
"""

import hashlib
from base64 import b64encode
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import jinja2
import markupsafe

from triaxis.report import answers, charts, complexities, extract, levels, remarks, robust, topical, trust, wording
from triaxis.report.both_units import twin_of, two_numbers
from triaxis.report.own_floors import described, own_floors
from triaxis.report.own_floors import figure as own_figure
from triaxis.report.text import floor_name, number, plural, trimmed, visible
from triaxis.report.view import GateView, views
from triaxis.results import Results

MOST_BYTES = 5 * 1024 * 1024
"""The page is never larger."""

SCRIPTS = (
    *("base.js", "ranking.js", "table.js", "charts.js", "flips.js", "parts.js"),
    *("costs.js", "lineage.js", "topical.js", "examples.js", "plots.js", "matrices.js", "start.js"),
)
Told = list[list[answers.Section]]
SHARES = (1.0, 0.5, 0.25, 0.1, 0.03, 0.0)
"""How full the sections of answers are; the first that leaves room for the rest of the page."""
MOST_FRAME = 3 * 1024 * 1024
MOST_ROWS = 200
MOST_NOTES = 50
MOST_TEXT = 2000


class Static(NamedTuple):
    """Text of our own that goes into the page as it is, and the CSP source that allows it."""

    text: markupsafe.Markup
    source: str


def page(results: Results) -> str:
    """The whole report as HTML, at most `MOST_BYTES` in UTF-8; same results, same bytes."""
    seen = views(results)
    told, frame = _fitting(results, seen)
    room = MOST_BYTES - len(frame.encode("utf-8")) - 20_000  # the sentences on what was left out come on top
    parts = [extract.bounded(view, room // len(seen)) for view in seen]
    return _render(results, seen, told, [data for data, _ in parts], [left for _, left in parts])


def _fitting(results: Results, seen: tuple[GateView, ...]) -> tuple[Told, str]:
    """The sections of answers of each gate, as full as leaves half the page to the rest, and the page without its extract."""
    for share in SHARES:
        told = [answers.answers(view, answers.Room(share)) for view in seen]
        frame = _render(results, seen, told, [], [[] for _ in seen])
        if len(frame.encode("utf-8")) <= MOST_FRAME:
            break
    return told, frame


def _render(results: Results, seen: tuple[GateView, ...], told: Told, data: list[extract.Json], left: list[list[str]]) -> str:
    style, scripts = _own_style(), (_vega(), _own_script())
    gates = [_gate(view, missing, seen) for view, missing in zip(seen, left, strict=True)]
    gates = [{**gate, "place": i, "answers": told[i]} for i, gate in enumerate(gates)]
    twins = [{**one, "twin": twin_of(view, seen)} for view, one in zip(seen, data, strict=False)]
    carried = {"specs": charts.specifications(), "gates": twins, "answers": [answers.charts(sections) for sections in told]}
    allowed = " ".join(script.source for script in scripts)
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src {style.source}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template("page.html")
        .render(
            title=trimmed(results.manifest.title, 200),
            manifest=results.manifest,
            gates=gates,
            policy=policy,
            style=style.text,
            scripts=[script.text for script in scripts],
            data=markupsafe.Markup(extract.encoded(carried).decode("utf-8")),  # noqa: S704
            lost=remarks.lost_words(results),
            reasons=remarks.by_reason(results)[:MOST_ROWS],
            notes=remarks.notes(results)[:MOST_NOTES],
            dataset=_size_words(seen),
            aside=_aside(results),
            has_sets=any(view.is_set for view in seen),
            own=own_floors(results),
            own_figure=own_figure,
            complexity_figure=complexities.figure,
            complexity_beside=complexities.beside,
            robust_share=robust.share,
            mended_figure=robust.mended_figure,
            rule_figure=robust.rule_figure,
            level_figure=levels.figure,
            level_beside=levels.beside,
            described=described,
            plural=plural,
            floor_name=floor_name,
            MOST_TEXT=MOST_TEXT,
        )
    )


def _gate(view: GateView, left: list[str], seen: tuple[GateView, ...]) -> dict[str, Any]:
    twin, shown = twin_of(view, seen), levels.levels(view)
    return {
        "label": view.summary.gate.label,
        "trust": trust.trust(view),
        "summary": view.summary,
        "sentences": wording.three(view),
        "unit": _unit_words(view, seen),
        "two": None if twin is None else two_numbers(view, seen[twin]),
        "calibrated": topical.calibrated(view),
        "figure": _figure_words(view),
        "levels": shown,
        "robust": robust.robust(view),
        "complexity": complexities.complexity(view),
        "levels_left": "" if shown is None else levels.left_words(shown),
        "left": left,
        "tone": {m: i for i, m in enumerate(view.protagonists)},
    }


def _unit_words(view: GateView, seen: tuple[GateView, ...]) -> str:
    """What tells the gates apart in a list when they have two units, whose labels differ at their ends only."""
    if len({one.is_set for one in seen}) == 1:
        return ""
    return "across prompts" if view.is_set else "within a prompt"


def _figure_words(view: GateView) -> str:
    """What the main figure is, for the list of how numbers were made."""
    what = "the expected number of different usable answers"
    if not view.is_set:
        return f"{what} in n draws without replacement, one model and one prompt at a time, averaged over prompts"
    mean = "; over all domains the mean over domains, each with equal weight" if view.is_mean_of_sets else ""
    cell = "one model's answers to all prompts of one domain"
    return f"{what} among n samples of the set, drawn without replacement; the set is {cell}{mean}"


def _size_words(seen: tuple[GateView, ...]) -> str:
    """Models and samples of the whole input: gates of one quality source share samples, those of different sources do not."""
    models = {model for view in seen for model in view.models}
    sources: dict[str | None, tuple[int, int]] = {}
    for view in seen:
        source, (samples, measured) = view.summary.gate.quality_source, (view.summary.samples, view.summary.measured)
        sources[source] = max(sources.get(source, (0, 0)), (samples, measured))
    samples, measured = (sum(counts) for counts in zip(*sources.values(), strict=True)) if sources else (0, 0)
    part = f", {measured:,} of them measured" if measured < samples else ""
    judged = f" · {len(sources)} quality sources, each measured apart" if len(sources) > 1 else ""
    return f"{plural(len(models), 'model')} · {plural(samples, 'sample')}{part}{judged}"


def _aside(results: Results) -> str:
    """What the folded list holds, so that rejected rows and left-out samples are seen without unfolding it."""
    notes, skipped = remarks.notes(results), results.manifest.not_run
    parts = [
        trimmed(notes[0], 160) if notes else "",
        remarks.lost_words(results) if remarks.lost(results) else "",
        f"{len(skipped)} {'analysis' if len(skipped) == 1 else 'analyses'} not run" if skipped else "",
    ]
    return "; ".join(filter(None, parts)) or "nothing"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("triaxis.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"number": number, "trimmed": trimmed}
    found.tests["name"] = lambda part: isinstance(part, wording.Name)
    return found


def _shown(value: Any) -> Any:
    """Every string of a template passes here before it is escaped."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _asset(name: str) -> str:
    return files("triaxis.report").joinpath("assets", name).read_text(encoding="utf-8")


def _static(text: str) -> Static:
    digest = b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return Static(markupsafe.Markup(text), f"'sha256-{digest}'")  # noqa: S704


def _own_style() -> Static:
    return _static(_asset("page.css"))


@lru_cache(maxsize=1)
def _own_script() -> Static:
    body = "\n".join(_asset(name) for name in SCRIPTS)
    return _static(f'(() => {{\n"use strict";\n{body}\n}})();')


@lru_cache(maxsize=1)
def _vega() -> Static:
    """Vega, Vega-Lite and Vega-Embed as one script, from the wheel of vl-convert: no download, no Node."""
    import vl_convert

    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # Inside a JavaScript string `<\\/script` means the same, and the HTML parser does not end the element there.
    return _static(bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--"))
