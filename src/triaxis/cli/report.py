"""`triaxis report`: the page, card and summary again from saved results, on a machine with neither texts nor models."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from triaxis import report as pages
from triaxis.results import Results


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that triaxis measure wrote.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the new page; default: the same folder.")] = None,
) -> None:
    """Make the page, the card and the summary again from saved results."""
    written = pages.write(Results.load(folder), out or folder)
    Console().print(f"Page: {written.page}", highlight=False, markup=False, soft_wrap=True)
