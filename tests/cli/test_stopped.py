"""Runs that are stopped, or that run out of room, leave no scratch files and no folder that looks like a run."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.cli.commands import FAST, TRIAXIS, WHOLE, environment, jsonl, refused, samples, succeeds
from triaxis.cli.output import writing
from triaxis.errors import InputError

STALLING = (
    "import sys, time; import triaxis.cli.measure as m, triaxis.report as report;"
    "report.write = lambda results, out: (print('writing', flush=True), time.sleep(60));"
    "from triaxis.cli import main; sys.argv[0] = 'triaxis'; main()"
)
"""The command, held up when everything but the page is written."""


def stopped(number: signal.Signals, folder: Path) -> int:
    """The exit code of a run that got signal `number` while it was writing."""
    (folder / "scratch").mkdir()
    command = [sys.executable, "-c", STALLING, "measure", "samples.jsonl", *FAST, "--out", "new/out"]
    scratch = environment(TMPDIR=str(folder / "scratch"))
    with subprocess.Popen(command, cwd=folder, env=scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(number)
        process.send_signal(number)  # as `timeout` and impatient people do
        _, told = process.communicate(timeout=60)
    assert told == ""
    return process.returncode


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_stopped_run_leaves_nothing(number: signal.Signals, code: int, tmp_path: Path) -> None:
    jsonl(tmp_path / "samples.jsonl", samples())
    assert stopped(number, tmp_path) == code
    assert {path.name for path in tmp_path.iterdir()} == {"samples.jsonl", "scratch"}
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.slow
def test_a_run_killed_outright_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    jsonl(tmp_path / "samples.jsonl", samples())
    assert stopped(signal.SIGKILL, tmp_path) == -signal.SIGKILL
    assert (tmp_path / "new" / "out").exists()
    assert "holds no data file" in refused("measure", "new/out", folder=tmp_path)
    succeeds("measure", "samples.jsonl", *FAST, "--out", "new/out", folder=tmp_path)
    assert {path.name for path in (tmp_path / "new" / "out").iterdir()} >= WHOLE


def test_what_a_killed_run_left_is_removed_a_day_later_and_not_before(tmp_path: Path) -> None:
    old, new = tmp_path / ".triaxis-partial-old", tmp_path / ".triaxis-partial-new"
    for left in (old, new):
        left.mkdir()
    os.utime(old, (0, 0))
    with writing(tmp_path) as folder:
        (folder / "summary.md").write_text("done")
    assert {path.name for path in tmp_path.iterdir()} == {new.name, "summary.md"}


def test_a_reader_that_leaves_early_is_told_by_the_exit_code(tmp_path: Path) -> None:
    jsonl(tmp_path / "samples.jsonl", samples())
    command = [*TRIAXIS, "measure", "samples.jsonl", *FAST, "--out", "out", "--json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        told = process.stderr.read()
    assert (process.returncode, told) == (141, "")
    assert {path.name for path in (tmp_path / "out").iterdir()} == WHOLE


@pytest.mark.slow
def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    jsonl(tmp_path / "samples.jsonl", samples())
    succeeds("measure", "samples.jsonl", *FAST, "--out", "out", folder=tmp_path)
    before = (tmp_path / "out" / "results.json").read_bytes()

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    told = refused("measure", "samples.jsonl", *FAST, "--out", "out", "--seed", "1", folder=tmp_path, preexec_fn=fill)
    assert "cannot write into out: " in told
    assert "choose another folder with --out, or make room" in told
    assert (tmp_path / "out" / "results.json").read_bytes() == before
    assert {path.name for path in (tmp_path / "out").iterdir()} == WHOLE


def test_an_error_that_is_not_about_the_disk_is_not_blamed_on_it(tmp_path: Path) -> None:
    with pytest.raises(pl.exceptions.ComputeError, match="a fault"), writing(tmp_path / "out"):
        raise pl.exceptions.ComputeError("a fault")
    with pytest.raises(InputError, match=r"cannot write into .*out: .*os error 28"), writing(tmp_path / "out"):
        raise pl.exceptions.ComputeError("No space left on device (os error 28)")
    assert not (tmp_path / "out").exists()
