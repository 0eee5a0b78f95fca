"""Planted truth, a few seeded worlds of each kind; benchmarks/planted_domains.py has the 200 that the docs report."""

import numpy as np
import polars as pl
import pytest

from benchmarks.planted_domains import (
    OPEN,
    TUNINGS,
    calls,
    changed_world,
    effect_at,
    expected,
    filtered_world,
    mode_that_narrows,
    open_world,
    openness_effect_of,
    openness_of,
    tuned_world,
    verdicts_by_count,
)

WORLDS = range(24)


def test_the_planted_mode_takes_thirty_per_cent_of_the_classes() -> None:
    assert expected(20, mode_that_narrows(20)) == pytest.approx(0.7 * expected(20))


@pytest.mark.slow
def test_a_domain_that_narrows_is_called_so_and_one_without_change_is_not() -> None:
    told = [calls(verdicts_by_count(changed_world(seed)), "D(5)") for seed in WORLDS]
    assert np.mean([one.ungated for one in told]) >= 0.9
    assert np.mean([one.gated for one in told]) >= 0.8
    assert sum(one.false_call for one in told) <= 4  # 5 % of 24 is 1.2; more than 4 happens once in 100


@pytest.mark.slow
def test_openness_recovers_the_planted_number_of_classes() -> None:
    found = pl.concat([openness_of(open_world(seed)) for seed in range(8)])
    means = found.group_by("domain").agg(pl.col("value", "truth").mean(), pl.col("chao1").mean())
    for domain, value, truth, bound in means.iter_rows():
        assert value == pytest.approx(truth, rel=0.01)
        assert bound == pytest.approx(OPEN[domain], rel=0.1)


@pytest.mark.slow
def test_the_filter_effect_is_one_when_quality_has_nothing_to_do_with_classes() -> None:
    found = [effect_at(filtered_world(seed), 4.0) for seed in WORLDS]
    assert np.mean([row["value"] for row in found]) == pytest.approx(1.0, abs=0.02)
    assert sum(not row["low"] <= 1 <= row["high"] for row in found) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"of_common": 2.0}, {"by_class": True}])
def test_the_filter_effect_is_under_one_when_whole_classes_are_bad(how: dict[str, float]) -> None:
    assert all(effect_at(filtered_world(seed, **how), 4.0)["high"] < 1 for seed in range(6))  # type: ignore[arg-type]


@pytest.mark.slow
def test_openness_tells_where_tuning_narrows_and_only_then() -> None:
    rho = {name: np.mean([openness_effect_of(tuned_world(s, how))["rho"] for s in range(8)]) for name, how in TUNINGS.items()}
    assert rho["narrows closed tasks"] > 0.2
    assert abs(rho["narrows all tasks by 30 %"]) < 0.2  # 8 worlds: three standard errors
    assert abs(rho["changes nothing"]) < 0.2  # 8 worlds: three standard errors
