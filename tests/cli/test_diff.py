"""`triaxis diff` as a person and a CI job run it: exit codes, table, JSON, messages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import environment
from tests.measure.diff.runs import FULL, HALF, rows, run

DIFF = """
import sys, typer
from triaxis.cli import diff
from triaxis.cli.app import app, main
from triaxis.cli.help import Verb
if not any(command.name == "diff" for command in app.registered_commands):
    app.command("diff", cls=Verb)(diff.diff)
sys.argv[0] = "triaxis"
main()
"""


def diff(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    typed = ["diff", *map(str, arguments)]
    return subprocess.run(
        [sys.executable, "-c", DIFF, *typed], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run(tmp_path / "full", rows(lambda p: FULL))
    run(tmp_path / "half", rows(lambda p: HALF))
    run(tmp_path / "few", rows(lambda p: HALF, prompts=9))
    return tmp_path


def test_the_exit_code_says_what_came_of_the_limits(folder: Path) -> None:
    limit = ("--fail-if", "U(1,4) drops > 10%")
    assert [diff("full", new, *limit, folder=folder).returncode for new in ("full", "half", "few")] == [0, 1, 3]
    assert diff("full", "half", folder=folder).returncode == 0


def test_the_table_shows_every_figure_and_what_came_of_each_limit(folder: Path) -> None:
    done = diff("full", "half", "--fail-if", "U(1,4) drops > 10%", "--fail-if", "quality < 0.1", folder=folder)
    assert done.stderr == ""
    for line in ("m, all domains", "FAIL: U(1,4) drops > 10% [m]: 4 to 1 on 12 prompts", "ok: quality < 0.1 [m]"):
        assert line in done.stdout
    (shown,) = [line for line in done.stdout.splitlines() if line.startswith("U(1,4) ")]
    assert shown.split() == ["U(1,4)", "4", "1", "-3", "-75.0%", "-3", "to", "-3", "drops", "12"]


def test_json_is_all_there_is_on_standard_output(folder: Path) -> None:
    done = diff("full", "half", "--json", "--fail-if", "U(1,4) drops > 10%", folder=folder)
    found = json.loads(done.stdout)
    assert (done.returncode, found["exit_code"], found["limits"][0]["state"]) == (1, 1, "broken")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("full", "nowhere"), "holds no run store"),
        (("full", "half", "--fail-if", "U(1,4) falls"), "cannot read --fail-if at character 8"),
        (("full", "half", "--fail-if", "[red]U[/]"), "expected a figure"),
        (("full", "half", "--model", "k"), "no model 'k'"),
    ],
)
def test_what_cannot_be_used_leaves_with_two_and_prints_nothing(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = diff(*arguments, folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_model_that_looks_like_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    run(tmp_path / "one", rows(lambda p: FULL, model="[bold]m[/bold]"))
    assert "[bold]m[/bold], all domains" in diff("one", "one", folder=tmp_path).stdout
