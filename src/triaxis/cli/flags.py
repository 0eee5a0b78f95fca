"""The flags of `triaxis measure`, one type each, so that the command itself reads as a list of names."""

from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Samples: JSONL, JSON, CSV, Parquet, Arrow, a datasets folder, a glob, '-' for standard input; "
        "or folders of earlier runs.",
    ),
]
Quality = Annotated[
    str | None, typer.Option(help="Column (or meta.KEY) with the quality of each sample; default: a column called quality.")
]
Equivalence = Annotated[
    str,
    typer.Option(
        help="When two answers are the same: lexical, lexical:0.7, exact, normalised, column:NAME (labels comparable inside one "
        "cell) or column:NAME@prompt (shared by all models)."
    ),
]
Out = Annotated[Path, typer.Option(help="Folder for report.html, summary.md, card.png, results.json, tables/ and store/.")]
By = Annotated[
    list[str] | None, typer.Option(help="Compare by this column or meta.KEY instead of model; several separated by commas.")
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=COLUMN", help="Take canonical column NAME from COLUMN, such as response=output; NAME= ignores it."
    ),
]
QualitySource = Annotated[
    str | None, typer.Option(help="Use only scores from this source; default: each source is measured apart.")
]
Judge = Annotated[str | None, typer.Option(help="Model behind the quality scores, for the caution about its own family.")]
Floor = Annotated[list[float] | None, typer.Option(help="Show this quality floor exactly, besides all observed values.")]
Budget = Annotated[list[int] | None, typer.Option(help="Show this number of draws per prompt, besides the default ones.")]
Compare = Annotated[
    list[str] | None, typer.Option(help="Compare this model (twice or more); default: those with most prompts, up to 20.")
]
DeltaText = Annotated[
    str, typer.Option("--delta", help="Differences up to this are the same: a share such as 10%, or classes such as 0.25.")
]
Draws = Annotated[int, typer.Option(help="Bootstrap draws over prompts.")]
Seed = Annotated[int, typer.Option(help="Seed of every random choice.")]
Examples = Annotated[int, typer.Option(help="Prompts whose answers are kept to look at; 0 reads no texts unless needed.")]
ShowPrompt = Annotated[list[str] | None, typer.Option(help="Keep the answers to this prompt_id to look at, too.")]
Strict = Annotated[bool, typer.Option("--strict", help="Fail at the first bad row instead of keeping it in rejects.jsonl.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what was recognised and what can run; measure nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print results.json (or the plan) instead of the table.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no table.")]
