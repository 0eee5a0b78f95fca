"""Batches to run stores: blind to the order and split of rows, with everything that cannot be measured counted."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.measure.samples import average_distinct, batch, cell_rows, measured, random_batch, shuffled, store_of
from triaxis.diversity.equivalence import parse_equivalence
from triaxis.errors import RecordsError
from triaxis.measure.bucket import REPEATED
from triaxis.measure.buffer import BUCKETS, RowBuffer
from triaxis.measure.ingest import Ingested, IngestOptions, ingest
from triaxis.measure.names import Names, sorted_codes
from triaxis.measure.pairwise_labels import cut_and_label
from triaxis.measure.pairwise_labels import given as given_name
from triaxis.results import Results

RULES = ["column:label", "exact", "lexical"]
SEEDS = st.integers(0, 10**6)


def assert_same_tables(first: Results, second: Results) -> None:
    assert first.manifest == second.manifest
    for name, frame in first.tables.items():
        assert_frame_equal(frame, second.tables[name], check_exact=True)


def ingested(rows: list[dict[str, Any]], equivalence: str = "column:label", **options: Any) -> Ingested:
    return ingest([batch(rows)], IngestOptions(parse_equivalence(equivalence), "quality", **options))


def lost_of(rows: list[dict[str, Any]], equivalence: str = "column:label", **options: Any) -> dict[str, int]:
    """Unmeasured samples by reason."""
    return dict(store_of(rows, equivalence, **options).lost.select("reason", "samples").iter_rows())


class TestTheWayRowsComeDoesNotMatter:
    """Whole tables, equal to the bit."""

    @pytest.mark.parametrize("numbered", [True, False], ids=["sample_index", "no sample_index"])
    @pytest.mark.parametrize("rule", RULES)
    @given(seed=SEEDS)
    @settings(max_examples=5)
    def test_order(self, rule: str, numbered: bool, seed: int) -> None:
        frame = random_batch(seed, numbered=numbered)
        assert_same_tables(measured(shuffled(frame, seed), rule), measured(frame, rule))

    @pytest.mark.parametrize("rule", RULES)
    @given(seed=SEEDS, size=st.integers(1, 30))
    @settings(max_examples=4)
    def test_split_into_batches(self, rule: str, seed: int, size: int) -> None:
        frame = random_batch(seed)
        assert_same_tables(measured(list(frame.iter_slices(size)), rule), measured(frame, rule))

    @pytest.mark.parametrize("rule", RULES)
    @given(seed=SEEDS)
    @settings(max_examples=4)
    def test_memory_or_disk(self, rule: str, seed: int) -> None:
        frame = random_batch(seed)
        slices = list(shuffled(frame, seed).iter_slices(17))
        assert_same_tables(measured(slices, rule, memory=1), measured(frame, rule))

    @given(seed=SEEDS)
    @settings(max_examples=4)
    def test_order_with_repeated_sample_indexes(self, seed: int) -> None:
        frame = random_batch(seed).with_columns(pl.col("sample_index") // 2)
        for rule in RULES:
            assert_same_tables(measured(shuffled(frame, seed), rule), measured(frame, rule))

    @given(seed=SEEDS)
    @settings(max_examples=4)
    def test_order_with_several_quality_sources(self, seed: int) -> None:
        frame = random_batch(seed).with_columns(quality_source=pl.col("label").replace_strict({"red": "x"}, default="y"))
        assert_same_tables(measured(shuffled(frame, seed)), measured(frame))

    @given(seed=SEEDS)
    @settings(max_examples=4)
    def test_examples_to_look_at(self, seed: int) -> None:
        frame = random_batch(seed)
        whole = measured(frame, "exact", examples=3)
        assert len(whole.examples) == 3
        assert measured(list(shuffled(frame, seed).iter_slices(9)), "exact", examples=3).examples == whole.examples


@given(seed=SEEDS)
@settings(max_examples=5)
def test_renaming_the_classes_changes_no_table(seed: int) -> None:
    frame = random_batch(seed)
    renamed = frame.with_columns("class " + pl.col("label").str.to_uppercase())
    first, second = measured(frame), measured(renamed)
    for name, table in first.tables.items():
        assert_frame_equal(table, second.tables[name], abs_tol=1e-9)


class TestUnmeasured:
    """A failed measurement is not a number: counted, with its reason."""

    def test_null_and_nan_qualities_are_counted_and_leave_the_cell(self) -> None:
        rows = cell_rows([("a", 1.0), ("b", float("nan")), ("c", 2.0)])
        rows.append({**rows[0], "sample_index": 3, "quality": None})
        store = store_of(rows)
        assert store.sizes()["size"].to_list() == [2]
        assert store.lost.rows() == [("m", "(none)", "no quality", 2)]
        assert not np.isnan(store.qualities()[0]).any()

    @given(seed=SEEDS)
    @settings(max_examples=5)
    def test_samples_are_what_was_measured_and_what_was_not(self, seed: int) -> None:
        frame = random_batch(seed)
        results = measured(frame)
        missing = frame.filter(pl.col("quality").is_null() | pl.col("quality").is_nan())
        for (model, domain), rows in frame.group_by("model", "domain"):
            out = missing.filter(model=model, domain=domain).height
            (cells,) = results.to_frame("cells").filter(model=model, domain=domain).to_dicts()
            assert (cells["samples"], cells["samples"] - cells["measured"]) == (rows.height, out)
            counted = results.to_frame("unmeasured").filter(model=model, domain=domain, reason="no quality")
            assert counted["samples"].sum() == out
        whole = results.to_frame("cells").filter(pl.col("domain").is_null())
        assert whole["samples"].sum() == frame.height
        assert whole["measured"].sum() == frame.height - missing.height
        assert results.manifest.gates[0].samples == frame.height

    def test_a_missing_quality_is_no_low_quality(self) -> None:
        # of four samples two have a quality: U(1.0, 1) is the share of the measured ones, 1 of 2, not 1 of 4
        rows = cell_rows([("a", 1.0), ("b", 0.0), ("c", float("nan")), ("d", float("nan"))])
        table = measured(batch(rows)).to_frame().filter(floor=1.0, budget=1, domain="(none)")
        assert table["value"].to_list() == [0.5]
        assert table["usable_share"].to_list() == [0.5]

    def test_a_missing_label(self) -> None:
        rows = cell_rows([("a", 1.0), ("b", 2.0)])
        rows[1]["label"] = None
        assert lost_of(rows) == {"no class under column:label": 1}

    def test_a_repeated_sample_index_is_counted_once_whichever_comes_first(self) -> None:
        rows = [{**row, "sample_index": 0} for row in cell_rows([("a", 1.0), ("b", 2.0), ("c", 0.0)])]
        for order in (rows, rows[::-1]):
            store = store_of(order)
            assert lost_of(order) == {REPEATED: 2}
            assert store.qualities()[0].tolist() == [2.0]

    def test_strict_refuses_a_repeated_sample_index(self) -> None:
        rows = [{**row, "sample_index": 0} for row in cell_rows([("a", 1.0), ("b", 2.0)])]
        with pytest.raises(RecordsError, match=r"got 1 rows that repeat a sample_index; .* type --by model,COLUMN"):
            store_of(rows, strict=True)

    def test_the_same_index_in_another_model_prompt_or_domain_is_no_repeat(self) -> None:
        (row,) = cell_rows([("a", 1.0)])
        rows = [row, {**row, "model": "n"}, {**row, "prompt_id": "q"}, {**row, "domain": "d"}]
        assert lost_of(rows) == {}

    def test_rows_without_an_index_never_repeat(self) -> None:
        rows = [{**row, "sample_index": None} for row in cell_rows([("a", 1.0)] * 3)]
        assert store_of(rows).sizes()["size"].to_list() == [3]

    def test_a_row_without_a_prompt_belongs_to_no_cell(self) -> None:
        rows = [*cell_rows([("a", 1.0)]), *cell_rows([("a", 1.0), ("b", 1.0)], prompt=None)]  # type: ignore[arg-type]
        assert lost_of(rows) == {"no prompt or prompt_id, so no cell to belong to": 2}

    def test_no_prompt_at_all_says_what_to_type(self) -> None:
        with pytest.raises(RecordsError, match=r"got 1 rows without either.* type --map prompt=COLUMN"):
            store_of(cell_rows([("a", 1.0)], prompt=None))  # type: ignore[arg-type]

    def test_no_rows_at_all(self) -> None:
        with pytest.raises(RecordsError, match="at least one sample, got none"):
            ingest([], IngestOptions(parse_equivalence("exact"), None))


class TestQualitySources:
    """A floor never crosses two judges' scales."""

    ROWS = (
        *({**row, "quality_source": "x"} for row in cell_rows([("a", 1.0), ("b", 2.0)])),
        *({**row, "quality_source": "y"} for row in cell_rows([("a", 50.0), ("b", 60.0), ("c", 70.0)])),
    )

    def test_each_is_measured_apart(self) -> None:
        found = ingested(list(self.ROWS))
        assert [store.header.quality_source for store in found.stores] == ["x", "y"]
        assert [store.qualities()[0].tolist() for store in found.stores] == [[1, 2], [50, 60, 70]]
        assert found.sources == {"x": 2, "y": 3}

    def test_their_tables_stand_under_their_own_gates(self) -> None:
        table = measured(batch(list(self.ROWS))).to_frame()
        for label, group in table.group_by("gate"):
            floors = set(group["floor"].drop_nulls())
            assert floors == ({1.0, 2.0} if "(x)" in str(label) else {50.0, 60.0, 70.0})
        assert table["gate"].n_unique() == 2

    def test_one_can_be_chosen(self) -> None:
        (store,) = ingested(list(self.ROWS), source="y").stores
        assert store.header.quality_source == "y"

    def test_one_that_is_not_there_is_answered_with_those_that_are(self) -> None:
        with pytest.raises(RecordsError, match="no quality_source 'z'; there are: 'x', 'y'; leave --quality-source out"):
            ingested(list(self.ROWS), source="z")

    def test_a_sample_that_no_judge_scored_is_unmeasured_under_each(self) -> None:
        rows = [*self.ROWS, {**self.ROWS[0], "sample_index": 9, "quality": None, "quality_source": None}]
        found = ingested(rows)
        assert [store.lost.select("reason", "samples").rows() for store in found.stores] == [[("no quality", 1)]] * 2

    def test_a_sample_that_its_judge_did_not_score_is_unmeasured_under_that_judge(self) -> None:
        rows = [*self.ROWS, {**self.ROWS[0], "sample_index": 9, "quality": None, "quality_source": "x"}]
        found = ingested(rows)
        assert [store.lost["samples"].sum() for store in found.stores] == [1, 0]

    def test_a_stated_and_an_unstated_source_are_two(self) -> None:
        rows = cell_rows([("a", 1.0), ("b", 2.0)])
        rows[0]["quality_source"] = "x"
        assert [store.header.quality_source for store in ingested(rows).stores] == [None, "x"]


