"""From what was typed to byte streams: files, globs, folders, standard input, remote paths, compressed or not.

The one idea: a `Source` can be opened again and again at byte 0, so a file can be sniffed first and read later, twice if
need be. Standard input is copied to a temporary file to make that true of it as well.
"""

import bz2
import fnmatch
import gzip
import io
import json
import lzma
import shutil
import sys
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

import pyarrow as pa
from pyarrow import fs

from triaxis.errors import RecordsError, near

TEXT_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
BINARY_SUFFIXES = (".parquet", ".pq", ".arrow", ".feather", ".ipc", ".eval")
COMPRESSED_SUFFIXES = (".gz", ".zst", ".bz2", ".xz")
STANDARD_INPUT = "standard input"
REMOTE = ("s3", "gs", "gcs", "abfs", "abfss", "hdfs", "file")
"""Kinds of addresses that pyarrow's file systems know."""

_SIDE_FILES = {"state.json", "dataset_info.json", "dataset_dict.json", "dataset_infos.json"}

_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}


@dataclass(frozen=True)
class Source:
    """One file to read: the name to show, and a way to open it at byte 0. `local` is its path on this machine, if any."""

    name: str
    open: Callable[[], IO[bytes]]
    local: Path | None = None

    @property
    def suffix(self) -> str:
        """Ending that tells the format, without that of a compression: `.jsonl` for `a.jsonl.gz`."""
        suffixes = [s.lower() for s in PurePosixPath(self.name).suffixes]
        while suffixes and suffixes[-1] in COMPRESSED_SUFFIXES:
            suffixes.pop()
        return suffixes[-1] if suffixes else ""


def expand(paths: Sequence[str | Path]) -> list[Source]:
    """Every file that `paths` name, in order, each once; `RecordsError` for a path that names none."""
    if not paths:
        raise RecordsError("expected at least one file to read, got none; type a path, a quoted glob, or - for standard input")
    sources = [source for path in dict.fromkeys(map(str, paths)) for source in _expand_one(path)]
    return list({source.name: source for source in sources}.values())


def _expand_one(text: str) -> list[Source]:
    if text == "-":
        return [_standard_input()]
    if "://" in text:
        return _remote(text)
    local = Path(text)
    if local.is_dir():
        return _folder(local)
    if local.exists():
        return [_local(local)]
    return _glob(text)


def _local(path: Path) -> Source:
    def open_file() -> IO[bytes]:
        try:
            return path.open("rb")
        except OSError as error:
            raise RecordsError(f"cannot read {path}: {error.strerror}; check its permissions") from error

    return Source(str(path), open_file, path)


def _glob(pattern: str) -> list[Source]:
    path = Path(pattern)
    if not any(sign in pattern for sign in "*?["):
        raise RecordsError(_no_file(path))
    fixed = _fixed_part(path)
    found = sorted(p for p in fixed.glob(str(path.relative_to(fixed))) if p.is_file())
    if not found:
        raise RecordsError(f"the pattern {pattern} matches no file; list the folder to see what is there: ls {fixed}")
    return [_local(p) for p in found]


def _fixed_part(path: Path) -> Path:
    """The folder that a pattern starts from; a folder whose name looks like a pattern is that folder."""
    fixed = Path(path.anchor)
    for part in path.parts[bool(path.anchor) : -1]:
        if any(sign in part for sign in "*?[") and not (fixed / part).is_dir():
            return fixed
        fixed /= part
    return fixed


