"""What a stranger types and pastes into the answers: mistakes are found before the long work, few prompts do not break it."""

import json
from collections.abc import Iterator
from importlib.resources import files
from math import inf, nan
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl
import pytest

from tests.cli.commands import triaxis
from tests.measure.samples import batch
from triaxis import measure
from triaxis.blind import Asked, Trial, blind
from triaxis.diversity.equivalence import ExactText
from triaxis.errors import InputError, TriaxisError
from triaxis.measure import Options
from triaxis.measure.ingest import IngestOptions
from triaxis.measure.levels.choice import LevelOptions
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.population.run import MOST_BY_DOMAIN
from triaxis.measure.population_vectors.tally import null_cells
from triaxis.measure.run import Provenance, measure_batches
from triaxis.report.answers.blocks import high_floor
from triaxis.report.view import GateView


def _never_read() -> Iterator[pl.DataFrame]:
    pytest.fail("samples were read before the mistake was found")
    yield pl.DataFrame()


def _before_reading(options: Options) -> None:
    with pytest.raises(TriaxisError):
        measure_batches(_never_read(), IngestOptions(ExactText(), None), options, lambda: Provenance("t"))


@pytest.mark.parametrize("text", ["", "label,parent\na,b\nb,a\n", "other\nx\n"])
def test_a_taxonomy_that_says_nothing_is_found_before_any_sample_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    _before_reading(Options(answers=AnswerOptions(taxonomy=str(path))))


@pytest.mark.parametrize("content", [b"", b"\x7fELF\x02\x01\x01\x00\xff\xfe\x00"])
def test_a_reference_that_holds_no_rows_is_found_before_any_sample_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reference.jsonl"
    path.write_bytes(content)
    _before_reading(Options(answers=AnswerOptions(reference_data=str(path))))
    _before_reading(Options(answers=AnswerOptions(reference_data=str(tmp_path / "nowhere.jsonl"))))


@pytest.mark.parametrize("typed", ["", ">=3", "taste>=", "taste>=abc", "taste>=nan", "taste>=inf", "taste>=3>=4"])
def test_a_second_quality_without_a_column_or_a_finite_floor_is_refused(typed: str) -> None:
    with pytest.raises(InputError, match="score>=3"):
        AnswerOptions(second=typed)


def test_an_encoder_typed_wrong_is_found_before_any_sample_is_read() -> None:
    _before_reading(Options(levels=LevelOptions(embedder="minilmm")))


def test_a_reference_model_that_nobody_has_is_found_before_anything_is_measured() -> None:
    rows = [{"prompt_id": "p", "model": model, "response": "r", "sample_index": 0} for model in ("base", "tuned")]

    def progress(what: str, *_: int) -> None:
        assert "measuring" not in what

    counting, options = IngestOptions(ExactText(), None), Options(answers=AnswerOptions(reference="bse"))
    with pytest.raises(InputError, match="near: 'base'"):
        measure_batches([batch(rows)], counting, options, lambda: Provenance("t"), progress=progress)


@pytest.mark.parametrize("prompts", [0, 1, 3])
def test_fewer_prompts_than_a_cell_has_answers_leave_no_null_cell(prompts: int) -> None:
    assert null_cells(np.ones((prompts, 5)), 4).shape == (0,)


@pytest.mark.parametrize("typed", [{"match": nan}, {"match": inf}, {"match": -1.0}, {"floor": nan}, {"floor": inf}])
def test_a_trial_with_numbers_that_nobody_means_is_refused(typed: dict[str, float]) -> None:
    with pytest.raises(InputError, match="type for example"):
        Trial(**typed)  # type: ignore[arg-type]


@pytest.mark.parametrize(("evaluation", "carried"), [("mean:qualty", ()), ("pass@1:qualty", ()), ("mean:quality", ("qualty",))])
def test_a_column_typed_wrong_for_blind_is_proposed_before_anything_is_planted(
    tmp_path: Path, evaluation: str, carried: tuple[str, ...]
) -> None:
    path = tmp_path / "samples.jsonl"
    rows = [{"prompt": "p", "model": "m", "sample_index": i, "response": f"r {i % 2}", "quality": i % 2} for i in range(4)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(InputError, match="near: 'quality'"):
        blind(path, [evaluation], asked=Asked(equivalence="exact"), trial=Trial(doses=(0.5,), carried=carried))


def test_a_bar_that_takes_nothing_is_not_what_the_answers_are_about() -> None:
    """Where few answers are right, the highest floor that leaves a fifth of them is the one that all of them reach."""
    summary = SimpleNamespace(interval_floors=(0.0, 1.0))
    view = SimpleNamespace(shown_floors=(0.0,), gated_floors=(0.0, 1.0), base_floor=0.0, summary=summary)
    assert high_floor(cast(GateView, view)) == 1.0
    view.shown_floors = (0.0, 1.0)
    assert high_floor(cast(GateView, view)) == 1.0
    view.gated_floors = view.shown_floors = (0.0,)
    assert high_floor(cast(GateView, view)) == 0.0


def test_decimals_are_not_grouped_like_thousands() -> None:
    """A difference of -0.0142 stood on the page as -0.0,142."""
    source = (files("triaxis.report") / "assets" / "base.js").read_text(encoding="utf-8")
    assert r"text.replace(/(?<![.\d])\d{4,}/," in source


@pytest.mark.parametrize(("domains", "is_told"), [(2, True), (MOST_BY_DOMAIN + 1, False)])
def test_hundreds_of_domains_are_not_clustered_one_by_one(domains: int, is_told: bool) -> None:
    """300 domains of three prompts each took five minutes of permutations."""
    rows = [
        {"prompt_id": f"p{p}", "domain": f"d{p % domains}", "model": model, "response": f"r{(i + p) % kinds}", "sample_index": i}
        for p in range(2 * domains) for model, kinds in (("a", 2), ("b", 3)) for i in range(3)
    ]  # fmt: skip
    counting = IngestOptions(ExactText(), None)
    results, _ = measure_batches([batch(rows)], counting, Options(draws=200, examples=0), lambda: Provenance("t"))
    clusters = results.to_frame("model_clusters")
    assert clusters["domain"].null_count() > 0
    assert clusters["domain"].is_not_null().any() == is_told


def test_advice_shows_what_a_name_hides(tmp_path: Path) -> None:
    rows = [("p" + str(p), "\u202eevil\x07", i, f"{p} {i}") for p in range(12) for i in range(3)]
    frame = pl.DataFrame(rows, schema=["prompt_id", "model", "sample_index", "response"], orient="row")
    measure.run(frame, equivalence="exact", examples=0, draws=200).save(tmp_path / "run")
    done = triaxis("advise", "run", folder=tmp_path)
    assert done.returncode == 0
    assert "\u202e" not in done.stdout
    assert "\x07" not in done.stdout
