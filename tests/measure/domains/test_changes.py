"""Changes from a reference by domain: values by hand, which way is wider, and worlds with nothing to compare."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.measure.domains.worlds import Answers, axes_of, seen_of, table, world
from tests.measure.samples import Cell
from triaxis import diversity
from triaxis.errors import InputError
from triaxis.measure.comparisons import Delta
from triaxis.measure.domains.bands import band_of
from triaxis.measure.domains.change_rows import Change, effect_rows
from triaxis.measure.domains.changes import domain_changes_of_counts
from triaxis.measure.domains.flips import flip_floors
from triaxis.measure.domains.level_changes import domain_changes_of_texts
from triaxis.measure.domains.openness import openness_of_prompts
from triaxis.measure.domains.pairs import changes_of
from triaxis.measure.options import Options
from triaxis.measure.outcome import AnswerOptions, Outcome
from triaxis.measure.tables import Resampling
from triaxis.protocols import Diversity
from triaxis.registry import create
from triaxis.results import ModelInfo

OPTIONS = Options(draws=200)
PAIR = ("base", "tuned")
RICH: Cell = [("a", 1.0), ("b", 1.0), ("c", 0.0), ("d", 0.0)]
POOR: Cell = [("a", 1.0), ("a", 1.0), ("a", 1.0), ("b", 1.0)]
SAME: Cell = [("a", 1.0), ("b", 1.0), ("c", 0.0), ("c", 0.0)]
VARIED: Answers = [("red fox runs", 1.0), ("blue jay sings", 1.0), ("old owl hunts", 1.0), ("grey elk walks", 1.0)]
ALIKE: Answers = [("red fox runs", 1.0), ("red fox sings", 1.0), ("red fox hunts", 1.0), ("red fox walks", 1.0)]
HALF: Answers = [("red fox runs", 1.0), ("red fox sings", 1.0), ("old owl hunts", 1.0), ("grey elk walks", 1.0)]


def metrics(*names: str) -> tuple[Diversity, ...]:
    diversity.register_all()
    return tuple(create("diversity", name) for name in names)


def rows(outcome: Outcome, **where: Any) -> list[dict[str, Any]]:
    whole = table("domain_changes", outcome.tables["domain_changes"])
    return whole.filter(**where).to_dicts() if where else whole.to_dicts()


def two_domains(tuned: Sequence[Cell], count: int = 12) -> Outcome:
    """Base and tuned in verse, where tuned has the cells `tuned` in turn, and in sums, where the two do not differ."""
    store = world({
        ("base", "verse"): [RICH] * count, ("tuned", "verse"): [tuned[n % len(tuned)] for n in range(count)],
        ("base", "sums"): [POOR] * count, ("tuned", "sums"): [POOR] * count,
    })  # fmt: skip
    return domain_changes_of_counts(store, axes_of(store), OPTIONS, changes=[PAIR])


class TestCounts:
    """U and D of classes."""

    def test_a_difference_is_model_less_reference_on_the_prompts_that_both_have(self) -> None:
        (row,) = (r for r in rows(two_domains([POOR, SAME]), metric="U(4)", domain="verse") if r["floor"] is None)
        assert (row["value_reference"], row["value_model"], row["difference"]) == (4.0, 2.5, -1.5)
        assert (row["verdict"], row["prompts"], row["prompts_left"], row["direction"]) == ("narrows", 12, 12, "more diverse")
        assert row["low"] < -1.5 < row["high"] < 0

    def test_above_the_bar_the_same_pair_can_be_undecided(self) -> None:
        (row,) = rows(two_domains([POOR, SAME]), metric="U(4)", domain="verse", floor=1.0)
        assert (row["difference"], row["verdict"]) == (0.0, "cannot tell")  # every prompt: 2 and 2; nothing varies

    def test_given_usable_counts_only_prompts_where_both_have_enough(self) -> None:
        (row,) = rows(two_domains([POOR, SAME]), metric="D(3)", domain="verse", floor=1.0)
        assert (row["value_model"], row["prompts_left"]) == (None, 0)  # the base has 2 usable samples

    def test_all_domains_come_first_and_average_over_prompts(self) -> None:
        first = rows(two_domains([POOR, SAME]))[0]
        assert (first["domain"], first["metric"], first["difference"], first["prompts"]) == (None, "U(4)", -0.75, 24)

    def test_a_change_of_nothing_worth_naming_is_the_same_within_delta(self) -> None:
        wide: Cell = [(f"c{n}", 1.0) for n in range(20)]
        less: Cell = [*wide[:19], wide[0]]
        store = world({("base", "verse"): [wide, less] * 10, ("tuned", "verse"): [less, wide] * 10})
        found = domain_changes_of_counts(store, axes_of(store), OPTIONS, changes=[PAIR])
        assert {row["verdict"] for row in rows(found, metric="U(20)")} == {"same within delta"}

    def test_under_ten_prompts_there_is_a_value_and_no_verdict(self) -> None:
        (row,) = (r for r in rows(two_domains([POOR], count=3), metric="U(4)", domain="verse") if r["floor"] is None)
        assert (row["difference"], row["low"], row["verdict"]) == (-2.0, None, "cannot tell")

    def test_one_domain_is_shown_under_its_name_too(self) -> None:
        store = world({("base", "verse"): [RICH] * 12, ("tuned", "verse"): [POOR, SAME] * 6})
        found = domain_changes_of_counts(store, axes_of(store), OPTIONS, changes=[PAIR])
        assert {row["domain"] for row in rows(found)} == {None, "verse"}

    def test_models_that_share_no_prompt_are_not_run(self) -> None:
        store = world({("base", "verse"): [RICH] * 12, ("tuned", "sums"): [POOR] * 12})
        found = domain_changes_of_counts(store, axes_of(store), OPTIONS, changes=[PAIR])
        assert found.tables["domain_changes"] == []
        assert [line.reason for line in found.not_run] == ["tuned shares no prompt with base"]

    def test_one_draw_is_a_usable_share_and_no_diversity(self) -> None:
        store = world({(model, "verse"): [[("a", 1.0)], [("a", 0.0)]] * 6 for model in PAIR})
        found = domain_changes_of_counts(store, axes_of(store), OPTIONS, changes=[PAIR])
        assert found.tables["domain_changes"] == []
        assert "needs 2 samples of both" in found.not_run[0].reason

    def test_openness_is_told_by_the_other_models(self) -> None:
        store = world({
            ("base", "verse"): [RICH] * 12, ("tuned", "verse"): [POOR, SAME] * 6, ("other", "verse"): [RICH, POOR] * 6
        })  # fmt: skip
        axes = axes_of(store)
        opened = openness_of_prompts(store, axes, [PAIR])
        found = domain_changes_of_counts(store, axes, OPTIONS, changes=[PAIR], openness=opened)
        (row,) = (r for r in rows(found, metric="U(4)", domain="verse") if r["floor"] is None)
        assert row["openness"] == pytest.approx((1.75 + 3.0) / 2)  # 3 samples of a, a, a, b; of four kinds
        effect = table("openness_effect", found.tables["openness_effect"]).filter(metric="U(4)", domain="verse").to_dicts()[0]
        assert (effect["rho"], effect["count"], effect["across"]) == (pytest.approx(-1.0), 12, "prompts")


class TestTexts:
    """Metrics of what is written."""

    def seen(self, tuned: Sequence[Answers], *names: str, **how: Any) -> Any:
        cells = {("base", "verse"): [VARIED] * 12, ("tuned", "verse"): [tuned[n % len(tuned)] for n in range(12)]}
        return seen_of(cells, metrics(*names), size=4, **how)

    def test_a_metric_that_falls_with_diversity_narrows_when_it_rises(self) -> None:
        found = domain_changes_of_texts(self.seen([ALIKE, HALF], "self-bleu", "distinct:1"), OPTIONS, changes=[PAIR])
        by_metric = {row["metric"]: row for row in rows(found, domain="verse")}
        assert by_metric["distinct:1"]["value_reference"] == 1.0
        assert by_metric["distinct:1"]["value_model"] == pytest.approx((6 + 10) / 2 / 12)
        assert by_metric["distinct:1"]["difference"] < 0 < by_metric["self-bleu"]["difference"]
        assert {row["verdict"] for row in by_metric.values()} == {"narrows"}
        assert {row["direction"] for row in by_metric.values()} == {"more diverse", "less diverse"}

    def test_floors_that_nobody_passes_have_no_value(self) -> None:
        found = domain_changes_of_texts(self.seen([ALIKE], "distinct:1", floors=[9.0]), OPTIONS, changes=[PAIR])
        assert [(r["value_model"], r["verdict"], r["prompts_left"]) for r in rows(found, floor=9.0, domain="verse")] == [
            (None, "cannot tell", 0)
        ]

    def test_a_metric_without_values_says_why(self) -> None:
        small = seen_of({("base", "v"): [VARIED] * 12, ("tuned", "v"): [VARIED] * 12}, metrics("distinct:1"), size=9)
        found = domain_changes_of_texts(small, OPTIONS, changes=[PAIR])
        assert rows(found) == []
        assert [line.reason for line in found.not_run] == ["base to tuned: needs 9 usable answers to a prompt"]

    def test_an_absolute_delta_counts_classes_and_is_not_used_for_words(self) -> None:
        options = Options(draws=200, delta=Delta(1.0, is_share=False))
        found = domain_changes_of_texts(self.seen([ALIKE], "distinct:1"), options, changes=[PAIR])
        assert rows(found)[0]["delta"] == pytest.approx(0.1)

    def test_answers_to_other_prompts_are_not_held_against_each_other(self) -> None:
        cells = {("base", "verse"): [VARIED] * 12, ("tuned", "sums"): [VARIED] * 12}
        found = domain_changes_of_texts(seen_of(cells, metrics("distinct:1")), OPTIONS, changes=[PAIR])
        assert [line.reason for line in found.not_run] == ["tuned shares no prompt with base"]


class TestSets:
    """One answer to a prompt: a cell is a whole set."""

    def seen(self, words: int, count: int = 60) -> Any:
        rng = np.random.default_rng(1)
        cells = {
            ("base", "verse"): [[(f"w{rng.integers(500)} v{rng.integers(500)}", 1.0)] for _ in range(count)],
            ("tuned", "verse"): [[(f"w{rng.integers(words)} v{rng.integers(words)}", 1.0)] for _ in range(count)],
        }
        return seen_of(cells, metrics("distinct:1"), unit="set")

    def test_a_set_of_few_words_is_narrower(self) -> None:
        (row, twin) = rows(domain_changes_of_texts(self.seen(10), OPTIONS, changes=[PAIR]))
        assert (row["verdict"], row["size"], row["prompts"]) == ("narrows", 60, 60)
        assert row["value_model"] == pytest.approx(20 / 120, abs=0.02)
        assert (twin["domain"], twin["difference"]) == ("verse", row["difference"])

    def test_a_set_of_as_many_words_is_not_called_narrower(self) -> None:
        verdict = rows(domain_changes_of_texts(self.seen(500), OPTIONS, changes=[PAIR]))[0]["verdict"]
        assert verdict in ("same within delta", "cannot tell")

    def test_small_sets_are_not_run(self) -> None:
        (line,) = domain_changes_of_texts(self.seen(10, count=12), OPTIONS, changes=[PAIR]).not_run
        assert "needs 20 usable answers" in line.reason


class TestBands:
    """Bands over floors that not all prompts reach."""

    def test_constant_differences_have_a_mean_and_no_band(self) -> None:
        band = band_of(np.full((20, 2), 3.0), np.full((20, 2), 1.0), Resampling(200, 0))
        np.testing.assert_array_equal(band.mean, [2.0, 2.0])
        assert np.isnan(band.low).all()

    def test_a_floor_with_few_prompts_does_not_widen_the_others(self) -> None:
        rng = np.random.default_rng(0)
        first = rng.normal(size=(40, 1))
        alone = band_of(first, np.zeros((40, 1)), Resampling(500, 0))
        thin = np.where(np.arange(40)[:, None] < 9, 1.0 + first, np.nan)
        both = band_of(np.hstack([first, thin]), np.zeros((40, 2)), Resampling(500, 0))
        assert (both.low[0], both.high[0]) == pytest.approx((alone.low[0], alone.high[0]))
        assert np.isnan(both.low[1])
        assert both.kept.tolist() == [40, 9]

    def test_bands_cover_all_floors_at_once_where_prompts_thin_out(self) -> None:
        covered = 0
        for seed in range(60):
            rng = np.random.default_rng(seed)
            values = rng.exponential(size=(40, 1)) + 0.5 * rng.normal(size=(40, 4)) - 1.0
            values[rng.random((40, 4)) < np.array([0.0, 0.2, 0.4, 0.6])] = np.nan
            band = band_of(values, np.zeros_like(values), Resampling(300, seed))
            known = ~np.isnan(band.low)
            covered += bool(((band.low <= 0) & (band.high >= 0))[known].all())
        assert covered >= 53  # 95 % of 60 is 57, less two standard deviations


class TestPairs:
    """Which models are held against which."""

    def test_the_reference_is_held_against_all_others(self) -> None:
        pairs, missing = changes_of(("a", "b", "c"), Options(answers=AnswerOptions(reference="b")))
        assert pairs == (("b", "a"), ("b", "c"))
        assert missing == ()

    def test_a_wrong_name_is_refused_with_near_ones(self) -> None:
        with pytest.raises(InputError, match=r"no model 'olmo'.*near.*olmo-2"):
            changes_of(("olmo-2", "llama"), Options(answers=AnswerOptions(reference="olmo")))

    def test_a_reference_under_another_gate_is_not_run_here(self) -> None:
        pairs, missing = changes_of(("a",), Options(answers=AnswerOptions(reference="b")), elsewhere=("b",))
        assert pairs == ()
        assert "under this gate" in missing[0].reason

    def test_bases_come_from_the_model_table(self) -> None:
        options = Options(models=(ModelInfo(model="b", base="a"), ModelInfo(model="d", base="c")))
        pairs, missing = changes_of(("a", "b", "d"), options)
        assert pairs == (("a", "b"),)
        assert [line.reason for line in missing] == ["d needs samples of its base c"]

    def test_without_either_it_says_what_to_type(self) -> None:
        assert "--reference MODEL" in changes_of(("a", "b"), Options())[1][0].reason

    def test_more_than_twenty_are_left_out_and_counted(self) -> None:
        pairs, missing = changes_of([f"m{n:02}" for n in range(30)], Options(answers=AnswerOptions(reference="m00")))
        assert len(pairs) == 20
        assert missing[0].reason.startswith("9 models are not held against m00")


class TestOpennessEffect:
    """Openness against the change, over prompts and over domains."""

    def change(self, domains: int, direction: str = "more diverse") -> Change:
        names = np.repeat([f"d{n}" for n in range(domains)], 12).astype(object)
        openness = np.repeat(np.arange(domains, dtype=float), 12)[:, None] + np.linspace(0, 0.5, 12 * domains)[:, None]
        side = 10 - openness if direction == "less diverse" else 10 + openness
        before = np.full_like(side, 12.0)
        return Change(PAIR, "lexical", "m", direction, None, np.array([-np.inf]), names, before, side, openness)

    def test_the_change_is_a_share_of_both_values(self) -> None:
        before, after = np.array([[1.0], [3.0], [0.0], [np.nan]]), np.array([[3.0], [1.0], [0.0], [1.0]])
        change = Change(PAIR, "lexical", "m", "less diverse", None, np.array([-np.inf]), np.array(["v"] * 4), before, after)
        np.testing.assert_array_equal(change.widening, [[-0.5], [0.5], [0.0], [np.nan]])

    @pytest.mark.parametrize("direction", ["more diverse", "less diverse"])
    def test_rho_is_positive_where_open_tasks_widen_whichever_way_the_metric_goes(self, direction: str) -> None:
        whole = table("openness_effect", list(effect_rows(self.change(6, direction), resampling=Resampling(200, 0))))
        found = {(row["across"], row["domain"]): row for row in whole.to_dicts()}
        assert found["prompts", None]["rho"] == pytest.approx(1.0)
        assert (found["domains", None]["rho"], found["domains", None]["count"]) == (pytest.approx(1.0), 6)

    def test_four_domains_are_too_few(self) -> None:
        whole = table("openness_effect", list(effect_rows(self.change(4), resampling=Resampling(200, 0))))
        assert set(whole["across"]) == {"prompts"}

    def test_the_flip_floor_is_the_first_with_the_other_sign(self) -> None:
        floors = np.array([-np.inf, 1.0, 2.0, 3.0])
        first = np.array([[0.0, 2.0, 1.0, 0.0], [2.0, 2.0, 2.0, 2.0], [1.0, np.nan, 0.0, 2.0]])
        np.testing.assert_array_equal(flip_floors(first, np.ones_like(first), floors), [1.0, np.nan, 3.0])
        assert pl.Series(flip_floors(np.ones_like(first), np.ones_like(first), floors)).is_nan().all()