def _no_file(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"no file {path}, since there is no folder {folder.absolute()}; check the path"
    there = [p.name for p in folder.iterdir()]
    return f"no file {path.name} in {folder.resolve()}{near(path.name, there)}; check the path"


def _folder(folder: Path) -> list[Source]:
    """Files of a folder: those that a Hugging Face `datasets` folder lists, else every data file below it."""
    if (folder / "dataset_dict.json").is_file():
        splits = _side_file(folder / "dataset_dict.json").get("splits", [])
        return [source for split in splits for source in _folder(folder / str(split))]
    if (folder / "state.json").is_file():
        files = _side_file(folder / "state.json").get("_data_files", [])
        return [source for file in files for source in _expand_one(str(folder / str(file["filename"])))]
    found = sorted(p for p in folder.rglob("*") if p.is_file() and _is_data(PurePosixPath(p.relative_to(folder).as_posix())))
    found = [p for p in found if not _is_summary(p)]
    if not found:
        known = " ".join(TEXT_SUFFIXES + BINARY_SUFFIXES)
        raise RecordsError(
            f"the folder {folder} holds no data file; expected files ending in {known} (text ones also {_endings()})"
        )
    return [_local(p) for p in found]


def _is_summary(path: Path) -> bool:
    """Whether a file holds the averages that lm-evaluation-harness writes beside its samples."""
    return path.match("results_*.json") and next(path.parent.glob("samples_*.jsonl*"), None) is not None


def _side_file(path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecordsError(
            f"{path} of a `datasets` folder is not valid JSON ({error}); name the data files one by one"
        ) from error
    return cast(dict[str, Any], loaded)


def _endings() -> str:
    return " ".join(f"with {s}" for s in COMPRESSED_SUFFIXES)


def _is_data(path: PurePosixPath) -> bool:
    if path.name in _SIDE_FILES or any(part.startswith((".", "_")) for part in path.parts):
        return False
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED_SUFFIXES:
        return len(suffixes) > 1 and suffixes[-2] in TEXT_SUFFIXES
    return bool(suffixes) and suffixes[-1] in TEXT_SUFFIXES + BINARY_SUFFIXES


def _standard_input() -> Source:
    if sys.stdin is None or sys.stdin.buffer.isatty():
        raise RecordsError("expected samples on standard input, got nothing piped into it; type: cat FILE | triaxis measure -")
    spool = _spools.get(sys.stdin.buffer) or _spooled(sys.stdin.buffer)

    def open_again() -> IO[bytes]:
        return cast(IO[bytes], _View(spool))

    return Source(STANDARD_INPUT, open_again)


_spools: "weakref.WeakKeyDictionary[BinaryIO, IO[bytes]]" = weakref.WeakKeyDictionary()
"""What was read from a standard input, which can be read only once, while several passes may want it."""


def _spooled(stdin: BinaryIO) -> IO[bytes]:
    """All of `stdin` in a temporary file, which lives as long as it does."""
    spool = tempfile.SpooledTemporaryFile(max_size=1 << 26)  # noqa: SIM115 - closed with `stdin`
    shutil.copyfileobj(stdin, spool, 1 << 20)
    weakref.finalize(stdin, spool.close)
    _spools[stdin] = cast(IO[bytes], spool)
    return _spools[stdin]


class _View(io.RawIOBase):
    """A reader with its own position over a shared temporary file, whose closing leaves the file open."""

    def __init__(self, shared: IO[bytes]) -> None:
        self._shared = shared
        self._at = 0
        self._size = shared.seek(0, io.SEEK_END)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._shared.seek(self._at)
        data = self._shared.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _remote(uri: str) -> list[Source]:
    """Files behind a URI that pyarrow's file systems know: one file, a folder, or a glob in the last parts."""
    kind = uri.split("://", 1)[0].lower()
    if kind not in REMOTE:
        raise RecordsError(f"cannot read {uri}: {_no_such_kind(kind)}")
    pattern = PurePosixPath(uri)
    base = uri if not any(s in uri for s in "*?[") else uri[: min(uri.index(s) for s in "*?[" if s in uri)].rsplit("/", 1)[0]
    try:
        system, path = fs.FileSystem.from_uri(base)
        info = system.get_file_info(path)
    except (OSError, pa.ArrowException, ImportError) as error:
        raise RecordsError(f"cannot reach {uri}: {error}; expected a URI such as s3://bucket/file.parquet") from error
    if info.type == fs.FileType.File:
        return [_remote_file(system, path, uri)]
    if info.type == fs.FileType.NotFound:
        raise RecordsError(f"no file at {uri}; check the address")
    return _remote_folder(system, path, uri, None if base == uri else pattern)


def _no_such_kind(kind: str) -> str:
    known = f"expected an address that starts with {', '.join(f'{k}://' for k in REMOTE)}"
    if kind in ("http", "https", "ftp"):
        return f"{known}, got a web address; download it first, for example with curl -LO, and type the name of the file"
    if kind == "hf":
        return f"{known}; download the data set first, for example with huggingface-cli download, and type the name of the folder"
    return f"{known}, got {kind}://"


def _remote_folder(system: fs.FileSystem, path: str, uri: str, pattern: PurePosixPath | None) -> list[Source]:
    infos = system.get_file_info(fs.FileSelector(path, recursive=True))
    files = sorted(i.path for i in infos if i.type == fs.FileType.File)
    if pattern is None:
        found = [f for f in files if _is_data(PurePosixPath(f[len(path) :].lstrip("/")))]
    else:
        tail = uri.split("://", 1)[1]
        found = [f for f in files if fnmatch.fnmatch(f, f"*{tail}")]
    if not found:
        raise RecordsError(f"{uri} names no data file; expected files ending in {' '.join(TEXT_SUFFIXES + BINARY_SUFFIXES)}")
    return [_remote_file(system, f, f"{uri.split('://', 1)[0]}://{f}") for f in found]


def _remote_file(system: fs.FileSystem, path: str, name: str) -> Source:
    def open_file() -> IO[bytes]:
        try:
            return cast(IO[bytes], system.open_input_file(path))
        except OSError as error:
            raise RecordsError(f"cannot read {name}: {error}") from error

    return Source(name, open_file)


def compression(head: bytes) -> str | None:
    """Name of the compression that the first bytes of a file belong to, or None."""
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


@contextmanager
def open_text(source: Source) -> Iterator[IO[bytes]]:
    """The bytes of `source` at 0, decompressed if they are compressed; errors of the layers below name the file."""
    with reading(source), ExitStack() as stack:
        raw = stack.enter_context(source.open())
        kind = compression(raw.read(6))
        raw.seek(0)
        yield stack.enter_context(io.BufferedReader(cast(io.RawIOBase, _decompressed(raw, kind)), 1 << 20))


def _decompressed(raw: IO[bytes], kind: str | None) -> Any:
    if kind == "gzip":
        return gzip.GzipFile(fileobj=raw)
    if kind == "bz2":
        return bz2.BZ2File(raw)
    if kind == "xz":
        return lzma.LZMAFile(raw)
    return pa.CompressedInputStream(raw, "zstd") if kind == "zstd" else raw


@contextmanager
def reading(source: Source) -> Iterator[None]:
    """Turns errors of the file system and of decompression into a `RecordsError` that names the file."""
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        raise RecordsError(
            f"cannot read {source.name} to its end: {error}; it may be cut short: copy or download it again"
        ) from error
