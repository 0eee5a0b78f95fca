"""`triaxis measure --robust` and `--labelled-pairs` from end to end."""

from pathlib import Path

import polars as pl
import pytest

from tests.cli.commands import jsonl, refused, succeeds
from tests.measure.robust.varied import flipping

FAST = ("--equivalence", "exact", "--draws", "200", "--examples", "2", "--metrics", "none", "--complexity", "none")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("robust")
    names = ("prompt_id", "model", "response", "label", "quality", "sample_index")
    jsonl(made / "samples.jsonl", flipping().select(names).to_dicts())
    pairs = [{"first": "a robin", "second": f"an oak {n}", "human_same": n % 2, "prompt_id": f"p{n}"} for n in range(20)]
    jsonl(made / "pairs.jsonl", pairs)
    return made


def test_robust_and_labelled_pairs_leave_tables_a_section_and_a_sentence(folder: Path) -> None:
    typed = ("--robust", "--robust-rule", "normalised", "--robust-rule", "column:label", "--labelled-pairs", "pairs.jsonl")
    shown = succeeds("measure", "samples.jsonl", *FAST, *typed, "--out", "out", folder=folder)
    assert "Counted again under 2 other rules" in " ".join(shown.split())
    runs = pl.read_parquet(folder / "out" / "tables" / "robust_flip_runs.parquet")
    assert set(runs["alternative"]) == {"normalised", "column:label"}
    assert pl.read_parquet(folder / "out" / "tables" / "pairs_ppi.parquet").height == 2
    assert "How much hangs on the rule" in (folder / "out" / "report.html").read_text(encoding="utf-8")


def test_a_rule_without_robust_is_refused(folder: Path) -> None:
    message = refused("measure", "samples.jsonl", *FAST, "--robust-rule", "exact", folder=folder)
    assert "needs --robust" in " ".join(message.split())


def test_a_file_of_pairs_without_verdicts_is_refused(folder: Path) -> None:
    message = refused("measure", "samples.jsonl", *FAST, "--labelled-pairs", "samples.jsonl", folder=folder)
    assert "human_same" in message
