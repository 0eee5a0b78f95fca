"""The comparison of two zoos, held against the shipped one and against one that is spoilt."""

from pathlib import Path

import polars as pl
import pytest

from tests.lab.reproduction import SHIPPED, differences, figures, main


@pytest.fixture(scope="module")
def shipped() -> pl.DataFrame:
    return pl.read_parquet(SHIPPED)


def test_the_shipped_zoo_agrees_with_itself(shipped: pl.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    assert differences(shipped, shipped) == []
    assert main(str(SHIPPED.parent)) == 0
    assert "every row is the same" in capsys.readouterr().out


def test_a_model_that_says_one_thing_is_seen(shipped: pl.DataFrame, tmp_path: Path) -> None:
    is_joint = pl.col("model") == "zoo-large-joint"
    collapsed = shipped.with_columns(response=pl.when(is_joint).then(pl.lit("9+9")).otherwise("response"))
    assert [sentence.split(":")[0] for sentence in differences(collapsed, shipped)] == ["zoo-large-joint"]
    collapsed.write_parquet(tmp_path / "samples.parquet")
    assert main(str(tmp_path)) == 1


def test_a_missing_model_is_seen(shipped: pl.DataFrame) -> None:
    assert len(differences(shipped.filter(pl.col("model") != "zoo-large-joint"), shipped)) == 1


def test_figures_are_counted_by_prompt() -> None:
    rows = [("p", "1+9", 1.0), ("p", "9+1", 1.0), ("p", "5+5", 1.0), ("p", "no", 0.0), ("q", "x", 0.0), ("q", "2*7", 1.0)]
    frame = pl.DataFrame(rows, schema=["prompt_id", "response", "quality"], orient="row").with_columns(model=pl.lit("m"))
    assert figures(frame)["m"] == pytest.approx(((3 / 4 + 1 / 2) / 2, 1.5))
