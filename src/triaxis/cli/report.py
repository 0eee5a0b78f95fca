"""`triaxis report`: the page, card and summary again from saved results, on a machine with neither texts nor models."""

from pathlib import Path
from typing import Annotated

import typer

from triaxis import report as pages
from triaxis.cli import flags
from triaxis.cli.output import Printer, check_out, writing
from triaxis.results import Results


def report(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", show_default=False, rich_help_panel="Results", help="A folder that triaxis measure wrote."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            show_default=False,
            rich_help_panel=flags.OUTPUT,
            help="The folder for report.html, summary.md and card.png. Left out, those in the same folder are replaced.",
        ),
    ] = None,
) -> None:
    """Make the page, the card and the summary again from saved results, without the samples."""
    results, where = Results.load(folder), out or folder
    check_out(where)
    with writing(where) as partial:
        pages.write(results, partial)
    Printer().print(f"Page: {where / 'report.html'}", highlight=False, markup=False, soft_wrap=True)
