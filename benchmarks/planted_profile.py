"""Does the profile of a data set find what was planted, and nothing else? Simulated references, copies and correlations.

    python benchmarks/planted_profile.py --simulations 200

Texts are twelve words: seven of their topic's own forty, five that all topics share. A reference draws its topics from uneven
shares. A data set is drawn from the same shares (then every hole, thin place or outside is an error), or lacks one topic, or has
a fifth of its share, or holds a topic that the reference has not. Copies are planted with one word of twelve changed. Qualities,
lengths and rarities are normal with a stated correlation, with what prompts share. Prints Markdown tables.
"""

import argparse
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from _table import show

from triaxis.measure.profile.correlations import correlation
from triaxis.measure.profile.figures import Figure, means, quantiles
from triaxis.measure.profile.reference import reference_of
from triaxis.measure.profile.twins import Places, by_words, twins
from triaxis.measure.profile.verdicts import HOLE, OUTSIDE, THIN, outside_verdict, verdicts
from triaxis.measure.tables import Resampling

TOPICS = 8
SHARES = np.array([0.24, 0.20, 0.16, 0.12, 0.10, 0.08, 0.06, 0.04])
LACKING = 2
DRAWS = 400


class Scenario(NamedTuple):
    """What a data set holds of each topic; `reference` and `texts` are sizes, `own_words` how many words a topic has."""

    name: str
    shares: np.ndarray
    reference: int
    texts: int
    own_words: int = 40


def without(topic: int, share: float) -> np.ndarray:
    """The shares with `topic` at `share` of what it was."""
    changed = SHARES.copy()
    changed[topic] *= share
    return changed / changed.sum()


SCENARIOS = (
    Scenario("like the reference", SHARES, 200, 100), Scenario("like the reference", SHARES, 400, 400),
    Scenario("like the reference", SHARES, 400, 4000), Scenario("like the reference", SHARES, 4000, 1000),
    Scenario("like the reference, vague topics", SHARES, 400, 1000, own_words=400),
    Scenario("16 % topic missing", without(LACKING, 0), 400, 400),
    Scenario("16 % topic missing", without(LACKING, 0), 2000, 2000),
    Scenario("16 % topic at a fifth", without(LACKING, 0.2), 2000, 2000),
    Scenario("one more topic, 10 %", np.append(SHARES * 0.9, 0.1), 400, 400),
)  # fmt: skip


