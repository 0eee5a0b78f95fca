"""The numbers of real models, recomputed from the published files by nothing but the definitions."""

from collections.abc import Callable, Iterator
from importlib.resources import as_file, files
from itertools import groupby
from pathlib import Path

import polars as pl
import pytest

from triaxis.diversity.equivalence import parse_equivalence
from triaxis.measure import Options, measure_paths, plan, run
from triaxis.measure.api import Reading, open_samples
from triaxis.measure.levels.choice import LevelOptions
from triaxis.results import Results

DISTINCT = {
    "Llama-3.2-1B-Instruct": 6.99, "gemma-2-2b-it": 6.34, "Llama-3.1-8B-Instruct": 5.86, "gpt-4o-2024-11-20": 2.89,
    "claude-3-opus@20240229": 2.74, "gemini-1.5-pro": 1.83,
}  # fmt: skip
UTILITY = dict(zip(DISTINCT, (3.576, 5.834, 4.679, 3.574, 3.466, 2.866), strict=True))
SMALL, LARGE = "Llama-3.2-1B-Instruct", "Llama-3.1-8B-Instruct"
NO_LEVELS = LevelOptions(metrics=("none",), complexity=())
FILE, COUNTS = "published file", "shipped counts"

Raw = dict[str, list[list[tuple[int, float]]]]


@pytest.fixture(scope="module")
def raw(real_data: Callable[[str], Path]) -> Raw:
    """Model -> prompts -> (partition, quality) in order of generation."""
    frame = pl.read_parquet(real_data("noveltybench_dev")).sort("model", "prompt_id", "sample_index")
    rows = frame.select("model", "prompt_id", "partition", "quality").iter_rows()
    found: Raw = {}
    for (model, _), samples in groupby(rows, key=lambda row: row[:2]):
        found.setdefault(model, []).append([(partition, quality) for *_, partition, quality in samples])
    return found


def measure_shipped() -> Results:
    with as_file(files("triaxis.demo") / "noveltybench") as store:
        return measure_paths([store], Reading(), Options(draws=200)).results


@pytest.fixture(scope="module", params=[FILE, COUNTS])
def results(request: pytest.FixtureRequest, real_data: Callable[[str], Path]) -> Iterator[Results]:
    if request.param == COUNTS:
        yield measure_shipped()
    else:
        yield run(real_data("noveltybench_dev"), equivalence="column:partition", draws=200, examples=2, levels=NO_LEVELS)


def distinct(cell: list[tuple[int, float]], floor: float) -> int:
    return len({partition for partition, quality in cell if quality >= floor})


def utility(cell: list[tuple[int, float]]) -> float:
    """utility_10 as the paper writes it."""
    new = [all(before != partition for before, _ in cell[:i]) for i, (partition, _) in enumerate(cell)]
    total = sum(0.8**i * quality * is_new for i, ((_, quality), is_new) in enumerate(zip(cell, new, strict=True)))
    return (1 - 0.8) / (1 - 0.8**10) * total


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def whole(results: Results, table: str) -> pl.DataFrame:
    return results.to_frame(table).filter(pl.col("domain").is_null())


def all_of_it(results: Results, raw: Raw, floor: float) -> dict[str, float]:
    """U at `floor` and n = 10 as measured, once it equals the distinct usable partitions of all models."""
    rows = whole(results, "usable_diversity").filter(floor=floor, budget=10)
    found: dict[str, float] = dict(rows.select("model", "value").iter_rows())
    assert found == pytest.approx({model: mean([distinct(c, floor) for c in cells]) for model, cells in raw.items()})
    return found


def test_the_published_models_are_all_there(raw: Raw) -> None:
    assert len(raw) == 14
    assert {len(cells) for cells in raw.values()} == {100}
    assert {len(cell) for cells in raw.values() for cell in cells} == {10}


@pytest.mark.parametrize("floor", [1.0, 2.0, 3.0, 7.0, 10.0])
def test_all_ten_draws_find_the_distinct_partitions(results: Results, raw: Raw, floor: float) -> None:
    found = all_of_it(results, raw, floor)
    if floor == 1.0:
        assert {model: round(found[model], 2) for model in DISTINCT} == DISTINCT


def test_mean_utility_is_the_formula_of_the_paper(results: Results, raw: Raw) -> None:
    rows = whole(results, "utility")
    assert set(rows["k"]) == {10}
    found = dict(rows.select("model", "value").iter_rows())
    assert found == pytest.approx({model: mean([utility(cell) for cell in cells]) for model, cells in raw.items()})
    assert {model: round(found[model], 3) for model in UTILITY} == UTILITY


