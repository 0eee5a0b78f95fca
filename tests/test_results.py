"""Results: typed, frozen, the same after a round trip, and safe to show."""

import dataclasses
import json
from pathlib import Path

import jsonschema
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pydantic import ValidationError

from tests.measure.samples import batch, cell_rows, measured, random_batch
from triaxis import measure
from triaxis.errors import InputError
from triaxis.results import JSON_ROWS, TABLES, Results, empty_table, json_schema

HOSTILE = "<script>alert(1)</script>&\"'{{7*7}}"


@pytest.fixture(scope="module")
def results() -> Results:
    return measured(random_batch(5, gaps=False), examples=3)


@pytest.fixture(scope="module")
def two_judges() -> Results:
    rows = [row for p in range(3) for row in cell_rows([("a", 1.0), ("b", 2.0)], prompt=f"p{p}")]
    apart = [
        {**row, "quality_source": judge, "quality": row["quality"] * size}
        for row in rows
        for judge, size in (("x", 1), ("y", 50))
    ]
    return measured(batch(apart))


def test_every_table_has_its_columns_and_types_and_every_row_its_gate(results: Results) -> None:
    assert set(results.tables) == set(TABLES)
    for name, frame in results.tables.items():
        assert dict(frame.schema) == dict(TABLES[name])
        assert set(frame["gate"]) <= {gate.gate.label for gate in results.manifest.gates}
        assert frame["gate"].null_count() == 0


def test_no_table_holds_a_number_that_is_none(results: Results) -> None:
    for frame in results.tables.values():
        for column in frame.select(pl.col(pl.Float64)).iter_columns():
            assert column.is_finite().drop_nulls().all()


def test_save_and_load_are_a_round_trip(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path / "a" / "b")
    loaded = Results.load(tmp_path / "a" / "b")
    assert loaded.manifest == results.manifest
    assert loaded.examples == results.examples
    for name, frame in results.tables.items():
        assert_frame_equal(loaded.tables[name], frame, check_exact=True)


def test_the_file_is_valid_against_the_schema(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path)
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((tmp_path / "results.json").read_text()), schema, cls=jsonschema.Draft202012Validator)


def test_the_schema_refuses_what_is_no_result(results: Results) -> None:
    whole = json.loads(json.dumps(results.to_json()))
    whole["tables"]["flips"] = [{"floor": "high"}]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(whole, json_schema(), cls=jsonschema.Draft202012Validator)


def test_large_tables_are_counted_in_the_file_and_whole_on_disk(results: Results, tmp_path: Path) -> None:
    frame = results.to_frame()
    long = pl.concat([frame] * (JSON_ROWS // frame.height + 1))
    large = dataclasses.replace(results, tables={**results.tables, "usable_diversity": long})
    large.save(tmp_path)
    told = json.loads((tmp_path / "results.json").read_text())
    assert told["tables_left_out"] == {"usable_diversity": long.height}
    assert "usable_diversity" not in told["tables"]
    jsonschema.validate(told, json_schema(), cls=jsonschema.Draft202012Validator)
    assert Results.load(tmp_path).to_frame().height == long.height


def test_results_are_frozen(results: Results) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        results.manifest = results.manifest  # type: ignore[misc]
    with pytest.raises(ValidationError):
        results.manifest.title = "other"  # type: ignore[misc]


def test_an_unknown_table_is_answered_with_near_names(results: Results) -> None:
    with pytest.raises(
        InputError, match=r"no table 'usable_diversty' .*near: 'usable_diversity'.*; there are: usable_diversity, given_usable"
    ):
        results.to_frame("usable_diversty")


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_its_columns(name: str) -> None:
    assert dict(empty_table(name).schema) == dict(TABLES[name])
    assert empty_table(name).height == 0


class TestLoading:
    """A folder that is not one is refused with its name."""

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="expected a folder that `triaxis measure --out` wrote"):
            Results.load(tmp_path / "nowhere")

    @pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"title": 3}', "not json"])
    def test_results_of_another_tool(self, results: Results, tmp_path: Path, text: str) -> None:
        results.save(tmp_path)
        (tmp_path / "results.json").write_text(text)
        with pytest.raises(InputError, match="expected a folder that"):
            Results.load(tmp_path)

    @pytest.mark.parametrize("text", ["3", '[{"gate": 1}]', "[4]"])
    def test_examples_of_another_tool(self, results: Results, tmp_path: Path, text: str) -> None:
        results.save(tmp_path)
        (tmp_path / "examples.json").write_text(text)
        with pytest.raises(InputError, match="expected a folder that"):
            Results.load(tmp_path)

    def test_a_damaged_table(self, results: Results, tmp_path: Path) -> None:
        results.save(tmp_path)
        (tmp_path / "tables" / "flips.parquet").write_bytes(b"PAR1")
        with pytest.raises(InputError, match="expected a folder that"):
            Results.load(tmp_path)


