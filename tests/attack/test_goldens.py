"""Published and known values that no test beside a metric holds yet: through registered names, and by construction.

The page docs/upstream-errors.md lists the others with the tests that hold them.
"""

from math import sqrt

import numpy as np
import pytest

from tests.measure.samples import cells_from
from triaxis import diversity
from triaxis.complexity.difficulty import Tries
from triaxis.diversity.semantic import expected_coverage, hill, rarefied_hill
from triaxis.measure import usable
from triaxis.registry import create
from triaxis.responses import Responses
from triaxis.stats.hypergeometric import expected_distinct
from triaxis.stats.richness import chao1

diversity.register_all()

GIRDLED = np.array([46, 22, 17, 15, 15, 9, 8, 6, 6, 4, *[2] * 4, *[1] * 12])
LOGGED = np.array([88, 22, 16, 15, 13, 10, 8, 8, 7, 7, 7, 5, *[4] * 3, *[3] * 4, *[2] * 4, *[1] * 14])
"""Spiders of two woods, the example of Chao et al. 2014 (Ecological Monographs 84) and of the R package iNEXT."""

UNGATED = -np.inf


def value(name: str, *, vectors: np.ndarray | None = None, labels: np.ndarray | None = None) -> float:
    size = len(vectors if vectors is not None else np.asarray(labels))
    return float(create("diversity", name).value(Responses([""] * size, vectors=vectors, labels=labels)))


@pytest.mark.parametrize(("order", "golden"), [("0.5", 2.4203), ("1", 2.1573), ("2", 1.9481), ("inf", 1.5789)])
def test_vectors_whose_cosines_are_the_golden_kernel_have_its_score_under_the_registered_name(order: str, golden: float) -> None:
    # measurement facts 9: K = [[1, .9, 0], [.9, 1, 0], [0, 0, 1]], by the released Vendi code
    vectors = np.array([[1, 0, 0], [0.9, sqrt(0.19), 0], [0, 0, 1]], dtype=np.float32)
    assert value(f"vendi:{order}", vectors=vectors) == pytest.approx(golden, abs=1e-4)


@pytest.mark.parametrize(
    ("counts", "published"), [(GIRDLED, (26, 12.059650, 7.84)), (LOGGED, (37, 14.421002, 6.761))], ids=["girdled", "logged"]
)
def test_hill_numbers_of_the_spiders_are_those_of_inext(counts: np.ndarray, published: tuple[float, ...]) -> None:
    # column "Observed" of iNEXT(spider)$AsyEst, orders 0, 1 and 2
    assert [hill(counts, order) for order in (0, 1, 2)] == pytest.approx(published, abs=5e-4)


def test_rarefied_spiders_are_those_of_inext() -> None:
    # rows 1, 10, 19 and 84 of iNEXT(spider, q = 0) for the girdled wood
    assert [rarefied_hill(GIRDLED, 0, m) for m in (1, 10, 19, 84)] == pytest.approx([1, 6.479, 9.450, 18.912], abs=5e-4)
    assert expected_coverage(GIRDLED, 84) == pytest.approx(0.9, abs=5e-4)


def test_the_bias_corrected_bound_stays_under_the_uncorrected_one() -> None:
    # S + f1 (f1 - 1) / (2 (f2 + 1)) = 26 + 12 x 11 / 10; uncorrected 26 + 12^2 / 8 = 44 (iNEXT: 43.893, with (n - 1) / n)
    assert chao1(GIRDLED) == pytest.approx(39.2)
    assert chao1(GIRDLED) < 26 + 167 / 168 * 144 / 8 == pytest.approx(43.892857)


@pytest.mark.parametrize("kinds", [1, 4, 50])
def test_equal_kinds_count_as_their_number_in_every_way_of_counting(kinds: int) -> None:
    labels = np.tile(np.arange(kinds), 3)
    names = ("distinct-classes", "hill:0", "hill", "hill:2", "hill:inf")
    assert [value(name, labels=labels) for name in names] == pytest.approx([kinds] * 5)
    assert chao1(np.full(kinds, 3)) == kinds
    assert value("semantic-entropy", labels=labels) == pytest.approx(np.log(kinds))
    # a kind of 3 is missed by two draws of 3k with (3k - 3)(3k - 4) / (3k (3k - 1))
    missed = (3 * kinds - 3) * (3 * kinds - 4) / (3 * kinds * (3 * kinds - 1))
    assert value("distinct-classes:2", labels=labels) == pytest.approx(kinds * (1 - missed))