def test_two_sizes_of_one_family_flip_between_floor_one_and_three(results: Results) -> None:
    rows = whole(results, "comparisons").filter(model_a=LARGE, model_b=SMALL, budget=10)
    difference = {row["floor"]: row for row in rows.to_dicts()}
    assert -difference[1.0]["difference"] == pytest.approx(1.13, abs=0.005)
    assert -difference[3.0]["difference"] == pytest.approx(-1.08, abs=0.005)
    assert (difference[1.0]["verdict"], difference[3.0]["verdict"]) == ("b leads", "a leads")


def test_the_flip_is_in_the_table_of_flips(results: Results, raw: Raw) -> None:
    (flip,) = whole(results, "flips").filter(model_a=LARGE, model_b=SMALL, budget=10).to_dicts()
    assert (flip["verdict"], flip["leader_below"], flip["leader_above"]) == ("flip", SMALL, LARGE)
    signs = {f: mean([distinct(c, f) for c in raw[SMALL]]) > mean([distinct(c, f) for c in raw[LARGE]]) for f in range(1, 11)}
    assert (flip["last_floor_below"], flip["floor"]) == (max(f for f in signs if signs[f]), min(f for f in signs if not signs[f]))


def test_a_gemma_judge_stands_beside_every_gemma(results: Results) -> None:
    (caution,) = results.manifest.gates[0].warnings
    assert caution.kind == "judge-family"
    assert set(caution.models) == {m for m in results.manifest.gates[0].models if m.startswith("gemma")}
    assert len(caution.models) >= 3
    assert "gemma family" in caution.sentence


def test_the_shipped_counts_give_the_tables_of_the_file(real_data: Callable[[str], Path]) -> None:
    ours, theirs = run(real_data("noveltybench_dev"), equivalence="column:partition", draws=200, examples=0), measure_shipped()
    for name, frame in ours.tables.items():
        gateless = frame.drop("gate"), theirs.tables[name].drop("gate")
        assert gateless[0].height == gateless[1].height
        assert gateless[0].equals(gateless[1]), name


def test_the_shipped_counts_hold_no_text() -> None:
    folder = files("triaxis.demo") / "noveltybench"
    columns = {
        c for entry in folder.iterdir() if entry.name.endswith(".parquet") for c in pl.read_parquet(entry.read_bytes()).columns
    }
    assert not columns & {"prompt_text", "response", "text"}


SETS = {
    "post_training_stages_dev": "figures above a quality floor",
    "code_samples_dev": None,
    "temperature_mcqa_dev": None,
    "instructgpt_samples_dev": None,
    "alternate_uses_dev": "verdicts in all domains",
}


@pytest.mark.parametrize("name", SETS)
def test_a_dry_run_of_real_data_tells_what_there_is(name: str, real_data: Callable[[str], Path]) -> None:
    path = real_data(name)
    found = plan(open_samples([path], Reading(), parse_equivalence("lexical"), examples=True))
    frame = pl.read_parquet(path)
    assert found.rows + found.rejected == frame.height
    assert {m.model for m in found.models} == set(frame["model"])
    assert found.prompts == frame["prompt_id"].n_unique()
    assert sum(m.with_quality for m in found.models) == frame["quality"].count()
    assert found.runs
    assert all(line.reason for line in found.not_run)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_real_data_is_measured_with_figures_or_honest_lines(name: str, real_data: Callable[[str], Path]) -> None:
    path = real_data(name)
    results = run(path, draws=200, examples=2)
    frame = pl.read_parquet(path)
    assert results.to_frame()["value"].is_between(0, 1000).all()
    assert (results.to_frame()["value"] <= results.to_frame()["budget"] + 1e-9).all()
    for gate in results.manifest.gates:
        mine = frame if gate.gate.quality is None else frame.filter(pl.col("quality_source") == gate.gate.quality_source)
        assert gate.samples == mine.height
        whole_cells = results.to_frame("cells").filter(pl.col("domain").is_null(), gate=gate.gate.label)
        assert whole_cells["measured"].sum() == gate.measured
    expected = SETS[name]
    assert expected is None or any(line.analysis == expected for line in results.manifest.not_run)
    assert all(line.reason for line in results.manifest.not_run)
