"""What a hostile stranger found in sets, costs and gates files: each test is a case that once came out wrong."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.cli.commands import OF_TEXTS, of_counts
from triaxis import measure
from triaxis.errors import RecordsError
from triaxis.measure import Options
from triaxis.measure.api import Reading, measure_paths
from triaxis.measure.gates_file import read_gates
from triaxis.results import Results


def rows(models: str = "ab", domain: str = "x", **more: Any) -> list[dict[str, Any]]:
    """Three numbered samples of each of 12 prompts and model, of quality 0, 1 and 2."""
    return [
        {"prompt_id": f"{domain}{p}", "model": m, "domain": domain, "response": f"r{(p * i + ord(m)) % 3}", "quality": float(i)}
        | {"sample_index": i, "tokens": 10 + i} | more
        for m in models for p in range(12) for i in range(3)
    ]  # fmt: skip


def gates_of(folder: Path, *lines: str) -> Path:
    """A gates file with `lines`, each the keys of one gate."""
    file = folder / "gates.toml"
    file.write_text("".join(f"[[gate]]\n{line}\n" for line in lines), encoding="utf-8")
    return file


def same_tables(one: Results, other: Results, *, besides: Collection[str] = (), **tolerance: float) -> None:
    """Every table but those `besides` equal, to the bit unless a tolerance is given."""
    for name, table in one.tables.items():
        if name not in besides:
            assert_frame_equal(of_counts(other.tables[name]), of_counts(table), check_exact=not tolerance, **tolerance)


@pytest.mark.parametrize(
    ("unit", "lines"),
    [("set", ()), ("prompt", ('domain = "x"\nfloor = 1', 'domain = "y"\nquality = "quality"\nfloor = 2'))],
    ids=["two units", "two lines of a gates file that say the same"],
)
def test_a_run_with_two_gates_of_one_quality_and_rule_is_measured_again(tmp_path: Path, unit: str, lines: Sequence[str]) -> None:
    pl.DataFrame(rows() + rows(domain="y")).write_parquet(tmp_path / "in.parquet")
    gates = read_gates(gates_of(tmp_path, *lines)) if lines else ()
    reading = Reading(equivalence="exact", unit=unit, gates=gates)
    once = measure_paths([tmp_path / "in.parquet"], reading, Options(draws=200))
    once.save(tmp_path / "out")
    again = measure_paths([tmp_path / "out"], Reading(), Options(draws=200)).results
    same_tables(once.results, again, besides=OF_TEXTS)


def test_models_of_one_gate_can_be_compared_though_another_gate_has_none_of_them(tmp_path: Path) -> None:
    lines = ('domain = "x"\nfloor = 1\nequivalence = "normalised"', 'domain = "y"\nfloor = 2')
    frame = pl.DataFrame(rows("ab") + rows("cd", domain="y"))
    results = measure.run(frame, equivalence="exact", gates=gates_of(tmp_path, *lines), compare=["c", "d"], draws=200)
    assert [gate.compared for gate in results.manifest.gates] == [(), ("c", "d")]


def test_the_own_floor_of_a_domain_without_any_quality_is_ungated(tmp_path: Path) -> None:
    frame = pl.DataFrame(rows("a")).with_columns(quality=pl.lit(None, dtype=pl.Float64))
    results = measure.run(frame, equivalence="exact", gates=gates_of(tmp_path, 'domain = "x"\nfloor = 1'), draws=200)
    own = results.to_frame("own_floor").filter(domain="x").select("floor", "budget", "value", "usable_share")
    assert_frame_equal(own, results.to_frame("usable_diversity").filter(domain="x").select(own.columns))
    assert own["usable_share"].to_list() == [1.0] * 3


def test_no_own_floor_figure_mixes_two_quality_sources(tmp_path: Path) -> None:
    frame = pl.DataFrame(rows("a", quality_source="kind") + rows("a", quality_source="stern", sample_index=9, quality=0.0))
    results = measure.run(frame, equivalence="exact", gates=gates_of(tmp_path, 'domain = "x"\nfloor = 1'), draws=200)
    assert results.to_frame("own_floor")["domain"].null_count() == 0
    assert [line.reason for line in results.manifest.not_run if "own floor" in line.analysis] == [
        "domain x stands under several gates; name one source for it in the gates file"
    ]


@pytest.mark.parametrize("equivalence", ["exact", "lexical"])
def test_which_of_two_equal_samples_is_counted_rests_on_their_tokens_and_not_on_the_order_of_rows(equivalence: str) -> None:
    repeated = [{**row, "sample_index": 0, "response": "one two", "quality": 1.0} for row in rows()]
    unnumbered = [{**row, "sample_index": None} for row in repeated if row["model"] == "a" or row["tokens"] > 10]
    frame = pl.DataFrame(repeated if equivalence == "exact" else unnumbered)
    once, again = (measure.run(given, equivalence=equivalence, draws=200) for given in (frame, frame.reverse()))
    assert once.to_frame("cost").height
    same_tables(once, again)


def test_one_sample_each_at_one_price_is_one_amount() -> None:
    frame = pl.DataFrame([row | {"cost": 636961.68732182} for row in rows() if row["sample_index"] == 0])
    results = measure.run(frame, equivalence="exact", draws=200)
    found = results.to_frame("cost_map").filter(cost_unit="price")
    assert found["amount"].unique().to_list() == [pytest.approx(636961.68732182)]


@pytest.mark.parametrize(("column", "value"), [("tokens", -1), ("tokens", 2**62), ("cost", -1.0), ("cost", 1e308)])
def test_a_cost_that_cannot_be_one_is_not_said(column: str, value: float) -> None:
    """-1 tokens often stand for unknown; four times 2**62 is 0 in 64 bits; and what 1e308 twice costs is infinite."""
    frame = pl.DataFrame(rows()).drop("tokens")
    plain, odd = (
        measure.run(given, equivalence="exact", draws=200) for given in (frame, frame.with_columns(pl.lit(value).alias(column)))
    )
    same_tables(plain, odd)
    assert not odd.to_frame("cost").height
    assert f"needs column {column}" in "; ".join(line.reason for line in odd.manifest.not_run)


def test_runs_with_a_gate_that_measured_nothing_are_added(tmp_path: Path) -> None:
    """Two empty stores hold the same counts, and yet no sample twice."""
    gates = read_gates(gates_of(tmp_path, 'domain = "x"\nequivalence = "column:label"', 'domain = "y"\nfloor = 2'))
    for day in ("yesterday", "today"):
        frame = pl.DataFrame(rows(domain="x", label=None) + rows(domain="y", label="same"), schema_overrides={"label": pl.String})
        named = frame.with_columns(prompt_id=pl.format("{} {}", pl.lit(day), "prompt_id"))
        named.write_parquet(tmp_path / f"{day}.parquet")
        measured = measure_paths([tmp_path / f"{day}.parquet"], Reading(equivalence="exact", gates=gates), Options(draws=200))
        measured.save(tmp_path / day)
    both = measure_paths([tmp_path / "yesterday", tmp_path / "today"], Reading(), Options(draws=200)).results
    assert both.to_frame("own_floor")["prompts"].unique().to_list() == [24]
    assert [(gate.samples, gate.measured) for gate in both.manifest.gates] == [(144, 0), (144, 144)]


def test_the_order_of_lines_in_a_gates_file_does_not_keep_runs_apart(tmp_path: Path) -> None:
    lines = ['domain = "x"\nfloor = 1', 'domain = "y"\nfloor = 2']
    for model, given in (("a", lines), ("b", lines[::-1])):
        pl.DataFrame(rows(model) + rows(model, domain="y")).write_parquet(tmp_path / f"{model}.parquet")
        reading = Reading(equivalence="exact", gates=read_gates(gates_of(tmp_path, *given)))
        measure_paths([tmp_path / f"{model}.parquet"], reading, Options(draws=200)).save(tmp_path / model)
    both = measure_paths([tmp_path / "a", tmp_path / "b"], Reading(), Options(draws=200)).results
    assert [gate.models for gate in both.manifest.gates] == [("a", "b")]


@pytest.mark.parametrize("sources", [{}, {"quality_source": "kind"}])
def test_a_source_of_a_gates_file_that_is_not_there_is_said_to_be_of_the_file(tmp_path: Path, sources: dict[str, str]) -> None:
    gates = gates_of(tmp_path, 'domain = "x"\nsource = "stern"')
    with pytest.raises(RecordsError, match="leave source in the gates file, or --quality-source, out"):
        measure.run(pl.DataFrame(rows(**sources)), equivalence="exact", gates=gates, draws=200)
