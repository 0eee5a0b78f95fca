"""Which metrics to distrust, as a sentence, a table, and HTML that shows no text as markup."""

from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from tests.report import synthetic
from tests.report.wider import filled
from triaxis import report
from triaxis.report.page import page
from triaxis.report.trust import MOST_LINES, lines, trust
from triaxis.report.view import GateView, views
from triaxis.results import TABLES, Results

EVIL = "<script>alert(1)</script>\u202e"


def row(gate: str, metric: str, check: str, verdict: str, reason: str) -> dict[str, object]:
    known = {"gate": gate, "metric": metric, "level": "lexical", "check": check, "verdict": verdict, "reason": reason}
    return {name: known.get(name) for name in TABLES["trust"]}


def told(metrics: int = 2) -> Results:
    """Results in which the last metric of all has two things against it, and the first nothing."""
    bare = synthetic.measured(synthetic.corpus(3))
    gate = bare.manifest.gates[0].gate.label
    rows = [row(gate, f"metric{i}", "length", "trust" if i == 0 else "distrust", f"Reason {i}.") for i in range(metrics)]
    rows += [row(gate, f"metric{metrics - 1}", "ties", "distrust", EVIL), row(gate, "metric0", "size", "cannot tell", "Few.")]
    return filled(bare, trust=rows)  # type: ignore[arg-type]


def view(results: Results) -> GateView:
    return views(results)[0]


def test_metrics_with_most_against_them_come_first() -> None:
    found = trust(view(told(4)))
    assert found is not None
    assert [one.metric for one in found.metrics] == ["metric3", "metric1", "metric2", "metric0"]
    assert [one.tone for one in found.metrics] == ["distrust", "distrust", "distrust", "trust"]
    assert found.metrics[0].against == ["Reason 3.", EVIL]
    assert (found.metrics[-1].unknown, found.metrics[-1].passed) == (["Few."], ["length"])
    assert found.sentence == "On these samples something speaks against 3 of 4 metrics."


def test_a_run_without_the_table_says_nothing() -> None:
    bare = view(synthetic.measured(synthetic.corpus(3)))
    assert trust(bare) is None
    assert lines(bare) == []


def test_when_nothing_speaks_against_any_it_says_so() -> None:
    results = told(1)
    fine = results.tables["trust"].filter(pl.col("verdict") != "distrust")
    found = trust(view(Results(results.manifest, {**results.tables, "trust": fine}, results.examples)))
    assert found is not None
    assert found.sentence == "On these samples nothing speaks against any metric, of 1 metric."


def test_the_terminal_tells_the_first_reasons_and_counts_the_rest() -> None:
    found = lines(view(told(12)))
    assert found[0] == "On these samples something speaks against 11 of 12 metrics."
    assert found[1] == "distrust metric11: Reason 11. (1 more reason)"
    assert len(found) == 2 + MOST_LINES
    assert found[-1] == "and 3 more metrics: see tables/trust.parquet"


def test_the_terminal_shows_it() -> None:
    console = Console(file=StringIO(), width=200, force_terminal=False)
    console.print(report.terminal(told()))
    assert "distrust metric1: Reason 1." in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("metrics", [2, 70])
def test_the_page_has_a_section_that_shows_no_text_as_markup(metrics: int) -> None:
    html = page(told(metrics))
    assert 'data-part="trust"' in html
    assert f"against {metrics - 1} of {metrics} metrics" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)" not in html
    assert "\u202e" not in html
    assert ("more metrics in tables/trust.parquet" in html) == (metrics > 60)
