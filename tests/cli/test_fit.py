"""`triaxis fit equivalence`: what it prints and writes; the encoder is a plugin that needs no weights."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cli.commands import refused
from tests.diversity.embedders import Words
from tests.measure.labelled import flat_pairs, jsonl, two_rows, weak_cells
from triaxis import registry
from triaxis.cli.fit import fit
from triaxis.diversity.equivalence.learned import load
from triaxis.errors import InputError
from triaxis.measure import equivalences
from triaxis.registry import register

QUICK = ("--encoder", "words", "--repeats", "2", "--folds", "3")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pairs.jsonl and weak.jsonl, a cache, and an encoder called `words`."""
    monkeypatch.setattr(registry, "_registered", {kind: dict(held) for kind, held in registry._registered.items()})
    register("embedder", "words")(Words)
    monkeypatch.setenv("TRIAXIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.argv", ["triaxis", "fit", "equivalence", "pairs.jsonl"])
    monkeypatch.chdir(tmp_path)
    jsonl(tmp_path / "pairs.jsonl", two_rows(flat_pairs()))
    jsonl(tmp_path / "weak.jsonl", weak_cells())
    return tmp_path


def run(*arguments: str) -> str:
    done = CliRunner().invoke(fit, ["equivalence", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_fitted_rule_is_written_and_its_use_is_shown(folder: Path) -> None:
    printed = run("pairs.jsonl", "--label", "meta.human_same", "--weak", "weak.jsonl", "--out", "mine", *QUICK)
    assert {path.name for path in (folder / "mine").iterdir()} == {
        "model.safetensors", "config.json", "report.json", "card.md", "reliability.svg",
    }  # fmt: skip
    assert "triaxis measure FILE --equivalence learned:mine" in printed
    assert "best cosine" in printed
    assert "triaxis fit equivalence pairs.jsonl" in (folder / "mine" / "card.md").read_text(encoding="utf-8")
    rule = equivalences.learned("mine@0.6")
    assert (rule.name, rule.threshold, rule.embedder.name) == ("learned:mine@0.6", 0.6, "words")
    assert "of held-out pairs" in rule.rule


def test_json_prints_the_report_and_nothing_else(folder: Path) -> None:
    printed = run("pairs.jsonl", "--label", "meta.human_same", "--out", "mine", "--json", *QUICK)
    assert json.loads(printed) == json.loads((folder / "mine" / "report.json").read_text(encoding="utf-8"))


def test_quiet_prints_nothing_and_run_again_gives_the_same_bytes(folder: Path) -> None:
    arguments = ("pairs.jsonl", "--label", "meta.human_same", "--quiet", *QUICK)
    assert run(*arguments, "--out", "one") == run(*arguments, "--out", "two") == ""
    for name in ("model.safetensors", "config.json", "report.json", "reliability.svg"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes()
    assert load(folder / "one").encoder == "words"


def test_what_cannot_be_fitted_leaves_no_folder_behind(folder: Path) -> None:
    jsonl(folder / "few.jsonl", flat_pairs(20))
    with pytest.raises(InputError, match="at least 60 pairs"):
        run("few.jsonl", "--out", "mine", *QUICK)
    assert not (folder / "mine").exists()


def test_a_place_that_cannot_be_written_is_refused_before_the_work(folder: Path) -> None:
    with pytest.raises(InputError, match="expected a folder for --out"):
        run("pairs.jsonl", "--out", "pairs.jsonl", *QUICK)


def test_the_command_refuses_in_words(folder: Path) -> None:
    jsonl(folder / "few.jsonl", flat_pairs(20))
    assert "must hold at least 60 pairs" in refused("fit", "equivalence", "few.jsonl", folder=folder)
    assert "triaxis: unknown column 'sam'" in refused("fit", "equivalence", "few.jsonl", "--label", "sam", folder=folder)
    said = refused("measure", "few.jsonl", "--map", "response=first", "--equivalence", "learned:nowhere", folder=folder)
    assert "expected a folder that `triaxis fit equivalence` wrote" in said
    assert "nowhere" in said
