"""`triaxis blind` as a person runs it: what it prints and writes, what it refuses, and that a stopped run goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from tests.cli.commands import TRIAXIS, environment, jsonl, parquet, refused, samples, succeeds

QUICK = ("--replicates", "4", "--dose", "0.9", "--damage", "diversity", "--equivalence", "column:label", "--match", "9")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "s.jsonl", samples())


def test_a_table_sentences_and_three_files_come_out(file: Path, tmp_path: Path) -> None:
    said = " ".join(succeeds("blind", file, "--eval", "mean:quality", *QUICK, folder=tmp_path).split())
    assert "diversity (copies), mean:quality" in said
    assert "of the diversity gone" in said
    assert "does not see this damage at any dose up to 90%" in said
    assert "triaxis on the same doses: diversity damage is seen by U(4) from 90%" in said
    written = {path.name for path in (tmp_path / "triaxis-blind").iterdir()}
    assert written == {"blind.html", "blind.json", "blind.parquet", "evaluations.jsonl"}


def test_json_holds_what_is_written(file: Path, tmp_path: Path) -> None:
    told = json.loads(succeeds("blind", file, "--eval", "mean:quality", "--json", *QUICK, folder=tmp_path))
    saved = json.loads((tmp_path / "triaxis-blind" / "blind.json").read_text())
    assert told == saved
    assert told["made"]["equivalence"] == "column:label"
    assert {row["evaluation"] for row in told["rows"]} > {"mean:quality"}


def test_a_command_is_given_the_format_of_the_input(tmp_path: Path) -> None:
    file = parquet(tmp_path / "s.parquet", samples())
    code = "import sys, polars; f = polars.read_parquet(sys.argv[1]); print(f['label'].n_unique() * f.height)"
    (tmp_path / "score.py").write_text(code)
    command = f"{sys.executable} score.py {{file}}"
    succeeds("blind", file, "--eval", command, "--no-own", "--keep", "--quiet", *QUICK, folder=tmp_path)
    table = pl.read_parquet(tmp_path / "triaxis-blind" / "blind.parquet")
    assert table["before"].to_list() == [4 * len(samples())]
    kept = pl.read_parquet(tmp_path / "triaxis-blind" / "doses" / "copies-090.parquet")
    assert kept.columns == pl.read_parquet(file).columns


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--eval", "python score.py"), "expected {file} in the command"),
        (("--eval", "mean"), "expected mean:COLUMN"),
        (("--no-own",), "expected an evaluation, got none"),
        (("--dose", "50"), "fractions in 0-1"),
        (("--damage", "qualty"), "near: 'quality'"),
        (("--quality-source", "nobody"), "no quality_source 'nobody'"),
    ],
)
def test_what_cannot_be_asked_is_refused(file: Path, tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    assert reason in refused("blind", file, *arguments, folder=tmp_path)


def test_a_failing_command_is_shown_and_the_others_go_on(file: Path, tmp_path: Path) -> None:
    failing = f"{sys.executable} -c 'import sys; sys.exit(\"no key\")' {{file}}"
    said = " ".join(succeeds("blind", file, "--eval", failing, "--eval", "mean:quality", *QUICK, folder=tmp_path).split())
    assert "has no score here (ended with exit code 1: no key)" in said
    assert "mean:quality moved 0 %" in said


def test_a_run_that_is_stopped_leaves_nothing_running_and_goes_on(file: Path, tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text(
        "import os, sys, time, pathlib\n"
        "log = pathlib.Path('asked'); log.open('a').write(f'{os.getpid()}\\n')\n"
        "if len(log.read_text().split()) == 4 and not pathlib.Path('go').exists(): time.sleep(600)\n"
        "print(len(open(sys.argv[1]).read()))\n"
    )
    arguments = ["blind", str(file), "--eval", f"{sys.executable} score.py {{file}}", "--jobs", "2", *QUICK]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([*TRIAXIS, *arguments], cwd=tmp_path, env=environment(), **pipes)
    asked, ledger = tmp_path / "asked", tmp_path / "triaxis-blind" / "evaluations.jsonl"
    while _lines(asked) < 4 or _lines(ledger) < 3:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 143
    left = [int(line) for line in asked.read_text().split()]
    assert not any(_is_running(one) for one in left)
    finished = ledger.read_text().count("\n")
    (tmp_path / "go").touch()
    before = len(asked.read_text().split())
    succeeds(*arguments, folder=tmp_path)
    rows = [json.loads(line) for line in ledger.read_text().splitlines()]
    scored = [row["key"] for row in rows if row["score"] is not None]
    assert len(scored) == len(set(scored)) == 15
    assert len(asked.read_text().split()) - before == 15 - sum(row["score"] is not None for row in rows[:finished])


def _lines(path: Path) -> int:
    return path.read_text().count("\n") if path.exists() else 0


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
