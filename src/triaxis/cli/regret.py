"""`triaxis lab regret`: advice made on half of the prompts, held against the other half."""

import json
from typing import Annotated

import typer

from triaxis.cli import flags
from triaxis.cli.output import Printer
from triaxis.cli.progress import progress_bar
from triaxis.lab.regret import regrets
from triaxis.lab.regret.run import markdown
from triaxis.measure.api import Reading

Splits = Annotated[
    int, typer.Option(min=1, metavar="N", rich_help_panel=flags.STATISTICS, help="How often the prompts are split in half.")
]
Draws = Annotated[
    int, typer.Option(min=200, metavar="N", rich_help_panel=flags.STATISTICS, help="Resamples of prompts for the intervals.")
]
AsJson = Annotated[bool, typer.Option("--json", metavar="", rich_help_panel=flags.OUTPUT, help="Print the rows as JSON.")]


def regret(
    files: flags.Files,
    quality: flags.Quality = None,
    equivalence: Annotated[
        str, typer.Option(metavar="NAME", rich_help_panel=flags.BAR, help="When two answers are the same, for all models alike.")
    ] = "lexical@prompt",
    by: flags.By = None,
    splits: Splits = 20,
    draws: Draws = 400,
    seed: flags.Seed = 0,
    as_json: AsJson = False,
    quiet: flags.Quiet = False,
) -> None:
    """Advise on half of the prompts, and see on the other half what the advice, and simpler rules, lose against the best."""
    reading = Reading(quality=quality, equivalence=equivalence, by=tuple(part for one in by or () for part in one.split(",")))
    with progress_bar(quiet=quiet or as_json, totals={}) as progress:
        found = regrets(files, reading, splits=splits, draws=draws, seed=seed, progress=progress)
    if as_json:
        rows = [row._asdict() for row in found.rows]
        print(json.dumps({"rows": rows, "not_run": found.not_run}, allow_nan=False))
        return
    for line in markdown(found):
        Printer().print(line, highlight=False, markup=False, soft_wrap=True)
