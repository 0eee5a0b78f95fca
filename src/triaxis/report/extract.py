"""The bounded extract of the tables that a page carries, whatever the size of the input.

The one idea: an extract is dense integer arrays (thousandths) over short axes (models, domains, floors, budgets). When it is
too large, `LADDER` shortens the axes one step at a time, in an order that is printed on the page with what was left out;
the tables keep everything.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import polars as pl

from triaxis.report import costs, lineage, topical, wording
from triaxis.report.dense import Axes, dense, thousandths
from triaxis.report.text import floor_names, trimmed, visible
from triaxis.report.view import GateView
from triaxis.results import PromptExample

Json = Any
T = TypeVar("T", int, float)
VERDICTS = ("leads", "same within delta", "cannot tell", "a leads", "b leads")


@dataclass(frozen=True)
class Limits:
    """The most of each thing that an extract holds; `characters` is per example text."""

    models: int = 200
    domains: int = 41
    floors: int = 256
    budgets: int = 32
    pairs: int = 190
    flips: int = 400
    amounts: int = 16
    tuned: int = 60
    prompts: int = 40
    columns: int = 16
    classes: int = 10
    characters: int = 1200


LADDER: tuple[tuple[str, int], ...] = (
    ("characters", 500),
    ("prompts", 20),
    ("floors", 64),
    ("budgets", 12),
    ("domains", 16),
    ("floors", 32),
    ("characters", 200),
    ("columns", 8),
    ("prompts", 8),
    ("models", 80),
    ("domains", 6),
    ("budgets", 6),
    ("floors", 16),
    ("flips", 100),
    ("tuned", 20),
    ("pairs", 45),
    ("models", 30),
    ("classes", 4),
    ("domains", 1),
    ("models", 12),
    ("prompts", 2),
    ("floors", 8),
    ("columns", 4),
    ("flips", 20),
    ("amounts", 6),
    ("tuned", 5),
    ("pairs", 6),
    ("budgets", 2),
    ("prompts", 0),
    ("models", 4),
)
"""What is given up first: long texts, example prompts, floors, budgets, domains, models; each in turn, until the page fits."""


def bounded(view: GateView, room: int) -> tuple[dict[str, Json], list[str]]:
    """The extract of one gate in at most `room` bytes of JSON, and sentences on what was left out."""
    limits = Limits()
    for step in (None, *LADDER):
        limits = limits if step is None else replace(limits, **{step[0]: min(step[1], getattr(limits, step[0]))})
        if _estimate(view, limits) > room:
            continue
        found = gate_extract(view, limits)
        if len(encoded(found)) <= room:
            return found, left_out(view, limits)
    raise AssertionError(f"the smallest extract does not fit into {room:,} bytes")  # names are trimmed, so this cannot grow


def _estimate(view: GateView, limits: Limits) -> int:
    """About the bytes that U alone takes (three digits and a comma each), so that hopeless extracts are not built."""
    models = min(len(view.models), limits.models)
    cells = models * min(len(view.floors), limits.floors) * min(len(view.budgets), limits.budgets)
    return 4 * cells * min(1 + len(view.summary.domains), limits.domains)


def encoded(value: Json) -> bytes:
    """JSON that may stand inside a `<script>` element: nothing in it can end or open one."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8")


def gate_extract(view: GateView, limits: Limits) -> dict[str, Json]:
    """Everything that the live parts of the page show of one gate."""
    axes = chosen_axes(view, limits)
    gate = view.summary.gate
    at = {name: i for i, name in enumerate(axes.models)}
    return {
        "label": visible(trimmed(gate.label, 300)),
        "unit": gate.unit,
        "quality": gate.quality and visible(trimmed(gate.quality, 200)),
        "models": [visible(trimmed(m, 120)) for m in axes.models],
        "domains": ["all domains", *(visible(trimmed(d or "", 80)) for d in axes.domains[1:])],
        "floors": axes.floors,
        "floorNames": floor_names(axes.floors),
        "budgets": axes.budgets,
        "base": [_index(axes.floors, view.base_floor), _index(axes.budgets, view.budget)],
        "protagonists": [at[m] for m in view.protagonists if m in at],
        "warned": [int(view.is_warned(m)) for m in axes.models],
        "warnings": [wording.caution(w) for w in view.summary.warnings if w.models],
        "u": _usable(view, axes),
        "map": _winner_map(view, axes),
        "pairs": _pairs(view, axes, limits),
        "flips": list(_flips(view, at, limits)),
        "pairVerdicts": {**view.pair_verdicts, "single": len(view.undecided), "wavering": view.wavering},
        "compared": len(view.summary.compared),
        "given": _given(view, axes),
        "pairwise": _pairwise(view, axes),
        "utility": _utility(view, axes),
        "cost": costs.extract(view, axes, limits.amounts),
        "lineage": lineage.extract(view, axes, limits.tuned),
        "cosine": topical.extract(view, axes),
        "examples": [_example(e, limits) for e in _examples(view)[: limits.prompts]],
    }


