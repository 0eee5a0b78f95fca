"""Results with the tables that not every run fills: sets, costs, base against tuned, sizes, own floors, cosine distance.

Figures are those of `synthetic.measured`, put under the names and shapes that these tables have: pages are under test here,
not measures.
"""

from itertools import product

import numpy as np
import polars as pl

from tests.report import synthetic
from tests.report.synthetic import Row
from triaxis.results import TABLES, Calibration, GateSummary, Results, empty_table

SETS = ("usable_diversity", "comparisons", "flips", "winner_map")
CALIBRATION = Calibration(
    encoder="minilm@test", zero=0.1, ceiling=0.6, ceiling_source="mean cosine of 154 paraphrase pairs", threshold=0.5,
    share_above=0.012, prompts=40, pairs=780, paraphrases=154,
)  # fmt: skip


def filled(results: Results, **rows: list[Row]) -> Results:
    """The same results with other rows in some tables."""
    frames = {name: pl.DataFrame(found, schema=dict(TABLES[name]), orient="row") for name, found in rows.items()}
    return Results(results.manifest, {**results.tables, **frames}, results.examples)


def gated(results: Results, **changes: object) -> Results:
    """The same results with fields of their first gate changed."""
    first, *rest = results.manifest.gates
    changed = first.model_copy(update={"gate": first.gate.model_copy(update=changes)})
    return Results(results.manifest.model_copy(update={"gates": (changed, *rest)}), results.tables, results.examples)


def as_set(results: Results) -> Results:
    """The figures of prompts as if they were those of a set, in the tables of sets."""
    moved = {f"set_{name.removeprefix('usable_')}": results.tables[name] for name in SETS}
    emptied = {name: empty_table(name) for name in (*SETS, "given_usable", "pairwise", "utility")}
    told = gated(results, unit="set", scope="set", equivalence="exact", rule="identical text is one class")
    return Results(told.manifest, {**results.tables, **emptied, **moved}, results.examples)


def both_units() -> Results:
    """One corpus measured as a set (gate 0) and by prompt (gate 1)."""
    inside = gated(synthetic.measured(synthetic.corpus(4, prompts=60)), equivalence="exact", scope="set")
    return synthetic.many_gates(as_set(inside), inside)


def large_set(models: int = 3) -> Results:
    """A set with budgets up to 10,000 samples."""
    found = synthetic.measured(synthetic.corpus(models, prompts=60), budgets=[1, 2, 3, 5, 10])
    sizes = {1: 1, 2: 10, 3: 100, 5: 1000, 10: 10_000}
    scale = pl.col("budget").replace_strict(sizes, return_dtype=pl.Int64)
    grown = {name: found.tables[name].with_columns(budget=scale) for name in SETS}
    values = grown["usable_diversity"].with_columns(pl.col("value", "low", "high") * 700)
    one = found.manifest.gates[0].model_copy(
        update={"budgets": tuple(sizes.values()), "interval_budgets": (10, 100, 1000, 10_000)}
    )
    told = Results(found.manifest.model_copy(update={"gates": (one,)}), {**found.tables, **grown, "usable_diversity": values})
    return as_set(told)


UNIT_COSTS = {"price": 2e-5, "tokens": 80.0, "FLOP": 3e11}


def with_costs(results: Results) -> Results:
    """Costs in four units: the model in place i costs (i + 1) times the first."""
    gate, models = results.manifest.gates[0].gate.label, results.manifest.gates[0].models
    curve = results.tables["usable_diversity"].filter(pl.col("gate") == gate).to_dicts()
    rows = [_cost(row, unit, models.index(row["model"]) + 1) for row in curve for unit in (*UNIT_COSTS, "parameters")]
    return filled(results, cost=rows, cost_map=_money(results))


def _cost(row: Row, unit: str, times: int) -> Row:
    spent = 0.5 * times if unit == "parameters" else UNIT_COSTS[unit] * times * row["budget"]
    figures = {name: None if row[end] is None else row[end] / spent for name, end in (("low", "low"), ("high", "high"))}
    same = {name: row[name] for name in ("gate", "model", "domain", "floor", "budget", "prompts")}
    ratio = {"mean_cost": spent, "expected_classes": row["value"], "classes_per_unit": row["value"] / spent}
    return {**same, "cost_unit": unit, **ratio, **figures}


def _money(results: Results) -> list[Row]:
    """The winner map at the largest budget as if money had bought it; above the third amount the first model runs out."""
    winners = results.tables["winner_map"]
    rows = winners.filter(pl.col("budget") == pl.col("budget").max()).drop("budget").to_dicts()
    first = results.manifest.gates[0].models[0]
    return [
        {**row, "cost_unit": unit, "amount": cost * 2.0**step, "beyond_reach": first if step > 2 else None}
        for row in rows for unit, cost in UNIT_COSTS.items() for step in range(5)
    ]  # fmt: skip


def with_lineage(results: Results) -> Results:
    """The first two models as bases of the last two, and sizes that double from model to model."""
    models = results.manifest.gates[0].models
    pairs = [(models[0], models[-1]), (models[1], models[-2])]
    curve = results.tables["usable_diversity"].to_dicts()
    at = {(row["model"], row["domain"], row["floor"], row["budget"]): row for row in curve}
    tuned = [_tuned(at[base, *key], at[after, *key]) for base, after in pairs for key in {k[1:]: 0 for k in at}]
    sizes = [{**row, **_size(models.index(row["model"]))} for row in curve]
    shown = [{name: row[name] for name in TABLES["size_curves"]} for row in sizes]
    return filled(results, base_to_tuned=tuned, size_curves=shown)


def _size(place: int) -> Row:
    return {"family": "toy", "stage": "rl" if place > 1 else "base", "parameters": 5e8 * 2.0**place}


