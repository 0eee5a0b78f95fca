"""Mode copies, by hand: who is copied, who is replaced, what stays."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.blind.given import LABELLED, cell, many, opened
from triaxis.blind import Asked
from triaxis.blind.mode_copies import bands, mode_copies
from triaxis.blind.planting import edition
from triaxis.errors import InputError


def test_every_sample_can_become_a_copy_of_the_most_frequent_class(tmp_path: Path) -> None:
    samples = opened(tmp_path, cell("p", "abbc"))
    damage = mode_copies(samples)
    assert damage.donor.tolist() == [1, 1, 1, 1]
    assert np.isfinite(damage.arrival).tolist() == [True, False, True, True]
    assert damage.most == 0.75


def test_the_whole_dose_leaves_one_answer(tmp_path: Path) -> None:
    samples = opened(tmp_path, cell("p", "abbc"))
    made = edition(samples, mode_copies(samples), 1.0)
    assert made.samples.texts.to_list() == ["b answer 1"] * 4
    assert made.table.column("label") == ["b"] * 4
    assert made.table.column("sample_index") == [0, 1, 2, 3]
    assert len(set(made.samples.klass.tolist())) == 1


def test_only_answers_of_the_same_quality_are_copied_and_qualities_stay(tmp_path: Path) -> None:
    samples = opened(tmp_path, cell("p", "bbbacd", [1, 1, 0, 0, 1, 0]))
    made = edition(samples, mode_copies(samples, match=0.5), 1.0)
    assert made.samples.quality.tolist() == samples.quality.tolist()
    assert made.table.column("quality") == [1, 1, 0, 0, 1, 0]
    assert made.table.column("label") == ["b"] * 6
    assert made.samples.texts.to_list() == [f"b answer {i}" for i in (0, 0, 2, 2, 0, 2)]


def test_a_sample_alone_in_its_band_of_quality_cannot_be_damaged(tmp_path: Path) -> None:
    samples = opened(tmp_path, cell("p", "abc", [0, 5, 10]))
    assert mode_copies(samples).most == 0


def test_bands_are_at_most_as_wide_as_asked() -> None:
    found = bands(np.arange(5), np.array([0.0, 1.0, 0.4, 1.3, np.nan]), 0.5)
    assert [band.tolist() for band in found] == [[0, 2], [1, 3], [4]]


def test_doses_are_nested_and_reach_what_they_say(tmp_path: Path) -> None:
    samples = opened(tmp_path, [one for p in range(40) for one in cell(f"p{p}", "abcdefghij")])
    damage = mode_copies(samples)
    rows = {dose: set(damage.rows(dose).tolist()) for dose in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)}
    doses = list(rows)
    assert all(rows[low] <= rows[high] for low, high in pairwise(doses))
    for dose, found in rows.items():
        assert len(found) / 400 == pytest.approx(dose, abs=0.04)
    assert damage.most == 0.9
    assert len(damage.rows(1.0)) == 360


def test_a_cell_is_damaged_the_same_whatever_other_cells_there_are(tmp_path: Path) -> None:
    both = opened(tmp_path, many(prompts=4))
    alone = opened(tmp_path, [one for one in many(prompts=4) if one["prompt_id"] == "p02"])
    kept = np.flatnonzero((both.frame["prompt_id"] == "p02").to_numpy())
    assert mode_copies(both, match=9).arrival[kept].tolist() == mode_copies(alone, match=9).arrival.tolist()


def test_with_unit_set_prompt_and_answer_are_copied_together(tmp_path: Path) -> None:
    rows = [one | {"prompt_id": f"p{i}", "prompt": f"about p{i}"} for i, one in enumerate(cell("x", "aabc"))]
    samples = opened(tmp_path, rows, Asked(equivalence="column:label@set", unit="set"))
    made = edition(samples, mode_copies(samples), 1.0)
    pairs = Counter(zip(made.table.column("prompt") or [], made.table.column("response") or [], strict=True))
    assert len(pairs) == 1
    assert set(pairs) <= {(one["prompt"], one["response"]) for one in rows}
    assert made.table.column("sample_index") == [0, 1, 2, 3]


def test_one_answer_a_prompt_is_refused_with_the_way_out(tmp_path: Path) -> None:
    samples = opened(tmp_path, [*cell("p", "a"), *cell("q", "b")], Asked(equivalence="column:label@set", unit="prompt"))
    with pytest.raises(InputError, match="--unit set"):
        mode_copies(samples)


def test_columns_that_belong_to_the_answer_go_with_it_when_asked(tmp_path: Path) -> None:
    rows = [one | {"judge_said": one["label"]} for one in cell("p", "abb")]
    samples = opened(tmp_path, rows)
    damage = mode_copies(samples)
    assert edition(samples, damage, 1.0).table.column("judge_said") == ["a", "b", "b"]
    assert edition(samples, damage, 1.0, carried=("judge_said",)).table.column("judge_said") == ["b", "b", "b"]


def test_label_and_quality_in_one_json_column_are_refused(tmp_path: Path) -> None:
    rows = [one | {"meta": {"label": one["label"], "score": i}} for i, one in enumerate(cell("p", "abb"))]
    samples = opened(tmp_path, rows, Asked(quality="meta.score", equivalence="column:meta.label@prompt"))
    with pytest.raises(InputError, match="column of its own"):
        edition(samples, mode_copies(samples, match=9), 1.0)


def test_the_same_seed_gives_the_same_damage(tmp_path: Path) -> None:
    samples = [opened(tmp_path, many(), Asked(equivalence=LABELLED.equivalence, seed=seed)) for seed in (1, 1, 2)]
    first, again, other = (mode_copies(one).arrival.tolist() for one in samples)
    assert first == again != other