def chosen_axes(view: GateView, limits: Limits) -> Axes:
    """What stays of each axis: named and best models, domains with most prompts, floors and budgets spread evenly."""
    best = [row["model"] for row in view.ranking(view.base_floor)]
    wanted = dict.fromkeys([*view.protagonists, *view.summary.compared, *best, *view.models])
    kept = set([m for m in wanted if m in set(view.models)][: limits.models])
    gated = [f for f in view.floors if f is not None]
    named = [f for f in view.shown_floors if f is not None]
    floors = thinned(gated, limits.floors, named, view.summary.interval_floors)
    budgets = thinned(view.budgets, limits.budgets, [view.budget or 1], view.summary.interval_budgets)
    ungated: list[float | None] = [None] if None in view.floors else []
    return Axes(
        [m for m in view.models if m in kept], [None, *_domains(view)[: limits.domains - 1]], [*ungated, *floors], budgets
    )


def thinned(values: Sequence[T], limit: int, always: Sequence[T], first: Sequence[T]) -> list[T]:
    """At most `limit` of `values` (more only if `always` holds more): `always`, then of `first`, then of the rest, evenly."""
    kept = set(always) & set(values)
    for pool in (sorted(set(first) & set(values) - kept), sorted(set(values) - kept - set(first))):
        room = max(limit - len(kept), 0)
        count = min(room, len(pool))
        kept |= {pool[i] for i in np.linspace(0, len(pool) - 1, count).round().astype(int)} if count else set()
    return sorted(kept)


def _domains(view: GateView) -> list[str]:
    """Domains, most prompts first; none when there is only one, which is then all."""
    rows = view.whole("usable_diversity").filter(pl.col("domain").is_not_null())
    counts = rows.group_by("domain").agg(pl.col("prompts").max()).sort(["prompts", "domain"], descending=[True, False])
    return counts["domain"].to_list() if counts.height > 1 else []


def _index(values: Sequence[Any], value: Any) -> int:
    return values.index(value) if value in values else 0


def _usable(view: GateView, axes: Axes) -> dict[str, Json]:
    """U with intervals (on their own, shorter, axes), usable share and prompts."""
    rows = axes.located(view.whole("usable_diversity"))
    shape = [
        ("domain", len(axes.domains)),
        ("model", len(axes.models)),
        ("floor", len(axes.floors)),
        ("budget", len(axes.budgets)),
    ]
    banded = rows.filter(pl.col("low").is_not_null())
    floors, budgets = (sorted(set(banded[f"{n}_at"].to_list())) for n in ("floor", "budget"))
    inner = Axes(axes.models, axes.domains, [axes.floors[i] for i in floors], [axes.budgets[i] for i in budgets])
    bands = inner.located(banded.drop([c for c in banded.columns if c.endswith("_at")]))
    short = [*shape[:2], ("floor", len(floors)), ("budget", len(budgets))]
    return {
        "value": dense(rows, "value", shape),
        "bandFloors": floors,
        "bandBudgets": budgets,
        "low": dense(bands, "low", short),
        "high": dense(bands, "high", short),
        "share": dense(rows, "usable_share", shape[:3]),
        "prompts": dense(rows, "prompts", [*shape[:2], shape[3]], 1),
    }


def _winner_map(view: GateView, axes: Axes) -> list[list[int | None]]:
    """Rows [domain, floor, budget, leader, runner-up, difference, low, high, verdict, prompts], places and thousandths."""
    rows = axes.located(view.whole("winner_map"))
    return _tuples(
        rows, ["domain_at", "floor_at", "budget_at", "leader_at", "runner_up_at"], ["difference", "low", "high"], ["prompts"]
    )


def _tuples(rows: pl.DataFrame, places: list[str], values: list[str], counts: list[str]) -> list[list[int | None]]:
    codes = pl.col("verdict").replace_strict(VERDICTS, range(len(VERDICTS)), default=2, return_dtype=pl.Int64)
    scaled = [pl.Series(v, thousandths(rows[v]), dtype=pl.Int64) for v in values]
    return [list(row) for row in rows.with_columns(scaled).sort(places).select(*places, *values, codes, *counts).iter_rows()]


