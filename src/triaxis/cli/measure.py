"""`triaxis measure`: files of samples in; a short table, a page, a card, a summary, tables and a run store out."""

import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from triaxis import report
from triaxis.cli import flags
from triaxis.cli.dry_run import show_plan, show_runs
from triaxis.cli.output import Printer, check_out, writing
from triaxis.cli.progress import progress_bar
from triaxis.diversity.equivalence import DEFAULT, parse_equivalence
from triaxis.errors import InputError
from triaxis.measure import Measured, Options, measure_paths, parse_delta, plan
from triaxis.measure.api import Reading, looks_at_texts, open_samples, ordered_reading, scorer_of, store_folders
from triaxis.measure.gates_file import read_gates
from triaxis.measure.levels.choice import DEFAULT_COMPLEXITY, NONE, LevelOptions
from triaxis.measure.options import DEFAULT_DRAWS
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.plan import plan_runs
from triaxis.measure.robust.choice import RobustOptions
from triaxis.records import RecordStream, known_rows, parse_mapping, read_models

OUT = Path("triaxis-report")
OF_SAMPLES = ("map", "by", "strict", "quality", "quality_source", "equivalence", "unit", "gates", "vectors", "classify_domains",
    "second_quality", "series")
"""Flags that say what the samples are: counts of an earlier run were made with such flags, and cannot be made otherwise now."""


def measure(
    ctx: typer.Context,
    files: flags.Files,
    map: flags.Map = None,
    by: flags.By = None,
    strict: flags.Strict = False,
    models: flags.Models = None,
    quality: flags.Quality = None,
    quality_source: flags.QualitySource = None,
    judge: flags.Judge = None,
    equivalence: flags.Equivalence = DEFAULT,
    unit: flags.UnitName = "prompt",
    gates: flags.Gates = None,
    floor: flags.Floor = None,
    budget: flags.Budget = None,
    compare: flags.Compare = None,
    examples: flags.Examples = 40,
    show_prompt: flags.ShowPrompt = None,
    delta: flags.DeltaText = "10%",
    metrics: flags.Metrics = None,
    all_metrics: flags.AllMetrics = False,
    embedder: flags.EmbedderName = None,
    level_prompts: flags.LevelPrompts = None,
    set_size: flags.SetSize = None,
    complexity: flags.Complexities = None,
    trust: flags.Trust = False,
    robust: flags.Robust = False,
    robust_rule: flags.RobustRule = None,
    labelled_pairs: flags.LabelledPairs = None,
    reference: flags.Reference = None,
    second_quality: flags.SecondQuality = None,
    classify_domains: flags.ClassifyDomains = False,
    vectors: flags.Vectors = None,
    series: flags.Series = None,
    reference_data: flags.ReferenceData = None,
    taxonomy: flags.Taxonomy = None,
    profile: flags.Profile = False,
    no_population: flags.NoPopulation = False,
    draws: flags.Draws = DEFAULT_DRAWS,
    seed: flags.Seed = 0,
    out: flags.Out = OUT,
    dry_run: flags.DryRun = False,
    as_json: flags.AsJson = False,
    quiet: flags.Quiet = False,
) -> None:
    """Which model gives the most different good answers, at every quality floor and number of draws."""
    columns = _named(by)
    bars = read_gates(gates) if gates is not None else ()
    reading = Reading(quality, equivalence, columns, parse_mapping(map or ()), strict, unit, bars)
    options = Options(
        tuple(floor or ()), tuple(budget or ()), tuple(compare or ()), quality_source, judge, parse_delta(delta), draws, seed,
        examples, tuple(show_prompt or ()), read_models(models) if models is not None else (),
        LevelOptions(
            None if metrics is None else chosen_names(metrics, of="--metrics", example="distinct:2,self-bleu, or --metrics none"),
            all_metrics, embedder, level_prompts, set_size, trust, _complexity(complexity),
        ),
        RobustOptions(robust, tuple(robust_rule or ()), labelled_pairs),
        AnswerOptions(
            reference, second_quality, classify_domains, vectors, series, reference_data, taxonomy, profile,
            populations=not no_population, ensembles=not no_population,
        ),
    )  # fmt: skip
    stores = earlier_runs(files)
    if stores:
        _refuse_flags_of_samples(ctx)
    if dry_run:
        show_runs(plan_runs(stores), as_json=as_json) if stores else _dry_run(files, reading, options, as_json=as_json)
        return
    check_out(out)
    is_quiet = quiet or as_json
    with progress_bar(quiet=is_quiet, totals={} if stores or is_quiet else {"reading": known_rows(files)}) as progress:
        measured = measure_paths(files, reading, options, command=typed_command(), title=_title(files), progress=progress)
        write(measured, out, progress)
    say(measured, out, as_json=as_json, quiet=quiet)


