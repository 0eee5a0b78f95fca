"""Questions that every page, card and summary asks of the tables of one gate, answered once.

The one idea: a report shows no number that is not in a table. `GateView` picks rows (reference budget, floors worth
showing, ranking, who leads) by rules that are stated beside the figures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

import polars as pl

from triaxis.results import GateSummary, Results

Row = dict[str, Any]
CLEAR = "leads"
OF_SETS = {
    "usable_diversity": "set_diversity",
    "comparisons": "set_comparisons",
    "flips": "set_flips",
    "winner_map": "set_winner_map",
}
"""Where the same question is answered under unit `set`; a gate has rows in one of the two only."""
FEWEST_USABLE = 0.2


class Lead(NamedTuple):
    """Tested floors from `first` to `last` with one clear leader, whole where the data can tell at each of them."""

    model: str | None
    first: float | None
    last: float | None
    is_whole: bool

    def spans(self, floors: Sequence[float]) -> bool:
        """Whether the model clearly leads at every one of `floors`, which are ascending."""
        return self.is_whole and (self.first, self.last) == (floors[0], floors[-1])


@dataclass(frozen=True)
class GateView:
    """The tables of one gate, all domains together unless a question names a domain."""

    results: Results
    summary: GateSummary

    def table(self, name: str, *, domain: str | None = None) -> pl.DataFrame:
        """Rows of table `name` under this gate for one domain (None: all domains)."""
        if domain is None:
            return self._together[name]
        return self._gated[name].filter(_is("domain", domain, pl.String))

    @cached_property
    def _together(self) -> dict[str, pl.DataFrame]:
        return {name: frame.filter(pl.col("domain").is_null()) for name, frame in self._gated.items()}

    @cached_property
    def _gated(self) -> dict[str, pl.DataFrame]:
        label = self.summary.gate.label
        own = {name: self.results.tables[self.stored(name)] for name in self.results.tables}
        return {name: frame.filter(pl.col("gate") == label) for name, frame in own.items()}

    @property
    def is_set(self) -> bool:
        """Whether a cell is a whole set, so that figures are across prompts and not within one."""
        return self.summary.gate.unit == "set"

    @cached_property
    def is_mean_of_sets(self) -> bool:
        """Whether the row of all domains is a mean over the sets of several domains."""
        return self.is_set and self.whole("usable_diversity")["domain"].drop_nulls().n_unique() > 1

    def stored(self, name: str) -> str:
        """The table that answers `name` under the unit of this gate: its file is called so."""
        return OF_SETS.get(name, name) if self.is_set else name

    def whole(self, name: str) -> pl.DataFrame:
        """Rows of table `name` under this gate for every domain."""
        return self._gated[name]

    @cached_property
    def usable(self) -> pl.DataFrame:
        return self.table("usable_diversity")

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Every model with a row, in the order of the manifest."""
        known = self.whole("usable_diversity")["model"].unique().to_list()
        return tuple(m for m in self.summary.models if m in set(known)) + tuple(sorted(set(known) - set(self.summary.models)))

    @cached_property
    def floors(self) -> tuple[float | None, ...]:
        """Floors with rows, ungated first."""
        found = self.usable["floor"].unique().to_list()
        return (*([None] if None in found else []), *sorted(f for f in found if f is not None))

    @cached_property
    def budgets(self) -> tuple[int, ...]:
        return tuple(sorted(self.usable["budget"].unique().to_list()))

    @cached_property
    def budget(self) -> int | None:
        """The reference budget: the largest that all compared models reach (all models where none are), preferring intervals.

        One sample of a set is one answer and tells nothing, so a set prefers a larger budget without intervals to it.
        """
        known = set(self.models)
        models = [model for model in self.summary.compared if model in known] or list(self.models)
        rows = self.usable.filter(pl.col("value").is_not_null(), pl.col("model").is_in(models))
        counts = rows.group_by("budget").agg(pl.col("model").n_unique())
        shared = {b for b, n in counts.iter_rows() if n == len(models)} or set(counts["budget"])
        tested = shared & set(self.summary.interval_budgets)
        return max(tested - {1} if self.is_set else tested, default=max(shared, default=None))

    @cached_property
    def base_floor(self) -> float | None:
        """The lowest observed floor; None when nothing is gated."""
        return next((f for f in self.floors if f is not None), None)

    @cached_property
    def gated_floors(self) -> tuple[float, ...]:
        """Floors with rows, ascending, without the ungated one."""
        return tuple(f for f in self.floors if f is not None)

    @cached_property
    def tested_floors(self) -> tuple[float, ...]:
        """Floors at which the winner map says something at the reference budget, ascending."""
        rows = self.table("winner_map").filter(_is("budget", self.budget, pl.Int64), pl.col("floor").is_not_null())
        return tuple(sorted(rows["floor"].unique().to_list()))

    @cached_property
    def shown_floors(self) -> tuple[float | None, ...]:
        """Up to three floors for short tables: the lowest; where the lead first changes, else where half the samples are
        left; the highest that leaves a fifth of the samples. Of floors with intervals, where there are any."""
        known = set(self.summary.interval_floors)
        gated = [f for f in self.gated_floors if f in known] or list(self.gated_floors)
        if not gated:
            return self.floors[:1]
        share = dict(self.usable.group_by("floor").agg(pl.col("usable_share").mean()).iter_rows())
        high = max((f for f in gated if (share[f] or 0) >= FEWEST_USABLE), default=gated[-1])
        half = max((f for f in gated if (share[f] or 0) >= 0.5), default=gated[0])
        return tuple(sorted({self.gated_floors[0], half if self.change is None else self.change.first or half, high}))

    def ranking(self, floor: float | None, budget: int | None = None, *, domain: str | None = None) -> list[Row]:
        """Rows of `usable_diversity` at one floor and budget, best first; models without a value last."""
        table = self._at_reference if budget is None and domain is None else self._at(budget, domain)
        rows = table.filter(_is("floor", floor, pl.Float64))
        return rows.sort(["value", "model"], descending=[True, False], nulls_last=True).to_dicts()

    @cached_property
    def _at_reference(self) -> pl.DataFrame:
        return self._at(None, None)

    def _at(self, budget: int | None, domain: str | None) -> pl.DataFrame:
        shown = self.budget if budget is None else budget
        return self.table("usable_diversity", domain=domain).filter(_is("budget", shown, pl.Int64))

    def duel(self, floor: float | None, budget: int | None = None, *, domain: str | None = None) -> Row | None:
        """The row of the winner map at one floor and budget: leader, runner-up, difference, verdict."""
        shown = self.budget if budget is None else budget
        rows = self.table("winner_map", domain=domain).filter(_is("floor", floor, pl.Float64), _is("budget", shown, pl.Int64))
        return rows.row(0, named=True) if rows.height else None

    @cached_property
    def leads(self) -> tuple[Lead, ...]:
        """Clear leaders at the reference budget along the tested floors, joined; unclear floors are passed over."""
        rows = self.table("winner_map").filter(_is("budget", self.budget, pl.Int64))
        gated = rows.filter(pl.col("floor").is_not_null()).sort("floor") if self.base_floor is not None else rows
        return tuple(_joined(gated.to_dicts()))

    @cached_property
    def change(self) -> Lead | None:
        """The first clear leader that is not the one with most at the lowest floor; None when the lead never changes."""
        rows = self.ranking(self.base_floor)
        first = rows[0]["model"] if rows else None
        return next((lead for lead in self.leads if lead.model != first), None) if self.base_floor is not None else None

    @cached_property
    def protagonists(self) -> tuple[str, ...]:
        """The models (at most three) that the page colours: those that its first two sentences name; a tie names nobody."""
        base, high = self.duel(self.base_floor), self.duel(self.shown_floors[-1] if self.shown_floors else None)
        sides = ((base, "leader"), (base, "runner_up"), (high, "leader"))
        firsts = [duel[side] for duel, side in sides if duel is not None and duel["difference"]]
        clear = [lead.model for lead in self.leads if lead.model]
        flipped = [name for row in self.flips[:1] for name in (row["leader_below"], row["leader_above"])]
        ranked = [rows[0]["model"] for floor in (self.base_floor, *self.shown_floors) if (rows := self.ranking(floor))]
        named = [*firsts[:1], *clear, *flipped, *firsts]
        return tuple(dict.fromkeys(ranked if base is None else named))[:3]

    @cached_property
    def flips(self) -> list[Row]:
        """Flips beyond doubt at the reference budget; pairs that no warning touches first, then by size."""
        rows = [row for row in self.all_flips if row["verdict"] == "flip"]
        return sorted(rows, key=lambda row: (self.is_warned(row["model_a"]) or self.is_warned(row["model_b"]), -row["size"]))

    @cached_property
    def undecided(self) -> list[Row]:
        """The one change of order of each pair that has no other, and is not beyond doubt; by size."""
        rows = [row for row in self.all_flips if row["verdict"] == "undecided" and row["begins"] is None and row["ends"] is None]
        return sorted(rows, key=lambda row: -row["size"])

    @cached_property
    def wavering(self) -> int:
        """How many pairs change order several times, none of them beyond doubt."""
        return self.pair_verdicts["undecided"] - len(self.undecided)

    @cached_property
    def all_flips(self) -> list[Row]:
        """Every row of `flips` at the reference budget, with its neighbours and what `comparisons` says of both ends."""
        found = self.table("flips").filter(_is("budget", self.budget, pl.Int64)).sort("model_a", "model_b", "crossing").to_dicts()
        pairs = groupby(found, key=lambda row: (row["model_a"], row["model_b"]))
        return [self._with_ends(row) for _, rows in pairs for row in _between(list(rows))]

    @cached_property
    def _differences(self) -> dict[tuple[str, str, float | None], Row]:
        rows = self.table("comparisons").filter(_is("budget", self.budget, pl.Int64)).iter_rows(named=True)
        return {(row["model_a"], row["model_b"], row["floor"]): row for row in rows}

    def _with_ends(self, row: Row) -> Row:
        """`row` with the comparisons where each leader is surest, `below` and `above`, and `size`, the smaller of both."""
        low = row["last_floor_below"] if row["low"] is None else row["low"]
        high = row["floor"] if row["high"] is None else row["high"]
        ends = [self._differences.get((row["model_a"], row["model_b"], floor)) for floor in (low, high)]
        size = min((abs(end["difference"]) if end and end["difference"] is not None else 0.0 for end in ends), default=0.0)
        return {**row, "below": ends[0], "above": ends[1], "size": size, **self._sure(row)}

    def _sure(self, row: Row) -> dict[str, bool]:
        """Whether the lead is beyond doubt at each of several tested floors up to `low`, and at each of several above."""
        tested = [(f, self._differences.get((row["model_a"], row["model_b"], f))) for f in self.tested_floors]
        low, high = row["low"], row["high"]
        first = low is not None and row["begins"] is None and low != min(self.tested_floors, default=None)
        old = first and all(_is_ahead(r, row["leader_below"]) for f, r in tested if f <= low)
        last = high is not None and row["ends"] is None and high != max(self.tested_floors, default=None)
        new = last and all(_is_ahead(r, row["leader_above"]) for f, r in tested if f >= high)
        return {"is_sure_below": old, "is_sure_above": new}

    def is_warned(self, model: str | None) -> bool:
        """Whether some warning stands by `model`."""
        return any(model in warning.models for warning in self.summary.warnings)

    @cached_property
    def pair_verdicts(self) -> dict[str, int]:
        """How many pairs flip, are undecided, never change order, at the reference budget."""
        best = {"flip": 0, "undecided": 1, "none": 2}
        pairs: dict[tuple[str, str], str] = {}
        for row in self.all_flips:
            key = (row["model_a"], row["model_b"])
            pairs[key] = min(pairs.get(key, "none"), row["verdict"], key=best.__getitem__)
        return {name: sum(v == name for v in pairs.values()) for name in best}