class TestWithoutQuality:
    """Nothing to gate: one ungated store."""

    def test_no_quality_column(self) -> None:
        frame = batch(cell_rows([("a", 1.0), ("b", 2.0)]))
        found = ingest([frame], IngestOptions(parse_equivalence("exact"), None))
        assert found.is_ungated
        assert found.stores[0].header.quality is None
        assert found.stores[0].sizes()["size"].to_list() == [2]

    def test_a_quality_column_without_a_number(self) -> None:
        found = ingested(cell_rows([("a", float("nan")), ("b", float("nan"))]))
        assert found.is_ungated
        assert found.stores[0].lost.height == 0


class TestPairwiseRules:
    """Classes that depend on which samples are present: cells are cut to one N."""

    def cells(self, sizes: list[int]) -> list[dict[str, Any]]:
        return [row for p, n in enumerate(sizes) for row in cell_rows([(f"word{i}", 1.0) for i in range(n)], prompt=f"p{p}")]

    def test_every_cell_is_cut_to_the_size_that_nine_in_ten_reach(self) -> None:
        store = store_of(self.cells([8] * 4 + [5] * 5 + [3]), "lexical")
        assert store.header.common_n == 5
        assert set(store.sizes()["size"]) == {5}
        assert dict(store.lost.select("reason", "samples").iter_rows()) == {
            "cell has fewer than the common N = 5 samples": 3,
            "not among the N = 5 samples that every cell is cut to": 12,
        }

    def test_the_seed_chooses_which_samples_stay(self) -> None:
        rows = self.cells([30] + [5] * 9)
        qualities = [{**row, "quality": float(i)} for i, row in enumerate(rows)]
        first, again, other = (store_of(qualities, "lexical", seed=seed).qualities()[0].tolist() for seed in (1, 1, 2))
        assert first == again != other

    def test_a_label_column_is_not_cut(self) -> None:
        store = store_of(self.cells([8, 3]))
        assert store.header.common_n is None
        assert sorted(store.sizes()["size"]) == [3, 8]

    @pytest.mark.parametrize("numbered", [True, False], ids=["sample_index", "no sample_index"])
    def test_the_cut_is_a_fair_draw_of_samples(self, numbered: bool) -> None:
        # one cell of 5 equal texts and 5 others is cut to 5: over seeds, distinct classes average what rarefaction says
        cell = [("same", 1.0)] * 5 + [(f"other{i}", 1.0) for i in range(5)]
        distinct = [self.kept(cell, 5, seed, numbered=numbered)[given_name("response")].n_unique() for seed in range(500)]
        assert abs(np.mean(distinct) - average_distinct(cell, 0.0, 5)) < 3 * np.std(distinct) / np.sqrt(len(distinct))

    def kept(self, cell: list[tuple[str, float]], size: int, seed: int, *, numbered: bool) -> pl.DataFrame:
        rows = batch(cell_rows(cell)).rename({"response": given_name("response"), "prompt": given_name("prompt")})
        rows = rows.with_columns(prompt=pl.lit(0), model=pl.lit(0), domain=pl.lit(0))
        rows = rows.with_columns(index=pl.col("sample_index") if numbered else pl.lit(-1, dtype=pl.Int64))
        salts = np.zeros(1, dtype=np.int64)
        return cut_and_label(rows, parse_equivalence("lexical"), sizes=np.array([size]), seed=seed, salts=salts).rows

    def test_the_cut_does_not_prefer_low_or_high_qualities_of_equal_texts(self) -> None:
        cell = [("same", float(quality)) for quality in range(10)]
        kept = [self.kept(cell, 5, seed, numbered=False)["quality"].mean() for seed in range(200)]
        assert abs(np.mean(kept) - 4.5) < 3 * np.std(kept) / np.sqrt(len(kept))