def _pairs(view: GateView, axes: Axes, limits: Limits) -> Json:
    """Differences over floors at the reference budget: rows [a, b, floor, difference, low, high, verdict, prompts, to decide]."""
    rows = view.table("comparisons").filter(pl.col("budget").eq_missing(pl.lit(view.budget, pl.Int64)))
    places = ["model_a_at", "model_b_at", "floor_at"]
    found = axes.located(rows)
    kept = found.select("model_a_at", "model_b_at").unique().sort("model_a_at", "model_b_at").head(limits.pairs)
    return _tuples(
        found.join(kept, on=["model_a_at", "model_b_at"]), places, ["difference", "low", "high"], ["prompts", "prompts_to_decide"]
    )


def _flips(view: GateView, at: dict[str, int], limits: Limits) -> Iterator[dict[str, Json]]:
    for row in [*view.flips, *view.undecided][: limits.flips]:
        if row["model_a"] in at and row["model_b"] in at:
            parts = [[at[p.model], p.mark] if isinstance(p, wording.Name) else p for p in wording.flip(view, row)]
            yield {"parts": parts, "verdict": row["verdict"], "a": at[row["leader_below"]], "b": at[row["leader_above"]]}


def _given(view: GateView, axes: Axes) -> dict[str, Json]:
    rows = view.whole("given_usable")
    counts = sorted(rows["equal_count"].unique().to_list())
    found = axes.located(rows, equal_count=counts)
    shape = [
        ("domain", len(axes.domains)),
        ("model", len(axes.models)),
        ("floor", len(axes.floors)),
        ("equal_count", len(counts)),
    ]
    return {
        "counts": counts,
        **{c: dense(found, c, shape) for c in ("value", "low", "high")},
        "left": dense(found, "prompts_left", shape, 1),
    }


def _pairwise(view: GateView, axes: Axes) -> dict[str, Json]:
    rows = view.whole("pairwise")
    forms = sorted(rows["form"].unique().to_list())
    shape = [("domain", len(axes.domains)), ("model", len(axes.models)), ("floor", len(axes.floors))]
    values = [dense(axes.located(rows.filter(pl.col("form") == form)), "value", shape) for form in forms]
    return {"forms": [visible(form) for form in forms], "values": values}


def _utility(view: GateView, axes: Axes) -> dict[str, Json]:
    rows = axes.located(view.whole("utility"))
    shape = [("domain", len(axes.domains)), ("model", len(axes.models))]
    return {"k": sorted(set(rows["k"].to_list())), **{c: dense(rows, c, shape) for c in ("value", "low", "high")}}


def _examples(view: GateView) -> list[PromptExample]:
    return [e for e in view.results.examples if e.gate == view.summary.gate.label]


def _example(example: PromptExample, limits: Limits) -> dict[str, Json]:
    def text(value: str | None, limit: int = limits.characters) -> str | None:
        return None if value is None else visible(trimmed(value, limit))

    columns = [
        {
            "model": text(m.model, 120),
            "samples": m.samples,
            "left": m.classes_left_out + max(len(m.classes) - limits.classes, 0),
            "classes": [
                [c.count, _finite(c.lowest_quality), _finite(c.highest_quality), text(c.text)]
                for c in m.classes[: limits.classes]
            ],
        }
        for m in example.models[: limits.columns]
    ]
    left = len(example.models) - len(columns)
    return {
        "id": text(example.prompt_id, 120),
        "prompt": text(example.prompt),
        "domain": text(example.domain, 80),
        "models": columns,
        "left": left,
    }


def _finite(value: float | None) -> float | None:
    """JSON has no infinity."""
    return value if value is not None and np.isfinite(value) else None


def left_out(view: GateView, limits: Limits) -> list[str]:
    """What the tables hold and the page does not, counted; empty when the page holds everything."""
    axes = chosen_axes(view, limits)
    whole = {
        "models": (len(axes.models), len(view.models)),
        "domains": (len(axes.domains) - 1, len(_domains(view))),
        "floors": (len(axes.floors), len(view.floors)),
        "budgets": (len(axes.budgets), len(view.budgets)),
        "amounts of money and other costs": costs.amounts_left_out(view, limits.amounts),
        "example prompts": (min(limits.prompts, len(_examples(view))), len(_examples(view))),
    }
    said = [f"{kept:,} of {total:,} {name} are on this page" for name, (kept, total) in whole.items() if kept < total]
    long = sum(
        len(c.text or "") > limits.characters for e in _examples(view)[: limits.prompts] for m in e.models for c in m.classes
    )
    return [*said, *([f"{long:,} example texts are cut at {limits.characters:,} characters"] if long else [])]
