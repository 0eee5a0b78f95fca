"""`triaxis diff`: two folders of earlier runs in; what changed as a table, and whether a limit was broken as an exit code."""

import json
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from triaxis.cli import flags
from triaxis.cli.output import Printer
from triaxis.measure.diff import Diff
from triaxis.measure.diff import diff as compare_runs
from triaxis.measure.diff.run import Decided
from triaxis.measure.options import DEFAULT_DRAWS

RUNS = "Runs"
LIMITS = "Limits"
WIDTH = 100
"""Columns that a table takes at least: a log of CI says 80, and wraps longer lines by itself."""


def diff(
    old: Annotated[
        Path,
        typer.Argument(metavar="OLD", show_default=False, rich_help_panel=RUNS, help="The folder of the first run."),
    ],
    new: Annotated[
        Path,
        typer.Argument(metavar="NEW", show_default=False, rich_help_panel=RUNS, help="The folder of the second run."),
    ],
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LIMIT",
            show_default=False,
            rich_help_panel=LIMITS,
            help="Leave with exit code 1 when this is so beyond doubt, with 3 when nobody can tell: 'U(7,10) drops > 10%', "
            "'share(7) of MODEL < 0.5', 'D(7,5) in DOMAIN changes > 0.3', 'quality drops 2%'. Repeat it for several.",
        ),
    ] = None,
    domain: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False, rich_help_panel=flags.SHOWN, help="Look at this domain only."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", show_default=False, rich_help_panel=flags.SHOWN,
            help="Look at this model only. Repeat it for several.",
        ),
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OLD=NEW",
            show_default=False,
            rich_help_panel=RUNS,
            help="Compare these two models, which have different names in the two runs. Repeat it for several.",
        ),
    ] = None,
    gate: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER",
            show_default=False,
            rich_help_panel=RUNS,
            help="Which gate to compare, by its number or label, where both runs have several.",
        ),
    ] = None,
    delta: flags.DeltaText = "10%",
    draws: flags.Draws = DEFAULT_DRAWS,
    seed: flags.Seed = 0,
    as_json: Annotated[
        bool,
        typer.Option("--json", metavar="", rich_help_panel=flags.OUTPUT, help="Print everything as JSON instead of the table."),
    ] = False,
) -> None:  # fmt: skip
    """What changed from one run to the next, from their counts alone; for CI, with limits and exit codes."""
    found = compare_runs(
        old, new, fail_if=fail_if or (), domain=domain, models=model or (), pairs=pair or (), gate=gate, delta=delta, draws=draws,
        seed=seed,
    )  # fmt: skip
    if as_json:
        print(json.dumps(found.to_json(), allow_nan=False))
    else:
        show(found)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def show(found: Diff) -> None:
    """Prints the table, the notes and what came of every limit."""
    printer = Printer()
    printer.width = max(printer.width, WIDTH)
    printer.print(Text(f"Gate: {found.gate}"), soft_wrap=True)
    for name, domain, rows in _groups(found):
        printer.print(Text(f"\n{name}, {'all domains' if domain is None else f'domain {domain}'}"), soft_wrap=True)
        printer.print(_table(rows))
    printer.print()
    for note in found.notes:
        printer.print(Text(f"Note: {note}"), soft_wrap=True)
    for one in found.limits:
        printer.print(Text(_said(one)), soft_wrap=True)


def _groups(found: Diff) -> Iterator[tuple[str, str | None, list[dict[str, Any]]]]:
    """The rows of each pair of models in each domain."""
    for (old, new, domain), rows in found.rows.group_by("model", "model_new", "domain", maintain_order=True):
        yield str(old) if old == new else f"{old} to {new}", None if domain is None else str(domain), rows.to_dicts()


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("figure", no_wrap=True)
    for column in ("old", "new", "difference", "relative", "95 % interval"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("prompts", justify="right", no_wrap=True)
    for row in rows:
        relative = "" if row["relative"] is None else f"{row['relative']:+.1%}"
        interval = "" if row["low"] is None else f"{row['low']:+.3g} to {row['high']:+.3g}"
        cells = [
            row["figure"], _number(row["old"]), _number(row["new"]),
            _number(row["difference"], "+"), relative, interval, row["verdict"], str(row["prompts"]),
        ]  # fmt: skip
        table.add_row(*map(Text, cells))
    return table


def _number(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{value:{sign}.3g}"


def _said(one: Decided) -> str:
    """A sentence for one limit."""
    name = one.model if one.model == one.model_new else f"{one.model} to {one.model_new}"
    where = name if one.domain is None else f"{name} in {one.domain}"
    word = {"broken": "FAIL", "undecided": "UNDECIDED", "holds": "ok"}[one.ruling.state]
    why = f"; {one.ruling.reason}" if one.ruling.reason else ""
    moved = "" if isnan(one.old) or isnan(one.new) else f": {one.old:.3g} to {one.new:.3g} on {one.prompts} prompts"
    return f"{word}: {one.limit.text} [{where}]{moved}{why}"
