"""Synthetic mixtures, domains, filters, series and profiles, and results that hold all of the answers at once."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from math import exp

from tests.report import synthetic
from tests.report.answering import FLOORS, around, base, row, shared, with_population
from tests.report.synthetic import Row
from tests.report.wider import filled
from triaxis.results import Results

METRICS = (
    ("usable", "usable diversity", "more diverse"), ("lexical", "distinct_2", "more diverse"),
    ("syntactic", "template_rate", "less diverse"), ("semantic", "mean_cosine_distance", "more diverse"),
)  # fmt: skip
STEPS = tuple(range(0, 500, 25))


def with_ensemble(results: Results) -> Results:
    """Three models add something, the fourth cannot be told, the fifth adds nothing; two beat one beyond doubt above a floor."""
    gate, models, domains = shared(results)
    plans = [(None, None, 10.0), (5.0, None, 10.0), (5.0, None, 3.0), (5.0, "price", 0.002)]
    rows = [one for d, plan in product(domains, plans) for one in _ensemble(gate, models, d, *plan)]
    draws = [one for plan in plans for one in _draws(gate, models, *plan)]
    return filled(results, ensemble=rows, ensemble_draws=draws)


def _ensemble(
    gate: str, models: Sequence[str], domain: str | None, floor: float | None, unit: str | None, amount: float
) -> Iterator[Row]:
    value = 4.0
    for members, model in enumerate(models[:5], start=1):
        gain = 1.2 / members**2 if members > 1 else 0.0
        value += gain
        verdict = ("adds", "adds", "cannot tell", "adds nothing")[members - 2] if members > 1 else None
        known = {"gate": gate, "domain": domain, "floor": floor, "cost_unit": unit, "amount": amount, "members": members}
        gains = {"gain": gain, "gain_low": gain - 0.1, "gain_high": gain + 0.1} if members > 1 else {}
        cost = {} if unit is None else {"cost": amount * 0.98}
        if members > 1:
            half, lead = 0.2 if floor is not None else 2.0, value - 4.0
            gains |= {"over_one": lead, "over_one_low": lead - half, "over_one_high": lead + half}
        more = {"in_sample": value + 0.2, "bound": 6.4, "verdict": verdict, "prompts": 60}
        yield row("ensemble", **known, added=model, **around(value, 0.3), **gains, **more, **cost)


def _draws(gate: str, models: Sequence[str], floor: float | None, unit: str | None, amount: float) -> Iterator[Row]:
    for members in range(1, min(len(models), 5) + 1):
        for place, model in enumerate(models[:members]):
            known = {"gate": gate, "floor": floor, "cost_unit": unit, "amount": amount, "members": members, "model": model}
            yield row("ensemble_draws", **known, draws=10 // members + (place == 0) * (10 % members))


def with_domains(results: Results, pairs: int = 3) -> Results:
    """Tuning narrows the first domains and widens the last, the more open ones."""
    gate, models, domains = shared(results)
    chosen = list(pairwise(models))[:pairs]
    named = [domain for domain in domains if domain is not None]
    changes = [one for pair, f in product(chosen, FLOORS[::3]) for one in _changes(gate, *pair, named, f)]
    effects = [one for pair in chosen for one in _effects(gate, *pair)]
    wide = [one for d, f in product(domains, FLOORS) for one in _openness(gate, named, d, f)]
    return filled(results, domain_changes=changes, openness=wide, openness_effect=effects)


def _openness(gate: str, named: Sequence[str], domain: str | None, floor: float | None) -> Iterator[Row]:
    known = {"gate": gate, "domain": domain, "floor": floor, "equal_count": 5, "prompts": 30, "prompts_left": 24}
    yield row("openness", **known, **around(_open(named, domain), 0.2), chao1=2 * _open(named, domain))


def _open(named: Sequence[str], domain: str | None) -> float:
    return 2.5 if domain is None else 1.2 + 3.0 * named.index(domain) / max(len(named) - 1, 1)


def _changes(gate: str, reference: str, model: str, named: Sequence[str], floor: float | None) -> Iterator[Row]:
    for domain in (None, *named):
        for place, (level, metric, direction) in enumerate(METRICS):
            gap = 0.4 * (_open(named, domain) - 2.5) + 0.1 * place
            verdict = "cannot tell" if abs(gap) < 0.2 else "widens" if gap > 0 else "narrows"
            verdict = "same within delta" if abs(gap) < 0.05 else verdict
            known = {"gate": gate, "reference": reference, "model": model, "domain": domain, "level": level, "metric": metric}
            figures = {"value_reference": 3.0, "value_model": 3.0 + gap, "difference": gap, "low": gap - 0.2, "high": gap + 0.2}
            more = {"direction": direction, "floor": floor, "size": 5, "delta": 0.05, "verdict": verdict, "prompts": 30}
            yield row("domain_changes", **known, **figures, **more, openness=_open(named, domain), prompts_left=28)


def _effects(gate: str, reference: str, model: str) -> Iterator[Row]:
    for (level, metric, _), across in product(METRICS, ("prompts", "domains")):
        known = {"gate": gate, "reference": reference, "model": model, "level": level, "metric": metric, "across": across}
        yield row("openness_effect", **known, rho=0.6, low=0.2, high=0.8, count=30)


def with_filter(results: Results) -> Results:
    """The bar takes kinds of answers in the first domain and not in the last."""
    gate, models, domains = shared(results)
    rows = [one for m, d in product((None, *models), domains) for one in _filter(gate, m, d, domains)]
    return filled(results, filter_effect=rows)


def _filter(gate: str, model: str | None, domain: str | None, domains: Sequence[str | None]) -> Iterator[Row]:
    fall = 0.07 * (1 - domains.index(domain) / len(domains))
    for place, floor in enumerate(FLOORS[1:]):
        known = {"gate": gate, "model": model, "domain": domain, "floor": floor, "prompts": 30, "prompts_left": 30 - place}
        value = 1 - fall * place
        kept = {"kept_classes": 5 * value - 0.3 * place, "by_chance": 5 - 0.3 * place, "usable_share": 1 - 0.1 * place}
        yield row("filter_effect", **known, **around(value, 0.05), **kept)
        if place in (4, 7):
            lost = {"second": "judge", "second_floor": 3.0, "lost_classes": 2.5, "accepted": 0.31}
            yield row("filter_effect", **known, **lost, accepted_low=0.24, accepted_high=0.39, accepted_kept=0.74)


def with_series(results: Results, runs: Sequence[str] = ("grpo",)) -> Results:
    """A run in which one format takes over at step 200, accuracy rises and diversity falls."""
    gate, _, domains = shared(results)
    keys = list(product(runs, domains))
    rows = [one for run, d in keys for one in _series(gate, run, d)]
    changes = [one for run, d in keys for one in _points(gate, run, d)]
    times = {"measure": "time to dominant format", "label": "json", "share": 0.9, "step": 250, "low": 225.0, "high": 300.0}
    found = [row("series_times", gate=gate, model=run, domain=d, **times) for run, d in keys]
    never = [
        row("series_times", gate=gate, model=runs[0], measure="time to dominant format", floor=5.0, share=0.9, reason="never")
    ]
    return filled(results, series=rows, change_points=changes, series_times=found + never)


def _series(gate: str, run: str, domain: str | None) -> Iterator[Row]:
    for step in STEPS:
        known = {"gate": gate, "model": run, "domain": domain, "step": step, "prompts": 40, "prompts_left": 40}
        done = 1 / (1 + exp(-(step - 200) / 25))
        shares = {"json": 0.2 + 0.75 * done, "code": 0.5 - 0.47 * done, "prose": 0.3 - 0.28 * done}
        for label, share in shares.items():
            yield row("series", **known, measure="format share", label=label, **around(share, 0.04))
            yield row("series", **known, measure="accuracy", label=label, floor=5.0, **around(0.3 + 0.4 * done * share, 0.08))
        yield row("series", **known, measure="format entropy", **around(1.5 - 1.2 * done, 0.1))
        top = max(shares, key=lambda name: shares[name])
        yield row("series", **known, measure="dominant share", label=top, **around(max(shares.values()), 0.04))
        for floor, n in product((None, 5.0, 8.0), (2, 10)):
            yield row("series", **known, measure="usable diversity", floor=floor, budget=n, **around((0.3 - 0.1 * done) * n, 0.2))
        for k in (1, 2, 4, 8):
            yield row("series", **known, measure="pass@k", floor=5.0, budget=k, **around(1 - (0.7 - 0.4 * done) ** k, 0.05))


def _points(gate: str, run: str, domain: str | None) -> Iterator[Row]:
    known = {"gate": gate, "model": run, "domain": domain, "prompts": 40}
    at = {"step": 200, "step_low": 175, "step_high": 225, "verdict": "change", "p": 0.003}
    moved = {"before": 2.9, "after": 2.1, "difference": -0.8, "low": -1.0, "high": -0.6}
    yield row("change_points", **known, measure="usable diversity", floor=5.0, budget=10, **at, **moved)
    moved = {"before": 0.2, "after": 0.9, "difference": 0.7, "low": 0.65, "high": 0.75}
    yield row("change_points", **known, measure="format share", label="json", **at, **moved)
    yield row("change_points", **known, measure="usable diversity", budget=10, p=0.4, verdict="no change seen")


def with_profile(results: Results) -> Results:
    """Two data sets with holes in a reference and in a taxonomy."""
    gate, models, domains = shared(results)
    keys = list(product(models[:2], domains))
    rows = [one for m, d in keys for one in _profile(gate, m, d)]
    holes = [one for m in models[:2] for one in _holes(gate, m)]
    sides = {"axis_a": "quality", "measure_a": "quality", "axis_b": "complexity", "measure_b": "words"}
    links = [row("axis_correlations", gate=gate, model=m, **sides, rho=-0.3, low=-0.4, high=-0.2, rows=900) for m in models[:2]]
    links.append(row("axis_correlations", gate=gate, model=models[0], **sides, rows=9, reason="needs 10 prompts, got 9"))
    return filled(results, profile=rows, holes=holes, axis_correlations=links)


def _profile(gate: str, model: str, domain: str | None) -> Iterator[Row]:
    known = {"gate": gate, "model": model, "domain": domain, "rows": 1000, "unmeasured": 12}
    yield row("profile", **known, axis="quality", measure="mean", **around(6.8, 0.1))
    yield row("profile", **known, axis="quality", measure="share at or above the floor", floor=5.0, **around(0.7, 0.02))
    yield row("profile", **known, axis="diversity", measure="near-duplicates (share of rows)", **around(0.12, 0.02), null=0.001)
    yield row("profile", **known, axis="diversity", measure="regions of the reference held", reason="needs --reference")
    yield row("profile", **known, axis="complexity", measure="words: mean", **around(142.0, 8.0))


def _holes(gate: str, model: str) -> Iterator[Row]:
    for i, verdict in enumerate(("covered", "thin", "hole", "hole", "cannot tell", "covered")):
        texts = {"region": f"fractions, decimals, part {i}", "example": f"What is {i}/7 as a decimal?", "kind": "reference"}
        counts = {"reference_rows": 20 + i, "rows": 10 * (verdict == "covered"), "usable_rows": 0, "expected": 12.0 + i}
        yield row("holes", gate=gate, model=model, floor=5.0, verdict=verdict, **texts, **counts)


def with_quality(results: Results) -> Results:
    """Mean quality of each model."""
    gate, models, domains = shared(results)
    keys = product(domains, enumerate(models))
    rows = [row("quality", gate=gate, model=m, domain=d, **around(5 + 0.1 * i, 0.2), prompts=30) for d, (i, m) in keys]
    return filled(results, quality=rows)


def answered(results: Results, **population: bool) -> Results:
    """`results` with every table of answers."""
    told = with_quality(with_population(results, **population))  # type: ignore[arg-type]
    return with_profile(with_series(with_filter(with_domains(with_ensemble(told)))))


def everything(models: int = 14) -> Results:
    """Every section of answers at a usual size."""
    return answered(base(models, 4))


def hostile() -> Results:
    """Hostile names of models, domains, runs, regions and phrases in every section."""
    names = [f"{text} {i}" for i, text in enumerate(synthetic.HOSTILE[:6])]
    found = answered(base(6, names=names, named=synthetic.HOSTILE[6:9]))
    bad = {
        "phrase": synthetic.HOSTILE[0],
        "words": 3,
        "models": 6,
        "samples": 7,
        "prompts": 8,
        "model_names": synthetic.HOSTILE[1],
    }
    gate = found.manifest.gates[0].gate.label
    phrases = [row("shared_phrases", gate=gate, **bad)]
    return filled(with_series(found, [synthetic.HOSTILE[2]]), shared_phrases=phrases)


def huge(models: int = 200, domains: int = 40) -> Results:
    """Every section at 200 models in 40 domains."""
    found = synthetic.huge(models=models, floors=16, budgets=3, domains=domains, prompts=2)
    names = found.manifest.gates[0].models
    told = with_profile(with_filter(with_ensemble(with_quality(with_population(found)))))
    return with_domains(with_series(told, names[:6]), pairs=30)
