"""`triaxis demo`: the main job on real models, from the class counts that ship with the package."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from triaxis.cli.measure import deliver, typed_command
from triaxis.cli.progress import progress_bar
from triaxis.measure import Options, measure_paths
from triaxis.measure.api import Reading


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the page and the tables.")] = Path("triaxis-demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print results.json instead of the table.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no table.")] = False,
) -> None:
    """Fourteen real models on the 100 curated prompts of NoveltyBench: see the ranking flip with the quality floor."""
    with as_file(files("triaxis.demo") / "noveltybench") as store, progress_bar(quiet=quiet or as_json, totals={"measuring models": 14}) as progress:
        title = "NoveltyBench, 14 models, 100 curated prompts"
        measured = measure_paths([store], Reading(), Options(), command=typed_command(), title=title, progress=progress)
    deliver(measured, out, as_json=as_json, quiet=quiet)
