"""A whole set as the cell: U against brute force, intervals against prompts left out, planted comparisons, names kept apart."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.measure.samples import average_distinct, cells_from
from triaxis.errors import InputError, Undefined
from triaxis.measure import usable
from triaxis.measure.gated import Gated, measure_gate
from triaxis.measure.options import Options
from triaxis.measure.set_cells import (
    SampleSet,
    left_out,
    prompt_deviations,
    prompt_keys,
    prompt_signs,
    sets_of_model,
    unlike,
    usable_diversity,
)
from triaxis.measure.set_pairs import compared_sets
from triaxis.measure.sets import measure_set
from triaxis.measure.store import COUNT_SCHEMA, LOST_SCHEMA, RunStore, StoreHeader
from triaxis.results import TABLES
from triaxis.stats.hypergeometric import hit_probability
from triaxis.stats.jackknife import standard_error

UNGATED = -np.inf
FAST = Options(draws=200)


class Sample(NamedTuple):
    """One answer: who gave it to which prompt, what it says, how good it is."""

    prompt: str
    label: str
    quality: float = 1.0
    model: str = "m"
    domain: str = "d"


BIRDS = (
    Sample("p1", "robin", 3), Sample("p2", "robin", 1), Sample("p3", "wren", 3), Sample("p4", "asdf", 1),
)  # fmt: skip

SAMPLES = st.lists(
    st.tuples(st.sampled_from("pqrst"), st.sampled_from("abc"), st.sampled_from([0.0, 1.0, 2.0])).map(lambda s: Sample(*s)),
    min_size=2, max_size=9,
)  # fmt: skip


def set_store(samples: Sequence[Sample], *, unit: str = "set", quality: str | None = "quality", parts: int = 1) -> RunStore:
    """A store of `samples`, counted, in `parts`; labels mean the same in every prompt."""
    names = {side: sorted({getattr(s, side) for s in samples}) for side in ("model", "prompt", "domain")}
    labels = {s.label: sum(ord(c) * 31**i for i, c in enumerate(s.label)) for s in samples}
    rows = [(*(names[side].index(getattr(s, side)) for side in names), labels[s.label], float(s.quality)) for s in samples]
    frame = pl.DataFrame(rows, schema=["model", "prompt", "domain", "class", "quality"], orient="row")
    counts = frame.group_by(pl.all(), maintain_order=True).agg(pl.len().alias("count"))
    whole = counts.with_columns(first_index=pl.lit(-1), last_index=pl.lit(-1)).cast(COUNT_SCHEMA)  # type: ignore[arg-type]
    header = StoreHeader(
        quality=quality, quality_source="tests", equivalence="exact", scope="set", rule="equal", is_pairwise=False, unit=unit,
    )  # fmt: skip
    slices = tuple(whole.gather_every(parts, part) for part in range(parts))
    models, prompts, domains = (tuple(names[side]) for side in names)
    return RunStore(header, models, prompts, domains, slices, pl.DataFrame(schema=LOST_SCHEMA))


def one_set(samples: Sequence[Sample]) -> SampleSet:
    """The set of one model in one domain."""
    (found,) = sets_of_model(set_store(samples), samples[0].model).values()
    return found


def rows(gated: Gated, table: str, **where: object) -> pl.DataFrame:
    """Rows of a table; None is null."""
    frame = gated.tables[table]
    return frame.filter(*(pl.col(name).eq_missing(pl.lit(wanted)) for name, wanted in where.items()))


def entry(gated: Gated, table: str, column: str, **where: object) -> object:
    """One entry of one row."""
    (found,) = rows(gated, table, **where)[column].to_list()
    return found


def random_set(
    seed: int, *, prompts: int = 60, classes: int = 12, model: str = "m", domain: str = "d", better: float = 0.0
) -> list[Sample]:
    """One answer to each prompt; prompts are named alike for all models of a domain."""
    rng = np.random.default_rng([seed, *map(ord, model + domain)])
    quality = np.clip(np.round(rng.normal(3 + better, 1, prompts)), 1, 5)
    return [Sample(f"{domain}{p:04}", f"c{rng.integers(classes)}", q, model, domain) for p, q in enumerate(quality)]


def test_by_hand_as_in_the_docs_of_u() -> None:
    values = usable_diversity(one_set(BIRDS), np.array([UNGATED, 1.0, 3.0]), [1, 2, 4])
    assert values.tolist() == pytest.approx(np.array([[1, 1, 0.5], [11 / 6, 11 / 6, 1], [3, 3, 2]]))


def test_every_answer_another_is_the_budget_and_always_the_same_is_one() -> None:
    different = one_set([Sample(f"p{i}", f"c{i}") for i in range(8)])
    alike = one_set([Sample(f"p{i}", "c") for i in range(8)])
    budgets = list(range(1, 9))
    assert usable_diversity(different, np.array([UNGATED]), budgets)[:, 0].tolist() == pytest.approx(budgets)
    assert usable_diversity(alike, np.array([UNGATED]), budgets)[:, 0].tolist() == pytest.approx([1] * 8)


@given(SAMPLES, st.sampled_from([UNGATED, 1.0, 2.0]), st.data())
def test_it_is_the_average_over_every_choice_of_samples_from_the_set(
    samples: list[Sample], floor: float, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, len(samples)))
    expected = average_distinct([(s.label, s.quality) for s in samples], floor, n)
    assert usable_diversity(one_set(samples), np.array([floor]), [n])[0, 0] == pytest.approx(expected)


@given(SAMPLES)
def test_it_falls_with_the_floor_and_grows_with_the_budget(samples: list[Sample]) -> None:
    values = usable_diversity(one_set(samples), np.array([UNGATED, 0.0, 1.0, 2.0]), range(1, len(samples) + 1))
    assert (np.diff(values, axis=1) <= 1e-12).all()
    assert (np.diff(values, axis=0) >= -1e-12).all()


@given(SAMPLES, st.randoms(use_true_random=False))
def test_order_of_rows_and_names_of_prompts_and_classes_do_not_matter(samples: list[Sample], random: object) -> None:
    floors, budgets = np.array([UNGATED, 1.0]), [1, len(samples)]
    expected = usable_diversity(one_set(samples), floors, budgets)
    random.shuffle(samples)  # type: ignore[attr-defined]
    renamed = [s._replace(prompt=s.prompt * 2, label={"a": "z", "b": "y", "c": "x"}[s.label]) for s in samples]
    assert usable_diversity(one_set(renamed), floors, budgets) == pytest.approx(expected)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([0.0, 1.0])), min_size=1, max_size=9))
def test_with_one_sample_per_prompt_it_equals_one_big_cell(cell: list[tuple[str, float]]) -> None:
    floors = np.array([UNGATED, 1.0])
    samples = one_set([Sample(f"p{i}", label, quality) for i, (label, quality) in enumerate(cell)])
    for n in range(1, len(cell) + 1):
        expected = usable.usable_diversity(cells_from(cell), floors, n)[0]
        assert usable_diversity(samples, floors, [n])[0] == pytest.approx(expected)


OWN = tuple(Sample(f"p{p}", f"c{p}") for p in range(25) for _ in range(4))
"""Every prompt has its own answer, which is given four times."""


def test_within_prompts_and_across_them_are_two_numbers_in_two_tables() -> None:
    across = measure_set(set_store(OWN), FAST)
    within = measure_gate(set_store(OWN, unit="prompt"), FAST)
    assert entry(within, "usable_diversity", "value", domain=None, floor=None, budget=4) == pytest.approx(1)
    assert entry(across, "set_diversity", "value", domain=None, floor=None, budget=100) == pytest.approx(25)


def test_no_table_holds_figures_of_both_units() -> None:
    samples = [s for model in "ab" for s in random_set(0, model=model)]
    across, within = measure_set(set_store(samples), FAST), measure_gate(set_store(samples, unit="prompt"), FAST)
    filled = [{name for name, frame in gated.tables.items() if frame.height} for gated in (across, within)]
    assert filled[0] == {"set_diversity", "set_comparisons", "set_flips", "set_winner_map", "cells", "quality"}
    assert filled[0] & filled[1] == {"cells", "quality"}
    assert across.summary.gate.label != within.summary.gate.label
    assert across.summary.gate.unit == "set"


def test_all_tables_are_there_with_their_columns() -> None:
    gated = measure_set(set_store([]), FAST)
    assert {name: frame.columns for name, frame in gated.tables.items()} == {n: list(c) for n, c in TABLES.items()}
    assert gated.summary.measured == 0


@given(SAMPLES, st.sampled_from([UNGATED, 1.0, 2.0]))
def test_without_each_prompt_the_figure_is_that_of_a_set_that_never_had_it(samples: list[Sample], floor: float) -> None:
    prompts = sorted({s.prompt for s in samples})
    whole = one_set(samples)
    budgets = range(1, whole.reach + 1)
    figures = left_out(whole, np.array([floor]), budgets)[:, :, 0]
    for place, name in enumerate(prompts):
        rest = [(s.label, s.quality) for s in samples if s.prompt != name]
        assert figures[place].tolist() == pytest.approx([average_distinct(rest, floor, n) for n in budgets])


def test_the_error_comes_near_to_that_of_new_prompts() -> None:
    floors, n = np.array([3.0]), 20
    sets = [random_set(seed, prompts=100, classes=30) for seed in range(60)]
    truth = np.std([usable_diversity(one_set(s), floors, [n])[0, 0] for s in sets], ddof=1)
    errors = [standard_error(prompt_deviations(one_set(s), floors, [n], prompt_keys(set_store(s), 0)))[0, 0] for s in sets[:20]]
    assert np.mean(errors) == pytest.approx(truth, rel=0.3)


def test_the_error_is_the_jackknife_over_prompts_up_to_chance() -> None:
    samples = random_set(2, prompts=50, classes=4)
    floors = np.array([2.0])
    every = [usable_diversity(one_set(samples[:p] + samples[p + 1 :]), floors, [3])[0, 0] for p in range(50)]
    exact = np.sqrt(49 * np.var(every))
    drawn = prompt_deviations(one_set(samples), floors, [3], prompt_keys(set_store(samples), 0))
    assert standard_error(drawn)[0, 0] == pytest.approx(exact, rel=0.12)


def test_signs_rest_on_the_name_of_the_prompt_alone() -> None:
    some, more = (set_store([Sample(name, "a") for name in names]) for names in (["q", "x"], ["a", "b", "q", "x", "z"]))
    few, many = (prompt_signs(prompt_keys(store, 3)) for store in (some, more))
    assert (few == many[[2, 3]]).all()
    assert set(np.unique(few)) == {-1, 1}
    assert abs(many.mean()) < 0.1


def test_models_with_the_same_answers_have_the_same_intervals_whoever_else_is_there() -> None:
    samples = random_set(3)
    copied = [s._replace(model="b") for s in samples]
    stranger = [Sample(f"x{i}", "c1", 3.0, "z") for i in range(40)]
    alone = measure_set(set_store(samples), FAST).tables["set_diversity"]
    together = measure_set(set_store([*samples, *copied, *stranger]), FAST).tables["set_diversity"]
    key = ["domain", "floor", "budget"]
    mine, theirs = (together.filter(model=name).drop("gate", "model") for name in ("m", "b"))
    assert_frame_equal(mine, theirs)
    ends = alone.drop("gate", "model").join(mine, on=key, how="inner", nulls_equal=True).drop_nulls(["low", "low_right"])
    assert ends.height
    # the two runs show other budgets, so their matrix products have other shapes and may round otherwise
    assert (ends["low"] - ends["low_right"]).abs().max() < 1e-12
    assert (ends["high"] - ends["high_right"]).abs().max() < 1e-12


def test_a_budget_that_needs_every_prompt_has_no_deviations() -> None:
    samples = random_set(4, prompts=21)
    with pytest.raises(Undefined, match="without its largest prompt the set holds 20 samples"):
        prompt_deviations(one_set(samples), np.array([UNGATED]), [21], prompt_keys(set_store(samples), 0))


def test_large_sets_come_in_blocks_of_floors_with_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    samples, floors = random_set(5), np.array([UNGATED, 2.0, 4.0])
    keys = prompt_keys(set_store(samples), 0)
    whole = prompt_deviations(one_set(samples), floors, [1, 10, 30], keys)
    monkeypatch.setattr("triaxis.measure.set_cells.MOST_ENTRIES", 1)
    assert prompt_deviations(one_set(samples), floors, [1, 10, 30], keys) == pytest.approx(whole)


def test_answers_that_only_one_prompt_gives_are_alike() -> None:
    samples = [Sample(f"p{i}", f"c{i}") for i in range(10)] + [Sample("q1", "same"), Sample("q2", "same")]
    single, several = unlike(one_set(samples), np.array([UNGATED]))
    assert (single.tolist(), several.tolist()) == ([0], [2])


def test_unusable_prompts_are_alike_and_so_are_those_of_one_class() -> None:
    samples = [Sample(f"p{i}", "a", 2.0) for i in range(6)] + [Sample(f"q{i}", f"c{i}", 1.0) for i in range(3)]
    single, several = unlike(one_set(samples), np.array([UNGATED, 2.0, 3.0]))
    assert single.tolist() == [0, 3, 0]
    assert several.tolist() == [3, 3, 0]


def test_prompts_with_other_numbers_of_samples_are_unlike() -> None:
    samples = [Sample(f"p{i}", f"c{i}") for i in range(5)] + [Sample("p0", "c0"), Sample("p1", "x")]
    single, several = unlike(one_set(samples), np.array([UNGATED]))
    assert (single.tolist(), several.tolist()) == ([2], [2])


def test_intervals_hold_the_value_and_stop_short_of_the_whole_set() -> None:
    table = rows(measure_set(set_store(random_set(6, prompts=60)), Options(budgets=(7, 40), draws=200)), "set_diversity")
    has = table.filter(pl.col("low").is_not_null())
    assert has.filter((pl.col("low") > pl.col("value")) | (pl.col("high") < pl.col("value"))).is_empty()
    assert {7, 40, 50} <= set(has["budget"])
    assert has["budget"].max() == 50
    assert table["budget"].max() == 60


def test_under_twenty_prompts_there_are_none_and_the_reason_is_given() -> None:
    for prompts, has_some in ((19, False), (20, True)):
        gated = measure_set(set_store(random_set(7, prompts=prompts)), FAST)
        assert gated.tables["set_diversity"]["low"].is_not_null().any() == has_some
        reasons = [r for r in gated.not_run if r.analysis == "intervals of sets in domain d"]
        assert [r.reason for r in reasons] == ([] if has_some else ["needs 20 prompts, got 19"])


def test_where_nearly_all_prompts_are_alike_there_is_none() -> None:
    samples = [Sample(f"p{i:02}", f"c{i}") for i in range(40)]
    for equal, has_interval in ((4, False), (5, True)):
        changed = [s._replace(label="same") if i < equal else s for i, s in enumerate(samples)]
        low = entry(measure_set(set_store(changed), FAST), "set_diversity", "low", domain=None, floor=None, budget=10)
        assert (low is not None) == has_interval


def test_the_same_seed_gives_the_same_bits_and_another_one_other_ends() -> None:
    samples = [s for model in "ab" for s in random_set(8, model=model)]
    once, again, other = (
        measure_set(set_store(order, parts=parts), Options(draws=200, seed=seed)).tables
        for order, parts, seed in ((samples, 1, 0), (samples[::-1], 3, 0), (samples, 1, 1))
    )
    assert all(once[name].equals(again[name]) for name in once)
    assert once["set_diversity"]["value"].equals(other["set_diversity"]["value"])
    assert not once["set_diversity"]["low"].equals(other["set_diversity"]["low"])


def test_all_domains_are_their_mean_with_equal_weight_at_budgets_that_all_reach() -> None:
    samples = random_set(9, prompts=30, domain="x") + random_set(9, prompts=60, domain="y", classes=40)
    gated = measure_set(set_store(samples), FAST)
    for column in ("value", "usable_share"):
        x, y, both = (entry(gated, "set_diversity", column, domain=d, floor=3.0, budget=20) for d in ("x", "y", None))
        assert both == pytest.approx((x + y) / 2)  # type: ignore[operator]
    assert rows(gated, "set_diversity", domain=None)["budget"].max() == 30
    assert entry(gated, "set_diversity", "prompts", domain=None, floor=3.0, budget=20) == 90


def test_the_error_over_all_domains_is_that_of_a_mean_of_independent_figures() -> None:
    samples = random_set(10, prompts=80, domain="x") + random_set(10, prompts=80, domain="y")
    gated = measure_set(set_store(samples), FAST)
    x, y, both = (_width(gated, domain) for domain in ("x", "y", None))
    assert both == pytest.approx(np.hypot(x, y) / 2, rel=0.2)


def _width(gated: Gated, domain: str | None) -> float:
    low, high = (entry(gated, "set_diversity", c, domain=domain, floor=3.0, budget=10) for c in ("low", "high"))
    return high - low  # type: ignore[operator, no-any-return]


def test_the_only_domain_is_shown_twice_with_the_same_figures() -> None:
    samples = [s for model in "ab" for s in random_set(11, model=model)]
    gated = measure_set(set_store(samples), FAST)
    for name in ("set_diversity", "set_comparisons", "set_flips", "set_winner_map", "cells"):
        every, only = (rows(gated, name, domain=d).drop("domain") for d in (None, "d"))
        assert every.height
        assert_frame_equal(every, only)


def test_the_cell_is_the_set() -> None:
    samples = random_set(12, prompts=30, domain="x") + random_set(12, prompts=50, domain="y")
    shown = ("prompts", "measured", "smallest_cell", "largest_cell", "largest_budget")
    gated = measure_set(set_store(samples), FAST)
    assert [entry(gated, "cells", c, domain=None) for c in shown] == [80, 80, 30, 50, 30]
    assert [entry(gated, "cells", c, domain="y") for c in shown] == [50, 50, 50, 50, 50]


def planted(*, other_prompts: bool = False) -> list[Sample]:
    """`many` says 60 things of poor quality, `good` says 3 good ones; so many leads below, good above."""
    rng = np.random.default_rng(0)
    found = []
    for p in range(150):
        found.append(Sample(f"p{p:03}", f"c{rng.integers(60)}", float(rng.random() < 0.08) + 1, "many"))
        name = f"q{p:03}" if other_prompts else f"p{p:03}"
        found.append(Sample(name, f"c{rng.integers(3)}", float(rng.choice([2, 3])), "good"))
    return found


@pytest.mark.parametrize("other_prompts", [False, True])
def test_planted_leads_and_a_planted_flip_are_found_with_and_without_common_prompts(other_prompts: bool) -> None:
    gated = measure_set(set_store(planted(other_prompts=other_prompts)), FAST)
    where: dict[str, object] = {"domain": None, "budget": 10}
    verdicts = {floor: entry(gated, "set_comparisons", "verdict", **where, floor=floor) for floor in (None, 2.0, 3.0)}
    assert verdicts == {None: "b leads", 2.0: "a leads", 3.0: "a leads"}
    flip = rows(gated, "set_flips", **where).row(0, named=True)
    assert (flip["leader_below"], flip["leader_above"], flip["verdict"]) == ("many", "good", "flip")
    winners = [entry(gated, "set_winner_map", "winner", **where, floor=floor) for floor in (1.0, 3.0)]
    assert winners == ["many", "good"]


def test_a_difference_is_that_of_the_two_sets() -> None:
    samples = random_set(13, model="a") + random_set(13, model="b", better=1.0)
    gated = measure_set(set_store(samples), FAST)
    for floor in (None, 3.0, 4.0):
        a, b = (entry(gated, "set_diversity", "value", model=m, domain=None, floor=floor, budget=10) for m in "ab")
        assert entry(gated, "set_comparisons", "difference", domain=None, floor=floor, budget=10) == pytest.approx(a - b)  # type: ignore[operator]


def test_copies_cannot_be_told_apart() -> None:
    samples = random_set(14)
    gated = measure_set(set_store([*samples, *(s._replace(model="b") for s in samples)]), FAST)
    assert set(gated.tables["set_comparisons"]["verdict"]) == {"cannot tell"}
    assert set(gated.tables["set_flips"]["verdict"]) == {"none"}


def test_common_prompts_make_the_band_narrower_where_hard_ones_are_hard_for_both() -> None:
    rng = np.random.default_rng(15)
    hard = rng.normal(0, 2, 100)
    widths = []
    for name in ("p", "q"):
        samples = [
            Sample(f"{prompt}{p:03}", f"c{rng.integers(50)}", float(np.round(3 + hard[p] + rng.normal(0, 0.6))), model)
            for model, prompt in (("a", "p"), ("b", name)) for p in range(100)
        ]  # fmt: skip
        row = rows(measure_set(set_store(samples), FAST), "set_comparisons", domain=None, floor=3.0, budget=1)
        widths.append(float((row["high"] - row["low"])[0]))
    assert widths[0] < 0.75 * widths[1]


def test_prompts_are_those_of_the_smaller_set_of_each_pair() -> None:
    samples = random_set(16, model="a") + random_set(16, model="b", prompts=50) + random_set(16, model="c", prompts=40)
    gated = measure_set(set_store(samples), FAST)
    for table in ("set_comparisons", "set_flips"):
        pairs = gated.tables[table].select("model_a", "model_b", "prompts").unique().sort(pl.all())
        assert pairs.rows() == [("a", "b", 50), ("a", "c", 40), ("b", "c", 40)]
    assert set(gated.tables["set_winner_map"]["prompts"]) == {40}


def test_under_twenty_prompts_there_are_differences_without_verdicts() -> None:
    gated = measure_set(set_store([s for m in "ab" for s in random_set(17, model=m, prompts=12)]), FAST)
    table = gated.tables["set_comparisons"]
    assert table.height
    assert set(table["verdict"]) == {"cannot tell"}
    assert table["low"].is_null().all()
    assert table["prompts_to_decide"].is_null().all()
    assert any(r.reason == "needs 20 prompts in each set, got 12" for r in gated.not_run)


def test_a_store_of_one_model_compares_nothing_and_says_so() -> None:
    gated = measure_set(set_store(random_set(18)), FAST)
    assert gated.tables["set_comparisons"].is_empty()
    assert [r.analysis for r in gated.not_run] == ["comparisons of sets", "filter effect", "openness of domains"]


def test_models_need_the_same_domain_and_no_common_prompt() -> None:
    found = compared_sets({"a": {0: 50, 1: 50}, "b": {0: 40, 1: 30}, "c": {2: 90}}, ())
    assert found.models == ("a", "b")
    assert found.left_out == ("c: is in only 0 of the 2 domains that are compared; --compare includes it",)
    assert [domain for domain, _ in found.groups()] == [None, 0, 1]


def test_asked_models_are_compared_where_both_are() -> None:
    found = compared_sets({"a": {0: 50, 1: 50}, "b": {0: 40}, "c": {1: 90}}, ("b", "a", "c"))
    assert found.shared == frozenset()
    assert list(found.groups()) == [(0, ("a", "b")), (1, ("a", "c"))]


def test_a_small_set_does_not_hold_up_the_others() -> None:
    found = compared_sets({"a": {0: 50, 1: 50}, "b": {0: 50, 1: 50}, "c": {0: 50, 1: 5}, "d": {0: 5}}, ())
    assert found.models == ("a", "b", "c")
    assert found.left_out == ("d: its sets hold fewer than 20 prompts, too few to compare",)
    assert found.small == (("c", 1),)
    assert list(found.groups()) == [(None, ("a", "b", "c")), (0, ("a", "b", "c")), (1, ("a", "b"))]


def test_an_unknown_model_is_named_with_those_that_are_near() -> None:
    with pytest.raises(InputError, match=r"no model 'gpd' to compare.*gpt"):
        compared_sets({"gpt": {0: 50}, "claude": {0: 50}}, ("gpd", "claude"))


def test_at_most_twenty_are_compared() -> None:
    found = compared_sets({f"m{i:02}": {0: 50} for i in range(22)}, ())
    assert len(found.models) == 20
    assert len(found.left_out) == 2


def test_asked_floors_and_budgets_are_shown_and_what_cannot_be_is_said() -> None:
    gated = measure_set(set_store(random_set(19)), Options(floors=(2.5,), budgets=(25, 60, 900), draws=200))
    assert 2.5 in gated.summary.floors
    assert {25, 60} <= set(gated.summary.budgets)
    assert 25 in gated.summary.interval_budgets
    assert any("budget 900 is not shown: no set has so many samples, the most are 60" in n for n in gated.summary.notes)
    assert any("budget 60 has no interval" in n for n in gated.summary.notes)


def test_ungated_sets_have_one_row_a_budget() -> None:
    gated = measure_set(set_store(random_set(20), quality=None), FAST)
    assert gated.summary.floors == ()
    assert gated.tables["set_diversity"]["floor"].is_null().all()


def test_unequal_samples_per_prompt_are_noted() -> None:
    twice = [s for s in random_set(21, model="a") for _ in range(2)]
    gated = measure_set(set_store([*twice, *random_set(21, model="b")]), FAST)
    assert any(note.startswith("sets hold 1 to 2 samples per prompt") for note in gated.summary.notes)


def test_a_judge_of_the_models_own_family_is_cautioned() -> None:
    samples = random_set(22, model="gpt-4o")
    gated = measure_set(set_store(samples), Options(judge="gpt-4", draws=200))
    assert [c.models for c in gated.summary.warnings] == [("gpt-4o",)]


def test_hit_probabilities_up_to_some_members_are_the_first_of_all() -> None:
    assert (hit_probability(9, [1, 4], members=3) == hit_probability(9, [1, 4])[:4]).all()
    assert hit_probability(2, [1], members=5).shape == (3, 1)


@pytest.mark.parametrize("seed", range(3))
def test_every_value_of_a_run_is_brute_force(seed: int) -> None:
    samples = random_set(seed, prompts=9, classes=4)
    table = measure_set(set_store(samples), FAST).tables["set_diversity"].filter(pl.col("domain").is_null())
    for row in table.iter_rows(named=True):
        floor = UNGATED if row["floor"] is None else row["floor"]
        assert row["value"] == pytest.approx(average_distinct([(s.label, s.quality) for s in samples], floor, row["budget"]))
