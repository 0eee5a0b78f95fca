"""`triaxis fit`: rules of one's own, fitted to labels of one's own."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from triaxis.cli import flags
from triaxis.cli.help import Verb
from triaxis.cli.measure import typed_command
from triaxis.cli.output import Printer, check_out, writing
from triaxis.cli.progress import progress_bar
from triaxis.measure.fit_equivalence import Plan, Sources, fit_equivalence, write_fitted

fit = typer.Typer(no_args_is_help=True, help="Fit a rule to labels of your own, and see how good it is on pairs it has not seen.")

Pairs = Annotated[
    str,
    typer.Argument(
        metavar="PAIRS", show_default=False, rich_help_panel=flags.SAMPLES,
        help="A file of labelled pairs: two rows for each prompt_id with sample_index 0 and 1, or one row for each pair with "
        "columns first, second, same and perhaps prompt.",
    ),
]  # fmt: skip
Label = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", show_default=False, rich_help_panel=flags.INPUT,
        help="The column, or meta.KEY, that holds 1 where people call the two answers the same and 0 where they do not; same or "
        "human_same where it is left out.",
    ),
]  # fmt: skip
Weak = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", show_default=False, rich_help_panel=flags.INPUT,
        help="Samples with class labels of some classifier, to learn from beside the pairs; prompts that are among the pairs are "
        "left out. They count for little each, and not at all where the head is judged.",
    ),
]  # fmt: skip
WeakLabel = Annotated[
    str,
    typer.Option(
        metavar="COLUMN", rich_help_panel=flags.INPUT,
        help="The column of --weak that holds the class; equal classes of one prompt and model are the same.",
    ),
]  # fmt: skip
Encoder = Annotated[
    str,
    typer.Option(
        metavar="NAME", rich_help_panel=flags.BAR, help="The encoder that the head reads: minilm, hf:NAME, openai:MODEL@URL."
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        min=0, metavar="N", rich_help_panel=flags.STATISTICS,
        help="Seed of the folds and of the intervals; the head itself does not depend on it.",
    ),
]  # fmt: skip
Folds = Annotated[
    int,
    typer.Option(min=2, metavar="N", rich_help_panel=flags.STATISTICS, help="Parts of the prompts, each held out once."),
]
Repeats = Annotated[
    int,
    typer.Option(min=1, metavar="N", rich_help_panel=flags.STATISTICS, help="How often the prompts are parted anew."),
]
Out = Annotated[
    Path,
    typer.Option(
        metavar="DIR", rich_help_panel=flags.OUTPUT,
        help="The folder for model.safetensors, config.json, card.md, report.json and reliability.svg.",
    ),
]  # fmt: skip
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", metavar="", rich_help_panel=flags.OUTPUT, help="Print report.json on standard output instead of the table."
    ),
]


@fit.callback()
def _all_of_fit() -> None:
    pass


@fit.command("equivalence", cls=Verb)
def equivalence(
    pairs: Pairs,
    label: Label = None,
    weak: Weak = None,
    weak_label: WeakLabel = "partition",
    encoder: Encoder = "minilm",
    seed: Seed = 0,
    folds: Folds = 5,
    repeats: Repeats = 20,
    out: Out = Path("triaxis-equivalence"),
    as_json: AsJson = False,
    quiet: flags.Quiet = False,
) -> None:
    """Fit a rule for "the same meaning" to pairs that people labelled; then type --equivalence learned:DIR."""
    check_out(out)
    plan = Plan(encoder=encoder, seed=seed, folds=folds, repeats=repeats)
    with progress_bar(quiet=quiet or as_json, totals={}) as progress:
        fitted = fit_equivalence(Sources(pairs, label, weak, weak_label), plan=plan, progress=progress)
    with writing(out) as folder:
        write_fitted(fitted, folder, command=typed_command())
    if as_json:
        print(json.dumps(fitted.report, allow_nan=False))
    elif not quiet:
        _say(fitted.report, out)


def _say(report: dict[str, Any], out: Path) -> None:
    table = Table(box=None)
    table.add_column("held-out pairs", no_wrap=True)
    for head in ("right", "95 %", "F1", "Brier"):
        table.add_column(head, justify="right")
    for name, figures in report["rules"].items():
        right, brier = figures["accuracy"], figures.get("brier")
        table.add_row(
            name, f"{right['value']:.1%}", f"{right['low']:.1%} to {right['high']:.1%}", f"{figures['f1']['value']:.2f}",
            f"{brier['value']:.3f}" if brier else "",
        )  # fmt: skip
    printer = Printer()
    printer.print(table)
    printer.print(f"Use it: triaxis measure FILE --equivalence learned:{out}", highlight=False, markup=False, soft_wrap=True)