class TestBuffer:
    """Rows in, whole prompts out."""

    @given(st.lists(st.integers(0, 200), min_size=1, max_size=80), st.sampled_from([1, 100, 10**9]))
    @settings(max_examples=20)
    def test_each_prompt_comes_out_whole_in_one_bucket(self, prompts: list[int], memory: int) -> None:
        buffer = RowBuffer(memory=memory)
        for number, prompt in enumerate(prompts):
            buffer.append(pl.DataFrame({"prompt": pl.Series([prompt], dtype=pl.UInt32), "row": [number]}))
        try:
            for _ in range(2):
                buckets = list(buffer.buckets())
                assert sorted(row for bucket in buckets for row in bucket["row"]) == list(range(len(prompts)))
                places = [prompt for bucket in buckets for prompt in bucket["prompt"].unique()]
                assert len(places) == len(set(prompts))
                assert len(buckets) <= BUCKETS
        finally:
            buffer.close()

    def test_nothing_in_nothing_out(self) -> None:
        assert list(RowBuffer(memory=1).buckets()) == []

    def test_what_was_spilled_is_removed(self, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        buffer = RowBuffer(memory=1)
        buffer.append(pl.DataFrame({"prompt": pl.Series([1], dtype=pl.UInt32)}))
        assert list(tmp_path.iterdir())
        buffer.close()
        assert not list(tmp_path.iterdir())

    def test_what_was_spilled_is_removed_when_reading_fails(self, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

        def torn() -> Any:
            yield random_batch(1)
            raise RecordsError("torn")

        with pytest.raises(RecordsError, match="torn"):
            ingest(torn(), IngestOptions(parse_equivalence("exact"), "quality", memory=1))
        assert not list(tmp_path.iterdir())


def test_names_become_codes_and_sorted_codes_hide_who_came_first() -> None:
    names = Names()
    first = names.encode(pl.Series(["b", "a", "b"]))
    second = names.encode(pl.Series(["c", "a"]))
    assert [names.decode()[code] for code in (*first, *second)] == ["b", "a", "b", "c", "a"]
    used = {names.decode().index("c"), names.decode().index("a")}
    kept, table = sorted_codes(names.decode(), used)
    assert kept == ("a", "c")
    assert [kept[table[names.decode().index(name)]] for name in ("a", "c")] == ["a", "c"]


def test_several_steps_of_one_model_are_refused_unless_they_are_compared() -> None:
    rows = [{**row, "step": row["sample_index"] % 2} for row in cell_rows([("a", 1.0), ("b", 2.0)])]
    with pytest.raises(RecordsError, match=r"got steps 0, 1 of 'm'.*type --by model,step"):
        store_of(rows)
    assert store_of([{**row, "model": f"m | {row['step']}"} for row in rows], by="model,step").models == ("m | 0", "m | 1")


def test_the_cut_differs_between_prompts() -> None:
    cell = [(f"word{i}", float(i)) for i in range(20)]
    rows = [row for prompt in "abcdef" for row in cell_rows(cell, prompt=prompt)] + cell_rows(cell[:10], prompt="a", model="n")
    store = store_of(rows, "lexical")
    assert store.header.common_n == 10
    kept = pl.concat(store.frames()).filter(pl.col("model") == 0)
    assert len({tuple(sorted(group["quality"])) for _, group in kept.group_by("prompt")}) > 1


@pytest.mark.parametrize("rule", ["column:label", "lexical"])
def test_the_number_of_threads_and_buckets_changes_nothing(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = random_batch(seed=5)
    whole = measured(frame, rule)
    monkeypatch.setattr("triaxis.measure.buffer.ONE_BUCKET", 0)
    for workers in (1, 4):
        monkeypatch.setattr("triaxis.measure.ingest.WORKERS", workers)
        assert_same_tables(measured(frame, rule), whole)


def test_the_choice_of_one_source_says_what_it_leaves_out() -> None:
    rows = [{**row, "quality_source": source} for source in ("j", "k", "k") for row in cell_rows([("a", 1.0)], prompt=source)]
    rows = [{**row, "prompt_id": f"p{n}"} for n, row in enumerate(rows)]
    assert store_of(rows, source="j").header.notes == ("2 samples are scored by other sources and left out: 'k' (2)",)
    assert ingested(rows).stores[0].header.notes == ()
