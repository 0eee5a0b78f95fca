"""`triaxis measure` from end to end: what it writes, from where it reads, what it refuses."""

import gzip
import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.cli.commands import FAST, WHOLE, jsonl, parquet, refused, same_tables, samples, succeeds, triaxis
from triaxis.results import TABLES, Results


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with samples.jsonl and `out`, the run measured from it."""
    folder = tmp_path_factory.mktemp("run")
    jsonl(folder / "samples.jsonl", samples())
    (folder / "printed.txt").write_text(succeeds("measure", "samples.jsonl", *FAST, "--out", "out", folder=folder))
    return folder


def test_a_run_writes_everything_and_says_where_the_page_is(run: Path) -> None:
    out = run / "out"
    assert {path.name for path in out.iterdir()} == WHOLE
    assert {path.stem for path in (out / "tables").iterdir()} == set(TABLES)
    assert (out / "store" / "0" / "header.json").is_file()
    assert (out / "card.png").read_bytes().startswith(b"\x89PNG")
    assert (run / "printed.txt").read_text().rstrip().endswith("Page: out/report.html")
    assert "alpha" in (run / "printed.txt").read_text()


def test_json_prints_the_results_and_nothing_else(run: Path) -> None:
    printed = json.loads(succeeds("measure", "samples.jsonl", *FAST, "--out", "json", "--json", folder=run))
    saved = json.loads((run / "out" / "results.json").read_text())
    assert printed["tables"] == saved["tables"]


def test_quiet_prints_nothing(run: Path) -> None:
    assert succeeds("measure", "samples.jsonl", *FAST, "--out", "quiet", "--quiet", folder=run) == ""


def test_a_run_measured_again_from_its_folder_gives_the_same_tables(run: Path) -> None:
    again = shutil.copytree(run / "out", run / "again")
    succeeds("measure", "again", "--draws", "200", "--examples", "2", "--out", "again", folder=run)
    assert {path.name for path in again.iterdir()} == WHOLE
    assert same_tables(run / "out", again)


@pytest.mark.slow
def test_two_half_runs_add_up_to_the_whole(run: Path) -> None:
    rows = samples()
    for name, part in (("even", rows[::2]), ("odd", rows[1::2])):
        jsonl(run / f"{name}.jsonl", part)
        succeeds("measure", f"{name}.jsonl", *FAST, "--out", name, folder=run)
    succeeds("measure", "even", "odd", "--draws", "200", "--out", "sum", folder=run)
    assert same_tables(run / "out", run / "sum")
    assert not same_tables(run / "out", run / "even")


def test_report_makes_the_pages_again(run: Path) -> None:
    assert succeeds("report", "out", "--out", "pages", folder=run) == "Page: pages/report.html\n"
    assert {path.name for path in (run / "pages").iterdir()} == {"report.html", "summary.md", "card.png"}


@pytest.mark.slow
def test_a_smaller_run_leaves_nothing_of_a_larger_one_and_all_that_is_not_ours(tmp_path: Path) -> None:
    rows = [{**row, "quality_source": row["model"]} for row in samples()]
    jsonl(tmp_path / "two.jsonl", [*rows, {"response": None}])
    jsonl(tmp_path / "one.jsonl", samples())
    succeeds("measure", "two.jsonl", *FAST, "--out", "out", folder=tmp_path)
    (tmp_path / "out" / "notes.txt").write_text("mine")
    (tmp_path / "out" / "store" / "1" / "notes.txt").write_text("mine")
    assert (tmp_path / "out" / "rejects.jsonl").exists()
    succeeds("measure", "one.jsonl", *FAST, "--out", "out", folder=tmp_path)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*WHOLE, "notes.txt"}
    assert [path.name for path in (tmp_path / "out" / "store" / "1").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "name",
    [
        "with space.jsonl",
        "run[1].jsonl",
        "-dash.jsonl",
        "ñandú 鳥.jsonl",
        "what?*.jsonl",
        "a;b&c$(d).jsonl",
        "[red]x[bold].jsonl",
    ],
)
def test_any_file_name_is_read_and_printed_as_it_is(name: str, tmp_path: Path) -> None:
    jsonl(tmp_path / name, samples(2))
    jsonl(tmp_path / "run1.jsonl", samples(1))
    typed = f"./{name}" if name.startswith("-") else name
    printed = succeeds("measure", typed, "--dry-run", folder=tmp_path)
    assert f"{name}: JSONL, shape canonical, 16 rows" in printed


def test_a_name_after_two_dashes_may_start_with_a_dash(tmp_path: Path) -> None:
    jsonl(tmp_path / "-dash.jsonl", samples(2))
    assert "-dash.jsonl" in succeeds("measure", "--dry-run", "--", "-dash.jsonl", folder=tmp_path)


class TestStandardInput:
    """`-` takes what is piped in, whatever it is."""

    def test_it_is_measured_like_a_file(self, run: Path) -> None:
        succeeds("measure", "-", *FAST, "--out", "piped", folder=run, given=(run / "samples.jsonl").read_bytes())
        manifest = Results.load(run / "piped").manifest
        assert same_tables(run / "out", run / "piped")
        assert manifest.title == manifest.inputs[0].path == "standard input"

    @pytest.mark.parametrize("kind", ["JSONL, gzip", "CSV", "Parquet"])
    def test_its_format_is_recognised(self, kind: str, tmp_path: Path) -> None:
        given = {
            "JSONL, gzip": gzip.compress(jsonl(tmp_path / "s.jsonl", samples()).read_bytes()),
            "CSV": pl.DataFrame(samples()).write_csv().encode(),
            "Parquet": parquet(tmp_path / "s.parquet", samples()).read_bytes(),
        }
        plan = json.loads(succeeds("measure", "-", "--dry-run", "--json", folder=tmp_path, given=given[kind]))
        assert (plan["inputs"][0]["format"], plan["rows"], len(plan["not_run"])) == (kind, 96, 1)

    def test_an_empty_pipe_is_called_empty(self, tmp_path: Path) -> None:
        assert "standard input is empty (0 bytes)" in refused("measure", "-", folder=tmp_path)

    def test_it_is_read_once_even_when_named_twice(self, tmp_path: Path) -> None:
        given = jsonl(tmp_path / "s.jsonl", samples(2)).read_bytes()
        plan = json.loads(succeeds("measure", "-", "-", "--dry-run", "--json", folder=tmp_path, given=given))
        assert plan["rows"] == 16


class TestRefused:
    """What cannot be used is refused before the long work, with what to type instead."""

    def test_flags_that_say_what_samples_are_cannot_change_counts(self, run: Path) -> None:
        told = refused("measure", "out", "--quality", "x", "--by", "y", "--strict", folder=run)
        assert "--by, --strict, --quality cannot change a run that is already counted" in told
        for flag in (("--map", "response=x"), ("--quality-source", "x"), ("--equivalence", "lexical")):
            assert f"{flag[0]} cannot change a run" in refused("measure", "out", *flag, "--dry-run", folder=run)

    def test_samples_and_runs_do_not_mix(self, run: Path) -> None:
        for more in ((), ("--dry-run",)):
            told = refused("measure", "samples.jsonl", "out", *more, folder=run)
            assert "got both: samples.jsonl, out; measure them in two commands" in told

    def test_a_run_without_results_is_not_whole(self, run: Path) -> None:
        shutil.copytree(run / "out", run / "stopped")
        (run / "stopped" / "results.json").unlink()
        assert "expected a whole run in stopped, got one without results.json" in refused("measure", "stopped", folder=run)

    @pytest.mark.parametrize(
        ("out", "told"),
        [
            ("-", "type --json to print the results on standard output"),
            ("samples.jsonl", "expected a folder for --out, got samples.jsonl, where samples.jsonl is a file"),
            ("samples.jsonl/deep/er", "samples.jsonl is a file"),
            ("/proc/none", "cannot write into /proc/none"),
        ],
    )
    def test_a_place_that_cannot_be_written(self, out: str, told: str, run: Path) -> None:
        assert told in refused("measure", "no such file.jsonl", "--out", out, folder=run)

    def test_the_first_word_that_is_wrong(self, run: Path) -> None:
        assert "No such command 'mesure'. Did you mean 'measure'?" in refused("mesure", folder=run)
        assert "--budget" in refused("measure", "samples.jsonl", "--budgt", "3", folder=run)

    def test_an_error_under_json_leaves_standard_output_empty(self, run: Path) -> None:
        assert "no file nope.jsonl" in refused("measure", "nope.jsonl", "--json", folder=run)

    def test_a_name_too_long_for_the_file_system(self, run: Path) -> None:
        assert "File name too long" in refused("measure", "x" * 5000, folder=run)


def test_the_version(tmp_path: Path) -> None:
    assert succeeds("--version", folder=tmp_path) == "triaxis 0.1.0\n"


def test_no_verb_prints_the_help_with_exit_code_2(tmp_path: Path) -> None:
    done = triaxis(folder=tmp_path)
    assert done.returncode == 2
    assert "measure" in done.stdout + done.stderr
