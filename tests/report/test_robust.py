"""How much of the flips hangs on the rule, as a sentence, a table, and HTML that shows no text as markup."""

from dataclasses import replace
from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from tests.measure.robust.varied import flipping
from tests.measure.samples import measured
from triaxis import report
from triaxis.measure.options import Options
from triaxis.measure.robust.choice import RobustOptions
from triaxis.report.page import page
from triaxis.report.robust import Found, line, mended_figure, robust, rule_figure, share
from triaxis.report.view import GateView, views
from triaxis.results import Results

RULES = ("normalised", "column:label", "one-class", "exact:nonsense")


@pytest.fixture(scope="module")
def results() -> Results:
    return measured(flipping(), "exact", options=Options(draws=200, robust=RobustOptions(is_on=True, rules=RULES)))


@pytest.fixture(scope="module")
def view(results: Results) -> GateView:
    return views(results)[0]


def test_a_flip_has_a_cell_for_each_rule_that_ran(view: GateView) -> None:
    found = robust(view)
    assert found is not None
    assert found.rules == ["normalised", "column:label", "one-class"]
    ((row, cells),) = found.rows
    assert (row["leader_below"], row["leader_above"]) == ("wild", "tame")
    assert [cell.tone for cell in cells] == ["same", "same", "gone"]
    assert cells[2] == Found("no", "gone")
    assert share(row) == "2 of 3, 2 beyond doubt"


def test_rules_that_did_not_run_are_named_with_the_reason(view: GateView) -> None:
    found = robust(view)
    assert found is not None
    ((name, reason),) = found.skipped
    assert name == "exact:nonsense"
    assert "cannot be made" in reason


def test_the_sentence_says_how_many_hold_and_which_is_least_firm(view: GateView) -> None:
    assert line(view) == (
        "Counted again under 3 other rules for what is the same, 0 of 1 flip at 6 draws are there under all of them, 0 beyond "
        "doubt each time; least firm is wild to tame, under 2 of 3."
    )


def test_the_terminal_and_the_page_say_it(results: Results, view: GateView) -> None:
    console = Console(file=StringIO(), width=400, force_terminal=False)
    console.print(report.terminal(results))
    assert line(view) in console.file.getvalue()  # type: ignore[attr-defined]
    html = page(results)
    assert "How much hangs on the rule" in html
    assert line(view) in html
    assert "tables/robust_flips.parquet" not in html  # nothing was left out


def test_without_a_recount_there_is_no_section() -> None:
    plain = measured(flipping(), "exact")
    assert robust(views(plain)[0]) is None
    assert line(views(plain)[0]) == ""
    assert "How much hangs on the rule" not in page(plain)


def test_names_and_reasons_are_escaped(results: Results) -> None:
    evil = "<script>alert(1)</script>"
    runs = results.tables["robust_flip_runs"].with_columns(reason=pl.lit(evil), alternative=pl.lit(evil) + pl.col("alternative"))
    hostile = replace(results, tables={**results.tables, "robust_flip_runs": runs})
    html = page(hostile)
    assert evil not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;exact:nonsense" in html


def test_rates_with_the_error_of_the_rule_are_shown_beside_the_rule() -> None:
    row = {"by_rule": 0.74, "rule_low": 0.68, "rule_high": 0.8, "value": 0.557, "low": 0.49, "high": 0.63}
    assert (rule_figure(row), mended_figure(row)) == ("0.74 [0.68, 0.80]", "0.56 [0.49, 0.63]")
    assert mended_figure(row | {"value": None, "low": None, "high": None}) == "–"
