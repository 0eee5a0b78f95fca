"""`triaxis measure`: files of samples in; a short table, a page, a card, a summary, tables and a run store out."""

import json
import shlex
import sys
from pathlib import Path

from rich.console import Console

from triaxis import report
from triaxis.cli import flags
from triaxis.cli.dry_run import show_plan
from triaxis.cli.progress import progress_bar
from triaxis.diversity.equivalence import DEFAULT, parse_equivalence
from triaxis.measure import Measured, Options, measure_paths, parse_delta, plan
from triaxis.measure.api import Reading, open_samples
from triaxis.measure.options import DEFAULT_DRAWS
from triaxis.records import parse_mapping

OUT = Path("triaxis-report")


def measure(
    files: flags.Files,
    quality: flags.Quality = None,
    equivalence: flags.Equivalence = DEFAULT,
    out: flags.Out = OUT,
    by: flags.By = None,
    map: flags.Map = None,
    quality_source: flags.QualitySource = None,
    judge: flags.Judge = None,
    floor: flags.Floor = None,
    budget: flags.Budget = None,
    compare: flags.Compare = None,
    delta: flags.DeltaText = "10%",
    draws: flags.Draws = DEFAULT_DRAWS,
    seed: flags.Seed = 0,
    examples: flags.Examples = 40,
    show_prompt: flags.ShowPrompt = None,
    strict: flags.Strict = False,
    dry_run: flags.DryRun = False,
    as_json: flags.AsJson = False,
    quiet: flags.Quiet = False,
) -> None:
    """Which model gives the most different good answers, at every quality floor and budget."""
    columns = tuple(name for group in by or () for name in group.split(",") if name)
    reading = Reading(quality, equivalence, columns, parse_mapping(map or ()), strict)
    options = Options(
        tuple(floor or ()), tuple(budget or ()), tuple(compare or ()), quality_source, judge, parse_delta(delta), draws, seed,
        examples, tuple(show_prompt or ()),
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
