"""The bounded extract: the axes keep what is named, the byte budget holds, what is left out is counted."""

import json

import numpy as np
import polars as pl
import pytest

from tests.report import synthetic
from triaxis.report import dense, extract
from triaxis.report.text import number
from triaxis.report.view import views


def test_encoded_json_cannot_leave_its_script_element():
    text = extract.encoded({"a": "</script><!-- & \u2028"}).decode()
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!-- & \u2028"}


def test_thinning_keeps_what_is_named_and_spreads_the_rest():
    kept = extract.thinned([float(i) for i in range(100)], 10, [0.0, 37.0], [10.0, 20.0, 30.0])
    assert len(kept) == 10
    assert {0.0, 37.0, 10.0, 20.0, 30.0, 99.0} <= set(kept)
    assert kept == sorted(kept)


def test_thinning_keeps_everything_where_there_is_room():
    assert extract.thinned([1, 2, 3], 10, [2], []) == [1, 2, 3]


def test_the_cube_holds_the_thousandths_of_the_table_in_its_place():
    results = synthetic.measured(synthetic.corpus(3, prompts=20, domains=2))
    view = views(results)[0]
    found = extract.gate_extract(view, extract.Limits())
    shape = (3, 3, len(found["floors"]), len(found["budgets"]))
    cube = np.array(found["u"]["value"], dtype=float).reshape(shape)
    row = results.tables["usable_diversity"].filter(
        pl.col("domain") == "domain 1", pl.col("model") == "model-c", pl.col("floor") == 4, pl.col("budget") == 7
    ).row(0, named=True)  # fmt: skip
    at = (found["domains"].index("domain 1"), 2, found["floors"].index(4.0), found["budgets"].index(7))
    assert abs(cube[at] - 1000 * row["value"]) <= 1.5


def test_a_place_without_a_value_is_null_and_never_zero():
    results = synthetic.measured(synthetic.corpus(2))
    cut = results.tables["usable_diversity"].filter(~((pl.col("model") == "model-a") & (pl.col("budget") == 3)))
    found = extract.gate_extract(
        views(synthetic.Results(results.manifest, {**results.tables, "usable_diversity": cut}))[0], extract.Limits()
    )
    values = np.array(found["u"]["value"], dtype=object).reshape(1, 2, len(found["floors"]), -1)
    assert set(values[0, 0, :, 2]) == {None}
    assert None not in set(values[0, 1].ravel())


@pytest.mark.parametrize("room", [400_000, 60_000, 15_000])
def test_a_huge_result_fits_into_the_room_it_is_given(room: int):
    found, left = extract.bounded(views(synthetic.huge(models=60, floors=64, budgets=8, prompts=6))[0], room)
    assert len(extract.encoded(found)) <= room
    assert any("of 6 example prompts" in line or "texts are cut" in line for line in left)


def test_what_is_left_out_is_counted():
    view = views(synthetic.huge(models=60, floors=64, budgets=8, prompts=3))[0]
    lines = extract.left_out(view, extract.Limits(models=30, floors=16, budgets=4, domains=2, prompts=2))
    assert "30 of 60 models are on this page" in lines
    assert "1 of 3 domains are on this page" in lines
    assert "4 of 8 budgets are on this page" in lines
    assert "2 of 3 example prompts are on this page" in lines


def test_every_step_of_the_ladder_names_a_limit_and_lowers_it():
    last = {name: getattr(extract.Limits(), name) for name in extract.Limits.__dataclass_fields__}
    for name, value in extract.LADDER:
        assert value < last[name]
        last[name] = value


@pytest.mark.parametrize("value", [2.7046, 2.70451, 2.705, 2.7051, -2.7046, 0.125, 0.135, 3.0, 0.0])
def test_the_page_rounds_to_the_same_hundredths_as_the_other_reports(value: float):
    (at,) = dense.thousandths(pl.Series([value]))
    assert at is not None
    assert at % 10 != 5
    assert number(at / 1000) == number(value)
