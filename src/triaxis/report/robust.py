"""How much of the flips is the rule that says what is the same: each flip under the other rules it was counted under.

Class labels are measured, not given. This section says how far the findings hang on them, and, where people labelled pairs, what
the rule's own error does to the rate of different answers.
"""

from typing import NamedTuple

import polars as pl

from triaxis.report.text import floor_name, interval, number, plural, trimmed
from triaxis.report.view import GateView, Row

FLIP = "flip"
MOST_FLIPS = 40
MOST_RULES = 16
MOST_PAIRS = 40
MOST_REASONS = 20
NEEDS_ALL = 1.0


class Found(NamedTuple):
    """One flip under one rule: what a cell says, and its tone (`same`, `doubt`, `gone`, or nothing where it did not run)."""

    words: str
    tone: str


class Robust(NamedTuple):
    """Flips beyond doubt at one budget, weakest first: `rows` are (row of `robust_flips`, one `Found` for each of `rules`).

    `skipped` are (rule, reason) for what did not run; `mended` are rows of `pairs_ppi`.
    """

    budget: int
    rules: list[str]
    rows: list[tuple[Row, list[Found]]]
    flips_left: int
    rules_left: int
    skipped: list[tuple[str, str]]
    mended: list[Row]
    sentence: str


def robust(view: GateView) -> Robust | None:
    """What the page shows of `robust_flips`, `robust_flip_runs` and `pairs_ppi`, all domains together; None without any."""
    flips, mended = _flips(view), _rows(view, "pairs_ppi")[:MOST_PAIRS]
    if not flips and not mended:
        return None
    budget = flips[0]["budget"] if flips else 0
    runs = _table(view, "robust_flip_runs").filter(pl.col("budget") == budget)
    ran = runs.filter(pl.col("found") != "not run")["alternative"].unique(maintain_order=True).to_list()
    by_key = {(*_key(row), row["alternative"]): row for row in runs.iter_rows(named=True)}
    shown = [(row, [_found(by_key.get((*_key(row), rule))) for rule in ran[:MOST_RULES]]) for row in flips[:MOST_FLIPS]]
    reasons = runs.filter(pl.col("found") == "not run").select("alternative", "reason").unique(maintain_order=True)
    skipped = [(name, reason or "") for name, reason in reasons.iter_rows()][:MOST_REASONS]
    left = max(0, len(flips) - MOST_FLIPS)
    return Robust(budget, ran[:MOST_RULES], shown, left, len(ran[MOST_RULES:]), skipped, mended, _sentence(flips, len(ran)))


def _table(view: GateView, name: str) -> pl.DataFrame:
    """Rows of a table that older results do not have."""
    return view.table(name) if name in view.results.tables else pl.DataFrame()


def _rows(view: GateView, name: str) -> list[Row]:
    found = _table(view, name)
    return found.to_dicts()


def _flips(view: GateView) -> list[Row]:
    """Flips beyond doubt at the reference budget, else at the largest budget that has some; those that hold least first."""
    sure = [row for row in _rows(view, "robust_flips") if row["verdict"] == FLIP]
    budgets = {row["budget"] for row in sure}
    budget = view.budget if view.budget in budgets else max(budgets, default=None)
    return sorted((row for row in sure if row["budget"] == budget), key=_weakest_first)


def _weakest_first(row: Row) -> tuple[float, float]:
    return (2.0 if row["share"] is None else row["share"], row["share_sure"] or 0.0)


def _key(row: Row) -> tuple[object, ...]:
    return row["model_a"], row["model_b"], row["crossing"]


def _found(row: Row | None) -> Found:
    if row is None or row["found"] == "not run":
        return Found("–", "")
    if row["found"] == "no such flip":
        return Found("no", "gone")
    at = f"at {floor_name(row['floor'])}"
    return Found(at, "same") if row["found"] == "same flip" else Found(f"{at}, in doubt", "doubt")


def _sentence(flips: list[Row], rules: int) -> str:
    """How far the flips hang on the rule, in one sentence; empty where there is no flip or no other rule ran."""
    tried = [row for row in flips if row["tried"]]
    if not tried:
        return ""
    sure = sum(row["share_sure"] == NEEDS_ALL for row in tried)
    firm = sum(row["share"] == NEEDS_ALL for row in tried)
    head = (
        f"Counted again under {plural(rules, 'other rule')} for what is the same, {firm} of {plural(len(tried), 'flip')} "
        f"at {plural(tried[0]['budget'], 'draw')} {'is' if firm == 1 else 'are'} there under all of them, {sure} beyond doubt "
        "each time"
    )
    weakest = tried[0]
    if weakest["share"] == NEEDS_ALL:
        return f"{head}."
    names = f"{trimmed(weakest['leader_below'], 40)} to {trimmed(weakest['leader_above'], 40)}"
    return f"{head}; least firm is {names}, under {weakest['holds']} of {weakest['tried']}."


def line(view: GateView) -> str:
    """For the terminal: the sentence, or nothing."""
    found = robust(view)
    return "" if found is None else found.sentence


def share(row: Row) -> str:
    """`7 of 7, 6 beyond doubt`."""
    return f"{row['holds']} of {row['tried']}, {row['sure']} beyond doubt"


def mended_figure(row: Row) -> str:
    """`0.73 [0.68, 0.78]`; a dash where there is none."""
    return f"{number(row['value'])} {interval(row['low'], row['high'])}".rstrip()


def rule_figure(row: Row) -> str:
    """The rate as the rule sees it."""
    return f"{number(row['by_rule'])} {interval(row['rule_low'], row['rule_high'])}".rstrip()
