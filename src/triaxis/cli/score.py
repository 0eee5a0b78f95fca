"""`triaxis score`: files of samples in; how complex each is as new columns, and a table of what each measure goes with."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from triaxis.cli import flags
from triaxis.cli.output import Printer
from triaxis.cli.progress import progress_bar
from triaxis.errors import InputError
from triaxis.measure.api import Reading
from triaxis.measure.options import DEFAULT_DRAWS
from triaxis.measure.score import MeasureSummary, Rho, ScoreOptions, Scores, listed, score_paths
from triaxis.records import known_rows, parse_mapping

MEASURES = "Measures"

Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE...",
        show_default=False,
        rich_help_panel=flags.SAMPLES,
        help="JSONL, JSON, CSV, Parquet or Arrow files, folders of them, a quoted glob, an address such as s3://..., or - for "
        "standard input.",
    ),
]
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="NAMES",
        show_default=False,
        rich_help_panel=MEASURES,
        help="Measures, separated by commas, as in --with words,flesch-kincaid. NAME@prompt reads the prompt instead of the "
        "response. all, the default, takes every measure that has a value for one of the first 1,000 samples.",
    ),
]
List = Annotated[
    bool, typer.Option("--list", metavar="", rich_help_panel=MEASURES, help="List all measures, a sentence each, and exit.")
]
Keep = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        show_default=False,
        rich_help_panel=flags.INPUT,
        help="Write this column of yours, too, besides the canonical ones. Several are separated by commas.",
    ),
]
PassFloor = Annotated[
    float | None,
    typer.Option(
        metavar="NUMBER",
        show_default=False,
        rich_help_panel=flags.BAR,
        help="A sample passes if its quality is at least this. Left out, qualities of 0 and 1 are fails and passes.",
    ),
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        rich_help_panel=flags.OUTPUT,
        help="Write the samples with a column complexity.NAME for each measure. Left out, only the table is printed.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        show_default=False,
        rich_help_panel=flags.OUTPUT,
        help="Write parquet or jsonl; left out, the name of --out tells.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", metavar="", rich_help_panel=flags.OUTPUT, help="Print the table as JSON on standard output."),
]


def score(
    files: Files = None,
    with_: With = None,
    list_: List = False,
    map: flags.Map = None,
    keep: Keep = None,
    strict: flags.Strict = False,
    quality: flags.Quality = None,
    quality_source: flags.QualitySource = None,
    floor: PassFloor = None,
    draws: flags.Draws = DEFAULT_DRAWS,
    seed: flags.Seed = 0,
    out: OutFile = None,
    format: Format = None,
    as_json: AsJson = False,
    quiet: flags.Quiet = False,
) -> None:
    """How complex samples are: a column for each measure, and how it goes with length and with passing."""
    if list_:
        _say_all(as_json=as_json)
        return
    if not files:
        raise InputError("expected at least one file of samples, got none; type the path of one, or --list to see the measures")
    options = ScoreOptions(_split(with_) or ("all",), floor, quality_source, _split(keep), out, format, draws, seed)
    reading = Reading(quality, mapping=parse_mapping(map or ()), strict=strict)
    is_quiet = quiet or as_json
    with progress_bar(quiet=is_quiet, totals={} if is_quiet else {"scoring": known_rows(files)}) as progress:
        found = score_paths(files, reading, options, progress=progress)
    if as_json:
        print(json.dumps(found.to_json(), allow_nan=False))
    elif not quiet:
        _say(found)


def _split(groups: list[str] | None) -> tuple[str, ...]:
    return tuple(name for group in groups or () for name in group.split(",") if name)


def _say_all(*, as_json: bool) -> None:
    if as_json:
        print(json.dumps([measure._asdict() for measure in listed()]))
        return
    table = Table("measure", "unit", "reads", "what it says", box=None, header_style="bold")
    for measure in listed():
        table.add_row(measure.name, measure.unit, measure.reads, measure.says)
    Printer().print(table)


def _say(found: Scores) -> None:
    printer = Printer()
    printer.print(_table(found.measures))
    printer.print("rho: Spearman's correlation over prompts, with its 95 % interval.", highlight=False)
    for line in _lines(found):
        printer.print(line, highlight=False, markup=False, soft_wrap=True)


def _table(measures: Iterable[MeasureSummary]) -> Table:
    table = Table(box=None, header_style="bold")
    table.add_column("measure", no_wrap=True)
    for head in ("mean", "quartiles", "unmeasured", "rho length", "rho pass rate", "given length"):
        table.add_column(head, justify="right")
    for m in measures:
        quartiles = " ".join(f"{value:.4g}" for value in m.quartiles or ())
        table.add_row(
            escape(m.measure), "" if m.mean is None else f"{m.mean:.4g}", quartiles, f"{m.unmeasured:,}", _rho(m.length),
            _rho(m.passes), _rho(m.passes_given_length),
        )  # fmt: skip
    return table


def _rho(found: Rho) -> str:
    if found.rho is None:
        return "-"
    interval = "" if found.low is None or found.high is None else f" ({found.low:.2f} to {found.high:.2f})"
    return f"{found.rho:.2f}{interval}"


def _lines(found: Scores) -> Iterable[str]:
    """What else there is to know, a line each."""
    yield f"{found.samples:,} samples scored"
    if found.rejected:
        yield f"{found.rejected:,} rows could not be read: {_counted(found.reject_reasons)}"
    for m in found.measures:
        if m.unmeasured:
            yield f"{m.measure}: {m.unmeasured:,} unmeasured, {_counted(m.reasons)}"
    if found.floor is None:
        yield from dict.fromkeys(f"no pass rates: {m.passes.reason}" for m in found.measures)
    for band, prompts in found.bands.items():
        yield f"{prompts:,} (model, prompt) pairs {band}"
    yield from found.notes
    if found.out:
        yield f"Written: {found.out}"


def _counted(reasons: Mapping[str, int]) -> str:
    return "; ".join(f"{count:,} x {reason}" for reason, count in reasons.items())
