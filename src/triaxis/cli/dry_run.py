"""What `--dry-run` prints: how the input was understood, what there is, what can run and what cannot and why."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from triaxis.measure import Plan

MOST_MODELS = 40


def show_plan(plan: Plan, *, as_json: bool) -> None:
    """Prints `plan` for people, or as JSON."""
    if as_json:
        print(plan.model_dump_json())
        return
    console = Console(soft_wrap=True)
    for line in _lines(plan):
        console.print(line, highlight=False)
    console.print(_models(plan))
    for line in _analyses(plan):
        console.print(line, highlight=False)


def _lines(plan: Plan) -> Iterator[str]:
    for read in plan.inputs:
        yield f"[bold]{escape(read.path)}[/]: {escape(read.format)}, shape {escape(read.shape)}, {read.rows or 0:,} samples"
        yield from (f"  {name} <- {escape(origin)}" for name, origin in read.columns.items())
        yield from (f"  note: {escape(note)}" for note in read.notes)
    reasons = "; ".join(f"{count} x {reason}" for reason, count in plan.reject_reasons.items())
    yield f"{plan.rows:,} samples, {plan.rejected:,} rows rejected{escape(f' ({reasons})') if reasons else ''}"
    yield f"{plan.prompts:,} prompts, {plan.shared_prompts:,} of them shared by all {len(plan.models)} models"
    yield "domains: " + ", ".join(f"{escape(name)} ({count:,})" for name, count in plan.domains.items())
    yield "quality sources: " + (
        ", ".join(f"{escape(name)} ({count:,})" for name, count in plan.quality_sources.items()) or "none"
    )
    if len(plan.quality_sources) > 1:
        yield "  a floor never crosses sources: each is measured apart; --quality-source picks one"


def _models(plan: Plan) -> Table:
    table = Table("model", box=None, header_style="bold")
    for heading in ("samples", "prompts", "per prompt", "with quality"):
        table.add_column(heading, justify="right")
    for m in plan.models[:MOST_MODELS]:
        cell = (
            f"{m.smallest_cell}"
            if m.smallest_cell == m.largest_cell
            else f"{m.smallest_cell} to {m.largest_cell}, median {m.median_cell:g}"
        )
        table.add_row(escape(m.model), f"{m.samples:,}", f"{m.prompts:,}", cell, f"{m.with_quality:,}")
    if len(plan.models) > MOST_MODELS:
        table.add_row(f"... and {len(plan.models) - MOST_MODELS} more", "", "", "", "")
    return table


def _analyses(plan: Plan) -> Iterator[str]:
    yield from (f"[green]can run[/]  {escape(what)}" for what in plan.runs)
    yield from (f"[yellow]not run[/]  {escape(missing.analysis)}: {escape(missing.reason)}" for missing in plan.not_run)
