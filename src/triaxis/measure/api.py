"""Front doors of the main job: from a frame in Python, from files on the command line, from a run store of yesterday."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import polars as pl

from triaxis.diversity.equivalence import DEFAULT, parse_equivalence
from triaxis.errors import InputError, near
from triaxis.measure import equivalences  # noqa: F401 - registers the rules that need an encoder
from triaxis.measure.comparisons import parse_delta
from triaxis.measure.counting import SUMMED
from triaxis.measure.gates_file import GateGroup, read_gates
from triaxis.measure.ingest import IngestOptions
from triaxis.measure.levels.choice import LevelOptions
from triaxis.measure.options import DEFAULT_DRAWS, Options, Progress
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.robust.choice import RobustOptions
from triaxis.measure.run import Pass, Provenance, measure_passes, measure_stores
from triaxis.measure.series import columns_of, parse_series
from triaxis.measure.store import RunStore, StoreHeader, add
from triaxis.protocols import Equivalence, Quality
from triaxis.records import RecordStream, read, read_models
from triaxis.registry import create, names
from triaxis.results import InputSummary, Results

Unit = Literal["prompt", "set"]


@dataclass(frozen=True)
class Reading:
    """How to read the input: see `records.read`.

    `quality` names a column, `meta.KEY`, or a checker such as `expression`; None takes a column called `quality`. `unit` says
    what a cell is. `gates` give domains bars of their own, in place of `quality` and `equivalence` where they say so.
    """

    quality: str | None = None
    equivalence: str = DEFAULT
    by: tuple[str, ...] = ()
    mapping: Mapping[str, str] | None = None
    strict: bool = False
    unit: str = "prompt"
    gates: tuple[GateGroup, ...] = ()

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise InputError(f"expected unit prompt or set, got {self.unit!r}{near(self.unit, get_args(Unit))}")

    def under(self, gate: GateGroup) -> "Reading":
        """This reading for the domains of `gate`."""
        return replace(self, quality=gate.quality or self.quality, equivalence=gate.equivalence or self.equivalence, gates=())


@dataclass(frozen=True)
class Measured:
    """Results, the run stores they were computed from, and the stream that was read (None when stores were)."""

    results: Results
    stores: tuple[RunStore, ...]
    stream: RecordStream | None

    def save(self, folder: Path) -> None:
        """Writes results, run stores (`store/`) and, when rows were rejected, `rejects.jsonl` into `folder`."""
        self.results.save(folder)
        for number, store in enumerate(self.stores):
            store.save(folder / "store" / str(number))
        _forget_stores(folder, len(self.stores))
        (folder / "rejects.jsonl").unlink(missing_ok=True)
        if self.stream is not None and self.stream.rejects.count:
            self.stream.rejects.write(folder / "rejects.jsonl")


def run(  # noqa: PLR0913
    data: pl.DataFrame | str | Path | Sequence[str | Path], *, quality: str | None = None, equivalence: str = DEFAULT,
    by: Sequence[str] = (), mapping: Mapping[str, str] | None = None, floors: Sequence[float] = (), budgets: Sequence[int] = (),
    compare: Sequence[str] = (), quality_source: str | None = None, judge: str | None = None, delta: str = "10%",
    draws: int = DEFAULT_DRAWS, seed: int = 0, examples: int = 40, show_prompts: Sequence[str] = (), strict: bool = False,
    unit: Unit = "prompt", gates: str | Path | None = None, models: str | Path | None = None, robust: bool = False,
    robust_rules: Sequence[str] = (), labelled_pairs: str | Path | None = None, levels: LevelOptions | None = None,
    answers: AnswerOptions | None = None,
) -> Results:  # fmt: skip
    """Measures `data`, a frame or files of samples, and returns typed, frozen `Results`.

    The parameters are those of `triaxis measure`; `mapping` is {canonical column: your column}, `gates` and `models` are files,
    `levels` says which diversity metrics and complexity measures to compute, `answers` what to say of several models, domains
    or checkpoints together.
    Raises `InputError` saying what was expected, what came and what to type.
    """
    options = Options(
        tuple(floors),
        tuple(budgets),
        tuple(compare),
        quality_source,
        judge,
        parse_delta(delta),
        draws,
        seed,
        examples,
        tuple(show_prompts),
        read_models(models) if models is not None else (),
        levels=levels or LevelOptions(),
        robust=RobustOptions(robust, tuple(robust_rules), None if labelled_pairs is None else str(labelled_pairs)),
        answers=answers or AnswerOptions(),
    )
    bars = read_gates(gates) if gates is not None else ()
    reading = Reading(quality, equivalence, tuple(by), mapping, strict, unit, bars)
    if not isinstance(data, pl.DataFrame):
        paths = [data] if isinstance(data, str | Path) else list(data)
        return measure_paths(paths, reading, options).results
    with TemporaryDirectory(prefix="triaxis-") as folder:
        file = Path(folder) / "frame.parquet"
        _write(data, file)
        return _of_frame(measure_paths([file], reading, options, title="frame").results)


def _of_frame(results: Results) -> Results:
    """`results` that say they came from a frame, and not from the file it was passed through."""
    inputs = tuple(read.model_copy(update={"path": "(frame)", "format": "polars"}) for read in results.manifest.inputs)
    return replace(results, manifest=results.manifest.model_copy(update={"inputs": inputs}))


def _write(frame: pl.DataFrame, file: Path) -> None:
    try:
        frame.write_parquet(file)
    except pl.exceptions.PolarsError as error:
        kinds = ", ".join(f"{name}: {kind}" for name, kind in frame.schema.items())
        raise InputError(f"expected columns of one type each, got {kinds} ({error}); cast them first") from error


def measure_paths(
    paths: Sequence[str | Path], reading: Reading, options: Options, *, command: str | None = None, title: str | None = None,
    progress: Progress | None = None,
) -> Measured:  # fmt: skip
    """Measures files of samples, or folders that an earlier run wrote (their run stores are added)."""
    if not paths:
        raise InputError("expected at least one file of samples, got none; type the path of one")
    folders = [store_folders(Path(p)) for p in paths]
    if all(folders):
        return _from_stores([f for found in folders for f in found], options, command, title, progress)
    if any(folders):
        raise InputError(
            f"expected samples or earlier runs, got both: {', '.join(map(str, paths))}; measure them in two commands"
        )
    return _from_samples(paths, ordered_reading(reading, options), options, command, title, progress)


def open_samples(
    paths: Sequence[str | Path], reading: Reading, equivalence: Equivalence, *, examples: bool, scorer: Quality | None = None,
    others: Sequence[Equivalence] = (), answers: AnswerOptions | None = None,
) -> RecordStream:  # fmt: skip
    """The record stream of `paths` with just the columns that the measurement needs; a `scorer` reads texts and no quality.

    `others` are rules that the samples are counted under besides `equivalence`; `answers` may name further columns.
    """
    column = getattr(equivalence, "column", None)
    kept = dict.fromkeys(name for rule in (equivalence, *others) if (name := getattr(rule, "column", None)))
    if answers is not None and answers.second_column:
        kept[answers.second_column] = None
    needs_text = examples or column is None or scorer is not None
    need = {"prompt_id", "prompt", "model", "domain", "step", "sample_index", "quality", "quality_source", *SUMMED}
    stream = read(
        paths, mapping=reading.mapping or {}, keep=tuple(kept), by=reading.by,
        quality=None if scorer else reading.quality, need=need | ({"response"} if needs_text else set()), strict=reading.strict,
        vectors=vectors_column(answers),
    )  # fmt: skip
    if answers is not None and answers.second_column:
        _check_column(answers.second_column, stream, "--second-quality")
    return stream


def vectors_column(answers: AnswerOptions | None) -> str | None:
    """The column of vectors, where something is to be said of them."""
    return answers.vectors if answers is not None and answers.populations else None


def _check_column(column: str, stream: RecordStream, flag: str) -> None:
    """`InputError` with near names when no input has `column`."""
    known = stream.available | stream.extra
    if column.partition(".")[0] not in known and column not in known:
        there = ", ".join(sorted(known))
        raise InputError(f"no column {column!r} for {flag}{near(column, known)}; there are: {there}")


def ordered_reading(reading: Reading, options: Options) -> Reading:
    """`reading` with a model for each step where a column orders the checkpoints, unless `--by` already names the column."""
    if options.answers.series is None:
        return reading
    wanted = columns_of(parse_series(options.answers.series))
    if not wanted or wanted[-1] in reading.by:
        return reading
    return replace(reading, by=(*(reading.by or ("model",)), wanted[-1]))


def looks_at_texts(options: Options) -> bool:
    """Whether something in `options` asks for the texts, whatever the equivalence reads."""
    shows = options.examples > 0 or bool(options.show_prompts)
    is_asked = options.robust.is_on or options.answers.reads_texts
    return shows or is_asked or options.levels.reads_texts(has_examples=shows)


def scorer_of(paths: Sequence[str | Path], reading: Reading) -> Quality | None:
    """The checker that `reading.quality` names, unless a column of that name is there, which then counts."""
    named = reading.quality
    if named is None or named.partition(":")[0] not in names("quality"):
        return None
    there = read(paths, mapping=reading.mapping or {}, need=set())
    if named in there.available | there.extra:
        return None
    found: Quality = create("quality", named)
    return found


def _forget_stores(folder: Path, kept: int) -> None:
    """Removes the run stores of an earlier run beyond the `kept` new ones, which a later run would take for its own."""
    for header in folder.glob("store/*/header.json"):
        name = header.parent.name
        if name.isdecimal() and int(name) >= kept:
            header.unlink()
            for counts in header.parent.glob("counts-*.parquet"):
                counts.unlink()


def store_folders(path: Path) -> list[Path]:
    """Run stores at `path`: itself, or those under `path/store`; empty when it is something else."""
    if (path / "header.json").is_file():
        return [path]
    found = [header.parent for header in path.glob("store/*/header.json")]
    return sorted(found, key=lambda store: (len(store.name), store.name))  # 2 before 10


def _from_samples(
    paths: Sequence[str | Path],
    reading: Reading,
    options: Options,
    command: str | None,
    title: str | None,
    progress: Progress | None,
) -> Measured:
    named = title or ", ".join(Path(str(p)).name or str(p) for p in paths)
    counts = list(_counts(paths, reading, options, named))
    stream, _ = counts[0]
    told = lambda: Provenance(named, stream.inputs, command, ",".join(reading.by) or "model", _reject_notes(stream))  # noqa: E731
    results, stores = measure_passes([Pass(*count) for count in counts], options, told, progress=progress)
    return Measured(results, stores, stream)


def _counts(
    paths: Sequence[str | Path], reading: Reading, options: Options, title: str
) -> Iterator[tuple[RecordStream, IngestOptions]]:
    """The samples for each gate, and how to count them."""
    shows = looks_at_texts(options)
    for gate in reading.gates or (GateGroup(None, None, None, {}, frozenset()),):
        mine = reading.under(gate)
        equivalence = parse_equivalence(mine.equivalence)
        scorer = scorer_of(paths, mine)
        others = [parse_equivalence(rule) for rule in options.robust.rules if rule.startswith("column:")]
        stream = open_samples(paths, mine, equivalence, examples=shows, scorer=scorer, others=others, answers=options.answers)
        quality = mine.quality or ("quality" if "quality" in stream.available else None)
        counting = IngestOptions(
            equivalence, quality, gate.source or options.quality_source, ",".join(mine.by) or "model", title, options.seed,
            options.examples, options.show_prompts, mine.strict, unit="set" if mine.unit == "set" else "prompt",
            scorer=scorer, costs=bool(stream.available & set(SUMMED)), bars=gate.bars, left_out=gate.left_out,
            level_prompts=options.levels.sampled_prompts(
                mine.unit, has_examples=shows or not hasattr(equivalence, "column"), is_asked=options.answers.reads_texts
            ),
            second=options.answers.second_column, classify=options.answers.classify, vectors=vectors_column(options.answers),
        )  # fmt: skip
        yield stream, counting


def _from_stores(
    folders: list[Path], options: Options, command: str | None, title: str | None, progress: Progress | None
) -> Measured:
    loaded = [RunStore.load(folder) for folder in folders]
    gates: dict[tuple[object, ...], list[RunStore]] = {}
    for store in loaded:
        gates.setdefault(_gate_key(store.header), []).append(store)
    stores = tuple(found[0] if len(found) == 1 else add(found) for found in gates.values())
    inputs = tuple(
        InputSummary(path=str(f), format="run store", shape="counts", columns={}, rows=_samples(s))
        for f, s in zip(folders, loaded, strict=True)
    )
    told = Provenance(title or ", ".join(dict.fromkeys(s.header.title for s in loaded)), inputs, command, loaded[0].header.by)
    return Measured(measure_stores(stores, options, told, progress=progress), stores, None)


def _gate_key(header: StoreHeader) -> tuple[object, ...]:
    """What tells the gate of one store from that of another; stores of one gate are added."""
    return header.quality, header.quality_source, header.equivalence, header.unit, frozenset(header.bars.items())


def _samples(store: RunStore) -> int:
    return int(store.sizes()["size"].sum()) + int(store.lost["samples"].sum())


def _reject_notes(stream: RecordStream) -> tuple[str, ...]:
    rejects = stream.rejects
    if not rejects.count:
        return ()
    reasons = "; ".join(f"{count} x {reason}" for reason, count in rejects.by_reason.items())
    rows = "1 row was" if rejects.count == 1 else f"{rejects.count} rows were"
    return (f"{rows} rejected ({reasons}); the command line keeps them in rejects.jsonl",)
