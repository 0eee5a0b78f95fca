"""The population end to end: nulls, clusters, edges, and a column of vectors in a file."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.measure.population_vectors import planted
from triaxis.errors import RecordsError
from triaxis.measure import Options, measure_paths
from triaxis.measure.api import Reading
from triaxis.measure.options import Options as Settings
from triaxis.measure.outcome import AnswerOptions, Outcome, Seen
from triaxis.measure.population_vectors.run import population_of_texts
from triaxis.results import Results

OF_VECTORS = [
    "intra-model cosine", "inter-model cosine", "cosine across prompts", "cells above 0.8", "neighbour mixing",
    "effective models (cosine)",
]  # fmt: skip


def table(found: Outcome, name: str = "population") -> pl.DataFrame:
    return pl.concat(found.tables[name]).filter(pl.col("domain").is_null())


def ungated(found: Outcome, measure: str) -> dict[str, Any]:
    rows = table(found).filter(pl.col("measure") == measure, pl.col("floor").is_null())
    return rows.row(0, named=True)


def of(**options: Any) -> Outcome:
    return population_of_texts(planted.seen(planted.population(**options)), Settings())


def test_models_that_say_the_same_stand_within_their_nulls() -> None:
    found = of(models=6, prompts=40, shared=1.0, seed=2)
    for measure in ("inter-model cosine", "effective models (cosine)"):
        row = ungated(found, measure)
        assert row["null_low"] < row["value"] < row["null_high"]
    mixed = ungated(found, "neighbour mixing")
    assert mixed["low"] < mixed["null"] < mixed["high"]


def test_models_of_their_own_are_less_alike_less_mixed_and_more_models_than_labels_by_chance() -> None:
    found = of(models=6, prompts=40, shared=0.0, seed=2)
    alike, mixed, several = (ungated(found, m) for m in ("inter-model cosine", "neighbour mixing", "effective models (cosine)"))
    assert alike["high"] < alike["null_low"]
    assert mixed["high"] < mixed["null"]
    assert several["low"] > several["null_high"]
    assert several["ceiling"] == 6


def test_two_groups_of_models_are_two_clusters_and_one_group_is_one() -> None:
    rng = np.random.default_rng(4)
    cells = []
    for prompt in range(15):
        sides = rng.standard_normal((2, 16))
        for model in range(6):
            vectors = planted.units(sides[model % 2] + 0.5 * rng.standard_normal((4, 16)))
            cells.append(planted.cell(f"m{model}", f"p{prompt}", vectors, np.zeros(4)))
    rows = table(population_of_texts(planted.seen(cells), Settings()), "model_clusters").filter(pl.col("floor").is_null())
    assert rows["cluster"].to_list() == [1, 2, 1, 2, 1, 2]
    alone = table(of(models=6, prompts=15, shared=1.0), "model_clusters")
    assert set(alone["clusters"]) == {1}


def test_one_sample_per_cell_has_no_intra_model_cosine_and_says_why() -> None:
    found = of(samples=1, prompts=12)
    row = ungated(found, "intra-model cosine")
    assert (row["value"], row["reason"]) == (None, "fewer than 2 usable answers of a model to a prompt")
    assert ungated(found, "inter-model cosine")["value"] is not None


def test_a_floor_nobody_passes_is_null_with_a_reason_and_not_zero() -> None:
    seen = planted.seen(planted.population(), np.array([-np.inf, 99.0]))
    rows = table(population_of_texts(seen, Settings())).filter(pl.col("floor") == 99, pl.col("measure") != "cells above limit")
    assert rows["value"].is_null().all()
    assert not rows["reason"].is_null().any()


def test_rows_without_a_direction_are_left_out() -> None:
    cells = planted.population(prompts=12)
    spoiled = []
    for number, one in enumerate(cells):
        vectors = np.concatenate([one.responses.vectors, np.zeros((1, 16)), np.full((1, 16), np.nan if number % 2 else np.inf)])
        spoiled.append(planted.cell(one.model, one.prompt, vectors, np.r_[one.quality, 9.0, 9.0]))
    clean, dirty = (population_of_texts(planted.seen(c, np.array([-np.inf])), Settings()) for c in (cells, spoiled))
    for name in ("population", "population_pairs"):
        assert table(clean, name).equals(table(dirty, name))


def test_a_model_with_one_prompt_only_is_measured_there() -> None:
    cells = [one for one in planted.population(prompts=12) if one.model != "m3" or one.prompt == "p000"]
    rows = table(population_of_texts(planted.seen(cells), Settings()), "population_models")
    mine = rows.filter(pl.col("model") == "m3", pl.col("floor").is_null())
    assert mine["prompts"].to_list() == [1, 1]
    assert mine["low"].is_null().all()
    assert not mine["value"].is_null().any()


def test_order_of_cells_and_of_answers_changes_no_bit() -> None:
    cells = planted.population(shared=0.5)
    turned = [planted.cell(c.model, c.prompt, c.responses.vectors[::-1].copy(), c.quality[::-1].copy()) for c in cells[::-1]]
    renumbered = [_by_content(one) for one in (cells, turned)]
    one, other = (population_of_texts(planted.seen(made), Settings()) for made in renumbered)
    for name, frames in one.tables.items():
        assert pl.concat(frames).equals(pl.concat(other.tables[name])), name


def _by_content(cells: list[Any]) -> list[Any]:
    """Answers of each cell in order of their vectors, as the canonical order of texts would have them."""
    found = []
    for one in cells:
        order = np.lexsort(one.responses.vectors.T)
        found.append(planted.cell(one.model, one.prompt, one.responses.vectors[order], one.quality[order]))
    return found


def test_an_encoder_gives_vectors_ceiling_and_a_portable_limit() -> None:
    found = population_of_texts(_embedded(planted.population(prompts=12)), Settings())
    row = ungated(found, "intra-model cosine")
    assert row["ceiling"] == pytest.approx(1.0)
    assert ungated(found, "cells above limit")["value"] is not None


class Letters:
    """An encoder for tests: how often each letter occurs; both sides of every paraphrase come out alike when told to."""

    name = "letters"

    def embed(self, texts: Any, *, progress: Any = None) -> np.ndarray:
        """(texts, 26) unit rows."""
        is_set = any(len(text) > 30 for text in texts)
        counts = [[1.0 if is_set else 1e-3 + text.count(chr(97 + k)) + 3 * (str(k) in text) for k in range(26)] for text in texts]
        return planted.units(np.array(counts))


def _embedded(cells: list[Any]) -> Seen:
    without = [planted.cell(c.model, c.prompt, c.responses.vectors, c.quality) for c in cells]
    for one in without:
        object.__setattr__(one.responses, "vectors", None)
    return planted.seen(without)._replace(embedder=Letters())


def test_neither_vectors_nor_encoder_is_not_run() -> None:
    found = population_of_texts(_embedded(planted.population())._replace(embedder=None), Settings())
    assert "--embedder" in found.not_run[0].reason


# A column of vectors in a file


def write(path: Path, *, order: int | None = None, **spoil: Any) -> Path:
    rows = []
    for one in planted.population(models=3, prompts=12, samples=3, shared=0.4, domains=2):
        for number, vector in enumerate(one.responses.vectors):
            rows.append({
                "model": one.model, "prompt_id": one.prompt, "domain": one.domain, "sample_index": number, "label": number % 2,
                "quality": float(one.quality[number]), "vector": vector.tolist(),
            })  # fmt: skip
    for at, value in spoil.get("bad", {}).items():
        rows[at]["vector"] = value
    chosen = rows if order is None else [rows[k] for k in np.random.default_rng(order).permutation(len(rows))]
    if path.suffix == ".jsonl":
        path.write_bytes(b"".join(_line(row) for row in chosen))
    else:
        pl.DataFrame(chosen).write_parquet(path)
    return path


def _line(row: dict[str, Any]) -> bytes:
    import orjson

    return orjson.dumps(row) + b"\n"


def measured(path: Path, **options: Any) -> Results:
    settings = Options(examples=0, draws=200, answers=AnswerOptions(vectors="vector"), **options)
    return measure_paths([path], Reading(equivalence="column:label@prompt"), settings).results


def vector_rows(results: Results, name: str = "population") -> pl.DataFrame:
    return results.to_frame(name).filter(pl.col("measure").is_in(OF_VECTORS))


def test_a_column_of_vectors_gives_what_the_same_vectors_give_as_cells(tmp_path: Path) -> None:
    rows = vector_rows(measured(write(tmp_path / "v.parquet"))).filter(pl.col("domain").is_null())
    cells = planted.population(models=3, prompts=12, samples=3, shared=0.4, domains=2)
    expected = table(population_of_texts(planted.seen(cells), Settings()))
    for measure in ("intra-model cosine", "inter-model cosine", "neighbour mixing", "effective models (cosine)"):
        mine, theirs = (t.filter(pl.col("measure") == measure).sort("floor") for t in (rows, expected))
        assert mine["value"].to_list() == pytest.approx(theirs["value"].to_list(), abs=1e-6, nan_ok=True)


def test_each_domain_has_rows_of_its_own(tmp_path: Path) -> None:
    rows = vector_rows(measured(write(tmp_path / "v.parquet")))
    assert set(rows["domain"]) == {None, "d0", "d1"}


def test_order_of_rows_and_spilling_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = measured(write(tmp_path / "a.parquet"))
    monkeypatch.setattr("triaxis.measure.ingest.IngestOptions.memory", 1000)
    other = measured(write(tmp_path / "b.parquet", order=3))
    for name in ("population", "population_pairs", "population_models", "model_clusters"):
        assert one.to_frame(name).equals(other.to_frame(name)), name


@pytest.mark.parametrize("bad", [None, "no vector", [1.0, 2.0], [0.0] * 16, ["x"] * 16, {"a": 1}, [1e999] * 16])
def test_a_bad_vector_is_unmeasured_counted_and_sinks_nothing(tmp_path: Path, bad: Any) -> None:
    results = measured(write(tmp_path / "v.jsonl", bad={0: bad, 7: bad}))
    notes = " ".join(results.manifest.gates[0].notes)
    assert "2 of 108 samples have no vector of 16 finite numbers" in notes
    assert vector_rows(results).filter(pl.col("measure") == "inter-model cosine")["value"].is_not_null().any()


def test_a_column_that_is_not_there_is_named_with_the_near_ones(tmp_path: Path) -> None:
    file = write(tmp_path / "v.parquet")
    settings = Options(examples=0, answers=AnswerOptions(vectors="vectr"))
    with pytest.raises(RecordsError, match=r"vectr.*vector"):
        measure_paths([file], Reading(equivalence="column:label@prompt"), settings)


def test_a_column_without_vectors_is_not_run(tmp_path: Path) -> None:
    file = write(tmp_path / "v.parquet")
    pl.read_parquet(file).with_columns(pl.lit("x").alias("note")).write_parquet(file)
    settings = Options(examples=0, answers=AnswerOptions(vectors="note"))
    results = measure_paths([file], Reading(equivalence="column:label@prompt"), settings).results
    assert any("'note' holds no list of finite numbers" in reason.reason for reason in results.manifest.not_run)
