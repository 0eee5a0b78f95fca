"""Each domain above its own bar: the table `own_floor` of a run with a gates file, for all of its gates together."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from triaxis.report.text import floor_name, interval, number, plural
from triaxis.report.view import Row
from triaxis.results import Gate, Results

MOST_MODELS = 200
MOST_DOMAINS = 12


class Bar(NamedTuple):
    """One domain's gate, as a reader should see it."""

    domain: str
    floor: float | None
    gate: Gate | None


class OwnFloors(NamedTuple):
    """Models by their mean over all domains: `rows` are (model, mean, one row or None for each of `bars`)."""

    budget: int
    bars: list[Bar]
    rows: list[tuple[str, Row | None, list[Row | None]]]
    models_left: int
    domains_left: int


def own_floors(results: Results) -> OwnFloors | None:
    """The table at the largest budget that every model reaches in every domain it has; None without a gates file."""
    table = results.tables["own_floor"].filter(pl.col("value").is_not_null())
    if not table.height:
        return None
    budget = _budget(table)
    rows = table.filter(pl.col("budget") == budget).to_dicts()
    found = {(row["model"], row["domain"]): row for row in rows}
    bars, left = _bars(results, [row for row in rows if row["domain"] is not None])
    means = sorted({row["model"] for row in rows}, key=lambda model: _order(found.get((model, None)), model))
    shown = [(m, found.get((m, None)), [found.get((m, bar.domain)) for bar in bars]) for m in means[:MOST_MODELS]]
    return OwnFloors(budget, bars, shown, len(means) - len(shown), left)


def _order(row: Row | None, model: str) -> tuple[float, str]:
    return (-row["value"] if row else 0.0, model)


def _budget(table: pl.DataFrame) -> int:
    counts = table.group_by("budget").agg(pl.struct("model", "domain").n_unique().alias("cells"))
    most = counts["cells"].max()
    return int(str(counts.filter(pl.col("cells") == most)["budget"].max()))


def _bars(results: Results, rows: Sequence[Row]) -> tuple[list[Bar], int]:
    """Bars of the domains with most prompts, and how many domains are left out."""
    gates = {summary.gate.label: summary.gate for summary in results.manifest.gates}
    size: dict[str, int] = {}
    for row in rows:
        size[row["domain"]] = max(size.get(row["domain"], 0), row["prompts"])
    of = {row["domain"]: Bar(row["domain"], row["floor"], gates.get(row["gate"])) for row in rows}
    order = sorted(size, key=lambda domain: (-size[domain], domain))
    return [of[domain] for domain in order[:MOST_DOMAINS]], len(order[MOST_DOMAINS:])


def line(found: OwnFloors) -> str:
    """The first models by their mean over all domains, each domain at its own floor, in one line."""
    first = [f"{model} {figure(row)}" for model, row, _ in found.rows[:3] if row]
    return f"Each domain above its own floor, {plural(found.budget, 'draw')} per prompt, mean over prompts: {'; '.join(first)}."


def figure(row: Row | None) -> str:
    """`2.35 [2.08, 2.59]`; a dash where there is none."""
    return "–" if row is None else f"{number(row['value'])} {interval(row['low'], row['high'])}".rstrip()


def described(bar: Bar) -> dict[str, Any]:
    """Domain, floor and what its gate counts, as text for a table."""
    gate = bar.gate
    judged = "" if gate is None or gate.quality_source in (None, gate.quality) else gate.quality_source
    return {
        "domain": bar.domain,
        "floor": floor_name(bar.floor),
        "quality": (gate and gate.quality) or "not gated",
        "source": judged or "–",
        "equivalence": gate.equivalence if gate else "–",
    }