def views(results: Results) -> tuple[GateView, ...]:
    """One view per gate, in the order of the manifest."""
    return tuple(GateView(results, summary) for summary in results.manifest.gates)


def _is(column: str, value: Any, dtype: Any) -> pl.Expr:
    """True where `column` holds `value`, null meeting null."""
    return pl.col(column).eq_missing(pl.lit(value, dtype))


def _joined(rows: Sequence[Row]) -> Iterator[Lead]:
    clear = [i for i, row in enumerate(rows) if row["verdict"] == CLEAR]
    for model, group in groupby(clear, key=lambda i: rows[i]["winner"]):
        places = list(group)
        yield Lead(model, rows[places[0]]["floor"], rows[places[-1]]["floor"], len(places) == places[-1] - places[0] + 1)


def _between(rows: Sequence[Row]) -> Iterator[Row]:
    """Crossings of one pair with the floors where the old leader's stretch `begins` and the new one's `ends`, null at the ends.

    `crossings` counts the changes of order from `low` up to this one: more than 1 when `low` lies in an earlier stretch.
    """
    for i, row in enumerate(rows):
        begins, ends = rows[i - 1]["floor"] if i else None, rows[i + 1]["last_floor_below"] if i + 1 < len(rows) else None
        low = row["low"]
        crossings = 1 if low is None else sum(one["last_floor_below"] >= low for one in rows[: i + 1])
        yield {**row, "begins": begins, "ends": ends, "crossings": crossings}


def _is_ahead(row: Row | None, model: str) -> bool:
    return row is not None and row["verdict"] == ("a leads" if row["model_a"] == model else "b leads")
