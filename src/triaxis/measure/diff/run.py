"""`diff`: two runs in, a table of what changed and a ruling for each limit out, from run stores alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import InputError, near
from triaxis.measure.axes import EQUAL_COUNTS, UNGATED
from triaxis.measure.comparisons import Delta, parse_delta
from triaxis.measure.diff.decide import Ruling, Sides, Span, combination, ruling
from triaxis.measure.diff.figures import Figure, per_prompt
from triaxis.measure.diff.limits import Limit, parse_limit
from triaxis.measure.diff.match import Both, Matched, cells_of_both, domains_of, few_of, matched, model_pairs
from triaxis.measure.sampling import reached_size
from triaxis.measure.store import RunStore
from triaxis.stats.bands import paired_band
from triaxis.stats.bootstrap import MIN_PROMPTS

RISES, DROPS, SAME, CANNOT_TELL = "rises", "drops", "same within delta", "cannot tell"
MOST_FLOORS = 5
ROUND_BUDGET = 10
MOST_DRAWS = 20_000

COLUMNS = {
    "model": pl.String, "model_new": pl.String, "domain": pl.String, "figure": pl.String, "old": pl.Float64, "new": pl.Float64,
    "difference": pl.Float64, "relative": pl.Float64, "low": pl.Float64, "high": pl.Float64, "verdict": pl.String,
    "prompts": pl.Int64, "is_paired": pl.Boolean, "reason": pl.String,
}  # fmt: skip


class Decided(NamedTuple):
    """A limit for one model in one domain (None is all), the values of both runs, and what came of it."""

    limit: Limit
    model: str
    model_new: str
    domain: str | None
    old: float
    new: float
    prompts: int
    is_paired: bool
    ruling: Ruling


@dataclass(frozen=True)
class Diff:
    """What changed from one run to the next: `rows` (`COLUMNS`), the `limits` with their rulings, and notes.

    `exit_code` is 1 when a limit is broken beyond doubt, 3 when none is and some could not be decided, else 0.
    """

    gate: str
    rows: pl.DataFrame
    limits: tuple[Decided, ...]
    notes: tuple[str, ...]
    confidence: float

    @property
    def exit_code(self) -> int:
        """0, 1 or 3."""
        states = {decided.ruling.state for decided in self.limits}
        return 1 if "broken" in states else 3 if "undecided" in states else 0

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "gate": self.gate, "rows": self.rows.to_dicts(), "limits": [_as_json(one) for one in self.limits],
            "notes": list(self.notes), "confidence": self.confidence, "exit_code": self.exit_code,
        }  # fmt: skip


def _as_json(one: Decided) -> dict[str, Any]:
    """`over` is how far the new value lies above what the limit allows (below it for a limit on drops), with its interval."""
    span = one.ruling.span
    return {
        "limit": one.limit.text, "figure": str(one.limit.figure), "model": one.model, "model_new": one.model_new,
        "domain": one.domain, "old": _known(one.old), "new": _known(one.new), "prompts": one.prompts, "is_paired": one.is_paired,
        "state": one.ruling.state, "reason": one.ruling.reason, "over": _known(span.mean), "low": _known(span.low),
        "high": _known(span.high),
    }  # fmt: skip


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def diff(  # noqa: PLR0913
    old: str | Path, new: str | Path, *, fail_if: Sequence[str] = (), domain: str | None = None, models: Sequence[str] = (),
    pairs: Sequence[str] = (), gate: str | None = None, delta: str = "10%", draws: int = 1000, seed: int = 0,
) -> Diff:  # fmt: skip
    """What changed from the run in folder `old` to the one in `new`, and which limits in `fail_if` are broken beyond doubt.

    Runs are compared on the prompts that both have; where they share none, as two samples. `pairs` are OLD=NEW for models that
    were renamed, `gate` a number or a label where the runs have several. All limits together are wrongly called broken, or
    wrongly called kept, with probability 2.5 % each at most (Bonferroni).

    Raises `InputError` for runs that were measured differently, and for a limit that cannot be read or does not apply.
    """
    limits = [parse_limit(text) for text in fail_if]
    runs = matched(Path(old), Path(new), gate)
    chosen = model_pairs(runs.old.models, runs.new.models, models, pairs)
    _check_domain(runs, domain)
    job = _Job(runs, chosen, domain, parse_delta(delta), draws, seed)
    targets = [target for limit in limits for target in job.targets(limit)]
    confidence = 1 - 0.05 / max(1, len(targets))
    rows = list(job.rows([figure for limit in limits if (figure := limit.figure).kind != "samples"]))
    decided = tuple(job.decided(*target, confidence) for target in targets)
    return Diff(runs.gate, pl.DataFrame(rows, schema=COLUMNS), decided, tuple(job.notes()), confidence)


def _check_domain(runs: Matched, domain: str | None) -> None:
    known = domains_of(runs)
    if domain is not None and domain not in known:
        raise InputError(f"no domain {domain!r} in both runs{near(domain, known)}; there are: {', '.join(known) or 'none'}")


class _Job:
    """Two runs being compared."""

    def __init__(
        self, runs: Matched, pairs: list[tuple[str, str]], domain: str | None, delta: Delta, draws: int, seed: int
    ) -> None:
        self.runs, self.pairs, self.domain, self.delta, self.draws, self.seed = runs, pairs, domain, delta, draws, seed
        self.held: dict[tuple[tuple[str, str], str | None], Both] = {}

    def notes(self) -> Iterator[str]:
        """What a reader has to know."""
        old, new = self.runs.old, self.runs.new
        for side, run, store in ((0, "old", old), (1, "new", new)):
            other = set((new if store is old else old).models) | {pair[side] for pair in self.pairs}
            names = [name for name in store.models if name not in other]
            if names:
                yield f"only in the {run} run: {few_of(names)}"
        if old.header.seed != new.header.seed and old.header.is_pairwise:
            yield f"the runs drew their samples by other seeds: {old.header.seed} and {new.header.seed}"
        if any(not both.is_paired for both in self.held.values()):
            yield "no prompt is in both runs for some models: compared as two samples (Welch's t), which needs more prompts"
        yield "intervals are 95 %; those of U and share hold for all floors shown at once, with one model, domain and n"

    def both(self, pair: tuple[str, str], domain: str | None) -> Both:
        """The cells of a pair in a domain, read once."""
        if (pair, domain) not in self.held:
            self.held[pair, domain] = cells_of_both(self.runs, pair, domain)
        return self.held[pair, domain]

    def sides(self, figure: Figure, pair: tuple[str, str], domain: str | None) -> Sides:
        """Per-prompt values of `figure`."""
        both = self.both(pair, domain)
        if figure.kind == "samples":
            old, new = (np.array([float(cells.size.sum())]) for cells in both[:2])
            return Sides(old, new, is_paired=True)
        return Sides(per_prompt(figure, both.old)[both.old_at], per_prompt(figure, both.new)[both.new_at], both.is_paired)

    def targets(self, limit: Limit) -> list[tuple[Limit, tuple[str, str], str | None]]:
        """Every model and domain that `limit` is for; `InputError` where it does not apply."""
        pairs = [pair for pair in self.pairs if limit.model is None or limit.model in pair]
        if not pairs:
            known = sorted({name for pair in self.pairs for name in pair})
            told = near(str(limit.model), known)
            raise InputError(f"no model {limit.model!r} for {limit.text!r}{told}; there are: {few_of(known)}")
        domain = limit.domain if limit.domain is not None else self.domain
        _check_domain(self.runs, domain)
        if limit.figure.is_gated and self.runs.old.header.quality is None:
            raise InputError(f"{limit.figure} needs a quality, and the runs have none; type U(10), or measure with --quality")
        for pair in pairs:
            self._check_reach(limit, pair, domain)
        return [(limit, pair, domain) for pair in pairs]

    def _check_reach(self, limit: Limit, pair: tuple[str, str], domain: str | None) -> None:
        """`InputError` when no prompt has as many samples as the figure draws."""
        both = self.both(pair, domain)
        most = min(int(sizes.max(initial=0)) for sizes in both.sizes)
        if limit.figure.kind == "U" and most and (limit.figure.n or 1) > most:
            reachable = limit.figure._replace(n=most)
            raise InputError(f"{limit.figure} needs {limit.figure.n} samples of a prompt, got {most} at most; type {reachable}")

    def decided(self, limit: Limit, pair: tuple[str, str], domain: str | None, confidence: float) -> Decided:
        """The ruling for one limit."""
        sides = self.sides(limit.figure, pair, domain)
        draws = min(MOST_DRAWS, max(self.draws, int(20 / (1 - confidence))))
        found = ruling(limit, sides, draws=draws, seed=self.seed, confidence=confidence)
        kept, both = sides.kept, self.both(pair, domain)
        prompts = min(map(len, both.sizes)) if limit.figure.kind == "samples" else kept.prompts
        return Decided(limit, *pair, domain, *_means(kept), prompts, both.is_paired, found)

    def rows(self, wanted: Sequence[Figure]) -> Iterator[dict[str, Any]]:
        """Rows of the table: every pair, over all domains and in each, by every figure."""
        known = domains_of(self.runs)
        domains = [self.domain] if self.domain is not None else [None, *(known if len(known) > 1 else [])]
        for pair in self.pairs:
            for domain in domains:
                if all(sizes.size for sizes in self.both(pair, domain).sizes):
                    for family in self._families(pair, domain, wanted):
                        yield from self._family_rows(pair, domain, family)

    def _families(self, pair: tuple[str, str], domain: str | None, wanted: Sequence[Figure]) -> Iterator[list[Figure]]:
        """Figures whose intervals hold together: U at one n over floors, the share over floors; others one by one."""
        both = self.both(pair, domain)
        length = max(1, min(reached_size(sizes) for sizes in both.sizes))
        floors = sorted({*_told_floors(self.runs.old, self.runs.new), *(f.floor for f in wanted)})
        if self.runs.old.header.quality is None:
            floors = [UNGATED]
        budgets = {min(length, ROUND_BUDGET), length, *(f.n for f in wanted if f.kind == "U" and f.n)}
        for n in sorted(n for n in budgets if n > 1 or length == 1):
            yield [Figure("U", floor, n) for floor in floors]
        if len(floors) > 1:
            yield [Figure("share", floor) for floor in floors[1:]]
        counts = {*[j for j in EQUAL_COUNTS if j <= length][-1:], *(f.n for f in wanted if f.kind == "D" and f.n)}
        for j in sorted(counts):
            yield from ([Figure("D", floor, j)] for floor in floors if floor > UNGATED)  # ungated it is U
        if self.runs.old.header.quality is not None:
            yield [Figure("quality")]

    def _family_rows(self, pair: tuple[str, str], domain: str | None, family: list[Figure]) -> Iterator[dict[str, Any]]:
        every = [self.sides(figure, pair, domain).kept for figure in family]
        spans = self._spans(every)
        for figure, sides, span in zip(family, every, spans, strict=True):
            old, new = _means(sides)
            yield {
                "model": pair[0], "model_new": pair[1], "domain": domain, "figure": str(figure), "old": _known(old),
                "new": _known(new), "difference": _known(new - old), "relative": _known((new - old) / abs(old)) if old else None,
                "low": _known(span.low), "high": _known(span.high), "verdict": self._verdict(span, old, new),
                "prompts": sides.prompts, "is_paired": sides.is_paired, "reason": span.reason,
            }  # fmt: skip

    def _spans(self, every: list[Sides]) -> list[Span]:
        """Intervals of new - old: a band over the family where all have the same prompts, else each by itself (Bonferroni)."""
        first = every[0]
        alike = all(s.is_paired and s.prompts == first.prompts for s in every)
        if len(every) > 1 and alike and first.prompts >= MIN_PROMPTS:
            differences = np.stack([s.new - s.old for s in every], axis=1)
            band = paired_band(differences, draws=self.draws, seed=self.seed)
            return [_span(d, *ends) for d, *ends in zip(differences.T, band.mean, band.low, band.high, strict=True)]
        confidence = 1 - 0.05 / len(every)
        how: dict[str, Any] = {"draws": self.draws, "seed": self.seed, "confidence": confidence}
        return [combination(s, times=1.0, less=0.0, **how) for s in every]

    def _verdict(self, span: Span, old: float, new: float) -> str:
        if np.isnan(span.low):
            return CANNOT_TELL
        limit = float(self.delta.at(np.array(max(abs(old), abs(new)))))
        if span.low > 0 or span.high < 0:
            return RISES if span.low > 0 else DROPS
        return SAME if -limit <= span.low and span.high <= limit else CANNOT_TELL


def _span(differences: np.ndarray, mean: float, low: float, high: float) -> Span:
    """The band at one floor; where no prompt differs the difference is 0, exactly."""
    if not differences.any():
        return Span(0.0, 0.0, 0.0)
    few = f"only {np.count_nonzero(differences)} prompts differ"
    return Span(float(mean), float(low), float(high), few if np.isnan(low) else None)


def _means(sides: Sides) -> tuple[float, float]:
    if not sides.prompts:
        return np.nan, np.nan
    return float(sides.old.mean()), float(sides.new.mean())


def _told_floors(*stores: RunStore) -> list[float]:
    """Ungated, and every quality but the lowest, or the quartiles of both runs' qualities where there are many."""
    values, counts = zip(*(store.qualities() for store in stores), strict=True)
    distinct, inverse = np.unique(np.concatenate(values), return_inverse=True)
    if distinct.size - 1 <= MOST_FLOORS:
        return [UNGATED, *distinct[1:].tolist()]
    below = np.cumsum(np.bincount(inverse, weights=np.concatenate(counts)))
    places = np.searchsorted(below, np.array([0.25, 0.5, 0.75]) * below[-1])
    return [UNGATED, *np.unique(distinct[places]).tolist()]
