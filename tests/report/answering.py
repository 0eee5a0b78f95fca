"""Results with the tables that answer questions: populations, mixtures, domains, series, data sets.

Figures are invented but hang together (intervals hold their values, nulls lie where nulls lie): sections are under test here,
not measures.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement

from tests.report import synthetic
from tests.report.synthetic import Row
from tests.report.wider import filled
from triaxis.results import TABLES, Results

FLOORS: tuple[float | None, ...] = (None, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)


def base(models: int = 6, domains: int = 3, *, names: Sequence[str] = (), named: Sequence[str] = ()) -> Results:
    """A measured corpus that the tables are added to."""
    data = synthetic.corpus(models, prompts=30, domains=domains)
    where = [named[p % len(named)] for p in range(30)] if named else data.domains
    told = synthetic.Corpus(names or data.models, data.labels, data.quality, where)
    return synthetic.measured(told, budgets=[1, 10])


def row(table: str, **known: object) -> Row:
    """A row of `table`, null where nothing is said."""
    assert not set(known) - set(TABLES[table]), set(known) - set(TABLES[table])
    return {name: known.get(name) for name in TABLES[table]}


def around(value: float, half: float) -> Row:
    return {"value": value, "low": value - half, "high": value + half}


def nothing(value: float, half: float = 0.05) -> Row:
    return {"null": value, "null_low": value - half, "null_high": value + half}


def shared(results: Results) -> tuple[str, list[str], list[str | None]]:
    """Gate, models, and domains with null first."""
    one = results.manifest.gates[0]
    return one.gate.label, list(one.models), [None, *one.domains]


def with_population(results: Results, floors: Sequence[float | None] = FLOORS, *, has_nulls: bool = True) -> Results:
    """Models that differ less and less as the floor rises."""
    gate, models, domains = shared(results)
    rows = [one for d in domains for i, f in enumerate(floors) for one in _population(gate, len(models), d, f, i, has_nulls)]
    return filled(
        results, population=rows, population_pairs=list(_pairs(gate, models)), model_clusters=list(_clusters(gate, models)),
        population_models=list(_models(gate, models, floors)), shared_phrases=list(_phrases(gate, models)),
    )  # fmt: skip


def _population(gate: str, models: int, domain: str | None, floor: float | None, place: int, has_nulls: bool) -> Iterator[Row]:
    same = {"gate": gate, "domain": domain, "floor": floor, "models": models, "prompts": 100, "prompts_left": 100 - 8 * place}
    fall = 0.9**place
    for budget in (2, 10):
        for measure, scale in (("mixture", 0.62), ("within", 0.31), ("between", 0.31), ("ratio", 0.2)):
            null = nothing(scale * budget * 0.95 * fall) if measure == "within" and has_nulls else {}
            yield row("population", **same, measure=measure, budget=budget, **around(scale * budget * fall, 0.2), **null)
    ones = (
        ("same within", 0.35, 0.12), ("same between", 0.09, 0.12), ("intra-model cosine", 0.7, 0.55),
        ("inter-model cosine", 0.5, 0.55), ("neighbour mixing", 0.4, 0.5), ("cells above 0.8", 0.3, None),
        ("shared phrases between", 0.02, None),
    )  # fmt: skip
    for measure, value, null in ones:
        zero = nothing(null + 0.02 * place, 0.01) if null is not None and has_nulls else {}
        yield row("population", **same, measure=measure, **around(min(value + 0.04 * place, 0.99), 0.02), **zero)
    effective = 1 + (0.37 * models - 1) * fall
    zero = {**nothing(1.4, 0.1), "ceiling": float(models)} if has_nulls else {}
    yield row("population", **same, measure="effective models", **around(effective, 0.4), **zero)
    if floor is not None:
        yield row("population", **same, measure="effective models, change", **around(-0.2 * place, 0.15))
    if floor == 9.0:
        yield row("population", **same, measure="effective models (cosine)", reason="needs vectors, got counts only")


def _pairs(gate: str, models: Sequence[str]) -> Iterator[Row]:
    size = max(len(models) // 3, 1)
    for measure, floor in (("same", None), ("same", 8.0), ("cosine", None)):
        for (i, a), (j, b) in combinations_with_replacement(enumerate(models), 2):
            value = 0.6 - 0.01 * ((7 * i + 3 * j) % 11) if i // size == j // size else 0.1 + 0.01 * ((i + j) % 9)
            known = {"gate": gate, "measure": measure, "floor": floor, "model_a": a, "model_b": b, "null": 0.12, "prompts": 90}
            yield row("population_pairs", **known, **around(value, 0.04))


def _clusters(gate: str, models: Sequence[str]) -> Iterator[Row]:
    size = max(len(models) // 3, 1)
    for i, model in enumerate(models):
        known = {"gate": gate, "model": model, "measure": "same", "cluster": i // size, "clusters": -(-len(models) // size)}
        yield row("model_clusters", **known, silhouette=0.5 + 0.01 * (i % 7), null=0.08)


def _models(gate: str, models: Sequence[str], floors: Sequence[float | None]) -> Iterator[Row]:
    for i, model in enumerate(models):
        for place, floor in enumerate(floors):
            known = {"gate": gate, "model": model, "floor": floor, "prompts": 100, "prompts_left": 100 - place}
            repeated = around(0.3 + 0.002 * i + 0.03 * place, 0.02)
            yield row("population_models", **known, measure="repetition", **repeated, null=0.1)
            yield row("population_models", **known, measure="unique share", budget=10, **around(0.5 - 0.02 * (i % 9), 0.1))


def _phrases(gate: str, models: Sequence[str]) -> Iterator[Row]:
    for i in range(12):
        known = {"gate": gate, "floor": None, "phrase": f"time is like a river that number {i}", "words": 7, "samples": 90 - i}
        yield row("shared_phrases", **known, models=len(models) - i % 3, prompts=30 - i, model_names=", ".join(models))
