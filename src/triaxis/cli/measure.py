"""`triaxis measure`: files of samples in; a short table, a page, a card, a summary, tables and a run store out."""

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from triaxis import report
from triaxis.cli.dry_run import show_plan
from triaxis.cli.progress import progress_bar
from triaxis.diversity.equivalence import DEFAULT, parse_equivalence
from triaxis.measure import Measured, Options, measure_paths, parse_delta, plan
from triaxis.measure.api import Reading, open_samples
from triaxis.records import parse_mapping

OUT = Path("triaxis-report")


def measure(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Samples: JSONL, JSON, CSV, Parquet, Arrow, a datasets folder, a glob, '-' for standard input, or folders that earlier runs wrote.")],
    quality: Annotated[str | None, typer.Option(help="Column (or meta.KEY) with the quality of each sample; default: a column called quality.")] = None,
    equivalence: Annotated[str, typer.Option(help="When two answers are the same: lexical, lexical:0.7, exact, normalised, column:NAME (labels comparable inside one cell) or column:NAME@prompt (shared by all models).")] = DEFAULT,
    out: Annotated[Path, typer.Option(help="Folder for report.html, summary.md, card.png, results.json, tables/ and store/.")] = OUT,
    by: Annotated[list[str] | None, typer.Option(help="Compare by this column or meta.KEY instead of model; several separated by commas.")] = None,
    map: Annotated[list[str] | None, typer.Option(metavar="NAME=COLUMN", help="Take canonical column NAME from COLUMN, such as response=output; NAME= ignores it.")] = None,
    quality_source: Annotated[str | None, typer.Option(help="Use only scores from this source; default: each source is measured apart.")] = None,
    judge: Annotated[str | None, typer.Option(help="Model behind the quality scores, for the caution about its own family.")] = None,
    floor: Annotated[list[float] | None, typer.Option(help="Show this quality floor exactly, besides all observed values.")] = None,
    budget: Annotated[list[int] | None, typer.Option(help="Show this number of draws per prompt, besides the default ones.")] = None,
    compare: Annotated[list[str] | None, typer.Option(help="Compare this model (twice or more); default: those with most prompts, up to 20.")] = None,
    delta: Annotated[str, typer.Option(help="Differences up to this are the same: a share such as 10%, or classes such as 0.25.")] = "10%",
    draws: Annotated[int, typer.Option(help="Bootstrap draws over prompts.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of every random choice.")] = 0,
    examples: Annotated[int, typer.Option(help="Number of prompts whose answers are kept to look at; 0 reads no texts unless needed.")] = 40,
    show_prompt: Annotated[list[str] | None, typer.Option(help="Keep this prompt_id to look at, too.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail at the first bad row instead of keeping it in rejects.jsonl.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what was recognised and what can run; measure nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print results.json (or the plan) instead of the table.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no table.")] = False,
) -> None:  # fmt: skip
    """Which model gives the most different good answers, at every quality floor and budget."""
    columns = tuple(name for group in by or () for name in group.split(",") if name)
    reading = Reading(quality, equivalence, columns, parse_mapping(map or ()), strict)
    options = Options(
        tuple(floor or ()), tuple(budget or ()), tuple(compare or ()), quality_source, judge, parse_delta(delta), draws, seed, examples,
        tuple(show_prompt or ()),
    )  # fmt: skip
    if dry_run:
        show_plan(plan(open_samples(files, reading, parse_equivalence(equivalence), examples=True)), as_json=as_json)
        return
    with progress_bar(quiet=quiet or as_json, totals={}) as progress:
        measured = measure_paths(files, reading, options, command=typed_command(), progress=progress)
    deliver(measured, out, as_json=as_json, quiet=quiet)


def deliver(measured: Measured, out: Path, *, as_json: bool, quiet: bool) -> None:
    """Writes everything into `out` and prints what was asked for."""
    measured.save(out)
    written = report.write(measured.results, out)
    if as_json:
        print(json.dumps(measured.results.to_json(), allow_nan=False))
    elif not quiet:
        console = Console()
        console.print(report.terminal(measured.results))
        console.print(f"\nPage: {written.page}", highlight=False, markup=False, soft_wrap=True)


def typed_command() -> str:
    """The command as typed, to show how numbers were made."""
    return shlex.join(["triaxis", *sys.argv[1:]])


