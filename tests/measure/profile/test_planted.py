"""Planted truth on a small scale: 25 references and data sets; `benchmarks/planted_profile.py` has 200 of each."""

import numpy as np

from tests.measure.profile.planted import texts_of
from triaxis.measure.profile.correlations import correlation
from triaxis.measure.profile.figures import Figure
from triaxis.measure.profile.reference import reference_of
from triaxis.measure.profile.verdicts import outside_verdict, verdicts

SIMULATIONS = 25
TOPICS = 4


def drawn(topics: list[int], count: int, rng: np.random.Generator) -> list[str]:
    chosen = rng.choice(topics, count)
    return sorted({text for topic in topics for text in texts_of(topic, int((chosen == topic).sum()), rng)})


def told(topics: list[int], seed: int) -> tuple[dict[str, str], str]:
    """The verdict of each region, and that of what lies outside."""
    rng = np.random.default_rng(seed)
    known = reference_of(drawn(list(range(TOPICS)), 240, rng), seed=seed)
    place = known.places(drawn(topics, 150, rng))
    totals = {"kept": known.regions.kept, "texts": place.size}
    found = np.bincount(place[place >= 0], minlength=len(known.names))
    words = verdicts(known.regions.counts, found, **totals)
    outside = outside_verdict(known.regions.outside, int((place < 0).sum()), **totals)
    return dict(zip(known.names, words, strict=True)), outside


def test_sets_drawn_like_the_reference_have_no_hole_and_nothing_outside() -> None:
    found = [told(list(range(TOPICS)), seed) for seed in range(SIMULATIONS)]
    assert sum(bool({"hole", "thin"} & set(words.values())) for words, _ in found) <= 3
    assert sum(outside == "outside" for _, outside in found) <= 4  # 5 % of 25 and what chance adds


def test_a_missing_topic_is_a_hole_and_the_others_are_none() -> None:
    found = [told(list(range(TOPICS - 1)), seed)[0] for seed in range(SIMULATIONS)]
    missing = f"topic{TOPICS - 1}"
    assert np.mean(["hole" in {word for name, word in words.items() if missing in name} for words in found]) >= 0.8
    assert sum(bool({"hole", "thin"} & {word for name, word in words.items() if missing not in name}) for words in found) <= 3


def test_a_topic_that_the_reference_lacks_lies_outside() -> None:
    assert np.mean([told([*range(TOPICS), 9], seed)[1] == "outside" for seed in range(10)]) >= 0.8


def test_intervals_of_correlations_hold_none_where_there_is_none() -> None:
    held = 0
    for seed in range(40):
        x, y = np.random.default_rng(seed).normal(size=(2, 40, 1)).repeat(2, axis=2).reshape(2, 80)
        found = correlation([x, y], np.arange(80) // 2, draws=200, seed=seed)
        assert isinstance(found, Figure)
        held += found.low <= 0 <= found.high
    assert held >= 34
