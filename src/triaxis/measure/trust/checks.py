"""The axioms, asked of the user's own samples: each check takes a metric with its values and says trust, distrust, or neither.

The one idea: a verdict needs a number that is beyond doubt; where the samples are too few, or the metric cannot be asked, the
answer is "cannot tell" with the reason.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from triaxis.diversity.validity import content_scores, evidence
from triaxis.errors import Undefined
from triaxis.measure.axes import UNGATED
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.figures import Undefineds
from triaxis.measure.levels.nulls import other_prompts, shuffled_words
from triaxis.measure.trust.seen import Finding, Seen, unknown
from triaxis.responses import Responses
from triaxis.stats.bootstrap import MIN_PROMPTS, ROUNDING, mean_interval
from triaxis.stats.ranks import correlations, weighted_spearman

STRONG = 0.5
"""A rank correlation from which two things go together more than apart."""

WEAK = 0.3
"""A rank correlation with people below which a metric says little about content."""

NEAR = 0.02
MOST_TRIED = 40
"""Cells on which a check computes the metric again."""

ALIKE = 0.5
"""Share of cells with one value from which the metric has no resolution."""

GROWTH = 0.05
"""An effective number that grows by more when the answers double has not converged; as in `semantic.vendi.convergence`."""

UNEQUAL = 1.1
"""The most answers a prompt of a model, as a multiple of the fewest, from which a metric that grows with them is unfair."""

FEWEST_MODELS = 5


def length(seen: Seen) -> Finding:
    """Whether the metric ranks cells by how long their answers are."""
    known = ~np.isnan(seen.values)
    try:
        found = correlations(
            seen.values[known][:, None], seen.lengths[known], clusters=seen.prompts[known], seed=seen.seed, draws=500
        ).interval()
    except Undefined as reason:
        return unknown(f"length: {reason}")
    rho, low, high = (float(end[0]) for end in found)
    if np.isnan(rho) or np.isnan(low):
        return unknown("length: all cells have the same value or the same length")
    words = f"it goes with the length of answers at rho {rho:.2f} [{low:.2f}, {high:.2f}] over cells"
    if low > STRONG or high < -STRONG:
        longer = "longer" if rho > 0 else "shorter"
        return Finding("distrust", rho, low, high, f"{words}: {longer} answers look more diverse; compare at equal length")
    return Finding("trust" if low > -STRONG and high < STRONG else "cannot tell", rho, low, high, words)


def duplication(seen: Seen) -> Finding:
    """Whether two copies of everything look more diverse than one."""
    gaps = [gap for once, twice in _pairs(seen, _doubled) if (gap := twice - once) is not None]
    if not gaps:
        return unknown("copies: the metric has no value for any cell twice over")
    raised = sum(gap > 1e-4 for gap in gaps)
    share = raised / len(gaps)
    words = f"in {raised} of {len(gaps)} cells two copies of all answers look more diverse than one"
    return Finding("distrust" if raised else "trust", share, None, None, words)


def nonsense(seen: Seen) -> Finding:
    """Whether the same words dealt out at random look more diverse than the answers."""
    if seen.metric.traits.needs != {"text"}:
        return unknown("shuffled words: shuffled texts have no vectors and no classes here")
    rng = np.random.default_rng(seen.seed)
    gaps = np.array([null - real for real, null in _pairs(seen, lambda part: shuffled_words(part.texts, rng))])
    return _gap(gaps, "the same words dealt out at random look more diverse than the answers", "shuffled words")


def size(seen: Seen) -> Finding:
    """Whether fewer answers change the value, where models have different numbers of them."""
    if seen.metric.traits.is_size_free:
        return Finding("trust", 0.0, None, None, "its expectation does not depend on the number of answers")
    whole = np.array([big - small for small, big in _halves(seen)])
    if len(whole) < MIN_PROMPTS:
        return unknown("size: fewer than 10 cells have a value for half of their answers")
    mean, low, high = (float(end[0]) for end in mean_interval(whole[:, None], seed=seen.seed))
    words = f"twice the answers change the value by {mean:+.3g} [{low:.3g}, {high:.3g}]"
    if low <= 0 <= high:
        return Finding("cannot tell", mean, low, high, words)
    counts = {model: np.mean([len(c.responses) for c in seen.cells if c.model == model]) for model in _models(seen.cells)}
    if max(counts.values()) > UNEQUAL * min(counts.values()):
        return Finding("distrust", mean, low, high, f"{words}, and models have {min(counts.values()):.3g} to "
                       f"{max(counts.values()):.3g} answers a prompt; compare sets of equal size only")  # fmt: skip
    return Finding("trust", mean, low, high, f"{words}, but all models have as many answers")


def convergence(seen: Seen) -> Finding | None:
    """Whether an effective number still grows with the number of answers; None for other metrics."""
    if not seen.metric.name.startswith("vendi"):
        return None
    grown = np.array([big / small for small, big in _halves(seen) if small > 0])
    if not len(grown):
        return unknown("convergence: no cell has a value for half of its answers")
    growth = float(np.mean(grown) - 1)
    words = f"twice the answers raise it by {growth:.0%}"
    if growth > GROWTH:
        return Finding("distrust", growth, None, None, f"{words}: it has not converged; read it at this size only")
    return Finding("trust", growth, None, None, words)


def saturation(seen: Seen) -> Finding:
    """Whether values press against the end of the range, or against those of answers to different prompts."""
    values = seen.values[~np.isnan(seen.values)]
    if not len(values):
        return unknown("saturation: the metric has no value for any cell")
    traits, mean = seen.metric.traits, float(np.mean(values))
    ends = sorted(seen.sign * end for end in (traits.low, traits.high))
    if np.isfinite(ends).all():
        top = float(np.mean(values >= ends[1] - NEAR * (ends[1] - ends[0])))
        if top > ALIKE:
            return Finding("distrust", top, None, None, f"{top:.0%} of cells lie within 2 % of the most that it can say")
    null = seen.sign * other_prompts(seen.metric, seen.cells, UNGATED, size=seen.size)
    if np.isnan(null):
        return unknown("saturation: there is no value for answers to different prompts to hold it against", mean)
    words = f"the mean is {seen.sign * mean:.3g}, that of answers to different prompts {seen.sign * null:.3g}"
    if mean >= null - NEAR * abs(null):
        return Finding("distrust", mean, None, None, f"{words}: answers to one prompt look as different as to different prompts")
    return Finding("trust", mean, None, None, words)


def ties(seen: Seen) -> Finding:
    """Whether most cells have the same value."""
    values = seen.values[~np.isnan(seen.values)]
    if len(values) < MIN_PROMPTS:
        return unknown(f"ties: {len(values)} of {len(seen.cells)} cells have a value")
    share = float(np.unique(np.round(values, 9), return_counts=True)[1].max() / len(values))
    words = f"{share:.0%} of cells have the same value"
    return Finding("distrust" if share > ALIKE else "trust", share, None, None, words)


def agreement(seen: Seen, meaning: Seen | None) -> Finding | None:
    """Whether it ranks models as the metric of meaning does; None for that metric itself."""
    if meaning is None:
        return unknown("meaning: no metric of meaning to compare with; type --embedder minilm")
    if meaning.metric.name == seen.metric.name:
        return None
    own, others = seen.by_model(), meaning.by_model()
    shared = sorted(set(own) & set(others))
    if len(shared) < FEWEST_MODELS:
        return unknown(f"meaning: a ranking of {len(shared)} models is too short; {FEWEST_MODELS} are needed")
    first, second = (np.array([table[model] for model in shared]) for table in (own, others))
    rho = float(weighted_spearman(first, second, np.ones((1, len(shared))))[0])
    if np.isnan(rho):
        return unknown("meaning: all models have the same value")
    words = f"it ranks {len(shared)} models as {meaning.metric.name} does at rho {rho:.2f}"
    return Finding("trust" if rho >= STRONG else "distrust" if rho <= 0 else "cannot tell", rho, None, None, words)


def people(seen: Seen) -> Finding:
    """What is known of its agreement with people on content; see docs/validity.md."""
    rows = evidence(seen.metric.name)
    scores = content_scores(rows.filter(~rows["reading"].str.starts_with("classes")))
    if not scores.height:
        return unknown("people: it was not held against people's judgements of content")
    best = scores.row(0, named=True)
    own = rows.filter((rows["reading"] == best["reading"]) & (rows["target"] == "human") & (rows["test"] != "decTest"))
    rho, low = float(own["rho"].mean() or 0.0), float(best["score"])  # type: ignore[arg-type]
    words = f"on sets that people judged for content its rank correlation with them was {rho:.2f} on average (docs/validity.md)"
    return Finding("trust" if low >= STRONG else "distrust" if rho < WEAK else "cannot tell", rho, low, None, words)


def _models(cells: Sequence[LevelCell]) -> list[str]:
    return list(dict.fromkeys(cell.model for cell in cells))


def _doubled(part: Responses) -> Responses:
    places = np.arange(len(part))
    return part.at(np.concatenate([places, places]))


def _pairs(seen: Seen, change: Callable[[Responses], Responses]) -> Iterator[tuple[float, float]]:
    """Values of up to 40 cells, and of the same sets changed, both turned so that higher is more diverse; defined ones only."""
    undefined = Undefineds()
    for cell in seen.cells[:MOST_TRIED]:
        part = cell.responses.at(seen.places(cell))
        before, after = undefined.value(seen.metric, part), undefined.value(seen.metric, change(part))
        if not np.isnan(before + after):
            yield seen.sign * before, seen.sign * after


def _halves(seen: Seen) -> Iterator[tuple[float, float]]:
    """Values of half of a cell's answers and of all of them, untouched by direction."""
    undefined = Undefineds()
    for cell in seen.cells[:MOST_TRIED]:
        small, big = (np.sort(cell.order[:count]) for count in (cell.order.size // 2, cell.order.size))
        half, whole = (undefined.value(seen.metric, cell.responses.at(places)) for places in (small, big))
        if not np.isnan(half + whole):
            yield half, whole


def _gap(gaps: np.ndarray, what: str, check: str) -> Finding:
    """Distrust where the mean of `gaps` is above zero beyond doubt."""
    if len(gaps) < MIN_PROMPTS:
        return unknown(f"{check}: fewer than {MIN_PROMPTS} cells have a value")
    mean, low, high = (float(end[0]) for end in mean_interval(gaps[:, None], seed=0))
    scale = ROUNDING * max(1.0, float(np.abs(gaps).max()))
    if low > scale:
        return Finding("distrust", mean, low, high, f"{what}, by {mean:.3g} [{low:.3g}, {high:.3g}]")
    return Finding("trust" if high <= scale else "cannot tell", mean, low, high, f"{check}: a difference of {mean:.3g}")
