"""`triaxis lab`: models of our own to train, for claims that anyone can check."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from triaxis.cli import flags
from triaxis.cli.help import Verb
from triaxis.cli.measure import typed_command
from triaxis.cli.output import Printer, check_out
from triaxis.cli.progress import progress_bar
from triaxis.lab.zoo import train_zoo

lab = typer.Typer(no_args_is_help=True, help="Small models to train from nothing on one CPU, for claims that anyone can check.")

Seed = Annotated[
    int,
    typer.Option(
        min=0, metavar="N", rich_help_panel=flags.STATISTICS,
        help="Seed of the weights, the demonstrations, the rollouts and the samples; the same seed on the same machine gives the "
        "same file.",
    ),
]  # fmt: skip
Scale = Annotated[
    float,
    typer.Option(
        metavar="FRACTION", rich_help_panel=flags.STATISTICS,
        help="Train for this fraction of the steps, to see that it works; below 1 the models are not those of the docs, and the "
        "output says so.",
    ),
]  # fmt: skip
Out = Annotated[
    Path,
    typer.Option(
        metavar="DIR", rich_help_panel=flags.OUTPUT,
        help="The folder for samples.parquet, models.csv, manifest.json and models/; a run that was stopped there goes on.",
    ),
]  # fmt: skip
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", metavar="", rich_help_panel=flags.OUTPUT, help="Print manifest.json on standard output instead of the table."
    ),
]


@lab.callback()
def _all_of_lab() -> None:
    pass


@lab.command("zoo", cls=Verb)
def zoo(
    seed: Seed = 0,
    scale: Scale = 1.0,
    out: Out = Path("triaxis-zoo"),
    as_json: AsJson = False,
    quiet: flags.Quiet = False,
) -> None:
    """Train four small transformers, two of them tuned for different rewards, and sample them; a stopped run goes on in --out."""
    check_out(out)
    with progress_bar(quiet=quiet or as_json, totals={}) as progress:
        told = train_zoo(out, seed=seed, scale=scale, command=typed_command(), progress=progress)
    if as_json:
        print(json.dumps(told, allow_nan=False))
    elif not quiet:
        _say(told, out)


def _say(told: dict[str, Any], out: Path) -> None:
    table = Table(box=None)
    table.add_column("model", no_wrap=True)
    for head in ("parameters", "exact", "different exact", "different", "CPU seconds"):
        table.add_column(head, justify="right")
    for name, model in told["models"].items():
        last = model["curve"][-1]
        table.add_row(
            name, f"{model['parameters']:,}", f"{last['accuracy']:.0%}", f"{last['distinct_right']:.1f}",
            f"{last['distinct']:.1f}", f"{model['cpu_seconds']:.0f}",
        )  # fmt: skip
    printer = Printer()
    printer.print(table)
    printer.print("Of 32 answers to each of 69 prompts that no model was trained on.")
    if told["scale"] < 1:
        printer.print(f"Trained for {told['scale']:g} of the steps: these are not the models of the docs.")
    command = f"triaxis measure {out / 'samples.parquet'} --equivalence expression --models {out / 'models.csv'}"
    printer.print(f"Measure them: {command}", highlight=False, markup=False, soft_wrap=True)
