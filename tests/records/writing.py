"""Tiny files in every format that `read` knows, made by the tools whose format it is."""

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import zstandard

NAMES = ("prompt_id", "prompt", "response", "model", "sample_index", "quality", "partition")
ROWS = [
    dict(zip(NAMES, values, strict=True))
    for values in (
        ("p1", "Say hi", "hi", "a", 0, 1.5, 3),
        ("p1", "Say hi", 'hello, "you"\nthere', "b", 1, None, 4),
        ("p2", "Say ñ", "", "a", 0, 0.0, 3),
    )
]


def jsonl(rows: Sequence[Any], folder: Path, name: str = "rows.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def text(content: str | bytes, folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def parquet(rows: Sequence[Any], folder: Path, name: str = "rows.parquet", **options: Any) -> Path:
    path = folder / name
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(path, **options)
    return path


def arrow_table(rows: Sequence[Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


def arrow_file(rows: Sequence[Any], folder: Path, name: str = "rows.arrow") -> Path:
    with pa.ipc.new_file(folder / name, arrow_table(rows).schema) as out:
        out.write_table(arrow_table(rows), max_chunksize=2)
    return folder / name


def arrow_stream(rows: Sequence[Any], folder: Path, name: str = "rows.arrow") -> Path:
    with pa.ipc.new_stream(folder / name, arrow_table(rows).schema) as out:
        out.write_table(arrow_table(rows), max_chunksize=2)
    return folder / name


def datasets_folder(rows: Sequence[Any], folder: Path) -> Path:
    """As `datasets.Dataset.save_to_disk` lays it out: Arrow streams, and a state that lists them."""
    folder.mkdir(parents=True)
    arrow_stream(rows[:1], folder, "data-00000-of-00002.arrow")
    arrow_stream(rows[1:], folder, "data-00001-of-00002.arrow")
    arrow_stream(rows, folder, "cache-0123456789abcdef.arrow")
    files = [{"filename": f"data-0000{i}-of-00002.arrow"} for i in range(2)]
    (folder / "state.json").write_text(json.dumps({"_data_files": files, "_fingerprint": "0", "_split": "train"}))
    (folder / "dataset_info.json").write_text("{}")
    return folder


def csv(rows: Sequence[Any], folder: Path, name: str = "rows.csv", separator: str = ",") -> Path:
    pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / name, separator=separator)
    return folder / name


def columns_of(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {key: [row.get(key) for row in rows] for key in rows[0]}


def _zstd(data: bytes) -> bytes:
    half = len(data) // 2
    return zstandard.compress(data[:half]) + zstandard.compress(data[half:])


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "zst": _zstd, "bz2": bz2.compress, "xz": lzma.compress}

WRITERS: dict[str, Callable[[Path], Path]] = {
    "JSONL": lambda folder: jsonl(ROWS, folder),
    "JSON array": lambda folder: text(json.dumps(ROWS), folder, "rows.json"),
    "JSON array over many lines": lambda folder: text(json.dumps(ROWS, indent=2), folder, "rows.json"),
    "JSON object with one array": lambda folder: text(json.dumps({"version": 1, "data": ROWS}, indent=1), folder, "rows.json"),
    "JSON object of columns": lambda folder: text(json.dumps(columns_of(ROWS)), folder, "rows.json"),
    "JSON lines called .json": lambda folder: jsonl(ROWS, folder, "rows.json"),
    "CSV": lambda folder: csv(ROWS, folder),
    "TSV": lambda folder: csv(ROWS, folder, "rows.tsv", "\t"),
    "CSV with semicolons": lambda folder: csv(ROWS, folder, "rows.csv", ";"),
    "CSV with a byte order mark": lambda folder: text(b"\xef\xbb\xbf" + csv(ROWS, folder).read_bytes(), folder, "rows.csv"),
    "Parquet": lambda folder: parquet(ROWS, folder, row_group_size=2),
    "Arrow file": lambda folder: arrow_file(ROWS, folder),
    "Arrow stream": lambda folder: arrow_stream(ROWS, folder),
    "datasets folder": lambda folder: datasets_folder(ROWS, folder / "saved"),
    "Parquet without a suffix": lambda folder: parquet(ROWS, folder, "rows"),
}


def as_bytes(path: Path) -> io.BytesIO:
    return io.BytesIO(path.read_bytes())
