"""`triaxis lab`: models of our own to train, for claims that anyone can check."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from triaxis.cli import flags
from triaxis.cli import regret as splitting
from triaxis.cli.help import Verb
from triaxis.cli.measure import chosen_names, typed_command
from triaxis.cli.output import Printer, check_out, writing
from triaxis.cli.progress import progress_bar
from triaxis.diversity.equivalence import parse_equivalence
from triaxis.lab import validity as judging
from triaxis.lab.zoo import train_zoo
from triaxis.models.embedding import open_embedder

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


Judged = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", show_default=False,
        help="Sets of responses: rows of one prompt_id are one set, and meta of its first row holds human_diversity or "
        "label_value (test, task and ref_metrics, too, where there are any).",
    ),
]  # fmt: skip
Folder = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", rich_help_panel=flags.OUTPUT, help="A folder for validity.json and validity.md."),
]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--equivalence", metavar="NAME", rich_help_panel=flags.STATISTICS, show_default=False,
        help="A rule that makes the classes for metrics on classes, such as lexical or learned; give it again for another one.",
    ),
]  # fmt: skip
Draws = Annotated[
    int, typer.Option(min=100, metavar="N", rich_help_panel=flags.STATISTICS, help="Resamples of prompts for the intervals.")
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


@lab.command("validity", cls=Verb)
def validity(
    file: Judged,
    metrics: flags.Metrics = None,
    embedder: flags.EmbedderName = None,
    equivalence: Rules = None,
    draws: Draws = judging.DRAWS,
    seed: flags.Seed = 0,
    out: Folder = None,
    as_json: flags.AsJson = False,
    quiet: flags.Quiet = False,
) -> None:
    """Rank sets of responses by every diversity metric, and say how well that agrees with people and with what is known."""
    if out is not None:
        check_out(out)
    encoder = None if embedder is None else open_embedder(embedder)
    rules = [parse_equivalence(name) for name in equivalence or ()]
    names = chosen_names(metrics, of="--metrics", example="distinct:2,self-bleu")
    with progress_bar(quiet=quiet or as_json, totals={}) as progress:
        found = judging.validity(
            file, metrics=names, embedder=encoder, rules=rules, draws=draws, seed=seed, progress=progress
        )
    _hand_over(found, file, out, None if encoder is None else encoder.name, as_json=as_json, quiet=quiet)


def _hand_over(
    found: judging.Validity, file: Path, out: Path | None, encoder: str | None, *, as_json: bool, quiet: bool
) -> None:
    digest = judging.data_sha256(file)
    told = judging.as_json(found, command=typed_command(), data=file.name, data_sha256=digest, encoder=encoder)
    tables = judging.markdown(found)
    if out is not None:
        with writing(out) as folder:
            (folder / "validity.json").write_text(told, encoding="utf-8")
            (folder / "validity.md").write_text(tables, encoding="utf-8")
    if as_json:
        print(told, end="")
    elif not quiet:
        Printer().print(tables, highlight=False, markup=False, soft_wrap=True)
        for name, reason in found.not_run.items():
            Printer().print(f"not run: {name}: {reason}", highlight=False, markup=False, soft_wrap=True, style="dim")


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


lab.command("regret", cls=Verb)(splitting.regret)