def _named(groups: list[str] | None) -> tuple[str, ...]:
    """Names that were typed one by one or separated by commas."""
    return tuple(name for group in groups or () for name in group.split(",") if name)


def chosen_names(groups: list[str] | None, *, of: str, example: str) -> tuple[str, ...]:
    """Names of metrics or measures; a number behind a comma belongs to the name before it (`ead:1,500`). None is an error."""
    found = tuple(name.strip() for group in groups or () for name in re.split(r",(?!\s*\d)", group) if name.strip())
    if groups is not None and not found:
        raise InputError(f"expected names after {of}, got none; type for example {of} {example}")
    return found


def _complexity(typed: list[str] | None) -> tuple[str, ...]:
    names = chosen_names(typed, of="--complexity", example="words,sentences, or --complexity none")
    if NONE in names and len(names) > 1:
        raise InputError(f"expected --complexity {NONE} alone, got {','.join(names)}; leave one of them out")
    return DEFAULT_COMPLEXITY if typed is None else tuple(name for name in names if name != NONE)


def earlier_runs(files: list[str]) -> list[Path]:
    """Run stores in the folders of earlier runs, none for samples; `InputError` for both, or a run that is not whole."""
    found = [store_folders(Path(file)) for file in files]
    if not any(found):
        return []
    if not all(found):
        raise InputError(f"expected samples or earlier runs, got both: {', '.join(files)}; measure them in two commands")
    for file in files:
        if not (Path(file) / "header.json").is_file() and not (Path(file) / "results.json").is_file():
            raise InputError(
                f"expected a whole run in {file}, got one without results.json: it was stopped while writing; measure again"
            )
    return [store for stores in found for store in stores]


def _refuse_flags_of_samples(ctx: typer.Context) -> None:
    typed = [f"--{name.replace('_', '-')}" for name in OF_SAMPLES if _is_typed(ctx, name)]
    if typed:
        raise InputError(
            f"{', '.join(typed)} cannot change a run that is already counted: folders of earlier runs hold counts, made with the "
            f"flags of that time, and no samples; leave {'them' if len(typed) > 1 else 'it'} out, or measure the samples again"
        )


def _is_typed(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _dry_run(files: list[str], reading: Reading, options: Options, *, as_json: bool) -> None:
    ordered = ordered_reading(reading, options)
    for gate in reading.gates:
        _opened(files, ordered.under(gate), options)
    stream = _opened(files, ordered, options)
    show_plan(plan(stream, options, unit=reading.unit, gates=reading.gates), as_json=as_json)


def _opened(files: list[str], reading: Reading, options: Options) -> RecordStream:
    """The samples as `reading` wants them; what it asks for and the files lack is an error already."""
    equivalence, scorer = parse_equivalence(reading.equivalence), scorer_of(files, reading)
    return open_samples(
        files, reading, equivalence, examples=looks_at_texts(options), scorer=scorer, answers=options.answers
    )


def _title(files: list[str]) -> str | None:
    """A title where the names of files do not make one."""
    return ", ".join("standard input" if f == "-" else Path(f).name or f for f in files) if "-" in files else None


def write(measured: Measured, out: Path, progress: Callable[[str, int], None]) -> None:
    """Writes everything into `out`, or nothing."""
    progress("writing", 0)
    with writing(out) as partial:
        measured.save(partial)
        report.write(measured.results, partial)


def say(measured: Measured, out: Path, *, as_json: bool, quiet: bool) -> None:
    """Prints what was asked for."""
    if as_json:
        print(json.dumps(measured.results.to_json(), allow_nan=False))
    elif not quiet:
        printer = Printer()
        printer.print(report.terminal(measured.results))
        printer.print(f"\nPage: {out / 'report.html'}", highlight=False, markup=False, soft_wrap=True)


def typed_command() -> str:
    """The command as typed, to show how numbers were made."""
    return shlex.join(["triaxis", *sys.argv[1:]])
