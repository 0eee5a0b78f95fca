"""Where results go: a folder that is either whole or not a run at all, and a standard output that may close early.

The one idea: everything is written into a hidden folder inside `--out` first and moved file by file at the end, `results.json`
last. A run that is stopped, or a disk that fills up, leaves what was there before.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
from rich.console import Console

from triaxis.errors import InputError
from triaxis.measure.store import STORED

_PARTIAL = ".triaxis-partial-"
STALE_SECONDS = 24 * 3600
_STORE_FILES = ("header.json", "counts-*.parquet", *(f"{name}.parquet" for name in STORED))


class Printer(Console):
    """Prints on standard output; a reader that has gone away is a `BrokenPipeError`, not rich's exit code 1."""

    def on_broken_pipe(self) -> None:
        """Lets the error through."""
        raise BrokenPipeError


def check_out(out: Path) -> None:
    """`InputError` when `out` cannot become a folder with files in it. Leaves nothing behind; asked before the long work."""
    if str(out) == "-":
        raise InputError(
            "expected a folder for --out, got '-'; type --json to print the results on standard output, or --out ./- for a folder"
        )
    there = next(path for path in (out, *out.absolute().parents) if path.exists() or path.is_symlink())
    if not there.is_dir():
        raise InputError(f"expected a folder for --out, got {out}, where {there} is a file; type another name")
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"\0")
    except OSError as error:
        raise _unwritable(out, error) from error


@contextmanager
def writing(out: Path) -> Iterator[Path]:
    """A folder to write into; its files move to `out` when the block ends well, else it is removed with all that is in it."""
    made = [path for path in (out, *out.parents) if not path.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        _clear_stale(out)
        with tempfile.TemporaryDirectory(prefix=_PARTIAL, dir=out) as partial:
            yield Path(partial)
            _move(Path(partial), out)
    except OSError as error:
        raise _unwritable(out, error) from error
    except pl.exceptions.ComputeError as error:
        if "os error" not in str(error):  # polars tells of a full disk in these words only
            raise
        raise _unwritable(out, error) from error
    finally:
        for path in made:
            _remove_if_empty(path)


def _clear_stale(out: Path) -> None:
    """Removes what runs that were killed outright left in `out`: hidden folders older than a day, so no run that still writes."""
    for left in out.glob(f"{_PARTIAL}*"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _move(partial: Path, out: Path) -> None:
    """Moves all files; without its header no store is taken for a run, and without results.json no folder for a whole one."""
    files = sorted((p.relative_to(partial) for p in partial.rglob("*") if p.is_file()), key=_comes_last)
    if (partial / "store").is_dir():
        _forget_run(out)
    for file in files:
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial / file, out / file)


def _comes_last(file: Path) -> tuple[int, Path]:
    return {"header.json": 1, "results.json": 2}.get(file.name, 0), file


def _forget_run(out: Path) -> None:
    """Removes results.json and the stores of an earlier run, and nothing that triaxis did not write."""
    (out / "results.json").unlink(missing_ok=True)
    (out / "rejects.jsonl").unlink(missing_ok=True)
    for store in (header.parent for header in sorted(out.glob("store/*/header.json"))):
        for pattern in _STORE_FILES:
            for file in store.glob(pattern):
                file.unlink()
        _remove_if_empty(store)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _unwritable(out: Path, error: Exception) -> InputError:
    what = getattr(error, "strerror", None) or str(error)
    return InputError(f"cannot write into {out}: {what}; choose another folder with --out, or make room and check permissions")