class TestShowing:
    """Charts and notebook views."""

    def test_a_chart_has_a_line_for_every_model(self, results: Results) -> None:
        chart = json.loads(results.plot(budget=2).to_json())
        (rows,) = chart["datasets"].values()
        assert {row["model"] for row in rows} == {"a", "b"}
        assert chart["encoding"]["x"]["field"] == "floor"
        assert "2 draws" in chart["encoding"]["y"]["title"]

    def test_a_chart_shows_one_domain(self, results: Results) -> None:
        (rows,) = json.loads(results.plot(domain="x", budget=1).to_json())["datasets"].values()
        expected = results.to_frame().filter(pl.col("floor").is_not_null(), domain="x", budget=1)
        assert sorted(row["value"] for row in rows) == sorted(expected["value"])

    def test_what_is_not_there_cannot_be_plotted(self, results: Results) -> None:
        with pytest.raises(InputError, match=r"nothing to plot .* shown budgets: "):
            results.plot(budget=77)
        with pytest.raises(InputError, match="nothing to plot for domain 'nowhere'"):
            results.plot(domain="nowhere")
        with pytest.raises(InputError, match="no gate 'mine'"):
            results.plot(gate="mine")

    def test_without_a_budget_every_model_is_shown(self) -> None:
        long, short = ([("a", 1.0), ("b", 2.0)] * times for times in (4, 1))
        rows = cell_rows(long, model="long") + cell_rows(short, model="short")
        results = measured(batch(rows))
        (points,) = json.loads(results.plot().to_json())["datasets"].values()
        assert {point["model"] for point in points} == {"long", "short"}
        assert "long" in results._repr_html_()
        assert "short" in results._repr_html_()

    def test_two_judges_never_share_a_chart(self, two_judges: Results) -> None:
        for summary in two_judges.manifest.gates:
            (points,) = json.loads(two_judges.plot(gate=summary.gate.label).to_json())["datasets"].values()
            assert {point["floor"] for point in points} == set(summary.floors)
        (first,) = json.loads(two_judges.plot().to_json())["datasets"].values()
        assert {point["floor"] for point in first} == {1.0, 2.0}

    def test_a_notebook_shows_one_gate_and_names_it(self, two_judges: Results) -> None:
        shown = two_judges._repr_html_()
        assert "quality (x)" in shown
        assert "quality (y)" not in shown
        assert "100.0" not in shown

    def test_a_notebook_shows_hostile_names_as_text(self) -> None:
        frame = batch([{**row, "model": HOSTILE} for row in cell_rows([("a", 1.0), ("b", 2.0)])])
        results = measured(frame)
        hostile = dataclasses.replace(results, manifest=results.manifest.model_copy(update={"title": HOSTILE}))
        shown = hostile._repr_html_()
        assert "<script" not in shown
        assert shown.count("&lt;script&gt;") >= 2

    def test_results_without_figures_are_shown_as_empty(self) -> None:
        rows = [{**row, "label": None} for row in cell_rows([("a", 1.0), ("b", 2.0)])]
        results = measured(batch(rows))
        assert results.to_frame().height == 0
        assert "<table" in results._repr_html_()
        with pytest.raises(InputError, match="nothing to plot"):
            results.plot()


def test_a_notebook_and_a_plot_show_the_figure_of_sets_under_its_own_name() -> None:
    rows = pl.DataFrame(
        {
            "prompt": [f"p{i}" for i in range(30)],
            "model": "m",
            "response": [f"word{i % 7}" for i in range(30)],
            "quality": [float(i % 3) for i in range(30)],
        }
    )
    results = measure.run(rows, unit="set", equivalence="exact", draws=200)
    assert "unit: set" in results._repr_html_()
    assert "samples of the set" in json.dumps(results.plot(budget=10).to_dict())
