"""The profile of whole data sets: what stands in its tables, whatever is put in."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.measure.profile.planted import Row, seen_of, texts_of
from triaxis.measure.levels.choice import LevelOptions, chosen_metrics
from triaxis.measure.options import Options
from triaxis.measure.outcome import AnswerOptions, Outcome
from triaxis.measure.profile import profile_of_texts
from triaxis.measure.profile.run import thinned
from triaxis.results import TABLES

TABLES_HERE = ("profile", "holes", "axis_correlations")


def rows_of(count: int, *, seed: int = 0, each: int = 1) -> list[Row]:
    rng = np.random.default_rng(seed)
    texts = texts_of(0, count, rng)
    return [
        (f"p{place // each}", f"question {place // each}", text, float(rng.integers(0, 5))) for place, text in enumerate(texts)
    ]


def figures(found: Outcome, **wanted: object) -> pl.DataFrame:
    (table,) = found.tables["profile"]
    return table.filter(*(pl.col(name).eq_missing(pl.lit(value)) for name, value in wanted.items()))


def value(found: Outcome, measure: str, *, floor: float | None = None) -> float | None:
    (row,) = figures(found, measure=measure, floor=floor, domain=None, model="m")["value"].to_list()
    return None if row is None else float(row)


def test_every_table_has_its_columns_and_stands_under_the_only_domain_too() -> None:
    found = profile_of_texts(seen_of(rows_of(30), floors=[2.0]), Options())
    assert found.not_run == ()
    for name in TABLES_HERE:
        (table,) = found.tables[name]
        assert list(table.schema.items()) == [(column, kind) for column, kind in TABLES[name].items() if column != "gate"]
        assert (table["domain"].null_count() * 2) == table.height


def test_it_runs_for_sets_and_where_it_is_asked_for_and_says_when_there_are_no_texts() -> None:
    seen = seen_of(rows_of(12), unit="prompt")
    assert profile_of_texts(seen, Options()) == Outcome()
    asked = Options(answers=AnswerOptions(profile=True))
    assert profile_of_texts(seen, asked).tables["profile"][0].height
    assert profile_of_texts(seen._replace(cells=[]), asked).not_run[0].reason.startswith("needs texts")


def test_quality_by_hand() -> None:
    rows: list[Row] = [(f"p{place}", "q", f"answer {place}", float(place)) for place in range(4)]
    found = profile_of_texts(seen_of(rows, floors=[2.0, 3.0]), Options())
    assert value(found, "mean") == 1.5
    assert value(found, "median") == 1.5
    assert value(found, "share at or above the floor", floor=2.0) == 0.5
    assert value(found, "share at or above the floor", floor=3.0) == 0.25
    assert figures(found, measure="share scored")["reason"][0] == "rows without a quality were not counted"


def test_the_share_scored_is_that_of_the_whole_run_where_it_is_counted() -> None:
    counts = pl.DataFrame({"model": ["m"], "domain": pl.Series([None], dtype=pl.String), "samples": [40], "measured": [30]})
    found = profile_of_texts(seen_of(rows_of(30), floors=[2.0]), Options(), tables={"cells": counts})
    (row,) = figures(found, measure="share scored", domain=None).to_dicts()
    assert (row["value"], row["rows"], row["unmeasured"]) == (0.75, 40, 10)
    assert row["low"] < 0.75 < row["high"]


def test_planted_copies_are_counted_exactly_and_chance_gives_none() -> None:
    rng = np.random.default_rng(0)
    texts = [f"{text} only{place} this{place} has{place} these{place}" for place, text in enumerate(texts_of(0, 90, rng))]
    texts += [f"{text}!" for text in texts[:10]]
    rows = [(f"p{place}", f"question {place} {text}", text, 1.0) for place, text in enumerate(texts)]
    found = profile_of_texts(seen_of(rows), Options())
    assert value(found, "near-duplicate responses, words 0.8") == 0.2
    assert value(found, "distinct responses, exact") == 1.0
    assert value(found, "distinct responses, normalised") == 0.9
    assert figures(found, measure="near-duplicate responses, words 0.8", domain=None)["null"][0] == 0.0


def test_the_null_of_answers_to_one_prompt_is_answers_to_other_prompts() -> None:
    rows: list[Row] = [(f"p{one}", None, f"just{one} the{one} same{one} here", 1.0) for one in range(12) for _ in range(2)]
    found = profile_of_texts(seen_of(rows), Options())
    (row,) = figures(found, measure="near-duplicate responses, words 0.8", domain=None).to_dicts()
    assert (row["value"], row["null"]) == (1.0, 0.0)


def test_the_null_of_domains_is_pairs_across_them() -> None:
    texts = [*["one and the same text"] * 10, *[f"own{place} words{place} of{place} this{place}" for place in range(10)]]
    rows: list[Row] = [(f"p{place}", None, text, 1.0) for place, text in enumerate(texts)]
    found = profile_of_texts(seen_of(rows, domains=["a", "b"] * 10), Options())
    near = figures(found, measure="near-duplicate responses, words 0.8").select("domain", "value", "null").rows()
    assert near == [(None, 0.5, 0.5), ("a", 0.5, 0.5), ("b", 0.5, 0.5)]


def test_prompts_are_looked_at_once_each() -> None:
    rows: list[Row] = [(f"p{place // 3}", f"what is number {place // 6} again", f"answer {place}", 1.0) for place in range(36)]
    found = profile_of_texts(seen_of(rows), Options())
    (row,) = figures(found, measure="near-duplicate prompts, words 0.8", domain=None).to_dicts()
    assert (row["value"], row["rows"]) == (1.0, 12)
    assert value(found, "distinct prompts, exact") == 0.5


def test_complexity_by_hand_with_rows_that_have_no_value() -> None:
    rows: list[Row] = [("a", "q", "one two three", 0.0), ("b", "q", "one", 1.0), ("c", "q", "", 1.0)]
    options = Options(levels=LevelOptions(complexity=("words", "flesch-kincaid")))
    found = profile_of_texts(seen_of(rows, floors=[1.0]), options)
    assert value(found, "words: mean") == pytest.approx(4 / 3)
    assert value(found, "words: mean", floor=1.0) == 0.5
    assert value(found, "flesch-kincaid: share without a value") == pytest.approx(1 / 3)
    assert figures(found, measure="flesch-kincaid: mean", domain=None, floor=1.0)["unmeasured"].to_list() == [1]


def test_the_runs_metrics_stand_in_the_profile_at_equal_size() -> None:
    metrics = chosen_metrics(LevelOptions(metrics=("distinct:1",)), has_vectors=False).metrics
    seen = seen_of(rows_of(30) + rows_of(60, seed=1), models=["a"] * 30 + ["b"] * 60)._replace(metrics=metrics)
    found = profile_of_texts(seen, Options())
    levels = found.tables["profile"][1]
    assert set(levels["rows"]) == {30}
    assert levels["value"].is_not_null().all()
    assert set(levels["measure"]) == {"distinct:1, 30 rows"}


HOSTILE: dict[str, list[Row]] = {
    "one row": [("p", "q", "one row", 1.0)],
    "all rows equal": [(f"p{place}", "the same", "the same text", 1.0) for place in range(30)],
    "no prompt is known": [(f"p{place}", None, f"answer {place}", float(place % 2)) for place in range(30)],
    "no quality is a number": [(f"p{place}", "q", f"answer {place}", float("nan")) for place in range(30)],
    "some qualities are no numbers": [(f"p{place}", "q", f"answer {place}", (1.0, np.nan)[place % 2]) for place in range(30)],
    "texts are empty": [(f"p{place}", "", "", 1.0) for place in range(30)],
    "texts are odd": [(f"p{place}", "\u202e\x00", "\ud800" if place % 2 else "\u200b" * 2000, 1.0) for place in range(30)],
    "one text is long": [("p", "q", "word " * 200_000, 1.0), ("p2", "q", "word " * 200_000, 1.0)],
}


@pytest.mark.parametrize("rows", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("floors", [(), (0.5,)])
def test_whatever_comes_is_a_number_or_a_reason(rows: list[Row], floors: tuple[float, ...]) -> None:
    if any("\ud800" in row[2] for row in rows):
        rows = [(prompt, asked, answer.replace("\ud800", "\ufffd"), quality) for prompt, asked, answer, quality in rows]
    found = profile_of_texts(seen_of(rows, floors=floors), Options())
    for name, figure in (("profile", "value"), ("axis_correlations", "rho")):
        for row in found.tables[name][0].to_dicts():
            assert row[figure] is not None or row["reason"], row
            assert row["low"] is None or row["low"] <= row[figure] + 1e-9 <= row["high"] + 2e-9, row


def test_qualities_that_are_no_numbers_are_counted_and_reach_no_floor() -> None:
    found = profile_of_texts(seen_of(HOSTILE["some qualities are no numbers"], floors=[0.5]), Options())
    assert value(found, "share scored") == 0.5
    assert value(found, "share at or above the floor", floor=0.5) == 1.0
    assert figures(found, measure="distinct responses, exact", floor=0.5, domain=None)["rows"].to_list() == [15]


def test_the_order_of_cells_and_the_run_do_not_matter() -> None:
    seen = seen_of(rows_of(60, each=2), floors=[2.0], domains=["a", "b"] * 30)
    turned = seen._replace(cells=seen.cells[::-1])
    first, second = (profile_of_texts(one, Options(draws=200)) for one in (seen, turned))
    assert all(first.tables[name][0].equals(second.tables[name][0]) for name in TABLES_HERE)


def test_another_seed_is_another_draw_and_the_same_values() -> None:
    seen = seen_of(rows_of(60), floors=[2.0])
    one, two = (figures(profile_of_texts(seen, Options(draws=200, seed=seed)), measure="mean") for seed in (0, 1))
    assert one["value"].equals(two["value"])
    assert not one["low"].equals(two["low"])


def test_many_floors_are_thinned_and_those_asked_for_kept() -> None:
    floors = np.r_[-np.inf, np.arange(100.0)]
    found = thinned(floors, (37.0,))
    assert found[0] == -np.inf
    assert found[-1] == 99.0
    assert 37.0 in found
    assert found.size == 9
    assert thinned(floors[:8], ()).size == 8


def test_a_complexity_measure_that_cannot_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from triaxis.errors import MissingDependency
    from triaxis.measure.profile import complexity

    def missing(name: str) -> None:
        raise MissingDependency("needs a package")

    monkeypatch.setattr(complexity, "parse_measure", missing)
    options = replace(Options(), levels=LevelOptions(complexity=("words",)))
    found = profile_of_texts(seen_of(rows_of(12)), options)
    assert [one.reason for one in found.not_run] == ["needs a package"]
