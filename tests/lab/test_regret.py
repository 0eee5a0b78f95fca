"""Regret by splitting: what a known best loses, what is refused, and that a half holds half of the prompts."""

import numpy as np
import polars as pl
import pytest

from tests.measure.ensemble.mixing import shared_store
from triaxis.errors import InputError
from triaxis.lab.regret.run import Regrets, markdown, on_prompts, regret_of_store
from triaxis.measure.ensemble.pool import shelf_of
from triaxis.measure.options import Options

FAST = Options(draws=200, examples=0)


def drawn(prompts: int, **models: tuple[int, int]) -> dict[str, list[list[tuple[str, float]]]]:
    """Models of {name: (classes, chance in ten that a sample is usable)}."""
    rng = np.random.default_rng(0)
    found = {}
    for name, (classes, good) in models.items():
        sample = lambda n=name, k=classes, g=good: (f"{n}{rng.integers(k)}", 1.0 if rng.integers(10) < g else 0.0)  # noqa: E731
        found[name] = [[sample() for _ in range(6)] for _ in range(prompts)]
    return found


CLEAR = shared_store(drawn(24, varied=(20, 8), careful=(2, 10), noisy=(60, 2)))


def test_a_best_model_that_is_plain_to_see_is_advised_and_loses_nothing_to_the_best_single_one() -> None:
    rows = {row.rule: row for row in regret_of_store(CLEAR, FAST, goal="out-of-distribution", splits=3)}
    assert rows["advised"].lost <= 0
    assert rows["most raw diversity"].lost > 1
    assert rows["highest mean quality"].lost > 1
    assert rows["advised"].lost < rows["a model by chance"].lost
    assert rows["advised"].low is not None
    assert rows["advised"].splits == 3


def test_a_mixture_of_partners_beats_the_best_single_model_of_the_held_out_half() -> None:
    partners = shared_store(drawn(40, a=(3, 10), b=(3, 10)))
    rows = {row.rule: row for row in regret_of_store(partners, FAST, goal="search", splits=2)}
    assert rows["advised"].mixtures == 1
    assert rows["advised"].high is not None
    assert rows["advised"].high < 0
    assert rows["most promising mixture"].lost == rows["advised"].lost


def test_in_distribution_work_has_no_mixture() -> None:
    rows = {row.rule for row in regret_of_store(CLEAR, FAST, goal="in-distribution", splits=2)}
    assert "most promising mixture" not in rows


def test_in_distribution_work_is_counted_in_usable_shares() -> None:
    rows = {row.rule: row for row in regret_of_store(CLEAR, FAST, goal="in-distribution", splits=2)}
    assert rows["advised"].draws == 1
    assert rows["advised"].worth == pytest.approx(1.0)
    assert rows["most raw diversity"].worth < 0.5


def test_the_same_seed_gives_the_same_rows() -> None:
    first, second = (regret_of_store(CLEAR, FAST, goal="search", splits=2) for _ in range(2))
    assert first == second


def test_a_half_holds_its_prompts_and_no_other() -> None:
    shelf = shelf_of(CLEAR, (), seed=0)
    half = on_prompts(CLEAR, shelf.prompts[::2], shelf.models)
    assert sorted({p for frame in half.frames() for p in frame["prompt"]}) == shelf.prompts[::2, 0].tolist()
    assert half.models == CLEAR.models
    one = on_prompts(CLEAR, shelf.prompts, shelf.models[1:])
    (kept,) = one.frames()
    (whole,) = CLEAR.frames()
    assert kept.height == whole.filter(pl.col("model") > 0).height


def test_few_prompts_and_single_models_are_refused() -> None:
    few = shared_store(drawn(12, a=(5, 8), b=(5, 8)))
    with pytest.raises(InputError, match="needs 20 prompts that all models share, ten in each half, got 12"):
        regret_of_store(few, FAST, goal="search", splits=2)
    with pytest.raises(InputError, match="needs two models on the same prompts, got 1"):
        regret_of_store(shared_store(drawn(24, a=(5, 8))), FAST, goal="search", splits=2)


def test_the_table_names_what_was_refused() -> None:
    rows = tuple(regret_of_store(CLEAR, FAST, goal="search", splits=2, file="clear.parquet"))
    text = "\n".join(markdown(Regrets(rows, (("few.parquet", "quality, search", "too few"),))))
    assert "| clear.parquet, " in text
    assert "not run: few.parquet, quality, search: too few" in text
