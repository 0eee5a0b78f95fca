"""Rows of the tables that advice looks at: one gate, one domain, figures by model, and models against each other."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from triaxis.advise.advice import Figure
from triaxis.results import GateSummary, Results

Row = dict[str, Any]
SAME, UNKNOWN, LEADS = "same within delta", "cannot tell", "leads"
OF_SETS = {"usable_diversity": "set_diversity", "comparisons": "set_comparisons"}


class Duel(NamedTuple):
    """One model less another: the difference, a verdict (`leads`, `is behind`, `same within delta`, `cannot tell`), and the
    number of further prompts at which it is expected to be decided."""

    difference: Figure
    verdict: str
    to_decide: int | None

    def turned(self) -> "Duel":
        """The same, seen from the other model."""
        value, low, high = self.difference.value, self.difference.low, self.difference.high
        turned = Figure(-value, None if high is None else -high, None if low is None else -low)
        words = {LEADS: "is behind", "is behind": LEADS}
        return Duel(turned, words.get(self.verdict, self.verdict), self.to_decide)


@dataclass(frozen=True)
class View:
    """The results of one gate in one domain (None is all)."""

    results: Results
    summary: GateSummary
    domain: str | None

    @property
    def is_set(self) -> bool:
        """Whether a cell is a whole set."""
        return self.summary.gate.unit == "set"

    def rows(self, name: str) -> pl.DataFrame:
        """Rows of table `name`, or of its twin for sets."""
        table = self.results.tables[OF_SETS.get(name, name) if self.is_set else name]
        here = pl.col("domain").is_null() if self.domain is None else pl.col("domain") == self.domain
        return table.filter(pl.col("gate") == self.summary.gate.label, here)

    @cached_property
    def _curves(self) -> dict[tuple[str, float | None, int], Row]:
        frame = self.rows("usable_diversity")
        return {(r["model"], r["floor"], r["budget"]): r for r in frame.iter_rows(named=True)}

    @cached_property
    def _duels(self) -> dict[tuple[str, str, float | None, int], Duel]:
        words = {"a leads": LEADS, "b leads": "is behind"}
        found = {}
        for r in self.rows("comparisons").iter_rows(named=True):
            difference = Figure(r["difference"], r["low"], r["high"])
            key = (r["model_a"], r["model_b"], r["floor"], r["budget"])
            found[key] = Duel(difference, words.get(r["verdict"], r["verdict"]), r["prompts_to_decide"])
        return found

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Candidates: the models that were compared with each other, else all that were measured here."""
        known = {model for model, _, _ in self._curves}
        compared = tuple(m for m in self.summary.compared if m in known)
        return compared if len(compared) > 1 and self._duels else tuple(m for m in self.summary.models if m in known)

    @property
    def is_compared(self) -> bool:
        """Whether there are paired tests."""
        return bool(self._duels)

    @cached_property
    def tested(self) -> tuple[int, ...]:
        """Budgets with intervals that every candidate reaches; else those that every candidate reaches."""
        reach = [self.reach(model) for model in self.models]
        shared = sorted({n for _, _, n in self._curves if n <= min(reach, default=0)})
        return tuple(n for n in shared if n in self.summary.interval_budgets) or tuple(shared)

    def reach(self, model: str) -> int:
        """The largest budget of the curve of `model`."""
        return max((n for m, _, n in self._curves if m == model), default=0)

    def prompts(self, model: str) -> int:
        """Prompts behind the curve of `model`; one set counts as one."""
        return 1 if self.is_set else max((r["prompts"] for (m, _, _), r in self._curves.items() if m == model), default=0)

    def usable(self, model: str, floor: float | None, budget: int) -> Figure | None:
        """Different usable answers of `budget` draws to a prompt."""
        row = self._curves.get((model, floor, budget))
        return None if row is None or row["value"] is None else Figure(row["value"], row["low"], row["high"])

    def share(self, model: str, floor: float | None) -> Figure | None:
        """The share of usable answers: U of a single draw, with its interval where one draw has one."""
        single = self.usable(model, floor, 1)
        if single is not None:
            return single
        row = next((r for (m, f, _), r in self._curves.items() if m == model and f == floor), None)
        return None if row is None or row["usable_share"] is None else Figure(row["usable_share"])

    def duel(self, a: str, b: str, floor: float | None, budget: int) -> Duel | None:
        """`a` less `b` on the prompts that all candidates share; None where it was not tested."""
        found = self._duels.get((a, b, floor, budget))
        if found is not None:
            return found
        turned = self._duels.get((b, a, floor, budget))
        return None if turned is None else turned.turned()

    @cached_property
    def _quality(self) -> dict[str, Figure]:
        return {r["model"]: _figure(r) for r in self.rows("quality").iter_rows(named=True) if r["value"] is not None}

    def quality(self, model: str) -> Figure | None:
        """Mean quality of `model` over its prompts."""
        return self._quality.get(model)

    @cached_property
    def complexity_measure(self) -> str | None:
        """The measure of complexity that is shown: a column of the input, else the first that is not a length."""
        names = self.rows("complexity").filter(pl.col("value").is_not_null())["measure"].unique(maintain_order=True).to_list()
        lengths = ("words", "tokens", "characters")
        return next((n for n in sorted(names, key=lambda n: (n != "complexity", n in lengths))), None)

    def complexity(self, model: str, floor: float | None) -> Figure | None:
        """Complexity of the usable answers of `model` at the highest floor up to `floor` where it was measured."""
        if self.complexity_measure is None:
            return None
        level = pl.col("floor").is_null() if floor is None else pl.col("floor").is_null() | (pl.col("floor") <= floor)
        rows = self.rows("complexity").filter(level, measure=self.complexity_measure, model=model).drop_nulls("value")
        if rows.is_empty():
            return None
        return _figure(rows.sort("floor", nulls_last=False).row(-1, named=True))

    @cached_property
    def prices(self) -> dict[str, float]:
        """{model: money of one draw}, for the models whose draws have a price."""
        frame = self.rows("cost").filter(cost_unit="price").sort("budget")
        return {r["model"]: r["mean_cost"] / r["budget"] for r in frame.iter_rows(named=True) if r["mean_cost"] is not None}

    @cached_property
    def shares(self) -> list[tuple[float, float]]:
        """(tested floor, share of all samples that reach it), ascending."""
        weights = {r["model"]: r["measured"] for r in self.rows("cells").iter_rows(named=True)} if not self.is_set else {}
        found = []
        for floor in self.summary.interval_floors:
            some = [(s.value, weights.get(m, 1)) for m in self.models if (s := self.share(m, floor)) is not None]
            total = sum(weight for _, weight in some)
            if total:
                found.append((floor, sum(value * weight for value, weight in some) / total))
        return found


def _figure(row: Row) -> Figure:
    return Figure(row["value"], row["low"], row["high"])
