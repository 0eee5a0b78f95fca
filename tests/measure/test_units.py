"""Ingest for sets, calibrated rules, checkers and costs: what the run store then holds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.measure.samples import batch, measured, store_of
from triaxis import measure
from triaxis.diversity.equivalence import Topical
from triaxis.measure.ingest import IngestOptions, ingest
from triaxis.measure.options import Options
from triaxis.measure.run import Provenance, measure_batches
from triaxis.measure.store import RunStore, add
from triaxis.protocols import Progress

WORDS = ("red", "green", "blue", "grey")


def rows_of(*answers: tuple[str, str], model: str = "m", domain: str | None = None) -> list[dict[str, Any]]:
    """One sample a (prompt, response)."""
    return [
        {"prompt_id": p, "response": text, "label": text, "model": model, "domain": domain, "quality": 1.0} for p, text in answers
    ]


def classes(store: RunStore) -> list[int]:
    """Samples of each class over the whole store, descending."""
    whole = pl.concat(list(store.frames())).group_by("class").agg(pl.col("count").sum())
    return sorted(whole["count"].to_list(), reverse=True)


class TestSets:
    """Classes of a set are comparable between prompts only where the rule says so."""

    ANSWERS = (("p1", "red"), ("p2", "red"), ("p3", "blue"))

    @pytest.mark.parametrize(
        ("equivalence", "expected"),
        [
            ("exact", [2, 1]),
            ("normalised", [2, 1]),
            ("column:label@set", [2, 1]),
            ("lexical", [2, 1]),
            ("column:label", [1, 1, 1]),
            ("column:label@prompt", [1, 1, 1]),
        ],
    )
    def test_labels_of_a_prompt_differ_between_prompts(self, equivalence: str, expected: list[int]) -> None:
        assert classes(store_of(rows_of(*self.ANSWERS), equivalence, unit="set")) == expected

    def test_a_pairwise_rule_cuts_each_domain_to_its_own_n(self) -> None:
        rows = [
            row
            for domain, sizes in (("x", {"a": 30, "b": 25}), ("y", {"a": 50, "b": 40}))
            for model, n in sizes.items()
            for row in rows_of(*((f"{domain}{i}", f"word{i}") for i in range(n)), model=model, domain=domain)
        ]
        store = store_of(rows, "lexical", unit="set")
        assert store.header.common_by_domain == {"x": 25, "y": 40}
        assert store.header.common_n is None
        sizes = store.sizes().group_by("model", "domain").agg(pl.col("size").sum())
        assert sorted(sizes["size"]) == [25, 25, 40, 40]

    def test_models_keep_answers_to_the_same_prompts(self) -> None:
        prompts = [f"p{i}" for i in range(60)]
        rows = [
            *rows_of(*((p, f"a {p}") for p in prompts), model="a"), *rows_of(*((p, f"b {p}") for p in prompts), model="b"),
            *rows_of(*((p, f"c {p}") for p in prompts[:30]), model="c"),
        ]  # fmt: skip
        store = store_of(rows, "lexical", unit="set")
        whole = pl.concat(list(store.frames()))
        kept = {m: set(whole.filter(pl.col("model") == code)["prompt"]) for code, m in enumerate(store.models)}
        assert len(kept["a"]) == 30
        assert kept["a"] == kept["b"]

    def test_the_order_of_rows_does_not_matter(self) -> None:
        rows = [row for m in "ab" for row in rows_of(*((f"p{i}", WORDS[i % 4] * (i % 3 + 1)) for i in range(50)), model=m)]
        frame = batch(rows)
        one, other = (store_of(f, "lexical", unit="set") for f in (frame, frame.sample(fraction=1.0, shuffle=True, seed=3)))
        assert [f.sort(pl.all()).equals(g.sort(pl.all())) for f, g in zip(one.frames(), other.frames(), strict=True)] == [True]

    def test_prompts_with_several_samples_get_a_gate_of_their_own(self) -> None:
        rows = [{**row, "sample_index": i} for i in range(2) for row in rows_of(*((f"p{p}", f"word{p}") for p in range(30)))]
        results = measured(batch(rows), "exact", unit="set")
        assert [summary.gate.unit for summary in results.manifest.gates] == ["set", "prompt"]
        inside = results.to_frame("usable_diversity").filter(pl.col("domain").is_null(), pl.col("floor").is_null(), budget=2)
        across = results.to_frame("set_diversity").filter(pl.col("domain").is_null(), pl.col("floor").is_null(), budget=2)
        # each prompt repeats its one answer; two samples of the set are the same only where both are of one prompt: 1 in 59
        assert inside["value"].to_list() == [1.0]
        assert across["value"].to_list() == [pytest.approx(2 - 1 / 59)]

    def test_one_sample_per_prompt_leaves_the_inside_of_prompts_out(self) -> None:
        results = measured(batch(rows_of(*self.ANSWERS)), "exact", unit="set")
        assert [summary.gate.unit for summary in results.manifest.gates] == ["set"]
        assert any(missing.analysis == "diversity inside a prompt" for missing in results.manifest.not_run)
        assert not results.to_frame("usable_diversity").height


class Colours:
    """An embedder with one axis a word of `WORDS`, and a shared one; what it does not know points along the shared one."""

    name = "colours"

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        vectors = np.zeros((len(texts), len(WORDS) + 1), dtype=np.float32)
        for row, text in enumerate(texts):
            known = next((place for place, word in enumerate(WORDS) if word in text), len(WORDS))
            vectors[row, known] = 1.0
        return vectors


def topical_store(rows: list[dict[str, Any]], **options: Any) -> RunStore:
    (store,) = ingest([batch(rows)], IngestOptions(Topical(Colours(), threshold=0.9), "quality", **options)).stores
    return store


class TestVectors:
    """A rule of vectors is calibrated on the data, and leaves the spread of its vectors."""

    ROWS = tuple(
        {**row, "sample_index": i, "quality": float(i)}
        for p in range(12)
        for i, row in enumerate(rows_of(*((f"p{p}", f"{word} {p}") for word in ("red", "red", "blue"))))
    )

    def test_the_gate_says_what_the_threshold_rests_on(self) -> None:
        calibration = topical_store(list(self.ROWS)).header.calibration
        assert calibration is not None
        assert (calibration.encoder, calibration.threshold, calibration.prompts, calibration.pairs) == ("colours", 0.9, 12, 66)

    def test_classes_come_from_the_vectors_of_each_cell(self) -> None:
        assert topical_store(list(self.ROWS)).classes() == {"m": 24}

    def test_mean_cosine_distance_above_each_floor(self) -> None:
        # floor 0: red, red, blue: distances 0, 1, 1; floor 1: red, blue: 1; floor 2: one sample, no pair
        spread = topical_store(list(self.ROWS)).spread
        (steps,) = [rows for _, rows in spread.group_by("prompt") if rows["prompt"][0] == 0]
        distance = 1 - (steps["norm2"] - steps["count"]) / (steps["count"] * (steps["count"] - 1))
        assert dict(zip(steps["quality"], distance, strict=True)) | {2.0: None} == {
            0.0: pytest.approx(2 / 3), 1.0: pytest.approx(1.0), 2.0: None,
        }  # fmt: skip

    def test_the_answers_that_calibrate_do_not_depend_on_the_order_of_rows(self) -> None:
        frame = batch(list(self.ROWS))
        headers = [
            ingest([f], IngestOptions(Topical(Colours()), "quality")).stores[0].header.calibration
            for f in (frame, frame.sample(fraction=1.0, shuffle=True, seed=1))
        ]
        assert headers[0] == headers[1]

    def test_the_table_of_cosine_distance_and_the_caution_that_goes_with_it(self) -> None:
        rule = IngestOptions(Topical(Colours(), threshold=0.9), "quality")
        results, _ = measure_batches([batch(list(self.ROWS))], rule, Options(draws=200), lambda: Provenance("test"))
        (caution,) = results.manifest.gates[0].warnings
        assert "36 % of 537 labelled pairs" in caution.sentence
        table = results.to_frame("cosine_distance").filter(pl.col("domain").is_null())
        assert dict(table.select("floor", "value").iter_rows()) == {
            None: pytest.approx(2 / 3), 0.0: pytest.approx(2 / 3), 1.0: 1.0, 2.0: None,
        }  # fmt: skip


class TestCosts:
    """Sums of tokens and money by cell."""

    def rows(self) -> list[dict[str, Any]]:
        told = [(10, 5, 0.25), (10, 7, 0.5), (None, None, None)]
        return [
            {"prompt_id": "p", "response": f"r{i}", "model": "m", "sample_index": i, "quality": 1.0, "prompt_tokens": prompt,
             "tokens": tokens, "cost": cost}
            for i, (prompt, tokens, cost) in enumerate(told)
        ]  # fmt: skip

    def test_they_are_summed_with_the_number_of_samples_that_say_them(self) -> None:
        (row,) = store_of(self.rows(), "exact", costs=True).totals.to_dicts()
        del row["model"], row["prompt"], row["domain"]
        assert row == {
            "samples": 3, "prompt_tokens": 20, "with_prompt_tokens": 2, "tokens": 12, "with_tokens": 2, "cost": 0.75,
            "with_cost": 2,
        }  # fmt: skip

    def test_a_sample_without_quality_costs_nothing_here(self) -> None:
        rows = [{**row, "quality": None if i == 0 else 1.0} for i, row in enumerate(self.rows())]
        assert store_of(rows, "exact", costs=True).totals["tokens"].to_list() == [7]

    def test_stores_add_their_sums(self) -> None:
        first, second = (store_of(rows, "exact", costs=True) for rows in (self.rows()[:1], self.rows()[1:]))
        assert add([first, second]).totals["cost"].to_list() == [0.75]


class TestCheckers:
    """A quality that reads the answer, in the place of a column."""

    FRAME = pl.DataFrame(
        {"prompt": ["Input: 1 2 3 4"] * 3, "response": ["1*2*3*4 = 24", "1+2+3+4", "no idea"], "model": "m"}
    )

    def test_a_checker_is_named_like_a_column(self) -> None:
        results = measure.run(self.FRAME, quality="game-of-24", equivalence="one-class", draws=200)
        share = results.to_frame("usable_diversity").filter(pl.col("domain").is_null(), floor=1.0, budget=1)["value"]
        assert share.to_list() == [pytest.approx(1 / 3)]

    def test_a_column_of_that_name_counts_first(self) -> None:
        frame = self.FRAME.with_columns(pl.Series("game-of-24", [5.0, 6.0, 7.0]))
        results = measure.run(frame, quality="game-of-24", equivalence="exact", draws=200)
        assert results.manifest.gates[0].floors == (5.0, 6.0, 7.0)