def texts_of(shares: np.ndarray, count: int, own_words: int, rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """`count` texts and the topic of each."""
    topics = rng.choice(shares.size, count, p=shares)
    own = rng.integers(0, own_words, (count, 7))
    shared = rng.integers(0, 200, (count, 5))
    rows = zip(topics, own, shared, strict=True)
    return [" ".join([*(f"t{t}w{w}" for w in mine), *(f"s{w}" for w in others)]) for t, mine, others in rows], topics


def told(scenario: Scenario, seed: int) -> tuple[set[str], bool]:
    """Words said of one simulated data set, and whether the planted topic is among the regions said to be holes or thin."""
    rng = np.random.default_rng(seed)
    texts, topics = texts_of(SHARES, scenario.reference, scenario.own_words, rng)
    different = sorted(dict(zip(texts, topics, strict=True)).items())
    known = reference_of([text for text, _ in different], seed=seed)
    place = known.places(sorted({*texts_of(scenario.shares, scenario.texts, scenario.own_words, rng)[0]}))
    found = np.bincount(place[place >= 0], minlength=len(known.names))
    totals = {"kept": known.regions.kept, "texts": place.size}
    said = verdicts(known.regions.counts, found, **totals)
    of_topic = [f"t{LACKING}w" in name for name in known.names]
    is_found = any(word in (HOLE, THIN) and mine for word, mine in zip(said, of_topic, strict=True))
    others = {word for word, mine in zip(said, of_topic, strict=True) if not mine}
    outside = outside_verdict(known.regions.outside, int((place < 0).sum()), **totals)
    return {*(said if scenario.shares is SHARES else others), outside}, is_found


def holes(simulations: int) -> None:
    """Prints how often holes are said, falsely and rightly."""
    rows = []
    for scenario in SCENARIOS:
        found = [told(scenario, seed) for seed in range(simulations)]
        wrong = [np.mean([word in words for words, _ in found]) for word in (HOLE, THIN, OUTSIDE)]
        family = np.mean([bool({HOLE, THIN} & words) for words, _ in found])
        planted = np.mean([is_found for _, is_found in found])
        found_rate = "-" if scenario.shares is SHARES else planted
        rows.append((scenario.name, scenario.reference, scenario.texts, *wrong, family, found_rate))
    head = ("data set", "reference", "texts", "hole elsewhere", "thin elsewhere", "outside", "either elsewhere", "planted told")
    show("Holes of a reference by words", head, rows)


def copies(simulations: int) -> None:
    """Prints how often the share of near-duplicates is exactly what was planted."""
    rows = []
    for count, planted in ((200, 10), (2000, 100), (2000, 0)):
        right = 0
        for seed in range(simulations):
            rng = np.random.default_rng(seed)
            texts = [" ".join(f"w{word}" for word in rng.integers(0, 5000, 12)) for _ in range(count - planted)]
            texts += [" ".join([*text.split()[:-1], "changed"]) for text in texts[:planted]]
            every = np.arange(count)
            rows_read, join = by_words(texts, threshold=0.8)
            share, _ = twins(Places(every, every % 10, np.ones(count, dtype=np.int64), 1).at(rows_read), join).share(0)
            right += share.value == 2 * planted / count
        rows.append((count, planted, right / simulations))
    show("Near-duplicates by words", ("rows", "copies planted", "share exact"), rows)


def normals(rho: float, prompts: int, each: int, within: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(rows, 3) normal figures, every two of correlation `rho`, and the prompt of each row; `within` is what prompts share."""
    mix = np.linalg.cholesky(np.full((3, 3), rho) + (1 - rho) * np.eye(3))
    shared = rng.normal(size=(prompts, 3)).repeat(each, axis=0)
    own = rng.normal(size=(prompts * each, 3))
    return (np.sqrt(within) * shared + np.sqrt(1 - within) * own) @ mix.T, np.arange(prompts).repeat(each)


def covers(figure: Figure | str, truth: float) -> bool:
    """Whether the interval holds the truth."""
    return isinstance(figure, Figure) and figure.low <= truth <= figure.high


def intervals(simulations: int) -> None:
    """Prints how often intervals hold the truth."""
    kinds: dict[str, Callable[[np.ndarray, np.ndarray, int, float], bool]] = {
        "rho": lambda x, p, seed, rho: covers(correlation([x[:, 0], x[:, 1]], p, draws=DRAWS, seed=seed), spearmans(rho)),
        "rho given length": lambda x, p, seed, rho: covers(
            correlation([*x.T], p, draws=DRAWS, seed=seed), spearmans(rho) / (1 + spearmans(rho))
        ),
        "mean": lambda x, p, seed, _: covers(means(x[:, :1], p, Resampling(DRAWS, seed))[0], 0.0),
        "median": lambda x, p, *_: covers(quantiles(x[:, 0], p, [0.5])[0], 0.0),
        "upper quartile": lambda x, p, *_: covers(quantiles(x[:, 0], p, [0.75])[0], 0.67449),
    }
    rows = []
    for rho in (0.0, 0.5):
        for prompts, each in ((20, 1), (200, 1), (50, 4)):
            drawn = [normals(rho, prompts, each, 0.5, np.random.default_rng(seed)) for seed in range(simulations)]
            held = [np.mean([kind(x, p, seed, rho) for seed, (x, p) in enumerate(drawn)]) for kind in kinds.values()]
            rows.append((rho, prompts, each, *map(float, held)))
    show("Share of 95 % intervals that hold the truth", ("correlation", "prompts", "rows each", *kinds), rows)


def spearmans(rho: float) -> float:
    """Spearman's correlation of two normal figures of Pearson correlation `rho`."""
    return float(6 / np.pi * np.arcsin(rho / 2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=200)
    chosen = parser.parse_args().simulations
    holes(chosen)
    copies(chosen)
    intervals(chosen)