@pytest.mark.parametrize(
    ("name", "alike", "orthogonal"),
    [
        ("vendi:0", 1, 30), ("vendi", 1, 30), ("vendi:2", 1, 30), ("vendi:inf", 1, 30), ("cosine-distance", 0, 1),
        ("remote-clique", 0, 1), ("chamfer", 0, 1), ("knn-distance", 0, 1), ("cluster-count", 1, 30), ("dcscore", 1, 30),
        ("near-duplicate-share", 1, 0), ("vendi-rbf:0.1", 1, 30),
    ],
)  # fmt: skip
def test_copies_and_orthogonal_vectors_are_the_two_ends(name: str, alike: float, orthogonal: float) -> None:
    every = np.eye(30, 64, dtype=np.float32)
    assert value(name, vectors=np.repeat(every[:1], 30, axis=0)) == pytest.approx(alike, abs=1e-5)
    assert value(name, vectors=every) == pytest.approx(orthogonal, rel=1e-5, abs=1e-5)


def test_words_without_overlap_and_one_meaning_are_diverse_to_words_only() -> None:
    texts = ["Cats sleep all day.", "Felines doze from dawn until dusk!", "Kitties; always napping"]
    said_once = Responses(texts, np.repeat(np.eye(1, 8, dtype=np.float32), 3, axis=0), np.zeros(3, dtype=np.int64))
    assert create("diversity", "distinct:1").value(said_once) == 1.0
    assert [create("diversity", name).value(said_once) for name in ("vendi", "hill")] == pytest.approx([1, 1])


def test_garbage_has_classes_until_it_is_gated() -> None:
    # measurement facts 1: at temperature 2, none of 100 programs runs, and two kinds of error still make a raw count of 2.00
    cell = cells_from([("syntax error", 0.0)] * 60 + [("runtime error", 0.0)] * 40)
    assert usable.usable_diversity(cell, np.array([UNGATED, 1.0]), 100)[0].tolist() == pytest.approx([2.0, 0.0])


@pytest.mark.parametrize(
    ("valid", "fixed"),
    [(574, 289), (605, 391), (594, 449), (572, 471), (575, 494), (512, 458), (383, 353), (213, 202), (91, 87), (5, 5)],
)
def test_distinct_valid_over_all_is_u_at_n_over_n(valid: int, fixed: int) -> None:
    # measurement facts 1, Div_fixed: Llama-3-8B-Instruct at temperatures 0.2 to 1.4, valid and Div_fixed of 1,000
    right = [(chr(1000 + min(place, fixed - 1)), 1.0) for place in range(valid)]
    wrong = [(chr(9000 + place), 0.0) for place in range(1000 - valid)]
    cell = cells_from(right + wrong)
    assert usable.usable_share(cell, np.array([1.0]))[0, 0] == valid / 1000
    assert usable.usable_diversity(cell, np.array([1.0]), 1000)[0, 0] == pytest.approx(fixed)


def test_a_share_of_the_valid_falls_with_their_number_and_the_value_at_equal_numbers_does_not() -> None:
    # measurement facts 0, S3: 93 % of 14 valid programs distinct against 60 % of 44 is part artefact; here both draw 50 kinds
    rng = np.random.default_rng(0)
    draws = {n: [[(chr(1000 + kind), 1.0) for kind in rng.integers(0, 50, n)] for _ in range(400)] for n in (14, 44)}
    share = {n: np.mean([len(set(cell)) / n for cell in cells]) for n, cells in draws.items()}
    equal = {n: usable.given_usable(cells_from(*cells), np.array([1.0]), [10])[..., 0].mean() for n, cells in draws.items()}
    assert share[14] > 1.2 * share[44]
    assert equal[14] == pytest.approx(equal[44], rel=0.01)
    assert equal[44] == pytest.approx(50 * (1 - 0.98**10), rel=0.01)


def test_distinct_m_and_pass_at_k_are_one_hypergeometric() -> None:
    # measurement facts 9: E[K_m] = sum of 1 - C(n - n_i, m) / C(n, m); one class of c among n is pass@k
    assert expected_distinct([3], 2, size=10) == pytest.approx(24 / 45)


def test_learnability_peaks_where_half_of_the_tries_pass() -> None:
    counts = np.arange(21)
    tries = Tries(np.full(21, 20), counts)
    for form in (tries.learnability, tries.learnability_plug_in):
        assert counts[np.argmax(form)] == 10
        assert form[0] == form[-1] == 0
    assert tries.learnability_plug_in.max() == 0.25