def _tuned(base: Row, tuned: Row) -> Row:
    gap = tuned["value"] - base["value"]
    verdict = "cannot tell" if abs(gap) < 0.3 else "widens" if gap > 0 else "narrows"
    same = {name: base[name] for name in ("gate", "domain", "floor", "budget", "prompts")}
    ends = {"base": base["model"], "tuned": tuned["model"], "stage": "rl", "low": gap - 0.3, "high": gap + 0.3}
    return {**same, **ends, "value_base": base["value"], "value_tuned": tuned["value"], "difference": gap, "verdict": verdict}


def with_own_floors(results: Results) -> Results:
    """Each domain at a floor of its own, under the one gate of `results`."""
    domains = results.manifest.gates[0].domains
    bars = {domain: float(3 + 2 * i) for i, domain in enumerate(domains)}
    told = gated(results, bars=bars)
    curve = results.tables["usable_diversity"]
    own = [row for domain, floor in bars.items() for row in _at(curve, domain, floor)]
    whole = [{**row, "gate": "each domain under its own gate", "floor": None} for row in _at(curve, None, 4.0)]
    return filled(told, own_floor=[*own, *whole])


def _at(curve: pl.DataFrame, domain: str | None, floor: float) -> list[Row]:
    return curve.filter(pl.col("domain").eq_missing(pl.lit(domain, pl.String)), pl.col("floor") == floor).to_dicts()


def with_cosine(results: Results) -> Results:
    """A topical gate with a mean cosine distance of 0.1 for the first model, 0.2 for the second, and so on."""
    models = results.manifest.gates[0].models
    rows = results.tables["usable_diversity"].filter(pl.col("budget") == 1).drop("budget", "usable_share").to_dicts()
    told = [{**row, **_distance(models.index(row["model"])), "prompts_left": row["prompts"]} for row in rows]
    changed = gated(results, calibration=CALIBRATION, equivalence="topical", rule="a cosine of at least 0.5", scope="cell")
    return filled(changed, cosine_distance=told)


def _distance(place: int) -> Row:
    value = 0.1 * (place + 1)
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def everything(models: int = 4, prompts: int = 60) -> Results:
    """One gate with every table that a page has a section for."""
    found = synthetic.measured(synthetic.corpus(models, prompts=prompts, domains=2), budgets=[1, 2, 5, 10])
    return with_cosine(with_own_floors(with_lineage(with_costs(found))))


def hostile() -> Results:
    """Hostile names in every table of `everything`, with names that hold the separator of `beyond_reach`."""
    names = [f"{synthetic.HOSTILE[i]}, {i}" for i in range(4)]
    data = synthetic.corpus(4, prompts=24, domains=2)
    bad = synthetic.Corpus(
        names, data.labels, data.quality, [synthetic.HOSTILE[p % 2] for p in range(24)], gate=synthetic.HOSTILE[2]
    )
    return with_cosine(with_own_floors(with_lineage(with_costs(synthetic.measured(bad, budgets=[1, 10])))))


def huge(models: int = 200, domains: int = 9, floors: int = 32, pairs: int = 100) -> Results:
    """Random figures for 200 models in 9 domains in every table of `everything`."""
    rng = np.random.default_rng(0)
    base = synthetic.huge(models=models, floors=floors, budgets=8, domains=domains, prompts=2)
    summary, names = base.manifest.gates[0], base.manifest.gates[0].models
    levels = [None, *summary.floors]
    places: list[str | None] = [None, *summary.domains]

    def figure() -> Row:
        value = float(rng.random() * 9)
        return {"value": value, "low": value - 0.2, "high": value + 0.2}

    grid = [
        {"gate": "big", "model": m, "domain": d, "floor": f, "prompts": 100, **figure()}
        for m, d, f in product(names, places, levels)
    ]
    whole = [row for row in grid if row["domain"] is None]
    costs = [_cost({**row, "budget": 8}, unit, i % 40 + 1) for i, row in enumerate(whole) for unit in (*UNIT_COSTS, "parameters")]
    sizes = [{**row, "budget": 8, "family": row["model"], "stage": "rl", "parameters": 1e9 + i} for i, row in enumerate(whole)]
    tuned = [{**_tuned(a, b), "budget": 8} for a, b in _pairs(whole, names, pairs)]
    own = [{**row, "budget": 8, "usable_share": 0.5} for row in grid if row["floor"] == levels[1]]
    cosine = [{**row, "prompts_left": 9} for row in grid]
    found = filled(base, cost=costs, size_curves=sizes, base_to_tuned=tuned, own_floor=own, cosine_distance=cosine)
    return filled(found, cost_map=_spent(summary, names[:20], levels))


def _pairs(rows: list[Row], names: tuple[str, ...], count: int) -> list[tuple[Row, Row]]:
    at = {(row["model"], row["floor"]): {**row, "budget": 8} for row in rows}
    levels = list({row["floor"]: 0 for row in rows})
    return [(at[names[i], f], at[names[i + 1], f]) for i in range(min(count, len(names) - 1)) for f in levels]


def _spent(summary: GateSummary, names: tuple[str, ...], levels: list[float | None]) -> list[Row]:
    said = {"gate": "big", "domain": None, "winner": names[0], "leader": names[0], "runner_up": names[1], "difference": 1.0}
    bounds = {"low": 0.5, "high": None, "verdict": "leads", "beyond_reach": ", ".join(names), "prompts": summary.samples}
    units = product(UNIT_COSTS.items(), range(12), levels)
    return [{**said, **bounds, "cost_unit": unit, "amount": cost * 2.0**step, "floor": f} for (unit, cost), step, f in units]
