"""`triaxis blind`: a file of samples and your own evaluation in; which damage your evaluation sees out."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from triaxis.blind import DOSES, REPLICATES, Asked, Blindness, Trial, parse_evaluations
from triaxis.blind import blind as run_blind
from triaxis.blind.saved import save, to_json
from triaxis.blind.words import moved, sentences
from triaxis.cli import flags
from triaxis.cli.measure import chosen_names, typed_command
from triaxis.cli.output import Printer, check_out, writing
from triaxis.cli.progress import progress_bar
from triaxis.diversity.equivalence import DEFAULT
from triaxis.errors import InputError
from triaxis.records import parse_mapping

EVALUATION = "Your evaluation"
DAMAGE = "Damage"

File = Annotated[
    str,
    typer.Argument(
        metavar="FILE", show_default=False, rich_help_panel=flags.SAMPLES,
        help="Samples: JSONL, JSON, CSV, Parquet or Arrow. What the evaluation is given has the same format and columns where "
        "rows are samples, else it is JSONL with canonical columns.",
    ),
]  # fmt: skip
Evaluations = Annotated[
    list[str] | None,
    typer.Option(
        "--eval", metavar="COMMAND", show_default=False, rich_help_panel=EVALUATION,
        help="Your evaluation: a command with {file} where the path of the samples goes, as in --eval 'python score.py {file}'; "
        "no shell runs it. The last line that it prints that is a number, or a JSON object with a score, is the score. Or built "
        "in: mean:COLUMN, pass@1:COLUMN, perplexity:FOLDER (a local language model). Repeat it for several.",
    ),
]  # fmt: skip
ScoreKey = Annotated[
    str,
    typer.Option(
        metavar="PATH", rich_help_panel=EVALUATION,
        help="Where the score is in a JSON object that the command prints, as in --score-key results.accuracy.",
    ),
]  # fmt: skip
LowerIsBetter = Annotated[
    bool,
    typer.Option("--lower-is-better", metavar="", rich_help_panel=EVALUATION, help="A lower score is a better one."),
]
Timeout = Annotated[
    float,
    typer.Option(
        min=0.001, metavar="SECONDS", rich_help_panel=EVALUATION,
        help="Stop a command that takes longer; that resample then has no score, and says why.",
    ),
]  # fmt: skip
Jobs = Annotated[
    int, typer.Option(min=1, metavar="N", rich_help_panel=EVALUATION, help="Run up to N commands at the same time.")
]
Replicates = Annotated[
    int,
    typer.Option(
        min=0, metavar="N", rich_help_panel=flags.STATISTICS,
        help="How often half of the prompts is drawn for the intervals, at least 4; each evaluation runs once more for each dose "
        "and draw. 0 gives no intervals, so that nothing can be called seen.",
    ),
]  # fmt: skip
Damages = Annotated[
    list[str] | None,
    typer.Option(
        "--damage", metavar="AXIS", show_default=False, rich_help_panel=DAMAGE,
        help="Damage this axis: diversity, quality or complexity. Left out, each of them in turn.",
    ),
]  # fmt: skip
Doses = Annotated[
    list[float] | None,
    typer.Option(
        "--dose", metavar="FRACTION", show_default=False, rich_help_panel=DAMAGE,
        help=f"Damage this share of the samples; 0 scores the undamaged file once more. Repeat it for several. Left out, "
        f"{', '.join(f'{dose:g}' for dose in DOSES)}.",
    ),
]  # fmt: skip
QualityDamage = Annotated[
    str | None,
    typer.Option(
        "--quality-damage", metavar="NAME", show_default=False, rich_help_panel=DAMAGE,
        help="How quality is damaged. swap: worse answers of the same class, or of a new class by another model to the same "
        "prompt; noise: words in a random order. Left out, swap where there are qualities and worse answers, else noise.",
    ),
]  # fmt: skip
Match = Annotated[
    float,
    typer.Option(
        metavar="WIDTH", rich_help_panel=DAMAGE,
        help="How far apart, in standard deviations of quality, two answers of the same quality may be.",
    ),
]  # fmt: skip
Carry = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN", show_default=False, rich_help_panel=DAMAGE,
        help="A column of yours that belongs to the answer and goes with it when it is copied. Repeat it for several.",
    ),
]  # fmt: skip
Budget = Annotated[
    int | None,
    typer.Option(
        "--budget", min=1, metavar="N", show_default=False, rich_help_panel=flags.SHOWN,
        help="Draws at which triaxis counts different answers. Left out, as many as most cells hold, up to 10.",
    ),
]  # fmt: skip
Floor = Annotated[
    float | None,
    typer.Option(
        "--floor", metavar="NUMBER", show_default=False, rich_help_panel=flags.SHOWN,
        help="The quality floor of usable diversity. Left out, the median quality.",
    ),
]  # fmt: skip
Complexity = Annotated[
    str,
    typer.Option(
        "--complexity", metavar="NAME", rich_help_panel=flags.SHOWN,
        help="The complexity measure; triaxis score --list names all.",
    ),
]  # fmt: skip
Unit = Annotated[
    str | None,
    typer.Option(
        "--unit", metavar="UNIT", show_default=False, rich_help_panel=flags.BAR,
        help="What a cell is. prompt: a model's answers to one prompt; set: all its answers in a domain, where a copy is of "
        "prompt and answer together. Left out, prompt where most prompts have two answers of a model.",
    ),
]  # fmt: skip
NoOwn = Annotated[
    bool, typer.Option("--no-own", metavar="", rich_help_panel=flags.SHOWN, help="Leave out the figures of triaxis itself.")
]
Keep = Annotated[
    bool,
    typer.Option("--keep", metavar="", rich_help_panel=flags.OUTPUT, help="Keep the damaged files, in doses/ inside --out."),
]
Out = Annotated[
    Path,
    typer.Option(
        metavar="DIR", rich_help_panel=flags.OUTPUT,
        help="The folder for blind.html, blind.json, blind.parquet and evaluations.jsonl; a run that was stopped there goes on.",
    ),
]  # fmt: skip
AsJson = Annotated[
    bool,
    typer.Option("--json", metavar="", rich_help_panel=flags.OUTPUT, help="Print blind.json on standard output instead."),
]


def blind(
    file: File,
    eval_: Evaluations = None,
    score_key: ScoreKey = "score",
    lower_is_better: LowerIsBetter = False,
    timeout: Timeout = 600.0,
    jobs: Jobs = 1,
    damage: Damages = None,
    dose: Doses = None,
    quality_damage: QualityDamage = None,
    match: Match = 0.5,
    carry: Carry = None,
    map: flags.Map = None,
    quality: flags.Quality = None,
    quality_source: flags.QualitySource = None,
    equivalence: flags.Equivalence = DEFAULT,
    unit: Unit = None,
    floor: Floor = None,
    budget: Budget = None,
    metrics: flags.Metrics = None,
    complexity: Complexity = "words",
    no_own: NoOwn = False,
    replicates: Replicates = REPLICATES,
    seed: flags.Seed = 0,
    keep: Keep = False,
    out: Out = Path("triaxis-blind"),
    as_json: AsJson = False,
    quiet: flags.Quiet = False,
) -> None:
    """Would your own evaluation notice? Plants known damage in graded doses and shows what your score makes of it."""
    if not eval_ and no_own:
        raise InputError("expected an evaluation, got none; type for example --eval 'python score.py {file}'")
    evaluations = parse_evaluations(eval_ or (), is_lower_better=lower_is_better, key=score_key, timeout=timeout)
    asked = Asked(quality, quality_source, equivalence, complexity, unit, seed, tuple(parse_mapping(map or ()).items()))
    own = {} if metrics is None else {"metrics": _metrics(metrics)}
    trial = Trial(
        tuple(dose) if dose else DOSES, tuple(damage) if damage else Trial.axes, quality_damage, match, tuple(carry or ()), floor,
        budget, replicates=replicates, has_own=not no_own, **own,
    )  # fmt: skip
    check_out(out)
    is_quiet = quiet or as_json
    with progress_bar(quiet=is_quiet, totals={}) as progress:
        found = run_blind(file, evaluations, asked=asked, trial=trial, out=out, keep=keep, jobs=jobs, progress=progress)
    _hand_over(found, Path(file).name, out, as_json=as_json, quiet=quiet)


def _metrics(typed: list[str]) -> tuple[str, ...]:
    names = chosen_names(typed, of="--metrics", example="distinct:2,self-bleu, or --metrics none")
    return () if names == ("none",) else names


def _hand_over(found: Blindness, title: str, out: Path, *, as_json: bool, quiet: bool) -> None:
    command = typed_command()
    with writing(out) as folder:
        save(found, folder, title=title, command=command)
    if as_json:
        print(json.dumps(to_json(found, title=title, command=command), allow_nan=False))
    elif not quiet:
        _say(found, out)


def _say(found: Blindness, out: Path) -> None:
    printer = Printer()
    for damage in found.damages:
        for name in _shown(found):
            printer.print(f"{damage.axis} ({damage.name}), {name}", highlight=False, markup=False, soft_wrap=True, style="bold")
            printer.print(_table(found, name, damage.axis))
    for line in (*sentences(found), *(f"not planted: {one.analysis}: {one.reason}" for one in found.not_planted), *found.notes):
        printer.print(line, highlight=False, markup=False, soft_wrap=True)
    printer.print(f"Page: {out / 'blind.html'}", highlight=False, markup=False, soft_wrap=True)


def _shown(found: Blindness) -> list[str]:
    """The user's evaluations; what triaxis measures stands beside them in the last columns. Ours where there are no others."""
    return list(found.made["evaluations"]) or found.table["evaluation"].unique(maintain_order=True).to_list()


def _table(found: Blindness, evaluation: str, axis: str) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for head in ("dose", "before", "after", "change", "seen", "diversity", "quality", "complexity"):
        table.add_column(head, justify="right", no_wrap=head != "change")
    for row in found.of(evaluation, axis).iter_rows(named=True):
        seen = "-" if row["seen"] is None else "yes" if row["seen"] else "no"
        change = moved(row) if row["change"] is not None else row["reason"]
        table.add_row(
            f"{row['reached']:.0%}", _number(row["before"]), _number(row["after"]), escape(change or "-"), seen,
            *(_share(row[name]) for name in ("diversity", "quality", "complexity")),
        )  # fmt: skip
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _share(value: float | None) -> str:
    return "-" if value is None else "0" if abs(value) < 5e-4 else f"{value:+.1%}"
