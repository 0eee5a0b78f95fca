"""Run stores add: a stream, a pool of workers and yesterday's run combine exactly, on disk as in memory."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.cli.commands import OF_TEXTS
from tests.measure.samples import batch, cell_rows, random_batch, shuffled, store_of
from triaxis.errors import StoreError
from triaxis.measure import RunStore, add
from triaxis.measure.options import Options
from triaxis.measure.run import Provenance, measure_stores
from triaxis.results import Results


def whole(store: RunStore) -> pl.DataFrame:
    """All counts of a store as one sorted frame."""
    return pl.concat(store.frames()).sort("model", "prompt", "domain", "class", "quality")


def assert_same(first: RunStore, second: RunStore) -> None:
    assert (first.header, first.models, first.prompts, first.domains) == (
        second.header,
        second.models,
        second.prompts,
        second.domains,
    )
    assert_frame_equal(whole(first), whole(second), check_exact=True)
    assert_frame_equal(first.lost, second.lost, check_exact=True)


def results_of(store: RunStore) -> Results:
    return measure_stores([store], Options(draws=200), Provenance("test"))


def assert_same_tables(first: Results, second: Results) -> None:
    assert first.manifest.data_hash == second.manifest.data_hash
    for name, frame in first.tables.items():
        if name not in OF_TEXTS:
            assert_frame_equal(frame, second.tables[name], check_exact=True)


def pieces(frame: pl.DataFrame, count: int) -> list[RunStore]:
    """The rows dealt out to `count` stores, so that cells are scattered over them."""
    return [store_of(frame.gather_every(count, offset)) for offset in range(count)]


@given(st.integers(0, 10**6), st.integers(1, 4))
@settings(max_examples=15)
def test_the_sum_of_the_parts_is_the_store_of_the_whole(seed: int, count: int) -> None:
    frame = shuffled(random_batch(seed), seed)
    assert_same(add(pieces(frame, count)), store_of(frame))


@given(st.integers(0, 10**6))
@settings(max_examples=5)
def test_the_sum_gives_the_same_tables_to_the_bit(seed: int) -> None:
    frame = random_batch(seed)
    assert_same_tables(results_of(add(pieces(frame, 3))), results_of(store_of(frame)))


@given(st.integers(0, 10**6))
@settings(max_examples=10)
def test_addition_is_associative_and_commutative(seed: int) -> None:
    a, b, c = pieces(random_batch(seed), 3)
    left, right, turned = add([add([a, b]), c]), add([a, add([b, c])]), add([c, a, b])
    assert_same(left, right)
    assert_same(left, turned)


def test_stores_of_different_names_add() -> None:
    first = store_of(cell_rows([("a", 1.0)], model="x", prompt="p"))
    second = store_of(cell_rows([("a", 1.0)], model="b", prompt="q"))
    both = add([first, second])
    assert both.models == ("b", "x")
    assert both.prompts == ("p", "q")
    named = {(both.models[m], both.prompts[p]) for m, p in whole(both).select("model", "prompt").iter_rows()}
    assert named == {("x", "p"), ("b", "q")}


def test_equal_classes_and_qualities_are_one_row_with_a_count() -> None:
    store = store_of(cell_rows([("a", 1.0), ("a", 1.0), ("a", 2.0), ("b", 1.0)]))
    assert sorted(whole(store).select("quality", "count", "first_index", "last_index").rows()) == [
        (1.0, 1, 3, 3), (1.0, 2, 0, 1), (2.0, 1, 2, 2),
    ]  # fmt: skip


def test_zero_and_minus_zero_are_one_quality() -> None:
    store = store_of(cell_rows([("a", 0.0), ("a", -0.0)]))
    assert whole(store)["count"].to_list() == [2]
    assert store.qualities()[0].tolist() == [0.0]


def test_a_saved_store_is_the_store(tmp_path: Path) -> None:
    store = store_of(random_batch(3))
    store.save(tmp_path / "deep" / "store")
    loaded = RunStore.load(tmp_path / "deep" / "store")
    assert_same(loaded, store)
    assert_same_tables(results_of(loaded), results_of(store))
    assert_same(add([loaded]), store)


def test_a_store_loaded_from_a_folder_can_be_saved_into_it(tmp_path: Path) -> None:
    store = store_of(random_batch(3))
    store.save(tmp_path)
    loaded = RunStore.load(tmp_path)
    loaded.save(tmp_path)
    assert_same(loaded, store)
    assert_same(RunStore.load(tmp_path), store)


def test_saving_again_leaves_no_part_of_an_earlier_store(tmp_path: Path) -> None:
    store_of(random_batch(3), memory=1).save(tmp_path)
    small = store_of(cell_rows([("a", 1.0)]))
    small.save(tmp_path)
    assert_same(RunStore.load(tmp_path), small)


def test_a_store_holds_no_text(tmp_path: Path) -> None:
    store = store_of(batch(cell_rows([("a secret answer", 1.0)])), equivalence="exact")
    store.save(tmp_path)
    assert not [file for file in tmp_path.iterdir() if b"secret" in file.read_bytes()]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"equivalence": "exact"}, {"equivalence": "normalised"}, "equivalence: 'exact' and 'normalised'"),
        ({"by": "model"}, {"by": "meta.stage"}, "by: 'model' and 'meta.stage'"),
    ],
)
def test_stores_measured_differently_do_not_add(first: dict[str, Any], second: dict[str, Any], told: str) -> None:
    rows = cell_rows([("a", 1.0), ("b", 2.0)])
    with pytest.raises(StoreError, match="expected stores measured alike") as caught:
        add([store_of(rows, **first), store_of(rows, **second)])
    assert told in str(caught.value)


def test_stores_of_two_judges_do_not_add() -> None:
    rows = cell_rows([("a", 1.0), ("b", 2.0)])
    first, second = (store_of([{**row, "quality_source": judge} for row in rows]) for judge in ("x", "y"))
    with pytest.raises(StoreError, match="quality_source: 'x' and 'y'"):
        add([first, second])


def test_labels_of_a_pairwise_rule_made_apart_do_not_join_in_one_cell() -> None:
    rows = cell_rows([("a", 1.0), ("b", 2.0)])
    with pytest.raises(StoreError, match="measure the files together"):
        add([store_of(rows, "lexical"), store_of(rows, "lexical")])


def test_the_same_counts_twice_are_refused() -> None:
    store = store_of(cell_rows([("a", 1.0), ("b", 2.0)]))
    with pytest.raises(StoreError, match="the same 2 counts twice; name each run once"):
        add([store, store])


def test_counts_of_names_that_are_not_there_are_refused(tmp_path: Path) -> None:
    store_of(cell_rows([("a", 1.0), ("b", 2.0)])).save(tmp_path)
    part = tmp_path / "counts-00000.parquet"
    pl.read_parquet(part).with_columns(prompt=pl.lit(7, dtype=pl.UInt32)).write_parquet(part)
    with pytest.raises(StoreError, match="counts names that are not there"):
        RunStore.load(tmp_path)


def test_labels_of_a_pairwise_rule_add_over_different_cells() -> None:
    first, second = (store_of(cell_rows([("a", 1.0), ("b", 2.0)], prompt=p), "lexical") for p in "pq")
    assert add([first, second]).prompts == ("p", "q")


def test_nothing_does_not_add_up() -> None:
    with pytest.raises(StoreError, match="at least one run store"):
        add([])


class TestDamagedFolders:
    """A store from a stranger is refused with its place, never with a traceback."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        store_of(random_batch(3)).save(tmp_path)
        return tmp_path

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="expected a triaxis run store in"):
            RunStore.load(tmp_path / "nowhere")

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 1}'])
    def test_a_header_that_is_none(self, folder: Path, text: str) -> None:
        (folder / "header.json").write_text(text)
        with pytest.raises(StoreError, match="expected a triaxis run store in"):
            RunStore.load(folder)

    def test_a_store_of_a_later_format(self, folder: Path) -> None:
        header = json.loads((folder / "header.json").read_text())
        (folder / "header.json").write_text(json.dumps({**header, "format": 99}))
        with pytest.raises(StoreError, match=r"format 2 .* got 99; measure the data again"):
            RunStore.load(folder)

    @pytest.mark.parametrize("name", ["models", "lost"])
    def test_a_missing_or_broken_file(self, folder: Path, name: str) -> None:
        (folder / f"{name}.parquet").write_bytes(b"PAR1 but not much more")
        with pytest.raises(StoreError, match="expected a triaxis run store in"):
            RunStore.load(folder)
        (folder / f"{name}.parquet").unlink()
        with pytest.raises(StoreError, match="expected a triaxis run store in"):
            RunStore.load(folder)

    def test_counts_that_are_cut_short(self, folder: Path) -> None:
        file = folder / "counts-00000.parquet"
        file.write_bytes(file.read_bytes()[:-40])
        with pytest.raises(StoreError, match="counts-00000"):
            results_of(RunStore.load(folder))

    def test_counts_that_are_missing(self, folder: Path) -> None:
        (folder / "counts-00000.parquet").unlink()
        with pytest.raises(StoreError, match="counts"):
            RunStore.load(folder)
