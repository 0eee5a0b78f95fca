"""What `--dry-run` prints: how the input was understood, what there is, what can run and what cannot and why."""

from collections.abc import Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from triaxis.cli.output import Printer
from triaxis.measure import Plan
from triaxis.measure.plan import RunPlan

MOST_MODELS = 40
MOST_NAMES = 20


def show_plan(plan: Plan, *, as_json: bool) -> None:
    """Prints `plan` for people, or as JSON."""
    if as_json:
        print(plan.model_dump_json())
        return
    printer = Printer(soft_wrap=True)
    for line in _lines(plan):
        printer.print(line, highlight=False)
    printer.print(_models(plan))
    for line in _analyses(plan):
        printer.print(line, highlight=False)


def show_runs(runs: Sequence[RunPlan], *, as_json: bool) -> None:
    """Prints what earlier runs hold, for people, or as JSON."""
    if as_json:
        print(f"[{', '.join(run.model_dump_json() for run in runs)}]")
        return
    printer = Printer(soft_wrap=True)
    for run in runs:
        for line in _run(run):
            printer.print(line, highlight=False)
    if len(runs) > 1:
        printer.print("runs with the same gate are added; a gate of its own is measured apart", highlight=False)


def _run(run: RunPlan) -> Iterator[str]:
    yield f"[bold]{escape(run.path)}[/]: counts of an earlier run, {escape(run.title)}"
    yield f"  gate: {escape(run.gate)}"
    left_out = f", {run.samples - run.measured:,} more could not be measured" if run.samples > run.measured else ""
    yield f"  {_many(run.prompts, 'prompt')}, {_many(run.measured, 'sample')}{left_out}"
    yield f"  {_many(len(run.models), 'model')} (compared by {escape(run.by)}): {_few(run.models)}"
    yield f"  {_many(len(run.domains), 'domain')}: {_few(run.domains)}"


def _lines(plan: Plan) -> Iterator[str]:
    for read in plan.inputs:
        yield f"[bold]{escape(read.path)}[/]: {escape(read.format)}, shape {escape(read.shape)}, {_many(read.rows or 0, 'row')}"
        yield from (f"  {name} <- {escape(origin)}" for name, origin in read.columns.items())
        yield from (f"  note: {escape(note)}" for note in read.notes)
    reasons = "; ".join(f"{count} x {reason}" for reason, count in plan.reject_reasons.items())
    yield f"{_amount(plan)}, {_many(plan.rejected, 'row')} rejected{escape(f' ({reasons})') if reasons else ''}"
    yield f"{_many(plan.prompts, 'prompt')}, {plan.shared_prompts:,} of them shared by all {_many(len(plan.models), 'model')}"
    yield "domains: " + _few([f"{name} ({count:,})" for name, count in plan.domains.items()])
    yield "quality sources: " + (_few([f"{name} ({count:,})" for name, count in plan.quality_sources.items()]) or "none")
    yield f"unit: {plan.unit}"
    yield from (f"gate: {escape(line)}" for line in plan.gates)
    if len(plan.quality_sources) > 1:
        yield "  a floor never crosses sources: each is measured apart; --quality-source picks one"


def _amount(plan: Plan) -> str:
    """`60 samples from 22 rows`, or `60 samples` where a row is a sample."""
    rows = sum(read.rows or 0 for read in plan.inputs)
    samples = _many(plan.rows, "sample")
    return samples if rows == plan.rows + plan.rejected else f"{samples} from {_many(rows, 'row')}"


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


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return escape(", ".join(names[:MOST_NAMES]) + more)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
