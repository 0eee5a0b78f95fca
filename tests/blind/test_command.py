"""A user's command may do anything; one evaluation ends as a number or as a reason."""

import os
import sys
import time
from pathlib import Path

import pytest

from tests.blind.given import cell, opened
from triaxis.blind import parse_evaluations
from triaxis.blind.command import Processes, parse_command, parse_score, run_command
from triaxis.blind.evaluations import Command
from triaxis.errors import InputError, Undefined

PYTHON = sys.executable


def printed(code: str, file: Path, *, timeout: float = 60.0) -> str:
    return run_command([PYTHON, "-c", code, "{file}"], file, timeout=timeout, processes=Processes())


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("0.5", 0.5), ("loading\n\n 3 \n", 3), ("1\n2\nbye", 2), ('{"score": 0.25}', 0.25), ('x\n{"score": 1, "n": 2}\nend', 1),
        ("1e-3", 0.001), ("-4", -4), ("score: 5\n7", 7), ('{"other": 1}\n', None), ("", None), ("1_000", None), ("abc", None),
        ("[1]", None), ('{"score": true}', None), ('{"score": "high"}', None), ("{" * 100_000, None),
    ],
)  # fmt: skip
def test_the_last_line_that_is_a_number_or_an_object_with_one_is_the_score(said: str, score: float | None) -> None:
    if score is None:
        with pytest.raises(Undefined, match="printed"):
            parse_score(said)
    else:
        assert parse_score(said) == score


@pytest.mark.parametrize("said", ["nan", "inf", "-inf", '{"score": NaN}', '{"score": null}', '{"score": 1e999}', "1" * 400])
def test_a_score_that_is_no_finite_number_is_a_reason(said: str) -> None:
    with pytest.raises(Undefined, match=r"score is|is null"):
        parse_score(said)


def test_a_path_leads_into_the_object() -> None:
    assert parse_score('{"results": {"accuracy": 0.75}}', key="results.accuracy") == 0.75
    assert parse_score('{"results.accuracy": 0.5}', key="results.accuracy") == 0.5


@pytest.mark.parametrize("template", ["python score.py", "", "python 'score.py {file}"])
def test_a_command_without_a_place_for_the_file_is_refused(template: str) -> None:
    with pytest.raises(InputError, match="--eval"):
        parse_command(template)


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    marker = tmp_path / "made"
    words = parse_command(f"{PYTHON} -c 'import sys; print(len(sys.argv))' {{file}} ; touch {marker}")
    assert run_command(words, tmp_path / "x", timeout=60, processes=Processes()) == "5\n"
    assert not marker.exists()


def test_model_text_is_in_the_file_and_never_in_the_command(tmp_path: Path) -> None:
    marker = tmp_path / "made"
    nasty = f"$(touch {marker}) `touch {marker}`; touch {marker} | touch {marker}"
    samples = opened(tmp_path, [one | {"response": f"{nasty} {i}", "model": nasty} for i, one in enumerate(cell(nasty, "ab"))])
    code = "import sys, json; rows = [json.loads(line) for line in open(sys.argv[1])]; print(len(rows[0]['response']))"
    assert Command("c", (PYTHON, "-c", code, "{file}")).score(samples.table) == len(nasty) + 2
    assert not marker.exists()


def test_a_command_that_writes_to_its_input_harms_nobody(tmp_path: Path) -> None:
    samples = opened(tmp_path, cell("p", "ab"))
    code = "import sys; text = open(sys.argv[1]).read(); open(sys.argv[1], 'w').write('gone'); print(len(text))"
    command = Command("c", (PYTHON, "-c", code, "{file}"))
    assert command.score(samples.table) == command.score(samples.table)
    assert (tmp_path / "samples.jsonl").read_text().count("\n") == 2


def test_megabytes_of_output_are_read_and_only_the_end_is_kept(tmp_path: Path) -> None:
    code = "import sys; [sys.stdout.write('x' * 1000 + '\\n') for _ in range(20_000)]; sys.stderr.write('e' * 5000000); print(7)"
    said = printed(code, tmp_path)
    assert parse_score(said) == 7
    assert len(said) <= 1 << 18


def test_a_hanging_command_is_stopped_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(Undefined, match=r"longer than 0\.2 s"):
        printed("import time; time.sleep(600)", tmp_path, timeout=0.2)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys; sys.exit(3)", "exit code 3"), ("raise SystemExit('no key')", "exit code 1: no key"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
    ],
)  # fmt: skip
def test_a_command_that_ends_badly_says_why(tmp_path: Path, code: str, reason: str) -> None:
    with pytest.raises(Undefined, match=reason):
        printed(code, tmp_path)


def test_a_command_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Undefined, match="could not be started"):
        run_command(["/no/such/program", "{file}"], tmp_path, timeout=5, processes=Processes())


def test_what_a_command_leaves_running_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = (
        "import os, sys, time\n"
        "pid = os.fork()\n"
        "if pid == 0: time.sleep(600)\n"
        f"open({str(told)!r}, 'w').write(str(pid)); print(1); sys.stdout.flush(); os._exit(0)"
    )
    assert parse_score(printed(code, tmp_path)) == 1
    child = int(told.read_text())
    for _ in range(100):
        if not _is_running(child):
            break
        time.sleep(0.05)
    assert not _is_running(child)


def _is_running(process: int) -> bool:
    """Whether it runs; one that is dead and not yet waited for by its adoptive parent is dead."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_stopping_ends_what_runs_and_starts_no_more(tmp_path: Path) -> None:
    processes = Processes()
    live = processes.start([PYTHON, "-c", "import time; time.sleep(600)"])
    processes.stop()
    processes.end(live)
    for stream in (live.stdout, live.stderr):
        assert stream is not None
        stream.close()
    assert live.returncode == -9
    with pytest.raises(Undefined, match="stopped"):
        processes.start([PYTHON, "-c", "1"])


def test_names_that_are_built_in_need_their_argument() -> None:
    assert [one.name for one in parse_evaluations(["mean:quality", "pass@1:ok", "mean:quality"])] == ["mean:quality", "pass@1:ok"]
    with pytest.raises(InputError, match="mean:COLUMN"):
        parse_evaluations(["mean"])
    with pytest.raises(InputError, match=r"config\.json"):
        parse_evaluations(["perplexity:/no/such/folder"])


def test_another_script_is_another_evaluation(tmp_path: Path) -> None:
    script = tmp_path / "score.py"
    script.write_text("print(1)")
    (one,) = parse_evaluations([f"python {script} {{file}}"])
    before = one.identity
    script.write_text("print(2)")
    assert one.identity != before
