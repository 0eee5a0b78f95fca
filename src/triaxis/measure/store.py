"""The run store: exact counts that add, from which every figure is computed later without the texts.

One row is (model, prompt, domain, class, quality) with its number of samples and the range of `sample_index` in it. The one idea:
counts add. The store of a stream, of a pool of workers, or of yesterday and today is the sum of the parts, and each part holds
whole cells, so that memory is bounded by one part and not by the run.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triaxis.errors import StoreError
from triaxis.measure.cells import Cells, build_cells
from triaxis.protocols import Scope
from triaxis.results import Calibration

FORMAT = 2
READABLE = (1, 2)
"""Formats that can be loaded: 1 has no totals, no spread, and counts prompts only."""

COUNT_SCHEMA = {
    "model": pl.UInt32, "prompt": pl.UInt32, "domain": pl.UInt32, "class": pl.Int64, "quality": pl.Float64,
    "count": pl.UInt32, "first_index": pl.Int64, "last_index": pl.Int64,
}  # fmt: skip
CELL = ("model", "prompt", "domain")
KEY = (*CELL, "class", "quality")
TOTALS_SCHEMA = {
    "model": pl.UInt32, "prompt": pl.UInt32, "domain": pl.UInt32, "samples": pl.Int64,
    "prompt_tokens": pl.Int64, "with_prompt_tokens": pl.Int64, "tokens": pl.Int64, "with_tokens": pl.Int64,
    "cost": pl.Float64, "with_cost": pl.Int64,
}  # fmt: skip
SPREAD_SCHEMA = {
    "model": pl.UInt32, "prompt": pl.UInt32, "domain": pl.UInt32, "quality": pl.Float64, "count": pl.Int64, "norm2": pl.Float64,
}  # fmt: skip
STORED = ("models", "prompts", "domains", "lost", "totals", "spread")
"""Files of a saved store, beside its header and its counts."""

LOST_SCHEMA = {"model": pl.String, "domain": pl.String, "reason": pl.String, "samples": pl.Int64}


class StoreHeader(BaseModel):
    """What the counts mean: stores with different headers do not add."""

    model_config = ConfigDict(frozen=True)
    format: int = FORMAT
    quality: str | None
    quality_source: str | None
    equivalence: str
    scope: Scope
    rule: str
    is_pairwise: bool
    common_n: int | None = None
    seed: int = 0
    by: str = "model"
    title: str = ""
    unit: Literal["prompt", "set"] = "prompt"
    common_by_domain: dict[str, int] = Field(default_factory=dict)
    calibration: Calibration | None = None
    bars: dict[str, float | None] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunStore:
    """Counts in parts, the names their codes stand for, and what was not measured.

    `models`, `prompts`, `domains` are sorted; every part is a frame of `COUNT_SCHEMA` or the Parquet file of one. All samples
    of a cell lie in one part. `lost` counts unmeasured samples by (model, domain, reason). `totals` sums tokens and money over
    the measured samples of each cell, with the number of samples that say them; no rows where the input has neither. `spread`
    is for rules that use vectors: for each quality of a cell, how many samples reach it, and the squared length of the sum of
    their vectors.

    In a store of unit `set` the classes are comparable between prompts, and a cell is all samples of a model in a domain.
    """

    header: StoreHeader
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    domains: tuple[str, ...]
    parts: tuple[pl.DataFrame | Path, ...]
    lost: pl.DataFrame
    totals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TOTALS_SCHEMA))
    spread: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SPREAD_SCHEMA))

    def frames(self) -> Iterator[pl.DataFrame]:
        """The parts as frames, one at a time."""
        for part in self.parts:
            yield part if isinstance(part, pl.DataFrame) else pl.read_parquet(part)

    def cells_of_model(self, model: str) -> Cells:
        """All cells of `model`, sorted by prompt; the same arrays however the counts are split into parts."""
        return cells_of(self.counts_of_model(model))

    def counts_of_model(self, model: str) -> pl.DataFrame:
        """The counts of `model`, a frame of `COUNT_SCHEMA`, rows in no particular order."""
        code = self.models.index(model)
        mine = [_rows_of(part, code) for part in self.parts]
        return pl.concat(mine) if mine else pl.DataFrame(schema=COUNT_SCHEMA)

    def qualities(self) -> tuple[np.ndarray, np.ndarray]:
        """Distinct quality values in ascending order, and how many samples have each."""
        parts = [frame.group_by("quality").agg(pl.col("count").cast(pl.Int64).sum()) for frame in self.frames()]
        if not parts:
            return np.zeros(0), np.zeros(0, dtype=np.int64)
        whole = pl.concat(parts).group_by("quality").agg(pl.col("count").sum()).sort("quality")
        return whole["quality"].to_numpy(), whole["count"].to_numpy()

    def classes(self) -> dict[str, int]:
        """How many classes of answers each model has, over all its cells."""
        cells = (*CELL, "class")
        parts = [f.select(cells).unique().group_by("model").len() for f in self.frames()]
        whole = pl.concat(parts).group_by("model").agg(pl.col("len").sum()) if parts else None
        return {} if whole is None else {self.models[code]: int(count) for code, count in whole.iter_rows()}

    def sizes(self) -> pl.DataFrame:
        """Measured samples of every cell: codes `model`, `prompt`, `domain` and `size`."""
        parts = [
            f.group_by(CELL).agg(pl.col("count").cast(pl.Int64).sum().alias("size")) for f in self.frames()
        ]
        schema = {"model": pl.UInt32, "prompt": pl.UInt32, "domain": pl.UInt32, "size": pl.Int64}
        return pl.concat(parts) if parts else pl.DataFrame(schema=schema)

    def save(self, folder: Path) -> None:
        """Writes the store as Parquet and JSON into `folder`, which is made; it may be the one the store was loaded from."""
        folder.mkdir(parents=True, exist_ok=True)
        new = []
        for number, frame in enumerate(self.frames() if self.parts else [pl.DataFrame(schema=COUNT_SCHEMA)]):
            new.append(folder / f"next-{number:05}.parquet")
            frame.sort(KEY).write_parquet(new[-1], compression="zstd")
        for old in folder.glob("counts-*.parquet"):
            old.unlink()
        for file in new:
            file.rename(folder / file.name.replace("next", "counts"))
        for name in ("models", "prompts", "domains"):
            pl.DataFrame({"name": pl.Series(getattr(self, name), dtype=pl.String)}).write_parquet(folder / f"{name}.parquet")
        self.lost.write_parquet(folder / "lost.parquet")
        self.totals.write_parquet(folder / "totals.parquet", compression="zstd")
        self.spread.write_parquet(folder / "spread.parquet", compression="zstd")
        (folder / "header.json").write_text(self.header.model_dump_json(indent=1), encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> "RunStore":
        """The store in `folder`, its counts read when asked for; `StoreError` when it is not one."""
        try:
            header = StoreHeader.model_validate_json((folder / "header.json").read_text(encoding="utf-8"))
            names = {n: tuple(pl.read_parquet(folder / f"{n}.parquet")["name"]) for n in ("models", "prompts", "domains")}
            lost = pl.read_parquet(folder / "lost.parquet")
            parts = _parts(folder)
            totals, spread = (_beside(folder, n, schema) for n, schema in _BESIDE.items())
        except (OSError, ValidationError, pl.exceptions.PolarsError) as error:
            raise StoreError(
                f"expected a triaxis run store in {folder}, got: {error}; type the folder that holds header.json"
            ) from error
        if header.format not in READABLE:
            raise StoreError(
                f"expected run store format {FORMAT} or older in {folder}, got {header.format}; measure the data again"
            )
        _check_codes(folder, parts, [len(names[n]) for n in ("models", "prompts", "domains")])
        return RunStore(header, names["models"], names["prompts"], names["domains"], parts, lost, totals, spread)


_BESIDE = {"totals": TOTALS_SCHEMA, "spread": SPREAD_SCHEMA}


def _beside(folder: Path, name: str, schema: Mapping[str, Any]) -> pl.DataFrame:
    """A frame of `schema` that lies beside the counts; format 1 has none."""
    file = folder / f"{name}.parquet"
    if not file.is_file():
        return pl.DataFrame(schema=schema)
    return pl.read_parquet(file).select(pl.col(column).cast(kind) for column, kind in schema.items())


def _check_codes(folder: Path, parts: Iterable[Path], names: list[int]) -> None:
    """Refuses counts whose codes point beyond the names: such a store was not written by triaxis, or not whole."""
    for part in parts:
        largest = pl.scan_parquet(part).select(pl.col(CELL).max()).collect().row(0)
        if any(code is not None and code >= known for code, known in zip(largest, names, strict=True)):
            raise StoreError(f"{part.name} in {folder} counts names that are not there; measure the data again")


def _parts(folder: Path) -> tuple[Path, ...]:
    """The files of counts in `folder`, once each has shown that it is whole."""
    parts = tuple(sorted(folder.glob("counts-*.parquet")))
    if not parts:
        raise OSError("no file counts-*.parquet")
    for part in parts:
        try:
            columns = list(pl.read_parquet_schema(part))
        except pl.exceptions.PolarsError as error:
            raise OSError(f"{part.name} is damaged ({error})") from error
        if columns != list(COUNT_SCHEMA):
            raise OSError(f"{part.name} holds {', '.join(columns)}")
    return parts


def cells_of(frame: pl.DataFrame) -> Cells:
    """Sorted `Cells` of one part."""
    codes = (frame[name].to_numpy().astype(np.int64) for name in (*CELL, "class"))
    rest = (frame[name].to_numpy() for name in ("quality", "count", "first_index", "last_index"))
    return build_cells(*codes, *rest)


def _rows_of(part: pl.DataFrame | Path, code: int) -> pl.DataFrame:
    if isinstance(part, Path):
        return pl.scan_parquet(part).filter(pl.col("model") == code).collect()
    models = part["model"].to_numpy()
    if models.size and not (models[1:] < models[:-1]).any():
        start, end = np.searchsorted(models, [code, code + 1])
        return part.slice(int(start), int(end - start))
    return part.filter(pl.col("model") == code)


def summed(frame: pl.DataFrame) -> pl.DataFrame:
    """Equal keys added: counts summed, index range widened; rows in no particular order."""
    index = pl.col("first_index")
    return (
        frame.group_by(KEY)
        .agg(pl.col("count").sum().cast(pl.UInt32), index.min(), pl.col("last_index").max())
        .select(list(COUNT_SCHEMA))
    )


def add(stores: Iterable[RunStore]) -> RunStore:
    """The sum of `stores`: the store of all their samples together.

    Raises `StoreError` when they were not measured alike, or when a pairwise equivalence has labelled parts of one cell apart:
    its classes depend on which samples are present, so those labels cannot be joined.
    """
    given = list(stores)
    if not given:
        raise StoreError("expected at least one run store to add, got none")
    header = _common_header(given)
    names = {n: tuple(sorted({name for s in given for name in getattr(s, n)})) for n in ("models", "prompts", "domains")}
    frames = [_recode(frame, s, names) for s in given for frame in s.frames()]
    if header.is_pairwise:
        _refuse_shared_cells(given, frames)
    _refuse_copies(given, frames)
    counts = summed(pl.concat(frames)).sort(CELL) if frames else pl.DataFrame(schema=COUNT_SCHEMA)
    lost = pl.concat([s.lost for s in given]).group_by("model", "domain", "reason").agg(pl.col("samples").sum())
    totals = pl.concat([_recode(s.totals, s, names) for s in given]).group_by(CELL).agg(pl.exclude(CELL).sum()).sort(CELL)
    spread = pl.concat([_recode(s.spread, s, names) for s in given]).sort(*CELL, "quality")
    ordered = lost.sort("model", "domain", "reason")
    return RunStore(header, names["models"], names["prompts"], names["domains"], (counts,), ordered, totals, spread)


ALIKE = ("quality", "quality_source", "equivalence", "common_n", "by", "unit", "common_by_domain", "calibration", "bars")
"""What two stores must have in common to be added."""


def _common_header(stores: list[RunStore]) -> StoreHeader:
    first = stores[0].header
    for other in (s.header for s in stores[1:]):
        differing = [
            f for f in ALIKE if getattr(first, f) != getattr(other, f)
        ]
        if differing:
            pairs = ", ".join(f"{f}: {getattr(first, f)!r} and {getattr(other, f)!r}" for f in differing)
            raise StoreError(f"expected stores measured alike, got {pairs}; measure the data again with the same options")
    return first


def _recode(frame: pl.DataFrame, store: RunStore, names: dict[str, tuple[str, ...]]) -> pl.DataFrame:
    """`frame` with its codes pointing into the joint `names`."""
    columns = []
    for column, group in (("model", "models"), ("prompt", "prompts"), ("domain", "domains")):
        place = {name: code for code, name in enumerate(names[group])}
        table = np.array([place[name] for name in getattr(store, group)], dtype=np.uint32)
        columns.append(pl.Series(column, table[frame[column].to_numpy()]))
    return frame.with_columns(columns)


def _refuse_copies(stores: list[RunStore], frames: list[pl.DataFrame]) -> None:
    """A store that is there twice would double every count, which nothing later could see."""
    ends = np.cumsum([len(s.parts) for s in stores])
    whole = [pl.concat(frames[a:b]).sort(KEY) for a, b in zip(np.r_[0, ends[:-1]], ends, strict=True) if b > a]
    for number, one in enumerate(whole):
        if one.height and any(one.equals(other) for other in whole[:number]):
            raise StoreError(f"expected different samples, got the same {one.height} counts twice; name each run once")


def _refuse_shared_cells(stores: list[RunStore], frames: list[pl.DataFrame]) -> None:
    cells = pl.concat([f.select(CELL).unique() for f in frames])
    shared = int(cells.is_duplicated().sum())
    if shared and len(stores) > 1:
        rule = stores[0].header.equivalence
        raise StoreError(
            f"expected each cell in one store, got {shared} cells in several: classes of {rule!r} depend on all samples"
            " of a cell; measure the files together in one command"
        )
