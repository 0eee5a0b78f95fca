"""Worse answers and words out of order: quality falls, classes keep their sizes."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.blind.given import cell, many, opened
from triaxis.blind import Asked
from triaxis.blind.planting import edition
from triaxis.blind.samples import Samples
from triaxis.blind.worse_answers import noise, shuffled_words, swap
from triaxis.errors import InputError


def sizes(samples: Samples) -> list[list[int]]:
    """Sizes of the classes of each cell, largest first."""
    return [sorted(Counter(samples.klass[rows].tolist()).values(), reverse=True) for rows in samples.rows_of_cells]


def test_a_class_is_replaced_by_a_worse_class_of_another_model(tmp_path: Path) -> None:
    rows = [*cell("p", "ab", [3, 3]), *cell("p", "cd", [0, 3], model="n")]
    samples = opened(tmp_path, rows)
    made = edition(samples, swap(samples), 1.0)
    replaced = list(made.table.column("label") or [])[:2]
    assert sorted(replaced) in (["a", "c"], ["b", "c"])
    assert sorted(made.samples.quality[:2].tolist()) == [0, 3]
    assert made.samples.quality[2:].tolist() == [0, 3]


def test_quality_goes_along_and_classes_keep_their_sizes_at_every_dose(tmp_path: Path) -> None:
    samples = opened(tmp_path, [one for p in range(12) for k, m in enumerate("mno") for one in
                                cell(f"p{p}", "xxyz".replace("x", "adg"[k]).replace("y", "beh"[k]).replace("z", "cfi"[k]),
                                     [k, k, k, k], model=m)])  # fmt: skip
    damage = swap(samples)
    means = []
    for dose in (0.25, 0.5, 0.9):
        made = edition(samples, damage, dose)
        assert sizes(made.samples) == sizes(samples)
        means.append(made.samples.quality.mean())
        assert made.table.column("quality") == made.samples.quality.tolist()
    assert samples.quality.mean() > means[0] > means[1] > means[2]


def test_a_worse_member_of_the_same_class_will_do(tmp_path: Path) -> None:
    samples = opened(tmp_path, cell("p", "aaa", [9, 9, 1]))
    made = edition(samples, swap(samples), 1.0)
    assert made.samples.quality.tolist() == [1, 1, 1]
    assert sizes(made.samples) == [[3]]


def test_labels_that_models_do_not_share_bring_no_answers_of_other_models(tmp_path: Path) -> None:
    rows = [*cell("p", "ab", [3, 3]), *cell("p", "cd", [0, 0], model="n")]
    assert swap(opened(tmp_path, rows, Asked(equivalence="column:label"))).most == 0


def test_donors_are_about_as_complex(tmp_path: Path) -> None:
    long = [one | {"response": "word " * 50 + one["label"]} for one in cell("p", "cd", [0, 0], model="n")]
    assert swap(opened(tmp_path, [*cell("p", "ab", [3, 3]), *long])).most == 0


@pytest.mark.parametrize("qualities", [[2, 2, 2], [None, None, None]])
def test_without_a_difference_in_quality_there_is_nothing_to_swap(tmp_path: Path, qualities: list[float | None]) -> None:
    with pytest.raises(InputError, match="noise"):
        swap(opened(tmp_path, cell("p", "abc", qualities)))


def test_shuffled_words_are_the_same_words_and_spaces() -> None:
    text = "one two\n three  four five six"
    made = shuffled_words(text, 0)
    assert made != text
    assert sorted(made.split()) == sorted(text.split())
    assert [c for c in made if c.isspace()] == [c for c in text if c.isspace()]
    assert shuffled_words(text, 0) == made != shuffled_words(text, 1)


@pytest.mark.parametrize("rule", ["lexical", "exact", "normalised"])
def test_noise_keeps_every_class_under_rules_on_texts(tmp_path: Path, rule: str) -> None:
    said = "the {0}{0}{0} sat on {0}{0} with {0}{0}{0}{0}{0} today"
    rows = [one | {"response": said.format(one["label"])} for one in many(6)]
    samples = opened(tmp_path, rows, Asked(equivalence=rule))
    damage = noise(samples)
    for dose in (0.3, 0.6, 1.0):
        made = edition(samples, damage, dose)
        assert sizes(made.samples) == sizes(samples)
        assert np.array_equal(made.samples.complexity, samples.complexity)
        assert made.table.column("quality") == samples.table.column("quality")
    assert made.is_damaged.all()


def test_an_answer_of_one_word_cannot_be_shuffled(tmp_path: Path) -> None:
    rows = [one | {"response": one["label"]} for one in cell("p", "abc")]
    assert noise(opened(tmp_path, rows)).most == 0
