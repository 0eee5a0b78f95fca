"""Results made from synthetic samples, with the exact tables that `triaxis.results` declares.

`measured` works from class labels and qualities with the textbook formulas, small and slow, so that the pages under test show
figures that hang together; `huge` fills the tables with random numbers at a size that no page can hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from math import comb
from typing import Any

import numpy as np
import polars as pl

from triaxis.results import (
    TABLES,
    Caution,
    ClassExample,
    Gate,
    GateSummary,
    InputSummary,
    Manifest,
    ModelExample,
    NotRun,
    PromptExample,
    Results,
    empty_table,
)

Row = dict[str, Any]
DELTA = 0.1
FAMILY = "The reward model is of the Gemma family, like the models marked; its scores may favour its own family."


@dataclass(frozen=True)
class Corpus:
    """Samples as arrays: `labels` and `quality` are (models, prompts, samples); a prompt has one domain."""

    models: Sequence[str]
    labels: np.ndarray
    quality: np.ndarray | None
    domains: Sequence[str] = ()
    texts: dict[tuple[int, int, int], str] = field(default_factory=dict)
    prompts: Sequence[str | None] = ()
    gate: str = "reward >= floor | column:partition"
    warned: tuple[str, ...] = ()


def corpus(
    models: int = 4, prompts: int = 30, *, samples: int = 10, has_quality: bool = True, domains: int = 0, seed: int = 0
) -> Corpus:
    """Models from varied and careless (model 0) to narrow and careful (the last), quality in 1-10."""
    rng = np.random.default_rng(seed)
    width = np.linspace(14, 3, models)[:, None, None]
    care = np.linspace(3, 8, models)[:, None, None]
    labels = (rng.random((models, prompts, samples)) * width).astype(int)
    quality = np.clip(np.round(care + 2 * rng.standard_normal(labels.shape)), 1, 10)
    names = [f"model-{chr(97 + i % 26)}{i // 26 or ''}" for i in range(models)]
    named = [f"domain {i % domains}" for i in range(prompts)] if domains else []
    return Corpus(names, labels, quality if has_quality else None, named)


def usable_diversity(data: Corpus, floors: Sequence[float | None], budgets: Sequence[int]) -> np.ndarray:
    """(models, prompts, floors, budgets): U of design 5.1 per cell."""
    size = data.labels.shape[2]
    seen = np.array([[1 - comb(size - m, n) / comb(size, n) for n in budgets] for m in range(size + 1)])
    total = np.zeros((*data.labels.shape[:2], len(floors), len(budgets)))
    for f, label in product(range(len(floors)), np.unique(data.labels)):
        total[:, :, f] += seen[((data.labels == label) & usable(data, floors[f])).sum(axis=2)]
    return total


def usable(data: Corpus, floor: float | None) -> np.ndarray:
    return np.ones(data.labels.shape, bool) if floor is None or data.quality is None else data.quality >= floor


def measured(data: Corpus, *, budgets: Sequence[int] | None = None, draws: int = 200) -> Results:
    """A whole result: every table filled as far as the corpus allows."""
    size = data.labels.shape[2]
    floors: list[float | None] = [None, *([] if data.quality is None else [float(q) for q in np.unique(data.quality)])]
    shown = list(budgets or range(1, min(size, 16) + 1))
    means = [Sheet(data, floors, shown, domain, draws) for domain in (None, *sorted(set(data.domains) or {"(none)"}))]
    rows = {name: [row for sheet in means for row in getattr(sheet, name)()] for name in FILLED}
    tables = {name: pl.DataFrame(rows.get(name, []), schema=dict(schema), orient="row") for name, schema in TABLES.items()}
    return Results(manifest=manifest([summary(data, floors, shown)]), tables=tables, examples=tuple(examples(data)))


class Sheet:
    """The rows of one domain."""

    def __init__(self, data: Corpus, floors: list[float | None], budgets: list[int], domain: str | None, draws: int) -> None:
        self.data, self.floors, self.budgets, self.domain = data, floors, budgets, domain
        keep = [i for i in range(data.labels.shape[1]) if domain is None or not data.domains or data.domains[i] == domain]
        self.prompts = len(keep)
        self.worth = usable_diversity(data, floors, budgets)[:, keep]
        self.keep = keep
        picks = np.random.default_rng(7).integers(0, self.prompts, (draws, self.prompts))
        self.drawn = np.stack([self.worth[:, pick].mean(axis=1) for pick in picks])

    def base(self, model: int) -> Row:
        return {"gate": self.data.gate, "model": self.data.models[model], "domain": self.domain}

    def bounds(self, drawn: np.ndarray) -> Row:
        if self.prompts < 10:
            return {"low": None, "high": None}
        return dict(zip(("low", "high"), map(float, np.quantile(drawn, [0.025, 0.975])), strict=True))

    def usable_diversity(self) -> Iterator[Row]:
        mean = self.worth.mean(axis=1)
        for m, f, b in np.ndindex(mean.shape):
            share = float(usable(self.data, self.floors[f])[m][self.keep].mean())
            yield {
                **self.base(m),
                "floor": self.floors[f],
                "budget": self.budgets[b],
                "value": float(mean[m, f, b]),
                **self.bounds(self.drawn[:, m, f, b]),
                "usable_share": share,
                "prompts": self.prompts,
            }

    def pairs(self) -> Iterator[tuple[int, int, Row]]:
        for a, b in combinations(range(len(self.data.models)), 2):
            names = {"model_a": self.data.models[a], "model_b": self.data.models[b]}
            yield a, b, {"gate": self.data.gate, **names, "domain": self.domain}

    def compared(self, a: int, b: int, f: int, n: int) -> Row:
        difference = float((self.worth[a] - self.worth[b])[:, f, n].mean())
        bounds = self.bounds(self.drawn[:, a, f, n] - self.drawn[:, b, f, n])
        return {"difference": difference, **bounds, "verdict": verdict(bounds), "prompts": self.prompts}

    def comparisons(self) -> Iterator[Row]:
        for a, b, names in self.pairs():
            for f, n in product(range(len(self.floors)), range(len(self.budgets))):
                row = self.compared(a, b, f, n)
                needed = 120 if row["verdict"] == "cannot tell" else None
                yield {
                    **names,
                    "floor": self.floors[f],
                    "budget": self.budgets[n],
                    **row,
                    "delta": DELTA,
                    "prompts_to_decide": needed,
                }

    def flips(self) -> Iterator[Row]:
        for a, b, names in self.pairs():
            for n, budget in enumerate(self.budgets):
                yield {**names, "budget": budget, "prompts": self.prompts, **self.crossing(a, b, n)}

    def crossing(self, a: int, b: int, n: int) -> Row:
        walk = [(f, self.compared(a, b, i, n)) for i, f in enumerate(self.floors) if f is not None]
        names = (self.data.models[a], self.data.models[b])
        for (below, first), (above, second) in pairwise(walk):
            if first["difference"] * second["difference"] < 0:
                ahead = ("a leads", "b leads") if first["difference"] > 0 else ("b leads", "a leads")
                low = max((f for f, row in walk if f <= below and row["verdict"] == ahead[0]), default=None)
                high = min((f for f, row in walk if f >= above and row["verdict"] == ahead[1]), default=None)
                leaders = names if first["difference"] > 0 else names[::-1]
                return {
                    "crossing": 1,
                    "last_floor_below": below,
                    "floor": above,
                    "low": low,
                    "high": high,
                    "leader_below": leaders[0],
                    "leader_above": leaders[1],
                    "verdict": "undecided" if low is None or high is None else "flip",
                }
        ahead = next((names[row["difference"] < 0] for _, row in walk if row["difference"]), None)
        return {"crossing": 0, "leader_below": ahead, "leader_above": ahead, "verdict": "none"}

    def winner_map(self) -> Iterator[Row]:
        if len(self.data.models) < 2:
            return
        mean = self.worth.mean(axis=1)
        for f, n in product(range(len(self.floors)), range(len(self.budgets))):
            order = np.argsort(-mean[:, f, n], kind="stable")
            row = self.compared(int(order[0]), int(order[1]), f, n)
            leader, second = (self.data.models[i] for i in order[:2])
            said = "leads" if row["verdict"] == "a leads" else row["verdict"]
            yield {
                "gate": self.data.gate,
                "domain": self.domain,
                "floor": self.floors[f],
                "budget": self.budgets[n],
                "winner": leader if said == "leads" else None,
                "leader": leader,
                "runner_up": second,
                **row,
                "verdict": said,
            }

    def given_usable(self) -> Iterator[Row]:
        for m, f, j in product(range(len(self.data.models)), range(len(self.floors)), (2, 3, 5, 10)):
            values = [v for p in self.keep if (v := given(self.data, m, p, self.floors[f], j)) is not None]
            kept = len(values) >= 10
            spread = 1.96 * np.std(values) / np.sqrt(len(values)) if kept else 0.0
            value = float(np.mean(values)) if kept else None
            bounds = {"value": value, "low": value - spread, "high": value + spread} if value is not None else {}
            yield {
                **self.base(m),
                "floor": self.floors[f],
                "equal_count": j,
                **bounds,
                "prompts": self.prompts,
                "prompts_left": len(values),
            }

    def pairwise(self) -> Iterator[Row]:
        for m, f in product(range(len(self.data.models)), range(len(self.floors))):
            for form in ("all pairs", "usable pairs"):
                values = [v for p in self.keep if (v := pair_share(self.data, m, p, self.floors[f], form)) is not None]
                value = float(np.mean(values)) if values else None
                yield {
                    **self.base(m),
                    "floor": self.floors[f],
                    "form": form,
                    "value": value,
                    "prompts": self.prompts,
                    "prompts_left": len(values),
                }

    def utility(self) -> Iterator[Row]:
        if self.data.quality is None:
            return
        for m in range(len(self.data.models)):
            values = [utility(self.data, m, p) for p in self.keep]
            spread = 1.96 * float(np.std(values)) / np.sqrt(len(values))
            mean = float(np.mean(values))
            size = self.data.labels.shape[2]
            yield {**self.base(m), "k": size, "value": mean, "low": mean - spread, "high": mean + spread, "prompts": self.prompts}

    def cells(self) -> Iterator[Row]:
        size = self.data.labels.shape[2]
        for m in range(len(self.data.models)):
            count = self.prompts * size
            yield {
                **self.base(m),
                "prompts": self.prompts,
                "samples": count,
                "measured": count,
                "smallest_cell": size,
                "largest_cell": size,
                "largest_budget": size,
                "prompts_left": self.prompts,
            }


FILLED = ("usable_diversity", "comparisons", "flips", "winner_map", "given_usable", "pairwise", "utility", "cells")


def verdict(bounds: Row) -> str:
    if bounds["low"] is None:
        return "cannot tell"
    if bounds["low"] > 0 or bounds["high"] < 0:
        return "a leads" if bounds["low"] > 0 else "b leads"
    return "same within delta" if max(-bounds["low"], bounds["high"]) <= DELTA else "cannot tell"


def given(data: Corpus, m: int, p: int, floor: float | None, j: int) -> float | None:
    kept = data.labels[m, p][usable(data, floor)[m, p]]
    if len(kept) < j:
        return None
    sizes = np.unique(kept, return_counts=True)[1]
    return float(sum(1 - comb(len(kept) - int(s), j) / comb(len(kept), j) for s in sizes))


def pair_share(data: Corpus, m: int, p: int, floor: float | None, form: str) -> float | None:
    good = usable(data, floor)[m, p]
    pairs = list(combinations(range(len(good)), 2))
    both = [(i, j) for i, j in pairs if good[i] and good[j]]
    over = pairs if form == "all pairs" else both
    return sum(data.labels[m, p, i] != data.labels[m, p, j] for i, j in both) / len(over) if over else None


def utility(data: Corpus, m: int, p: int) -> float:
    assert data.quality is not None
    weights = 0.8 ** np.arange(data.labels.shape[2])
    new = [label not in data.labels[m, p, :i] for i, label in enumerate(data.labels[m, p])]
    return float((weights * np.array(new) * data.quality[m, p]).sum() / weights.sum())


def examples(data: Corpus, count: int = 6) -> Iterator[PromptExample]:
    for p in range(min(count, data.labels.shape[1])):
        shown = tuple(example(data, m, p) for m in range(len(data.models)))
        prompt = data.prompts[p] if data.prompts else f"Prompt number {p}"
        yield PromptExample(
            gate=data.gate, prompt_id=f"p{p}", prompt=prompt, models=shown, domain=data.domains[p] if data.domains else "(none)"
        )


def example(data: Corpus, m: int, p: int) -> ModelExample:
    labels = data.labels[m, p]
    classes = []
    for label in sorted(set(labels.tolist()), key=lambda one: (-int((labels == one).sum()), one)):
        found = np.flatnonzero(labels == label)
        quality = data.quality[m, p, found] if data.quality is not None else None
        text = data.texts.get((m, p, int(found[0])), f"answer {label} of {data.models[m]}")
        low, high = (float(quality.min()), float(quality.max())) if quality is not None else (None, None)
        classes.append(ClassExample(count=len(found), lowest_quality=low, highest_quality=high, text=text))
    return ModelExample(model=data.models[m], samples=len(labels), classes=tuple(classes))


def summary(data: Corpus, floors: Sequence[float | None], budgets: Sequence[int]) -> GateSummary:
    gated = tuple(f for f in floors if f is not None)
    gate = Gate(
        label=data.gate,
        quality="quality" if gated else None,
        quality_source="a reward model (1-10)" if gated else None,
        equivalence="column:partition",
        scope="cell",
        rule="labels as given",
    )
    warnings = (Caution(kind="judge-family", models=data.warned, sentence=FAMILY),)
    return GateSummary(
        gate=gate,
        models=tuple(data.models),
        compared=tuple(data.models),
        domains=tuple(sorted(set(data.domains))),
        floors=gated,
        budgets=tuple(budgets),
        interval_floors=gated,
        interval_budgets=tuple(budgets),
        samples=int(data.labels.size),
        measured=int(data.labels.size),
        warnings=warnings if data.warned else (),
    )


def manifest(gates: Sequence[GateSummary], *, not_run: Sequence[NotRun] = (), title: str = "Synthetic answers") -> Manifest:
    seen = InputSummary(
        path="synthetic.jsonl", format="jsonl", shape="canonical", columns={"response": "answer", "quality": "score"}, rows=1200
    )
    return Manifest(
        title=title,
        command="triaxis measure synthetic.jsonl --quality score --out out",
        inputs=(seen,),
        gates=tuple(gates),
        not_run=tuple(not_run),
        delta="0.1 distinct answers",
        draws=1000,
        seed=0,
        data_hash="sha256:0123abcd",
        versions={"triaxis": "0.1.0", "polars": "2.1", "numpy": "2"},
    )


def without_tables(results: Results, *names: str, not_run: Sequence[NotRun] = ()) -> Results:
    """The same results with some tables empty, as when an analysis could not run."""
    tables = {name: empty_table(name) if name in names else frame for name, frame in results.tables.items()}
    return Results(results.manifest.model_copy(update={"not_run": tuple(not_run)}), tables, results.examples)


def huge(models: int = 186, floors: int = 256, budgets: int = 20, domains: int = 3, prompts: int = 40) -> Results:
    """Random figures in the shape of a large run: far more than a page can hold."""
    rng = np.random.default_rng(1)
    names = [f"organisation/model-number-{i}-instruct" for i in range(models)]
    axes = {"domain": [None, *(f"domain {i}" for i in range(domains))], "model": names}
    levels: list[float | None] = [None, *np.round(np.sort(rng.random(floors)), 6).tolist()]
    grid = {**axes, "floor": levels, "budget": list(range(1, budgets + 1))}
    usable_rows = crossed(grid, {"budget": pl.Int64, "floor": pl.Float64})
    size = usable_rows.height
    value = rng.random(size) * 9
    usable_rows = usable_rows.with_columns(
        gate=pl.lit("big"), value=value, low=value - 0.2, high=value + 0.2, usable_share=rng.random(size), prompts=pl.lit(100)
    )
    tables = {name: empty_table(name) for name in TABLES}
    tables["usable_diversity"] = usable_rows.select(pl.col(n).cast(t) for n, t in TABLES["usable_diversity"].items())
    gate = Gate(label="big", quality="score", quality_source=None, equivalence="exact", scope="prompt", rule="equal texts")
    gated = tuple(f for f in levels if f is not None)
    shown = tuple(range(1, budgets + 1))
    whole = GateSummary(
        gate=gate, models=tuple(names), compared=tuple(names[:20]), domains=tuple(axes["domain"][1:]), floors=gated,
        budgets=shown,
        interval_floors=gated[::8], interval_budgets=shown[:8], samples=10**7, measured=10**7,
    )  # fmt: skip
    text = "word " * 20_000
    classes = tuple(ClassExample(count=1, lowest_quality=0.1, highest_quality=0.9, text=text) for _ in range(10))
    shown_models = tuple(ModelExample(model=name, samples=10, classes=classes) for name in names[:20])
    one = PromptExample(gate="big", prompt_id="p", prompt=text, domain="domain 0", models=shown_models)
    examples = tuple(one.model_copy(update={"prompt_id": f"p{i}"}) for i in range(prompts))
    return Results(manifest([whole], title="Huge"), tables, examples)


def crossed(axes: dict[str, Sequence[Any]], dtypes: dict[str, Any]) -> pl.DataFrame:
    frames = [pl.DataFrame({name: pl.Series(values, dtype=dtypes.get(name, pl.String))}) for name, values in axes.items()]
    found = frames[0]
    for frame in frames[1:]:
        found = found.join(frame, how="cross")
    return found


def many_gates(*results: Results) -> Results:
    """Several results as one with several gates; each is renamed so that the gates differ."""
    tables: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLES}
    gates, shown = [], []
    for number, one in enumerate(results):
        label = f"gate {number}"
        for name in TABLES:
            tables[name].append(one.tables[name].with_columns(gate=pl.lit(label)))
        found = one.manifest.gates[0]
        gates.append(found.model_copy(update={"gate": found.gate.model_copy(update={"label": label})}))
        shown += [example.model_copy(update={"gate": label}) for example in one.examples]
    return Results(manifest(gates), {name: pl.concat(frames) for name, frames in tables.items()}, tuple(shown))


HOSTILE = (
    "<script>window.__pwned = 1</script>",
    "<img src=x onerror='window.__pwned = 2'>",
    "</script><script>window.__pwned = 3</script>",
    "<!--<script>",
    "]]><svg onload=window.__pwned=4>",
    "{{ 7 * 7 }} {% raw %} ${window.__pwned = 5} #{7*7}",
    "javascript:window.__pwned=6",
    "\u202eright to left\u202c \u2066isolate\u2069",
    "null \x00 bell \x07 escape \x1b[31mred\x1b[0m delete \x7f",
    "separators \u2028 and \u2029 and \ufeff and \U000e0041",
    '" onmouseover="window.__pwned=7" x="',
    "' autofocus onfocus=window.__pwned=8 '",
    "a | pipe ` tick * star [link](javascript:alert(1)) _under_ ~~gone~~ $x$",
    "[bold red]markup[/] [link=http://x]y[/link]",
)
"""Texts that models might write; none may act anywhere in a report."""


def hostile() -> Results:
    """Names, prompts, answers, domains and notes that all try something, with one line of a million characters."""
    found = corpus(6, prompts=24, domains=2)
    names = [f"{HOSTILE[i]} {i}" for i in range(6)]
    texts = {(m, p, s): HOSTILE[(m + p + s) % len(HOSTILE)] for m, p, s in np.ndindex(6, 14, 10)}
    texts |= {(0, 0, s): "x" * 1_000_000 for s in range(10)}
    prompts = [HOSTILE[p % len(HOSTILE)] for p in range(24)]
    domains = [HOSTILE[p % 2] for p in range(24)]
    bad = Corpus(names, found.labels, found.quality, domains, texts, prompts, f"gate {HOSTILE[2]}", (names[0],))
    results = measured(bad)
    examples_ = tuple(examples(bad, 14))
    lost = pl.DataFrame({name: [HOSTILE[0]] for name in ("gate", "model", "domain", "reason")}).with_columns(
        samples=pl.lit(3, pl.Int64)
    )
    made = results.manifest.model_copy(
        update={
            "title": HOSTILE[2], "command": HOSTILE[5], "notes": (HOSTILE[7],), "data_hash": HOSTILE[1],
            "not_run": tuple(NotRun(analysis=text, reason=text) for text in HOSTILE),
        }
    )  # fmt: skip
    return Results(made, {**results.tables, "unmeasured": lost}, examples_)
